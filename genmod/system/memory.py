"""How much memory there is and how much is free, and whether the system has ended processes for lack of it."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

ARENAS = 2  # in which glibc's threads allocate
_M_ARENA_MAX = -8  # the number of this option of `mallopt`, from malloc.h

_GROUP = Path("/sys/fs/cgroup")  # a container's own limits on Linux
_OWN_GROUP = Path("/proc/self/cgroup")  # which of the groups this process is in
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def total() -> int:
    """Bytes of memory there are: of the machine, or of the container if that may use less."""
    whole = int(psutil.virtual_memory().total)
    return min([whole, *(limit for limit, _ in _bounds())])


def available() -> int:
    """Bytes that a new process can use: of the machine, or of the container if that has less."""
    free = int(psutil.virtual_memory().available)
    return min([free, *(max(limit - used, 0) for limit, used in _bounds() if used is not None)])


def own() -> int:
    """Bytes this process holds."""
    try:
        # Asked for many times a second: a tenth of what psutil needs.
        with open("/proc/self/statm", "rb") as stream:
            return int(stream.read().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return int(psutil.Process().memory_info().rss)


def of(pid: int) -> int:
    """Bytes that another process holds; 0 if there is none."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except (psutil.Error, OSError, ValueError):
        return 0


def kills() -> int | None:
    """How many processes the system has ended because memory ran out; None where it does not tell."""
    counters = [
        *(folder / "memory.events" for folder in _groups("", _GROUP)),
        *(folder / "memory.oom_control" for folder in _groups("memory", _GROUP / "memory")),
        Path("/proc/vmstat"),
    ]
    return next((count for path in counters if (count := _counter(path, "oom_kill")) is not None), None)


def _bounds() -> Iterator[tuple[int, int | None]]:
    """For each group around this process that has a limit: the limit, and what is in use and cannot be dropped."""
    for folder in _groups("", _GROUP):  # the present kind of groups, version 2
        if (limit := _number(folder / "memory.max")) is not None:
            yield limit, _used(folder, "memory.current", "inactive_file")
    for folder in _groups("memory", _GROUP / "memory"):  # version 1, where "no limit" is a huge number
        if (limit := _number(folder / "memory.limit_in_bytes")) is not None:
            yield limit, _used(folder, "memory.usage_in_bytes", "total_inactive_file")


def _used(folder: Path, name: str, droppable: str) -> int | None:
    used = _number(folder / name)
    # What the group holds of files that can be dropped counts as free.
    return None if used is None else used - (_counter(folder / "memory.stat", droppable) or 0)


def _groups(controller: str, root: Path) -> list[Path]:
    """The folders of the group this process is in and of those around it, as far as they can be seen here."""
    inner = ""
    try:
        for line in _OWN_GROUP.read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controller in controllers.split(","):
                inner = path.strip("/")
    except (OSError, ValueError):
        pass
    if ".." in Path(inner).parts:  # a group outside what this process can see
        inner = ""
    # Inside a container the path can be the one outside, and only the root is there.
    folder = root / inner
    return [place for place in (folder, *folder.parents) if place.is_relative_to(root) and place.is_dir()]


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())  # "max" where there is no limit
    except (OSError, ValueError):
        return None


def _counter(path: Path, name: str) -> int | None:
    try:
        for line in path.read_text().splitlines():
            key, _, value = line.partition(" ")
            if key == name:
                return int(value)
    except (OSError, ValueError):
        pass
    return None


@functools.cache
def limit_arenas() -> None:
    """Let glibc share two arenas among all threads of this process; elsewhere nothing happens.

    Each run of a page is a thread of its own, and by default such threads spread what they allocate over eight arenas a
    core, each of which keeps what it once held: after some hundred visits that is a third of the web process.
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library, without the call
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Hand memory that was freed back to the system, after work that took much for a moment; where glibc can."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
