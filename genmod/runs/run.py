"""One run's folder: what a training leaves on disk, read when asked, so that any process sees the same."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmod import kinds
from genmod.errors import RunError, StoreError
from genmod.kinds import Config, Diagnosis, Kind
from genmod.runs import frames, history, interruption, recipe, status
from genmod.runs.stamps import now
from genmod.runs.status import DIVERGED, DONE, FAILED, Status
from genmod.system import files, locks, memory
from genmod.system.file_cache import FileCache

STATUS, LOCK = "status.json", ".lock"
PINNED = "pinned"  # a file that keeps a run from being removed to make room
RESERVE = "reserve.json"  # room for a last status, taken before the training begins
RESERVED = 4096  # bytes of it
BASE = "base"  # the folder with what a run keeps of the one that it is built on
CHECKSUMS = "checksums.json"  # of the exported models
EXPORTED = "exported"  # a whole new set of models on the way to its place
MOST_TORN = 10  # pictures that are passed over
# The exported models that some kind of model has, and those of them that draw.
MODELS = tuple(sorted({f"{name}.tflite" for kind in kinds.KINDS.values() for name in kind.networks}))
SAMPLERS = tuple(sorted({f"{kind.sampler}.tflite" for kind in kinds.KINDS.values()}))

_tables: FileCache[dict[str, Any] | None] = FileCache(20_000)  # a listing looks at thousands of small files
_statuses: FileCache[Status] = FileCache(20_000)
_configs: FileCache[Config] = FileCache(500)  # a page asks for its run's settings a dozen times
_sizes: FileCache[int] = FileCache(20_000)


def _read_status(path: str) -> Status:
    return status.from_json(files.read_json(path))


def read_remembered(path: str) -> dict[str, Any] | None:
    """The table in a JSON file, read again only when the file has changed; None if it is missing or damaged."""
    return _tables.get(path, files.read_json)


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
        return _configs.get(self._config_path, lambda _: recipe.read(self._table(), self.id))

    @property
    def _config_path(self) -> str:
        return f"{self.path}/{recipe.NAME}"

    def _table(self) -> dict[str, Any] | None:
        return read_remembered(self._config_path)

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
        if os.path.lexists(self._config_path):
            return f"{self.kind().sampler}.tflite"
        return next((name for name in SAMPLERS if self.has(name)), SAMPLERS[0])

    def created(self) -> str:
        """When the run was asked for, ISO 8601 in UTC; empty if unknown."""
        return files.one_line((self._table() or {}).get("created"))

    def fingerprint(self) -> str:
        """What the run's result depends on, see `fingerprint`; empty if unknown."""
        return files.one_line((self._table() or {}).get("fingerprint"))

    def base(self) -> Run:
        """What it keeps of the run that it is built on, as a run: settings and models."""
        return Run(self.file(BASE), self.shipped)

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
        if not self.status().ended:
            return self._counted()
        return _sizes.get(f"{self.path}/{STATUS}", lambda _: self._counted())

    def _counted(self) -> int:
        total = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                with suppress(OSError):
                    total += _bytes_on_disk(os.lstat(os.path.join(folder, name)))
        return total

    # Where it stands

    def status(self) -> Status:
        """The true state: a run that claims to train while nobody holds its lock was interrupted."""
        found = _statuses.get(f"{self.path}/{STATUS}", _read_status)
        if found.active and not self.shipped and not self.locked():
            # Ask again: the trainer may have ended between the two looks.
            found = _read_status(f"{self.path}/{STATUS}")
            if found.active:
                return self._recorded_end() or interruption.status(self.path, len(self.history()), self.attempt())
        return found

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
        files.write_json(self.file(STATUS), data | ({"cause": cause} if cause else {}))

    # Its last words

    def reserve(self) -> None:
        """Take the room in which a trainer can say how it ended even when the disk has become full.

        Raises:
            StoreError: if there is no room.
        """
        with self._writing():
            files.write_bytes(self.file(RESERVE), b" " * RESERVED)

    def record_end(self, state: str, message: str, cause: str = "") -> None:
        """Record how a trainer ended, in the room taken before if there is no other. Never raises."""
        with suppress(StoreError):
            self.set_status(state, message, cause=cause)
            return
        with suppress(OSError):
            files.overwrite(
                self.file(RESERVE), json.dumps({"state": state, "message": message, "time": now(), "cause": cause})
            )

    def release_reserve(self) -> None:
        """Let go of the room for a last status: the true one is written."""
        with suppress(OSError):
            self.file(RESERVE).unlink(missing_ok=True)

    def _recorded_end(self) -> Status | None:
        data = files.read_json(self.file(RESERVE))
        found = status.from_json(data) if data is not None else None
        return found if found is not None and found.ended and found != status.damaged() else None

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
        return history.read(self.path)[0]

    def diagnosis(self, rows: Sequence[Mapping[str, float]], live: Mapping[str, float]) -> Diagnosis | None:
        """The state of the training, read from its numbers; None if there is nothing to say.

        Args:
            rows: its history.
            live: the metrics of the unfinished epoch; empty if there is none.

        Raises:
            RunError: as `config` does.
        """
        status = self.status()
        if status.state == FAILED and status.cause == DIVERGED:
            return kinds.DIVERGED
        return self.kind().diagnose(self.config(), rows, live)

    def complaints(self) -> list[str]:
        """One sentence for each file of numbers that is there and cannot be read, or not all of it."""
        rows, sentence = history.read(self.path)
        if not rows and not sentence and self.status().state == DONE:
            sentence = f"The history.csv of run {self.id} is missing or empty; its curves are not shown."
        return [sentence] if sentence else []

    def write_history(self, columns: Sequence[str], rows: Sequence[Mapping[str, float]]) -> None:
        """Replace the whole history."""
        history.write(self.path, columns, rows)

    def append_history(self, columns: Sequence[str], row: Mapping[str, float]) -> None:
        """Add one epoch's row and flush it to disk."""
        history.append(self.path, columns, row)

    def exported(self, name: str) -> Path:
        """The path of an exported model, such as `decoder.tflite`.

        A new set of models is committed by one rename of its folder, and its files are then moved to their
        places one by one: while that goes on, or after a crash in the midst of it, the folder holds the rest.
        A run that ships leaves out a network that it has taken over from one that ships beside it.
        """
        moving, own = self.file(EXPORTED) / name, self.file(name)
        if os.path.lexists(moving):
            return moving
        return own if os.path.lexists(own) else self._lent(name) or own

    def _lent(self, name: str) -> Path | None:
        """The file of a network that the run has left to the shipped run that it is built on; None if it has not.

        Both have written down one checksum for it. A run in a store of its own always keeps a copy, because whoever
        trains may delete the other.
        """
        if not self.shipped:
            return None
        try:
            config = self.config()
        except RunError:
            return None
        item = config.base_setting
        if item is None or name not in (f"{one}.tflite" for one in kinds.of(config).borrowed):
            return None
        beside = self.path.parent / str(config.values[item.name])
        wanted, found = (read_remembered(f"{folder}/{CHECKSUMS}") or {} for folder in (self.path, beside))
        sums = [table.get("sha256") for table in (wanted, found)]
        sha256, same = (table.get(name) if isinstance(table, dict) else None for table in sums)
        return beside / name if isinstance(sha256, str) and sha256 == same else None

    def read_export(self, name: str, most: int = 1 << 30) -> bytes:
        """The content of an exported model.

        Raises:
            FileNotFoundError: if there is none.
            OSError: if it cannot be read, or takes more than `most` bytes.
        """
        try:
            return files.read_bytes(self.exported(name), most)
        except FileNotFoundError:
            return files.read_bytes(self.exported(name), most)  # it was moved to its place between the two looks

    def has(self, name: str) -> bool:
        """Whether there is an exported model of that name, sound or not."""
        return os.path.lexists(self.exported(name))

    def usable(self) -> bool:
        """The exported models are there, so that the run can make pictures."""
        return any(self.has(name) for name in SAMPLERS)

    def sheet(self) -> bytes | None:
        """The newest picture of the fixed latents, a PNG file; None before the first."""
        if (live := frames.read(self.path, frames.LIVE)) is not None:
            return live
        pictures = (self.frame(epoch) for epoch in self.frames()[: -MOST_TORN - 1 : -1])
        return next((picture for picture in pictures if picture is not None), None)

    def reconstructions(self) -> bytes | None:
        """Ten test images above what the model makes of them, a PNG file; None before the first."""
        return frames.read(self.path, frames.PAIRS)

    def test_images(self) -> bytes | None:
        """Ten test images that the model judges while it trains, a PNG file; None before the first."""
        return frames.read(self.path, frames.TEST_IMAGES)

    def frames(self) -> list[int]:
        """The epochs of which there is a picture of the fixed latents, in order; 0 is before the first step."""
        return frames.epochs(self.path)

    def frame(self, epoch: int) -> bytes | None:
        """The picture of the fixed latents after an epoch, a PNG file; None if it is missing or torn."""
        return frames.read(self.path, frames.sheet_name(epoch))

    def reconstructions_after(self, epoch: int) -> bytes | None:
        """Test digits above what the model made of them after an epoch; None if it is missing or torn."""
        return frames.read(self.path, frames.pairs_name(epoch))

    def shorten_film(self) -> int:
        """Leave only the frames of a short film; how many bytes that freed."""
        freed = frames.thin(self.path)
        if freed:
            with suppress(OSError):
                os.utime(self.file(STATUS))  # its size is known by this file's time
        return freed

    def step_picture(self) -> bytes | None:
        """What the latest step in slow motion did with some images of its batch; None if there was none."""
        return frames.read(self.path, frames.STEP)

    # What others ask of it

    def control(self) -> dict[str, Any]:
        """What viewers have asked of the trainer."""
        return files.read_json(self.file("control.json")) or {}

    def ask(self, **requests: Any) -> None:
        """Ask the trainer for something, keeping earlier requests; it reads them between two chunks of steps."""
        try:
            files.write_json(self.file("control.json"), {**self.control(), **requests})
        except OSError as error:
            raise StoreError(f"The request could not be saved ({error.strerror}); try again.") from None

    # Who holds it

    @property
    def lock_path(self) -> Path:
        """The lock a trainer holds for as long as it lives."""
        return self.file(LOCK)

    def locked(self) -> bool:
        """Whether a trainer holds the run right now."""
        return locks.is_held(self.lock_path)


def _bytes_on_disk(found: os.stat_result) -> int:
    """What a file really takes: one with holes in it may say that it is larger than the disk."""
    return min(found.st_size, 512 * getattr(found, "st_blocks", found.st_size))
