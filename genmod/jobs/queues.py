"""Work beside the trainings that visitors ask for by tickets in the store; one process a store does each sort of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from genmod.errors import GenmodError, StoreError
from genmod.jobs import service
from genmod.jobs.pool import Pool, Process
from genmod.runs import Store
from genmod.system import files, locks, processes

PROGRESS, FAILED, TRIES = "progress", "failed", "tries"  # what belongs to a ticket
A_MOMENT = 0.05  # seconds: whoever only looks has let go by then


@dataclass(frozen=True)
class Standing:
    """Where what was asked for stands.

    Attributes:
        state: "idle", "waiting", "running" or "failed".
        share: how much is done, in [0, 1].
        message: what is being done, or why it failed.
    """

    state: str = "idle"
    share: float = 0.0
    message: str = ""

    @property
    def changing(self) -> bool:
        """Somebody has asked for it and it has not ended."""
        return self.state in ("waiting", "running")


class StoppedError(Exception):
    """What is being done is no longer wanted."""


class Pools:
    """The processes that this one has started to work through the queues of a store."""

    def __init__(self, store: Store) -> None:
        self._pools: dict[Queue, Pool] = {}

    def of(self, queue: Queue) -> Pool:
        """Those of one queue."""
        return self._pools.setdefault(queue, Pool(first_pause=1.0))


@dataclass(frozen=True)
class Queue:
    """One sort of work.

    Attributes:
        folder: where its tickets are, in the store; no run can have this name.
        tickets: what the tickets in it are called, as a pattern.
        command: of `python -m genmod`, with `--queued`, works through the tickets.
        process: what the process that does so is called.
        afterwards: what happens once that process has died.
    """

    folder: str
    tickets: str
    command: str
    process: str
    afterwards: str

    def place(self, store: Store) -> Path:
        """The folder of the tickets."""
        return store.root / self.folder

    def waiting(self, store: Store) -> Iterator[Path]:
        """The tickets, in no order, without those that are being written."""
        return (path for path in self.place(store).glob(self.tickets) if not path.name.startswith("."))

    def next(self, store: Store) -> Path | None:
        """The ticket that was written first, if its work has not begun; None if it has, or none waits."""
        first = min(self.waiting(store), key=lambda ticket: (asked(ticket), str(ticket)), default=None)
        return None if first is None or beside(first, PROGRESS).exists() else first

    def pool(self, store: Store) -> Pool:
        """The processes of this queue that this process has started."""
        return service.of(store).part(Pools).of(self)

    def hold(self, store: Store) -> locks.Lock | None:
        """The right to work through the tickets, until it is released; None if another process has it.

        Raises:
            StoreError: if the store cannot be written.
        """
        try:
            self.place(store).mkdir(parents=True, exist_ok=True)
            return locks.take(self._lock(store), A_MOMENT)
        except OSError as error:
            raise StoreError(store.unwritable(error)) from None

    def held(self, store: Store) -> bool:
        """Whether a process works through the tickets."""
        return locks.is_held(self._lock(store))

    def ensure_worker(self, store: Store) -> None:
        """Start a process if a ticket waits and none is at work. One too many is harmless: it ends at once.

        Raises:
            GenmodError: if it cannot be started.
        """
        pool = self.pool(store)
        with pool.lock:
            # A process needs a moment before it holds the lock, and every viewer of a ticket asks for one.
            if any(self.waiting(store)) and not pool.living() and pool.may_start and not self.held(store):
                pool.add(self._spawn(store))

    def call_worker(self, store: Store) -> None:
        """The same at once, however often it has failed: somebody has just asked.

        Raises:
            GenmodError: if it cannot be started.
        """
        pool = self.pool(store)
        with pool.lock:
            pool.living()
            pool.reset()
        self.ensure_worker(store)

    def standing(self, store: Store, ticket: Path) -> Standing:
        """Where the work of a ticket stands, by the files beside it."""
        if not os.path.exists(ticket):
            told = files.read_json(beside(ticket, FAILED))
            return Standing("failed", 0.0, files.one_line(told.get("message"))) if told else Standing()
        known = files.read_json(beside(ticket, PROGRESS))
        if known is None or not self.held(store):  # its process has died: it waits for another
            return Standing("waiting")
        share = known.get("share")
        done = min(max(float(share), 0.0), 1.0) if files.finite(share) else 0.0  # type: ignore[arg-type]
        return Standing("running", done, files.one_line(known.get("doing")))

    def trouble(self, store: Store) -> str | None:
        """A sentence if the last process died; None if it did not, or another is at work."""
        pool = self.pool(store)
        with pool.lock:
            pool.living()
            if pool.failures == 0 or self.held(store):
                return None
        return f"{self.process} ended unexpectedly; {self.afterwards}."

    def _lock(self, store: Store) -> Path:
        return self.place(store) / "worker.lock"

    def _spawn(self, store: Store) -> Process:
        try:
            return processes.start([self.command, "--queued", "--store", str(store.root.resolve())])
        except OSError as error:
            raise GenmodError(f"{self.process} could not be started ({error.strerror}).") from None


MEASUREMENTS = Queue(
    ".quality", "*.ticket.json", "evaluate", "The measuring process", "another one is tried",
)  # fmt: skip
EXPERIMENTS = Queue(
    ".experiments", "*/ticket.json", "augment", "The process of the experiment", "another one goes on with it",
)  # fmt: skip
QUEUES = (MEASUREMENTS, EXPERIMENTS)


def asked(ticket: Path) -> str:
    """When a ticket was written, to be compared with when a run began to wait; empty if it cannot be read."""
    return files.one_line((files.read_json(ticket) or {}).get("asked"))


def beside(ticket: Path, what: str) -> Path:
    """A file that belongs to a ticket: where the ticket's name says "ticket", it says something else."""
    return ticket.with_name(ticket.name.replace("ticket", what))


def counted(ticket: Path) -> int:
    """How often a process has begun with a ticket, this time included.

    The count is a file of its own: a ticket that is written again could come back after it was withdrawn.

    Raises:
        StoppedError: if the ticket is gone.
        OSError: if the count cannot be written.
    """
    if not ticket.exists():
        raise StoppedError
    tries = files.whole_number((files.read_json(beside(ticket, TRIES)) or {}).get("tries")) + 1
    files.write_json(beside(ticket, TRIES), {"tries": tries})
    return tries


def note_progress(ticket: Path, share: float, doing: str) -> None:
    """Write down how far the work of a ticket is.

    Raises:
        StoppedError: if the ticket is gone.
    """
    if not ticket.exists():
        raise StoppedError
    files.write_json(beside(ticket, PROGRESS), {"share": round(share, 4), "doing": doing}, durable=False)


def end(ticket: Path, failure: str) -> None:
    """Take away a ticket whose work has ended, and keep why it failed if it did."""
    if failure:
        with contextlib.suppress(OSError):
            files.write_json(beside(ticket, FAILED), {"message": failure})
    forget(ticket, PROGRESS, TRIES)
    # If even this fails the process ends: it would take up the same ticket for ever.
    ticket.unlink(missing_ok=True)


def withdraw(ticket: Path) -> None:
    """Take a ticket away, and all that belongs to it; a process that is at it notices."""
    with contextlib.suppress(OSError):
        ticket.unlink()
    forget(ticket, FAILED, TRIES)


def forget(ticket: Path, *what: str) -> None:
    """Remove files that belong to a ticket, and may be gone already."""
    for one in what:
        with contextlib.suppress(OSError):
            beside(ticket, one).unlink()
