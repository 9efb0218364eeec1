"""The run folder: what a training leaves on disk, how it is written, read, listed and locked."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import filelock

from genmod import kinds
from genmod.errors import ConfigError, RunError, StoreError
from genmod.kinds import Config, Kind
from genmod.runs import logs
from genmod.system import files, memory
from genmod.system.project import PROJECT

SHIPPED = PROJECT / "checkpoints"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_ID = 64
MOST_REMEMBERED = 20_000  # small files kept in memory
MOST_CONFIGS = 500  # settings kept in memory
REMOVED = ".removed.jsonl"  # runs that had to make room
MOST_WORDS = 1_000  # of one reason, in signs
MOST_REMOVED = 1_000_000  # bytes of them, looked at
MOST_TORN = 10  # pictures that are passed over
PINNED = "pinned"  # a file that keeps a run from being removed to make room
MOST_RESUMES = 3  # of a run whose trainer died, without anybody asking

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, STOPPED, INTERRUPTED, FAILED = "done", "stopped", "interrupted", "failed"
ACTIVE = frozenset({RUNNING, PAUSED})
ENDED = frozenset({DONE, STOPPED, INTERRUPTED, FAILED})
STATES = ACTIVE | ENDED | {QUEUED}
TICK = timedelta(microseconds=1)
LAST_YEAR = 9000  # a stamp beyond it is damage
# The exported models that some kind of model has, and those of them that draw.
MODELS = tuple(sorted({f"{name}.tflite" for kind in kinds.KINDS.values() for name in kind.networks}))
SAMPLERS = tuple(sorted({f"{kind.sampler}.tflite" for kind in kinds.KINDS.values()}))
MOST_HISTORY = 1_000_000  # bytes of history.csv
MOST_EPOCHS = 1_000_000  # whatever a damaged file may say
EXPORTED = "exported"  # a whole new set of models on the way to its place

# Why a run has failed or was interrupted, for programs; people read the sentence.
MEMORY, DISK, DIVERGED = "memory", "disk", "diverged"
CAUSES = frozenset({MEMORY, DISK, DIVERGED, ""})
RESERVE = "reserve.json"  # room for a last status, taken before the training begins
RESERVED = 4096  # bytes of it
LESS = "a smaller batch or a smaller net needs less"


_NO_STATUS = "The run's status.json is missing or damaged."


@dataclass(frozen=True)
class Status:
    """Where a run stands: one of `STATES`, with a sentence for people.

    Attributes:
        since: when it was written; a waiting run's place goes by it.
        cause: one of `CAUSES`, why a training failed or was interrupted; empty if that is not known.
    """

    state: str
    message: str
    since: str = field(default="", compare=False)
    cause: str = field(default="", compare=False)

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
        path = f"{self.path}/config.json"
        data = _remembered(path)
        if data is None:
            raise RunError(f"The run {self.id} has no readable config.json; delete its folder or restore the file.")
        known = _configs.get(path)
        if known is not None and known[0] is data:  # the very table that was looked at before
            return known[1]
        number = data.get("format")
        if type(number) is not int or number not in kinds.READABLE:
            *older, newest = sorted(kinds.READABLE)
            shown = repr(number)[:20] if isinstance(number, int | float | str) else "no number"
            raise RunError(
                f"The run {self.id} has format {shown} and this version reads "
                f"{', '.join(map(str, older))} and {newest}; "
                "train it again or use the version that made it."
            )
        try:
            config = kinds.from_json(data)
        except ConfigError as error:
            raise RunError(f"The config.json of run {self.id} cannot be used: {error}") from None
        if len(_configs) > MOST_CONFIGS:
            _configs.clear()
        _configs[path] = data, config
        return config

    def kind(self) -> Kind[Any]:
        """The kind of model it is.

        Raises:
            RunError: as `config` does.
        """
        return kinds.of(self.config())

    def sampler(self) -> str:
        """The file of the exported model that draws images; in a folder without settings the one that is there.

        Raises:
            RunError: if its config.json is damaged.
        """
        if os.path.lexists(self.file("config.json")):
            return f"{self.kind().sampler}.tflite"
        return next((name for name in SAMPLERS if self.has(name)), SAMPLERS[0])

    def created(self) -> str:
        """When the run was asked for, ISO 8601 in UTC; empty if unknown."""
        return files.one_line((_remembered(f"{self.path}/config.json") or {}).get("created"))

    def fingerprint(self) -> str:
        """What the run's result depends on, see `fingerprint`; empty if unknown."""
        return files.one_line((_remembered(f"{self.path}/config.json") or {}).get("fingerprint"))

    def pinned(self) -> bool:
        """Whether the run is never removed to make room."""
        return self.shipped or os.path.lexists(self.file(PINNED))

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
                    total += _bytes_on_disk(os.lstat(os.path.join(folder, name)))
        _sizes[self.path] = stamp, total
        return total

    # Where it stands

    def status(self) -> Status:
        """The true state: a run that claims to train while nobody holds its lock was interrupted."""
        data = _remembered(f"{self.path}/status.json")
        if data is None:
            return Status(FAILED, _NO_STATUS)
        state = data.get("state")
        if isinstance(state, str) and state in ACTIVE and not self.shipped and not self.locked():
            # Ask again: the trainer may have ended between the two looks.
            data = files.read_json(self.file("status.json")) or data
            state = data.get("state")
            if isinstance(state, str) and state in ACTIVE:
                return self._last_words() or self._interruption()
        return _status(data)

    def set_status(self, state: str, message: str, since: str | None = None, cause: str = "") -> None:
        """Record a new state, durably; it holds since now if nothing else is said.

        Raises:
            StoreError: if the folder cannot be written; the old state stays.
        """
        with self._writing():
            self._write_status(state, message, since, cause)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"The state of run {self.id} could not be saved ({error.strerror}); free some space and try again."
            ) from None

    def _write_status(self, state: str, message: str, since: str | None = None, cause: str = "") -> None:
        data = {"state": state, "message": message, "time": since or now()}
        files.write_json(self.file("status.json"), data | ({"cause": cause} if cause else {}))

    # Its last words

    def reserve(self) -> None:
        """Take the room in which a trainer can say how it ended even when the disk has become full.

        Raises:
            StoreError: if there is no room.
        """
        with self._writing():
            files.write_bytes(self.file(RESERVE), b" " * RESERVED)

    def say_last(self, state: str, message: str, cause: str = "") -> None:
        """Record how a trainer ended, in the room taken before if there is no other. Never raises."""
        with suppress(StoreError):
            self.set_status(state, message, cause=cause)
            return
        with suppress(OSError):
            files.overwrite(
                self.file(RESERVE), json.dumps({"state": state, "message": message, "time": now(), "cause": cause})
            )

    def give_reserve_back(self) -> None:
        """Let go of the room for a last status: the true one is written."""
        with suppress(OSError):
            self.file(RESERVE).unlink(missing_ok=True)

    def _last_words(self) -> Status | None:
        data = files.read_json(self.file(RESERVE))
        found = _status(data) if data is not None else None
        return found if found is not None and found.ended and found.message != _NO_STATUS else None

    def _interruption(self) -> Status:
        epochs = len(self.history())
        after = f"after {epochs} epoch{'s' if epochs != 1 else ''}" if epochs else "in its first epoch"
        cause, reason = self._why()
        sentence = f"The training was interrupted {after}{': ' + reason if reason else ''}."
        if not cause and self.resumes() >= MOST_RESUMES:
            sentence += f" It was resumed {self.resumes()} times and is not resumed again by itself."
        return Status(INTERRUPTED, sentence, cause=cause)

    def _why(self) -> tuple[str, str]:
        """The cause and the words for the end of a trainer that could not say it; empty if nothing is known."""
        if logs.out_of_memory(self.file(logs.NAME)):
            return MEMORY, f"memory ran out; {LESS}"
        kills = memory.kills()
        if kills is not None and kills > self.attempt().get("oom_kills", kills):
            return MEMORY, f"memory ran out and the system ended it; {LESS}"
        if reason := logs.crash(self.file(logs.NAME)):
            return "", reason
        if files.disk_is_full(self.path):
            return DISK, "the disk is full; free some space and resume the run"
        return "", ""

    def attempt(self) -> dict[str, Any]:
        """What the present or last trainer wrote down when it began: `pid`, `oom_kills`, and `resumes`."""
        data = files.read_json(self.file("attempt.json")) or {}
        return {name: value for name, value in data.items() if type(value) is int or name == "started"}

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
        return files.whole_number(self.attempt().get("resumes"))

    def progress(self) -> dict[str, Any]:
        """The latest numbers of a training; empty before the first. What should be a number is one, or is left out."""
        data = files.read_json(self.file("progress.json")) or {}
        numbers = {name: value for name, value in data.items() if files.finite(value) or value is None}
        metrics = data.get("metrics")
        if isinstance(metrics, dict):
            numbers["metrics"] = {name: value for name, value in metrics.items() if files.finite(value)}
        return numbers

    def write_progress(self, numbers: Mapping[str, Any]) -> None:
        """Replace the latest numbers; not flushed, they are replaced many times a second."""
        files.write_json(self.file("progress.json"), dict(numbers), durable=False)

    # What it gave

    def history(self) -> list[dict[str, float]]:
        """One row a finished epoch, in order; a torn last line is left out, and so are damaged ones."""
        return self._history()[0]

    def complaints(self) -> list[str]:
        """One sentence for each file of numbers that is there and cannot be read, or not all of it."""
        rows, sentence = self._history()
        if not rows and not sentence and self.status().state == DONE:
            sentence = f"The history.csv of run {self.id} is missing or empty; its curves are not shown."
        return [sentence] if sentence else []

    def _history(self) -> tuple[list[dict[str, float]], str]:
        """The rows of history.csv, and what is wrong with it."""
        try:
            columns, lines = files.read_table(self.file("history.csv"), MOST_HISTORY)
        except FileNotFoundError:
            return [], ""
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no text"
            return [], f"The history.csv of run {self.id} cannot be read ({why}); its curves are not shown."
        rows: list[dict[str, float]] = []
        for line in lines:
            try:
                row = dict(zip(columns, map(float, line), strict=True))
            except ValueError:
                continue  # a line of another length, or with something that is no number
            epoch = row.get("epoch", 0.0)
            in_order = (rows[-1]["epoch"] if rows else 0) < epoch <= MOST_EPOCHS and epoch.is_integer()
            if in_order and all(map(files.finite, row.values())):
                rows.append(row)
        if left_out := len(lines) - len(rows):
            return rows, f"The history.csv of run {self.id} is damaged; {left_out:,} of its lines cannot be used."
        return rows, ""

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
        return moving if os.path.lexists(moving) else self.file(name)

    def read_export(self, name: str, most: int = 1 << 30) -> bytes:
        """The content of an exported model.

        Raises:
            FileNotFoundError: if there is none.
            OSError: if it cannot be read, or takes more than `most` bytes.
        """
        try:
            return files.read_bytes(self.exported(name), most)
        except FileNotFoundError:
            return files.read_bytes(self.file(name), most)  # it was moved to its place between the two looks

    def has(self, name: str) -> bool:
        """Whether there is an exported model of that name, sound or not."""
        return os.path.lexists(self.exported(name))

    def usable(self) -> bool:
        """The exported models are there, so that the run can make pictures."""
        return any(self.has(name) for name in SAMPLERS)

    def sheet(self) -> bytes | None:
        """The newest picture of the fixed latents, a PNG file; None before the first."""
        folder = self.file("samples")
        if (live := files.read_png(folder / "live.png")) is not None:
            return live
        try:
            found = sorted((name for name in os.listdir(folder) if fnmatch(name, "epoch-*.png")), reverse=True)
        except OSError:
            return None
        pictures = (files.read_png(folder / name) for name in found[:MOST_TORN])
        return next((picture for picture in pictures if picture is not None), None)

    def reconstructions(self) -> bytes | None:
        """Ten test digits above what the model makes of them, a PNG file; None before the first."""
        return files.read_png(self.file("samples/reconstructions.png"))

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
    if not os.path.exists(path):
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
_memory: dict[str, tuple[files.Stamp, dict[str, Any] | None]] = {}
_configs: dict[str, tuple[dict[str, Any], Config]] = {}  # a page asks for its run's settings a dozen times


def _remembered(path: str) -> dict[str, Any] | None:
    """The table in a JSON file, read again only when the file has changed: a listing looks at thousands.

    A file is remembered only when it was written a second ago or more, a damaged one as damaged. Files are always
    replaced whole, so that one with the same number, time and size is the same file.
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
    # One from the future, where the clock was put back, counts as old too: it would be read again for years.
    if abs(time.time_ns() - stamp[1]) > 1_000_000_000:
        if len(_memory) > MOST_REMEMBERED:
            _memory.clear()
        _memory[path] = stamp, data
    return data


def _bytes_on_disk(found: os.stat_result) -> int:
    """What a file really takes: one with holes in it may say that it is larger than the disk."""
    return min(found.st_size, 512 * getattr(found, "st_blocks", found.st_size))


def _status(data: Mapping[str, Any]) -> Status:
    """What a status file says; a state that is none reads as damage."""
    state, cause = data.get("state"), data.get("cause", "")  # older runs do not say the cause
    if not isinstance(state, str) or state not in STATES:
        return Status(FAILED, _NO_STATUS)
    return Status(
        state,
        files.one_line(data.get("message")),
        files.one_line(data.get("time")),
        cause if isinstance(cause, str) and cause in CAUSES else "",
    )


def now() -> str:
    """The time in UTC, ISO 8601 with microseconds: sorts as text."""
    return _stamp(datetime.now(UTC))


def after(stamps: Iterable[str]) -> str:
    """The time now, or just after the last of `stamps` if the clock was put back: what comes later sorts later."""
    last = max(filter(None, map(_moment, stamps)), default=None)
    return now() if last is None else max(now(), _stamp(last + TICK))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _moment(stamp: str) -> datetime | None:
    """The time a stamp of ours names; None if it is none."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return found if found.tzinfo is UTC and found.year in range(2, LAST_YEAR) else None


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
                names = [entry.path for entry in entries if ID.fullmatch(entry.name)]
        except OSError:
            return []
        found = []
        for path in filter(os.path.isdir, names):  # a link that leads nowhere hides no other run
            config = _remembered(f"{path}/config.json")
            if config is not None or any(os.path.exists(f"{path}/{name}") for name in ("config.json", "status.json")):
                found.append((files.one_line((config or {}).get("created")), path))
        # Shipped ones all come at once, whatever the order they were made in.
        found.sort(key=(lambda item: item[1]) if self.shipped else None, reverse=not self.shipped)
        return [Run(Path(path), self.shipped) for _, path in found]

    def find(self, run_id: str) -> Run | None:
        """The run of that id, by listing: what a visitor typed never becomes a path."""
        return next((run for run in self.runs() if run.id == run_id), None)

    def create(self, config: Config, run_id: str | None = None) -> Run:
        """Make a new queued run; the folder appears whole or not at all.

        Raises:
            StoreError: if the store cannot be written.
            RunError: if the id is taken or not of the form a-z, 0-9 and single dashes.
        """
        _check_id(run_id)
        with self.lock():
            return self.add(config, run_id)

    def add(self, config: Config, run_id: str | None = None) -> Run:
        """As `create`, for who holds the store's lock already. A run with an id of its own is pinned."""
        _check_id(run_id)
        target = self.root / (run_id or self.new_id(config))
        draft = self.root / f".draft-{secrets.token_hex(6)}"
        try:
            if target.exists():
                raise RunError(f"The run {target.name} already exists in this store; choose another id.")
            draft.mkdir(parents=True)
            try:
                created, since = self._next_stamps()
                _fill(Run(draft), config, run_id is not None, created, since)
                os.rename(draft, target)
            except BaseException:
                shutil.rmtree(draft, ignore_errors=True)
                raise
            files.flush_folder(self.root)
        except OSError as error:
            raise StoreError(self.unwritable(error)) from None
        return Run(target)

    def _next_stamps(self) -> tuple[str, str]:
        """When the next run is asked for and since when it waits: after all that are there, whatever the clock says."""
        found = self.runs()
        standing = [run.status() for run in found]
        created = after(run.created() for run in found)
        return created, max(created, after(status.since for status in standing if status.waiting))

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
            lines = files.read_tail(self.root / REMOVED, MOST_REMOVED).splitlines()
        except OSError:
            return None
        for line in lines:
            with suppress(ValueError, RecursionError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("id") == run_id:
                    return str(entry.get("reason"))[:MOST_WORDS]
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


def _fill(run: Run, config: Config, pinned: bool, created: str, since: str) -> None:
    data = {"format": kinds.FORMAT, "created": created, **config.to_json(), "versions": versions()}
    data["data"] = {**data["data"], "sha256": config.source.sha256}
    data["fingerprint"] = fingerprint(config)
    files.write_json(run.file("config.json"), data)
    run.file("samples").mkdir()
    if pinned:
        files.write_bytes(run.file(PINNED), b"")
    run._write_status(QUEUED, "Waiting to start.", since)


def fingerprint(config: Config) -> str:
    """One word for all that a training's result depends on: its settings, its data and the recipe of its kind."""
    kind = kinds.of(config)
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in config.values.items()}
    parts = [kind.name, str(kind.recipe), json.dumps(values, sort_keys=True), config.source.sha256]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


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
