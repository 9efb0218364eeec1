"""How much memory is free, and whether the system has ended processes for lack of it."""

from __future__ import annotations

from pathlib import Path

import psutil

_GROUP = Path("/sys/fs/cgroup")  # a container's own limit on Linux


def available() -> int:
    """Bytes that a new process can use: of the machine, or of the container if that has less."""
    free = int(psutil.virtual_memory().available)
    limit, used = _number(_GROUP / "memory.max"), _number(_GROUP / "memory.current")
    if limit is None or used is None:
        return free
    # What the container holds of files that can be dropped counts as free.
    droppable = _counter(_GROUP / "memory.stat", "inactive_file") or 0
    return min(free, max(limit - used + droppable, 0))


def own() -> int:
    """Bytes this process holds."""
    return int(psutil.Process().memory_info().rss)


def kills() -> int | None:
    """How many processes the system has ended because memory ran out; None where it does not tell."""
    for path in (_GROUP / "memory.events", Path("/proc/vmstat")):
        if (count := _counter(path, "oom_kill")) is not None:
            return count
    return None


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
