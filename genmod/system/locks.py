"""Locks between processes: taking one within a time, and seeing whether another holder has it."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import filelock

INSTANT = 0.2  # seconds: a look whether somebody holds a lock takes it for an instant
POLL = 0.01  # seconds between two tries

Lock = filelock.BaseFileLock


def take(path: Path, seconds: float = INSTANT) -> Lock | None:
    """Take the lock at `path` within so many seconds, and hold it until it is released; None if another holds it.

    Raises:
        OSError: if there can be no such file.
    """
    lock = filelock.FileLock(path)
    try:
        lock.acquire(timeout=seconds, poll_interval=POLL)
    except filelock.Timeout:
        return None
    return lock


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
