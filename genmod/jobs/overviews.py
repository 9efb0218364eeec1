"""Which runs of a store train, wait or were interrupted: one look at the disk serves everybody for an instant."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from genmod import runs
from genmod.jobs import service
from genmod.runs import Run, Store

COMPARED = 20  # finished runs by which it is estimated how long others take
FRESH = 0.3  # seconds for which a look at the whole store serves all viewers of this process


@dataclass(frozen=True)
class Overview:
    """The runs of a store that are not at rest, and the last that finished."""

    active: tuple[Run, ...]
    waiting: tuple[Run, ...]
    interrupted: tuple[Run, ...]
    finished: tuple[Run, ...]  # the last few


class Overviews:
    """The last look at a store, and when it was."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._lock = threading.Lock()
        self._last: tuple[float, Overview] | None = None

    def now(self) -> Overview:
        """The last look if it is fresh, otherwise another."""
        with self._lock:
            if self._last is None or time.monotonic() - self._last[0] >= FRESH:
                found = scan(self.store)
                self._last = time.monotonic(), found
            return self._last[1]

    def forget(self) -> None:
        """Let the next look be a new one."""
        with self._lock:
            self._last = None


def overview(store: Store) -> Overview:
    """Which runs train, wait or were interrupted, as seen an instant ago."""
    return service.of(store).part(Overviews).now()


def forget(store: Store) -> None:
    """Let the next look be a new one: something has changed."""
    service.of(store).part(Overviews).forget()


def queue(store: Store) -> list[Run]:
    """The runs that wait, first come first."""
    return list(scan(store).waiting)


def scan(store: Store) -> Overview:
    """Look at the disk now."""
    standing = [(run, run.status()) for run in store.runs()]
    waiting = sorted((status.since, run.id, run) for run, status in standing if status.waiting)
    return Overview(
        tuple(run for run, status in standing if status.active),
        tuple(run for *_, run in waiting),
        tuple(run for run, status in standing if status.state == runs.INTERRUPTED),
        tuple(run for run, status in standing if status.state == runs.DONE)[:COMPARED],
    )
