"""Files that are never seen half-written: atomic replacement, flushed to disk, and careful reading."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SMALL = 64_000  # bytes; no file of settings or of a state comes near
LARGEST_PICTURE = 2_000_000  # bytes
LARGEST_SIDE = 4_000  # pixels of a picture
# A pipe is not waited for, and a terminal does not become this process's own.
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
LITTLE_ROOM = 65_536  # bytes; a disk with less is full for all that a training writes


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


def overwrite(path: Path, text: str) -> None:
    """Write over the beginning of a file that is there, in place: it needs no room on a full disk.

    A reader may meanwhile see a part of both: for a file that is read after its writer has gone.
    """
    descriptor = os.open(path, os.O_WRONLY | getattr(os, "O_BINARY", 0))
    try:
        room = os.fstat(descriptor).st_size
        _write(descriptor, text.encode()[:room].ljust(room))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_is_full(folder: Path) -> bool:
    """Whether there is hardly any room left where `folder` is; no if that cannot be told."""
    try:
        found = os.statvfs(folder)
    except (OSError, AttributeError):  # a system without it
        return False
    return found.f_bavail * found.f_frsize < LITTLE_ROOM or (found.f_files > 0 and found.f_favail == 0)


def _cut_torn_line(descriptor: int) -> None:
    size = end = os.fstat(descriptor).st_size
    while end > 0:
        start = max(end - SMALL, 0)
        os.lseek(descriptor, start, os.SEEK_SET)
        if (newline := os.read(descriptor, end - start).rfind(b"\n")) >= 0:
            end = start + newline + 1
            break
        end = start
    if end < size:
        os.ftruncate(descriptor, end)


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
    """Remove the temporary files that a killed writer has left; only for a caller that alone owns the folder."""
    with contextlib.suppress(OSError):
        for path in folder.glob(".*.tmp*"):
            with contextlib.suppress(OSError):
                path.unlink()


def write_json(path: Path, data: Any, durable: bool = True) -> None:
    """Replace `path` by `data` as JSON."""
    write_bytes(path, json.dumps(data, indent=1 if durable else None).encode() + b"\n", durable)


# Reading. Anything may stand in a file's place: a pipe, a device, a folder, a link to itself, gigabytes of zeros.


@contextlib.contextmanager
def reading(path: Path | str) -> Iterator[int]:
    """Open a file to read from; the body gets its descriptor.

    Raises:
        OSError: if it cannot be opened, or is no file with content of its own, such as a pipe or a device.
    """
    descriptor = os.open(path, _READ)
    try:
        _check_regular(os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def _check_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file")


def read_bytes(path: Path | str, most: int = SMALL) -> bytes:
    """The content of a file of at most `most` bytes.

    Raises:
        OSError: if it cannot be read, is no regular file or is larger.
    """
    with reading(path) as descriptor:
        return _read(descriptor, os.fstat(descriptor).st_size, most)


def _read(descriptor: int, size: int, most: int) -> bytes:
    if size > most:
        raise OSError(errno.EFBIG, f"it takes {size:,} bytes, and {most:,} are the most that make sense")
    parts = []
    while size > 0 and (part := os.read(descriptor, size)):
        parts.append(part)
        size -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def read_tail(path: Path | str, size: int) -> bytes:
    """The last bytes of a file, at most `size`.

    Raises:
        OSError: if it cannot be read or is no regular file.
    """
    with reading(path) as descriptor:
        start = max(os.fstat(descriptor).st_size - size, 0)
        os.lseek(descriptor, start, os.SEEK_SET)
        return _read(descriptor, size, size)


def read_table(path: Path | str, most: int) -> tuple[list[str], list[list[str]]]:
    """The names of the columns and the lines of a table with commas; a torn last line is left out.

    Raises:
        OSError: if it cannot be read, is no regular file or is larger than `most` bytes.
        ValueError: if it is no text.
    """
    content = read_bytes(path, most)
    lines = content[: content.rfind(b"\n") + 1].decode().split("\n")
    columns, *rows = [line.rstrip("\r").split(",") for line in lines]
    return columns, [row for row in rows if row != [""]]


def read_png(path: Path | str) -> bytes | None:
    """The content of a picture; None if it is missing, unreadable, or torn by a power cut."""
    try:
        content = read_bytes(path, LARGEST_PICTURE)
    except OSError:
        return None
    return content if whole_png(content) else None


def whole_png(content: bytes) -> bool:
    """Whether these bytes are a PNG file from its first chunk to its last, and of a size that can be shown."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or content[12:16] != b"IHDR" or len(content) < 33:
        return False
    if not all(1 <= side <= LARGEST_SIDE for side in struct.unpack(">II", content[16:24])):
        return False
    place, name = 8, b""
    while name != b"IEND":
        if len(content) < place + 12:
            return False
        length = int.from_bytes(content[place : place + 4])
        name, end = content[place + 4 : place + 8], place + 8 + length
        if content[end : end + 4] != zlib.crc32(content[place + 4 : end]).to_bytes(4):
            return False
        place = end + 4
    return place == len(content)


_parse = json.JSONDecoder().decode  # `json.loads` looks at its options each time
Stamp = tuple[int, int, int]  # of a file: its number, its time and its size


def read_json(path: Path | str, most: int = SMALL) -> dict[str, Any] | None:
    """The table in a JSON file; None if the file is missing, unreadable, too large or holds something else."""
    found = read_stamped(path, most)
    return found[1] if found else None


def read_stamped(path: Path | str, most: int = SMALL) -> tuple[Stamp, dict[str, Any] | None] | None:
    """As `read_json`, with the stamp of the file that was read; None if it is missing or cannot be opened.

    Not through `reading`: a listing reads thousands of these, and this is half the price.
    """
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        stamp = stamp_of(found)
        _check_regular(found)
        content = _read(descriptor, found.st_size, most)
    except OSError:
        return stamp, None
    finally:
        os.close(descriptor)
    return stamp, _table(content)


def _table(content: bytes) -> dict[str, Any] | None:
    try:
        data = _parse(content.decode())
        if b"\\ud" in content.lower():
            json.dumps(data, ensure_ascii=False).encode()  # half a character can be written so, and never be shown
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def one_line(value: object, longest: int = 500) -> str:
    """A text from a file as one line that any page and any terminal can show; empty if it is no text."""
    if not isinstance(value, str):
        return ""
    if len(value) <= longest and value.isprintable() and "  " not in value and value == value.strip():
        return value  # as nearly all are: a listing asks for thousands
    return "".join(filter(str.isprintable, " ".join(value[: 4 * longest].split())))[:longest]


def whole_number(value: object) -> int:
    """A number from a file that counts something; 0 if it is none."""
    return value if type(value) is int and 0 <= value < 1 << 53 else 0


def finite(value: object) -> bool:
    """Whether a value from a file is a number to calculate with: neither infinite nor without bounds."""
    return type(value) in (int, float) and -1e300 < value < 1e300  # type: ignore[operator]


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
