"""The run folder: what a training leaves on disk, how it is written, read, listed and locked."""

from __future__ import annotations

import csv
import errno
import functools
import hashlib
import io
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock

from genmod import config as configs
from genmod import files, logs, memory
from genmod.config import Config
from genmod.errors import ConfigError, RunError, StoreError

PROJECT = Path(__file__).resolve().parent.parent
SHIPPED = PROJECT / "checkpoints"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 64
MOST_REMEMBERED = 20_000  # small files kept in memory
REMOVED = ".removed.jsonl"  # runs that had to make room
MOST_REMOVED = 10_000  # of them, looked at
PINNED = "pinned"  # a file that keeps a run from being removed to make room
MOST_RESUMES = 3  # of a run whose trainer died, without anybody asking

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, STOPPED, INTERRUPTED, FAILED = "done", "stopped", "interrupted", "failed"
ACTIVE = frozenset({RUNNING, PAUSED})
ENDED = frozenset({DONE, STOPPED, INTERRUPTED, FAILED})
STATES = ACTIVE | ENDED | {QUEUED}
EXPORTED = "exported"  # a whole new set of models on the way to its place


@dataclass(frozen=True)
class Status:
    """Where a run stands: one of `STATES`, with a sentence for people."""

    state: str
    message: str
    since: str = field(default="", compare=False)  # when it was written; a waiting run's place goes by it

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
            *older, newest = sorted(configs.READABLE)
            raise RunError(
                f"The run {self.id} has format {data.get('format')!r} and this version reads "
                f"{', '.join(map(str, older))} and {newest}; "
                "train it again or use the version that made it."
            )
        try:
            return configs.from_json(data)
        except ConfigError as error:
            raise RunError(f"The config.json of run {self.id} cannot be used: {error}") from None

    def created(self) -> str:
        """When the run was asked for, ISO 8601 in UTC; empty if unknown."""
        return str((_remembered(f"{self.path}/config.json") or {}).get("created", ""))

    def fingerprint(self) -> str:
        """What the run's result depends on, see `fingerprint`; empty if unknown."""
        return str((_remembered(f"{self.path}/config.json") or {}).get("fingerprint", ""))

    def pinned(self) -> bool:
        """Whether the run is never removed to make room."""
        return self.shipped or self.file(PINNED).exists()

    def pin(self, keep: bool = True) -> None:
        """Keep the run from being removed to make room, or no longer.

        Raises:
            StoreError: if the folder cannot be written.
        """
        try:
            if keep:
                self.file(PINNED).touch()  # nothing in it, so no temporary file that a crash could leave
            else:
                self.file(PINNED).unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"The run {self.id} could not be pinned or unpinned ({error.strerror}).") from None

    def size(self) -> int:
        """Bytes the run takes on disk; of one that has come to rest it is counted once."""
        try:
            stamp = os.stat(self.file("status.json")).st_mtime_ns
        except OSError:
            stamp = 0
        known = _sizes.get(self.path)
        if known is not None and known[0] == stamp and self.status().ended:
            return known[1]
        total = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                with suppress(OSError):
                    total += os.stat(os.path.join(folder, name)).st_size
        _sizes[self.path] = stamp, total
        return total

    # Where it stands

    def status(self) -> Status:
        """The true state: a run that claims to train while nobody holds its lock was interrupted."""
        data = _remembered(f"{self.path}/status.json")
        state = data.get("state") if data else None
        if data is None or state not in STATES:
            return Status(FAILED, "The run's status.json is missing or damaged.")
        if state in ACTIVE and not self.shipped and not self.locked():
            # Ask again: the trainer may have ended between the two looks.
            data = files.read_json(self.file("status.json")) or data
            if data.get("state") in ACTIVE:
                return Status(INTERRUPTED, self._interruption())
        return Status(str(data["state"]), str(data.get("message", "")), str(data.get("time", "")))

    def set_status(self, state: str, message: str, since: str | None = None) -> None:
        """Record a new state, durably; it holds since now if nothing else is said.

        Raises:
            StoreError: if the folder cannot be written; the old state stays.
        """
        with self._writing():
            self._write_status(state, message, since)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"The state of run {self.id} could not be saved ({error.strerror}); free some space and try again."
            ) from None

    def _write_status(self, state: str, message: str, since: str | None = None) -> None:
        files.write_json(self.file("status.json"), {"state": state, "message": message, "time": since or now()})

    def _interruption(self) -> str:
        epochs = len(self.history())
        after = f"after {epochs} epoch{'s' if epochs != 1 else ''}" if epochs else "in its first epoch"
        attempt = self.attempt()
        reason = logs.crash(self.file(logs.NAME))
        kills = memory.kills()
        if reason is None and kills is not None and kills > attempt.get("oom_kills", kills):
            reason = "memory ran out and the system ended it"
        if reason is not None and "memory" in reason:
            reason += "; a smaller batch or a smaller net needs less"
        sentence = f"The training was interrupted {after}{': ' + reason if reason else ''}."
        if self.resumes() >= MOST_RESUMES:
            sentence += f" It was resumed {self.resumes()} times and is not resumed again by itself."
        return sentence

    def attempt(self) -> dict[str, Any]:
        """What the present or last trainer wrote down when it began: `pid`, `oom_kills`, and `resumes`."""
        return files.read_json(self.file("attempt.json")) or {}

    def write_attempt(self, resumes: int) -> None:
        """Write down that a trainer begins, and how often the run was resumed without anybody asking.

        Raises:
            StoreError: if the folder cannot be written.
        """
        numbers = {"pid": os.getpid(), "oom_kills": memory.kills(), "resumes": resumes, "started": now()}
        with self._writing():
            files.write_json(self.file("attempt.json"), {k: v for k, v in numbers.items() if v is not None})

    def resumes(self) -> int:
        """How often the run was resumed without anybody asking, since somebody last did."""
        number = self.attempt().get("resumes", 0)
        return number if isinstance(number, int) else 0

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
        files.append(self.file("history.csv"), (_csv_line(columns, row) + "\n").encode())

    def exported(self, name: str) -> Path:
        """The path of an exported model, such as `decoder.tflite`.

        A new set of models is committed by one rename of its folder, and its files are then moved to their
        places one by one: while that goes on, or after a crash in the midst of it, the folder holds the rest.
        """
        moving = self.file(EXPORTED) / name
        return moving if moving.is_file() else self.file(name)

    def read_export(self, name: str) -> bytes:
        """The content of an exported model.

        Raises:
            FileNotFoundError: if there is none.
        """
        try:
            return self.exported(name).read_bytes()
        except FileNotFoundError:
            return self.file(name).read_bytes()  # it was moved to its place between the two looks

    def usable(self) -> bool:
        """The exported models are there, so that the run can make pictures."""
        return any(self.exported(name).is_file() for name in ("decoder.tflite", "generator.tflite"))

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

    A look takes the lock for an instant, so two looks can collide: the answer "held" is asked again. Where no look
    is possible, as with a disk that fails or too many open files, it counts as held: what trains is not to be
    deleted or trained by another on a mere guess. Who may not write there, though, sees a free lock.
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
        except OSError as error:
            return error.errno not in (errno.ENOENT, errno.EACCES, errno.EPERM, errno.EROFS)
    return True


_sizes: dict[Path, tuple[int, int]] = {}
_memory: dict[str, tuple[files.Stamp, dict[str, Any]]] = {}


def _remembered(path: str) -> dict[str, Any] | None:
    """The table in a JSON file, read again only when the file has changed: a listing looks at thousands.

    A file is remembered only when it was written a second ago or more. Files are always replaced whole, so
    that one with the same number, time and size is the same file.
    """
    known = _memory.get(path)
    if known is not None:
        try:
            if known[0] == files.stamp_of(os.stat(path)):
                return known[1]
        except OSError:
            return None
    found = files.read_stamped(path)
    if found is None:
        return None
    stamp, data = found
    if data is not None and time.time_ns() - stamp[1] > 1_000_000_000:
        if len(_memory) > MOST_REMEMBERED:
            _memory.clear()
        _memory[path] = stamp, data
    return data


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
                paths = [entry.path for entry in entries if ID.fullmatch(entry.name) and entry.is_dir()]
        except OSError:
            return []
        found = []
        for path in paths:
            config = _remembered(f"{path}/config.json")
            if config is not None or any(os.path.exists(f"{path}/{name}") for name in ("config.json", "status.json")):
                found.append((str((config or {}).get("created", "")), path))
        # Shipped ones all come at once, whatever the order they were made in.
        found.sort(key=(lambda item: item[1]) if self.shipped else None, reverse=not self.shipped)
        return [Run(Path(path), self.shipped) for _, path in found]

    def find(self, run_id: str) -> Run | None:
        """The run of that id, by listing: what a visitor typed never becomes a path."""
        return next((run for run in self.runs() if run.id == run_id), None)

    def create(self, config: Config, run_id: str | None = None, data_sha256: str = "") -> Run:
        """Make a new queued run; the folder appears whole or not at all.

        Raises:
            StoreError: if the store cannot be written.
            RunError: if the id is taken or not of the form a-z, 0-9 and single dashes.
        """
        _check_id(run_id)
        with self.lock():
            return self.add(config, run_id, data_sha256)

    def add(self, config: Config, run_id: str | None = None, data_sha256: str = "") -> Run:
        """As `create`, for who holds the store's lock already. A run with an id of its own is pinned."""
        _check_id(run_id)
        target = self.root / (run_id or self.new_id(config))
        draft = self.root / f".draft-{secrets.token_hex(6)}"
        try:
            if target.exists():
                raise RunError(f"The run {target.name} already exists in this store; choose another id.")
            draft.mkdir(parents=True)
            try:
                _fill(Run(draft), config, data_sha256, pinned=run_id is not None)
                os.rename(draft, target)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            files.flush_folder(self.root)
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        return Run(target)

    def delete(self, run: Run, reason: str | None = None) -> None:
        """Remove a run and all its files: first it leaves the listing, then its files go.

        Args:
            reason: why, if nobody asked for it; whoever comes by an old link is told.

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
        with suppress(OSError):
            files.flush_folder(self.root)
        if reason is not None:
            with suppress(OSError):
                files.append(self.root / REMOVED, (json.dumps({"id": run.id, "reason": reason}) + "\n").encode())
        shutil.rmtree(grave, ignore_errors=True)

    def why_removed(self, run_id: str) -> str | None:
        """Why a run is gone that was removed without anybody asking; None if that is not so."""
        try:
            lines = (self.root / REMOVED).read_text().splitlines()[-MOST_REMOVED:]
        except (OSError, UnicodeDecodeError):
            return None
        for line in lines:
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("id") == run_id:
                    return str(entry.get("reason"))
        return None

    def sweep(self) -> None:
        """Remove what killed processes have left: half-made and half-deleted runs, none of them ever listed."""
        if not self.root.is_dir():
            return
        with self.lock():
            for pattern in (".draft-*", ".deleted-*"):
                for path in self.root.glob(pattern):
                    shutil.rmtree(path, ignore_errors=True)

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


def _check_id(run_id: str | None) -> None:
    if run_id is not None and (not ID.fullmatch(run_id) or len(run_id) > LONGEST_ID):
        raise RunError(
            f"The id {run_id[:80]!r} cannot be used; it must be at most {LONGEST_ID} of a-z, 0-9 and "
            "single dashes, such as my-first-run."
        )


def _fill(run: Run, config: Config, data_sha256: str, pinned: bool) -> None:
    data = {"format": configs.FORMAT, "created": now(), **config.to_json(), "versions": versions()}
    data["data"] = {"name": "mnist", "sha256": data_sha256, **data["data"]}
    data["fingerprint"] = fingerprint(config, data_sha256)
    files.write_json(run.file("config.json"), data)
    run.file("samples").mkdir()
    if pinned:
        files.write_bytes(run.file(PINNED), b"")
    run._write_status(QUEUED, "Waiting to start.")


def fingerprint(config: Config, data_sha256: str) -> str:
    """One word for all that a training's result depends on: its settings, its data and the code's version."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in config.values.items()}
    parts = [config.kind, json.dumps(values, sort_keys=True), data_sha256, code_version()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@functools.cache
def code_version() -> str:
    """A hash of the modules and packages that decide what comes out of a training."""
    package = Path(__file__).resolve().parent
    sources = [package / name for name in ("config.py", "datasets.py", "latent.py", "evaluation.py")]
    sources += sorted(package.glob("models/*.py")) + sorted(package.glob("training/*.py"))
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + source.read_bytes())
    digest.update(json.dumps(versions(), sort_keys=True).encode())
    return digest.hexdigest()


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
