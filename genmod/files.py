"""Files that are never seen half-written: atomic replacement, flushed to disk, and careful reading."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def write_bytes(path: Path, content: bytes, durable: bool = True) -> None:
    """Replace `path` by `content`: a reader sees the old file or the new one, never a mix.

    Args:
        durable: flush to disk first, so that the new file also survives a power cut. Live numbers that
            are replaced several times a second can do without.
    """
    with (
        replacing(path, durable) as temporary,
        _opened(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL) as descriptor,
    ):
        _write(descriptor, content)


@contextlib.contextmanager
def replacing(path: Path, durable: bool = True) -> Any:
    """Give the body a temporary sibling to write; move it to `path` when the body ends well.

    The sibling keeps the suffix of `path`, for writers that look at it.
    """
    temporary = path.with_name(f".{secrets.token_hex(4)}.tmp{path.suffix}")
    try:
        yield temporary
        if durable:
            flush(temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        flush_folder(path.parent)


def append(path: Path, content: bytes) -> None:
    """Add lines to the end of `path` and flush to disk.

    Only the last line can be torn: readers leave it out, and it goes when the next lines come.
    """
    with _opened(path, os.O_RDWR | os.O_CREAT | os.O_APPEND) as descriptor:
        _cut_torn_line(descriptor)
        _write(descriptor, content)
        os.fsync(descriptor)


def _cut_torn_line(descriptor: int) -> None:
    size = os.fstat(descriptor).st_size
    if size == 0:
        return
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    if os.read(descriptor, 1) != b"\n":
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.ftruncate(descriptor, os.read(descriptor, size).rfind(b"\n") + 1)


@contextlib.contextmanager
def _opened(path: Path, flags: int) -> Iterator[int]:
    descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o644)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    # Through `os.write`: where the disk is full, it is known here and not at some later `close`.
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]


def sweep(folder: Path) -> None:
    """Remove the temporary files that a killed writer has left; only for who owns the folder alone."""
    with contextlib.suppress(OSError):
        for path in folder.glob(".*.tmp*"):
            with contextlib.suppress(OSError):
                path.unlink()


def write_json(path: Path, data: Any, durable: bool = True) -> None:
    """Replace `path` by `data` as JSON."""
    write_bytes(path, json.dumps(data, indent=1 if durable else None).encode() + b"\n", durable)


_decode = json.JSONDecoder().decode  # `json.loads` looks at its options each time
Stamp = tuple[int, int, int]  # of a file: its number, its time and its size


def read_json(path: Path | str) -> dict[str, Any] | None:
    """The table in a JSON file; None if the file is missing, unreadable or holds something else."""
    found = read_stamped(path)
    return found[1] if found else None


def read_stamped(path: Path | str) -> tuple[Stamp, dict[str, Any] | None] | None:
    """As `read_json`, with the stamp of the file that was read; None if it is missing or unreadable.

    Not through `Path.read_bytes`: a listing reads thousands of these, and this is half the price.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        try:
            stamp = stamp_of(os.fstat(descriptor))
            content = os.read(descriptor, stamp[2] + 1)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    try:
        data = _decode(content.decode())
    except ValueError:
        return stamp, None
    return stamp, data if isinstance(data, dict) else None


def stamp_of(found: os.stat_result) -> Stamp:
    """What tells a file from every other that stood in its place before."""
    return found.st_ino, found.st_mtime_ns, found.st_size


class Changes:
    """Notices when a file is written anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: Stamp | None = None

    def changed(self) -> bool:
        """Whether the file is another than at the last look; one that is missing has not changed."""
        try:
            stamp = stamp_of(os.stat(self.path))
        except OSError:
            return False
        if stamp == self.seen:
            return False
        self.seen = stamp
        return True


def flush(path: Path) -> None:
    """Make the operating system put the file's content on disk."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush_folder(path: Path) -> None:
    """Make a rename in the folder durable, where the system can (Windows cannot and need not)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
