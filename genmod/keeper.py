"""A thread of the web process that looks after the trainings: resumes, starts, keeps a spare one warm."""

from __future__ import annotations

import contextlib
import threading
import time
from pathlib import Path

from genmod import jobs, workers
from genmod.errors import GenmodError
from genmod.runs import Store

TICK = 2.0  # seconds between two looks
IDLE = 900.0  # seconds without a visitor after which the spare process is let go
SWEEP = 60.0  # seconds between two clean-ups

_visited = 0.0
_keepers: dict[Path, threading.Thread] = {}
_starting = threading.Lock()


def keep(store: Store) -> None:
    """See to it that this process looks after the store; called at every visit of a page."""
    global _visited
    _visited = time.monotonic()
    with _starting:
        if store.root not in _keepers:
            thread = threading.Thread(target=_look_after, args=(store,), name="genmod-keeper", daemon=True)
            _keepers[store.root] = thread
            thread.start()


def tend(store: Store) -> None:
    """One look: queue what was interrupted, start a worker for what waits, keep a spare one ready."""
    jobs.resume_interrupted(store)
    jobs.ensure_worker(store)
    if time.monotonic() - _visited < IDLE:
        workers.ensure_spare(store)
    else:
        workers.dismiss_spare(store)


def _look_after(store: Store) -> None:
    swept = 0.0
    while True:
        # A full disk or a folder that is gone must not end this thread: the next look may find it mended.
        with contextlib.suppress(GenmodError, OSError):
            tend(store)
            if time.monotonic() - swept > SWEEP:
                swept = time.monotonic()
                store.sweep()
                jobs.make_room(store)
        time.sleep(TICK)
