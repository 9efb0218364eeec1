"""The run folder: what a training leaves on disk, how it is written, read, listed and locked."""

from __future__ import annotations

import csv
import io
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock

from genmod import config as configs
from genmod import files
from genmod.config import Config
from genmod.errors import ConfigError, RunError, StoreError

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED = PROJECT / "checkpoints"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 64

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, STOPPED, INTERRUPTED, FAILED = "done", "stopped", "interrupted", "failed"
ACTIVE = frozenset({RUNNING, PAUSED})
ENDED = frozenset({DONE, STOPPED, INTERRUPTED, FAILED})
STATES = ACTIVE | ENDED | {QUEUED}


@dataclass(frozen=True)
class Status:
    """Where a run stands: one of `STATES`, with a sentence for people."""

    state: str
    message: str

    @property
    def active(self) -> bool:
        """A trainer holds the run right now."""
        return self.state in ACTIVE

    @property
    def waiting(self) -> bool:
        """The run is in the queue."""
        return self.state == QUEUED

    @property
    def ended(self) -> bool:
        """Nothing more will happen unless somebody asks for it."""
        return self.state in ENDED


@dataclass(frozen=True)
class Run:
    """One run's folder. Everything is read from disk when asked: any process sees the same."""

    path: Path
    shipped: bool = False

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.path.name

    def file(self, name: str) -> Path:
        """The path of a file in the folder."""
        return self.path / name

    # What was asked for

    def config(self) -> Config:
        """The run's settings.

        Raises:
            RunError: if config.json is missing, torn or of another version of the format.
        """
        data = files.read_json(self.file("config.json"))
        if data is None:
            raise RunError(f"The run {self.id} has no readable config.json; delete its folder or restore the file.")
        if data.get("format") not in configs.READABLE:
            raise RunError(
                f"The run {self.id} has format {data.get('format')!r} and this version reads "
                f"{' and '.join(map(str, sorted(configs.READABLE)))}; "
                "train it again or use the version that made it."
            )
        try:
            return configs.from_json(data)
        except ConfigError as error:
            raise RunError(f"The config.json of run {self.id} cannot be used: {error}") from None

    def created(self) -> str:
        """When the run was asked for, ISO 8601 in UTC; empty if unknown."""
        return str((files.read_json(self.file("config.json")) or {}).get("created", ""))

    # Where it stands

    def status(self) -> Status:
        """The true state: a run that claims to train while nobody holds its lock was interrupted."""
        data = files.read_json(self.file("status.json"))
        state = data.get("state") if data else None
        if data is None or state not in STATES:
            return Status(FAILED, "The run's status.json is missing or damaged.")
        if state in ACTIVE and not self.shipped and not self.locked():
            # Ask again: the trainer may have ended between the two looks.
            data = files.read_json(self.file("status.json")) or data
            if data.get("state") in ACTIVE:
                return Status(INTERRUPTED, self._interruption())
        return Status(str(data["state"]), str(data.get("message", "")))

    def set_status(self, state: str, message: str) -> None:
        """Record a new state, durably.

        Raises:
            StoreError: if the folder cannot be written; the old state stays.
        """
        try:
            self._write_status(state, message)
        except OSError as error:
            raise StoreError(
                f"The state of run {self.id} could not be saved ({error.strerror}); free some space and try again."
            ) from None

    def _write_status(self, state: str, message: str) -> None:
        files.write_json(self.file("status.json"), {"state": state, "message": message, "time": now()})

    def _interruption(self) -> str:
        epochs = len(self.history())
        after = f"after {epochs} epoch{'s' if epochs != 1 else ''}" if epochs else "in its first epoch"
        return f"The training was interrupted {after}."

    def progress(self) -> dict[str, Any]:
        """The latest numbers of a training; empty before the first."""
        return files.read_json(self.file("progress.json")) or {}

    def write_progress(self, numbers: Mapping[str, Any]) -> None:
        """Replace the latest numbers; not flushed, they are replaced many times a second."""
        files.write_json(self.file("progress.json"), dict(numbers), durable=False)

    # What it gave

    def history(self) -> list[dict[str, float]]:
        """One row a finished epoch, in order; a torn last line is left out."""
        try:
            text = self.file("history.csv").read_text()
        except (OSError, UnicodeDecodeError):
            return []
        whole = text[: text.rfind("\n") + 1]
        lines = csv.reader(io.StringIO(whole))
        columns = next(lines, [])
        rows = []
        for line in filter(None, lines):
            try:
                rows.append(dict(zip(columns, map(float, line), strict=True)))
            except ValueError:
                continue  # a line of another length, or with something that is no number
        return rows

    def write_history(self, columns: Sequence[str], rows: Sequence[Mapping[str, float]]) -> None:
        """Replace the whole history."""
        lines = [",".join(columns), *(_csv_line(columns, row) for row in rows)]
        files.write_bytes(self.file("history.csv"), ("\n".join(lines) + "\n").encode())

    def append_history(self, columns: Sequence[str], row: Mapping[str, float]) -> None:
        """Add one epoch's row and flush it to disk."""
        with open(self.file("history.csv"), "a") as stream:
            stream.write(_csv_line(columns, row) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def usable(self) -> bool:
        """The exported models are there, so that the run can make pictures."""
        names = ("decoder.tflite", "generator.tflite")
        return any(self.file(name).is_file() for name in names)

    def sheet(self) -> bytes | None:
        """The newest picture of the fixed latents, a PNG file; None before the first."""
        folder = self.file("samples")
        try:
            newest = folder / "live.png"
            if not newest.exists():
                newest = max(folder.glob("epoch-*.png"))
            return newest.read_bytes()
        except (OSError, ValueError):
            return None

    def reconstructions(self) -> bytes | None:
        """Ten test digits above what the model makes of them, a PNG file; None before the first."""
        try:
            return self.file("samples/reconstructions.png").read_bytes()
        except OSError:
            return None

    # What others ask of it

    def control(self) -> dict[str, Any]:
        """What viewers have asked of the trainer."""
        return files.read_json(self.file("control.json")) or {}

    def ask(self, **wishes: Any) -> None:
        """Ask the trainer for something, keeping earlier wishes; it looks between two chunks of steps."""
        try:
            files.write_json(self.file("control.json"), {**self.control(), **wishes})
        except OSError as error:
            raise StoreError(f"The wish could not be saved ({error.strerror}); try again.") from None

    # Who holds it

    def lock(self) -> filelock.BaseFileLock:
        """The lock a trainer holds for as long as it lives; not yet acquired."""
        return filelock.FileLock(self.file(".lock"))

    def locked(self) -> bool:
        """Whether a trainer holds the run right now."""
        return is_held(self.file(".lock"))


def is_held(path: Path) -> bool:
    """Whether another holder has the lock at `path`.

    A look takes the lock for an instant, so two looks can collide: the answer "held" is asked again.
    """
    if not path.exists():
        return False
    for attempt in range(2):
        lock = filelock.FileLock(path)
        try:
            with lock.acquire(blocking=False):
                return False
        except filelock.Timeout:
            if attempt == 0:
                time.sleep(0.001)
        except OSError:
            return False
    return True


def now() -> str:
    """The time in UTC, ISO 8601 with microseconds: sorts as text."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def _csv_line(columns: Sequence[str], row: Mapping[str, float]) -> str:
    return ",".join(f"{row[name]:.7g}" if isinstance(row[name], float) else str(row[name]) for name in columns)


class Store:
    """A folder of runs."""

    def __init__(self, root: Path, shipped: bool = False) -> None:
        self.root = Path(root)
        self.shipped = shipped

    def runs(self) -> list[Run]:
        """All run folders, newest first (shipped ones by name); damaged ones too."""
        try:
            with os.scandir(self.root) as entries:
                names = [entry.name for entry in entries if ID.fullmatch(entry.name) and entry.is_dir()]
        except OSError:
            return []
        found = [Run(self.root / name, self.shipped) for name in names]
        found = [run for run in found if run.file("config.json").exists() or run.file("status.json").exists()]
        if self.shipped:
            return sorted(found, key=lambda run: run.id)
        return sorted(found, key=lambda run: (run.created(), run.id), reverse=True)

    def find(self, run_id: str) -> Run | None:
        """The run of that id, by listing: what a visitor typed never becomes a path."""
        return next((run for run in self.runs() if run.id == run_id), None)

    def create(self, config: Config, run_id: str | None = None, data_sha256: str = "") -> Run:
        """Make a new queued run; the folder appears whole or not at all.

        Raises:
            StoreError: if the store cannot be written.
            RunError: if the id is taken or not of the form a-z, 0-9 and single dashes.
        """
        if run_id is not None and (not ID.fullmatch(run_id) or len(run_id) > LONGEST_ID):
            raise RunError(
                f"The id {run_id[:80]!r} cannot be used; it must be at most {LONGEST_ID} of a-z, 0-9 and "
                "single dashes, such as my-first-run."
            )
        name = run_id or self.new_id(config)
        draft = self.root / f".draft-{secrets.token_hex(6)}"
        try:
            draft.mkdir(parents=True)
            try:
                _fill(Run(draft), config, data_sha256)
                self._publish(draft, name)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        return Run(self.root / name)

    def _publish(self, draft: Path, name: str) -> None:
        target = self.root / name
        with self.lock():
            if target.exists():
                raise RunError(f"The run {name} already exists in this store; choose another id.")
            os.rename(draft, target)
        files.flush_folder(self.root)

    def delete(self, run: Run) -> None:
        """Remove a run and all its files: first it leaves the listing, then its files go.

        Raises:
            RunError: if it ships with the project or is being trained.
        """
        if run.shipped or self.shipped:
            raise RunError(f"The run {run.id} ships with the project and cannot be deleted.")
        if run.locked():
            raise RunError(f"The run {run.id} is being trained; stop it first.")
        grave = self.root / f".deleted-{secrets.token_hex(6)}"
        try:
            os.rename(run.path, grave)
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        shutil.rmtree(grave, ignore_errors=True)

    def new_id(self, config: Config) -> str:
        """A fresh id that says kind and preset."""
        alphabet = "23456789abcdefghjkmnpqrstuvwxyz"
        return f"{config.kind}-{config.preset}-" + "".join(secrets.choice(alphabet) for _ in range(5))

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while the order of the queue is looked at or changed; never for long.

        Raises:
            StoreError: if the store cannot be written, or another process keeps the lock.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(self.root / ".store.lock")
            lock.acquire(timeout=20)
        except filelock.Timeout:
            raise StoreError("The store of runs is busy; try again in a moment.") from None
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        try:
            yield
        finally:
            lock.release()

    def unwritable(self, error: OSError) -> str:
        """The sentence for an error met while writing in the store."""
        reason = error.strerror or type(error).__name__
        return (
            f"Runs cannot be saved in the folder {self.root} ({reason}); "
            "free some space or set GENMOD_HOME to a folder that can be written."
        )


def _fill(run: Run, config: Config, data_sha256: str) -> None:
    data = {"format": configs.FORMAT, "created": now(), **config.to_json(), "versions": versions()}
    data["data"] = {"name": "mnist", "sha256": data_sha256, **data["data"]}
    files.write_json(run.file("config.json"), data)
    run.file("samples").mkdir()
    run._write_status(QUEUED, "Waiting to start.")


def versions() -> dict[str, str]:
    """The versions a run was made with, without importing anything heavy."""
    import platform
    from importlib import metadata

    from genmod import __version__

    found = {"genmod": __version__, "python": platform.python_version()}
    for name in ("tensorflow", "keras", "numpy"):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def home() -> Store:
    """The store of own runs: `$GENMOD_HOME`, or the folder `runs` of the project."""
    return Store(Path(os.environ.get("GENMOD_HOME") or PROJECT / "runs"))


def shipped() -> Store:
    """The runs that come with the project."""
    return Store(SHIPPED, shipped=True)


def find(name: str, store: Store | None = None) -> Run:
    """The run meant by `name`: a run's folder, or an id among own runs first, then the shipped ones.

    Raises:
        RunError: if there is none.
    """
    folder = Path(name)
    if any(os.path.isfile(folder / file) for file in ("config.json", "status.json")):
        return Run(folder.resolve(), shipped=folder.resolve().parent == SHIPPED)
    for place in (store or home(), shipped()):
        if (run := place.find(name)) is not None:
            return run
    known = [run.id for place in (store or home(), shipped()) for run in place.runs()][:8]
    raise RunError(
        f"There is no run {name[:80]!r}; give a run's folder or one of the ids "
        + (", ".join(known) if known else "that `python -m genmod runs` lists")
        + "."
    )
