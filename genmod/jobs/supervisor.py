"""A thread of the web process that looks after what visitors asked for: resumes, starts, keeps a trainer warm."""

from __future__ import annotations

import functools
import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from genmod.errors import GenmodError
from genmod.jobs import dispatch, queues, room, service, trainings, workers
from genmod.jobs.shortage import experiment_lacks_memory
from genmod.runs import Store

TICK = 2.0  # seconds between two looks
IDLE = 900.0  # seconds without a visitor after which the spare process is let go
SWEEP = 60.0  # seconds between two clean-ups
LATE = 90.0  # seconds without a finished look after which something is wrong: a lock or a large store may take a while
SAID = 3600.0  # seconds for which a fault that goes on is not said again
MOST_SAID = 100  # distinct faults that are remembered

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class State:
    """How the thread is.

    Attributes:
        alive: whether it runs.
        since_look: seconds since it last finished a look, or since it was started.
        failing: the steps that failed when they were last tried.
        unserved: seconds for which runs have been waiting without any process that will take them.
    """

    alive: bool = False
    since_look: float | None = None
    failing: tuple[str, ...] = ()
    unserved: float = 0.0

    @property
    def well(self) -> bool:
        """Whether trainings are looked after."""
        return self.alive and self.since_look is not None and self.since_look < LATE and not self.failing


class Supervisor:
    """The thread of one store, and what it has met with."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._thread: threading.Thread | None = None
        self._looked: float | None = None
        self._swept = float("-inf")
        self._failing: set[str] = set()
        self._said: dict[tuple[object, ...], float] = {}
        self._unserved: float | None = None
        self._starting = threading.Lock()
        self.visited = float("-inf")  # when a page was last drawn

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Start the thread unless it runs; a machine that has none left is asked again at the next visit."""
        with self._starting:
            if self.alive:
                return
            thread = threading.Thread(target=self.run, name="genmod-supervisor", daemon=True)
            try:
                thread.start()
            except (RuntimeError, MemoryError) as error:
                self._log_once("start", error)
                return
            self._looked = time.monotonic()
            self._thread = thread

    def state(self) -> State:
        """How the thread is now."""
        now = time.monotonic()
        looked, unserved = self._looked, self._unserved
        return State(
            self.alive,
            None if looked is None else now - looked,
            tuple(sorted(self._failing)),
            0.0 if unserved is None else now - unserved,
        )

    def run(self) -> None:
        """Look, and look again, for ever."""
        while True:
            self.check()
            time.sleep(TICK)

    def check(self) -> None:
        """One look: queue what was interrupted, start a worker for what waits, keep a spare one ready, clean up."""
        self._try("resume_interrupted", lambda: trainings.resume_interrupted(self.store))
        self._try("ensure_worker", lambda: dispatch.ensure_worker(self.store))
        for queue in queues.QUEUES:
            self._try(queue.command, functools.partial(queue.ensure_worker, self.store))
        self._try("spare", self._spare)
        self._try("unserved", self._note_unserved)
        if time.monotonic() - self._swept >= SWEEP:
            self._swept = time.monotonic()
            self._try("sweep", self.store.sweep)
            self._try("make_room", lambda: room.make_room(self.store))
        self._looked = time.monotonic()

    def _spare(self) -> None:
        if time.monotonic() - self.visited < IDLE and not experiment_lacks_memory(self.store):
            workers.ensure_spare(self.store)
        else:
            workers.dismiss_spare(self.store)

    def _note_unserved(self) -> None:
        if not dispatch.unserved(self.store):
            self._unserved = None
        elif self._unserved is None:
            self._unserved = time.monotonic()

    def _try(self, step: str, act: Callable[[], object]) -> None:
        """Do one step. Whatever it meets with, the other steps and the next look still come."""
        try:
            act()
        except SystemExit:
            raise
        except BaseException as error:
            self._failing.add(step)
            self._log_once(step, error)
        else:
            if step in self._failing:
                self._failing.discard(step)
                _log.info("Looking after the trainings: %s works again.", step)

    def _log_once(self, step: str, error: BaseException) -> None:
        """Say a fault in the log once, not at every look."""
        frames = traceback.extract_tb(error.__traceback__)
        place = (frames[-1].filename, frames[-1].lineno) if frames else ()
        key = (step, type(error), str(error) if isinstance(error, GenmodError) else place)
        now = time.monotonic()
        if now - self._said.get(key, float("-inf")) < SAID:
            return
        if len(self._said) >= MOST_SAID:
            self._said.clear()
        self._said[key] = now
        _log.error(
            "Looking after the trainings, the step %s failed; it is tried again every %.0f seconds: %s",
            step, TICK, error if str(error) else type(error).__name__,
            exc_info=None if isinstance(error, GenmodError) else error,
        )  # fmt: skip


def visit(store: Store) -> None:
    """See to it that this process looks after the store; called at every visit of a page."""
    one = of(store)
    one.visited = time.monotonic()
    one.start()


def start(store: Store) -> None:
    """Start the store's thread, or start it again if it has died; no visit is counted."""
    of(store).start()


def state(store: Store) -> State:
    """How the store's thread is; that of a store nobody looks after is not alive."""
    return of(store).state()


def of(store: Store) -> Supervisor:
    """The supervisor of a store; it does nothing before it is started."""
    return service.of(store).part(Supervisor)
