"""A run's log: what its trainer said, bounded in size, for people to read when something went wrong."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import re
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from genmod.system import files

NAME = "log.txt"
LIMIT = 1_000_000  # bytes; a log never grows beyond
KEPT = 400_000  # bytes left at the end when it is cut

# Never waiting for a reader, should a pipe stand in its place.
_APPEND = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

STARTED = "Training started"
# What the C++ side, Python's fault handler and Linux write in their last moment.
_MEMORY = re.compile(
    r"std::bad_alloc|out of memory|MemoryError|RESOURCE_EXHAUSTED|ResourceExhausted|Cannot allocate memory",
    re.IGNORECASE,
)
_CRASHES = (
    (_MEMORY, "memory ran out"),
    (re.compile(r"Fatal Python error: (.+)"), "the trainer crashed ({0})"),
    (re.compile(r"terminate called after throwing an instance of '(.+)'"), "the trainer crashed ({0})"),
    (re.compile(r"Check failed: (.{1,80})"), "the trainer crashed (check failed: {0})"),
)


class Log:
    """Appends lines to a run's log and cuts it when it has grown too long."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, text: str) -> None:
        """Add lines, each with the time. A log that cannot be written stops no training."""
        with contextlib.suppress(OSError):
            moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
            stamped = "".join(f"{moment} {line}\n" for line in text.splitlines())
            descriptor = os.open(self.path, _APPEND, 0o644)
            try:
                os.write(descriptor, stamped.encode(errors="replace")[-KEPT:])
            finally:
                os.close(descriptor)
            self.bound()

    def bound(self) -> None:
        """Keep the end of a log that has grown too long.

        In place: the C++ side writes through a descriptor of its own to the same file, at its end.
        """
        with contextlib.suppress(OSError):
            found = self.path.stat()
            if found.st_size <= LIMIT - KEPT or not stat.S_ISREG(found.st_mode):
                return
            with open(self.path, "r+b") as stream:
                stream.seek(-KEPT, os.SEEK_END)
                kept = stream.read()
                kept = kept[kept.find(b"\n") + 1 :]
                stream.seek(0)
                stream.write(b"(the beginning was cut)\n" + kept)
                stream.truncate()

    @contextlib.contextmanager
    def everything(self) -> Iterator[None]:
        """Send all that the process prints to the log, also what comes from below Python and in a crash."""
        try:
            target = open(os.open(self.path, _APPEND, 0o644), "ab")  # noqa: SIM115
        except OSError:
            target = open(os.devnull, "ab")  # noqa: SIM115  # a log that cannot be written stops no training
        with target as stream:
            saved = [os.dup(number) for number in (1, 2)]
            sys.stdout.flush()
            sys.stderr.flush()
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
            faulthandler.enable(stream)
            try:
                yield
            finally:
                faulthandler.disable()
                sys.stdout.flush()
                sys.stderr.flush()
                for number, descriptor in zip((1, 2), saved, strict=True):
                    os.dup2(descriptor, number)
                    os.close(descriptor)


def tail(path: Path, size: int = 20_000) -> str:
    """The last lines of a log, at most `size` bytes; empty if there is none."""
    try:
        content = files.read_tail(path, size)
    except OSError:
        return ""
    if len(content) == size:
        content = content[content.find(b"\n") + 1 :]
    return content.decode(errors="replace")


def out_of_memory(path: Path) -> bool:
    """Whether the log says that memory ran out for a trainer that has died."""
    return _MEMORY.search(tail(path).rpartition(STARTED)[2]) is not None


def crash(path: Path) -> str | None:
    """What the log says of the end of a trainer that has died, as "memory ran out"; None if it says nothing."""
    last = tail(path).rpartition(STARTED)[2]
    for pattern, words in _CRASHES:
        if match := pattern.search(last):
            return words.format(*(part.strip() for part in match.groups()))
    return None
