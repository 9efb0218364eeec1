"""The processes that train: how many there may be, starting them, and the spare one that waits already warm."""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genmod.errors import ConfigError, GenmodError, StoreError
from genmod.jobs import limits, service
from genmod.jobs.pool import Pool, Process
from genmod.kinds import Config
from genmod.runs import Store, logs
from genmod.system import files, locks, memory, processes

SPARE_MEMORY = 1_500_000_000  # bytes that must be free for a spare process
A_MOMENT = 0.05  # seconds: whoever only looks has let go by then
STARTING = 5.0  # seconds until a new process has surely said that it is there
LOG_LIMIT = 200_000  # bytes
ENDED_BY_SYSTEM = 128 + signal.SIGTERM  # the exit code of a trainer that was asked to leave
ENDED_FOR_MEMORY = 75  # of one that held more memory than it may; the run's status says so
KILLED = -getattr(signal, "SIGKILL", 9)
# Nobody's fault: asked to leave, or ended for a reason that the run's status names.
REQUESTED = {ENDED_BY_SYSTEM, ENDED_FOR_MEMORY, -signal.SIGTERM, -signal.SIGINT, KILLED}
WAKE = ".wake"
HINT = ".hint.json"
SPARE = ".spare.lock"


class Workers:
    """What this process knows of the processes that train in a store.

    Attributes:
        pool: those that it has started.
        hinted: the settings that a visitor is about to train, as last written.
        spare_started: when a spare one was last started; none ever was at minus infinity.
        kills: processes the system had ended for lack of memory when one was last started.
    """

    def __init__(self, store: Store) -> None:
        self.pool = Pool()
        self.hinted: dict[str, Any] | None = None
        self.spare_started = float("-inf")
        self.kills: int | None = None

    def living(self) -> list[Process]:
        """The processes that still run; of the others it is noted how they ended."""
        return self.pool.living(self._failed)

    def _failed(self, code: int) -> bool:
        """Whether this is a bad end: what somebody asked for is none, unless the system lacked memory."""
        return not (code == 0 or code in REQUESTED) or (code == KILLED and self._short_of_memory())

    def _short_of_memory(self) -> bool:
        """Whether the system has ended processes for lack of memory since this process last started one."""
        now = memory.kills()
        return self.kills is not None and now is not None and now > self.kills


def of(store: Store) -> Workers:
    """The workers of a store."""
    return service.of(store).part(Workers)


def allowed() -> int:
    """How many trainings may run at once: `$GENMOD_WORKERS`; one if it is not set or holds no such number."""
    try:
        return limits.allowed_workers()
    except ConfigError:  # it is refused where the server starts; a page that is open goes on
        return 1


def slot(store: Store) -> locks.Lock | None:
    """One of the places for trainings that run at once, held until released; None if all are taken.

    Raises:
        StoreError: if the store cannot be written.
    """
    for path in _slots(store):
        try:
            lock = locks.take(path, A_MOMENT)
        except OSError as error:
            raise StoreError(store.unwritable(error)) from None
        if lock is not None:
            return lock
    return None


def full(store: Store) -> bool:
    """Whether all places for trainings are taken."""
    return all(locks.is_held(path) for path in _slots(store))


def _slots(store: Store) -> list[Path]:
    return [store.root / f".worker-{number}.lock" for number in range(allowed())]


def notify(store: Store) -> None:
    """Tell a waiting spare process that there is something to train."""
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        (store.root / WAKE).touch()
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None


def hint(store: Store, config: Config) -> None:
    """Say what a visitor is about to train, so that a spare process can compile it ahead."""
    data, own = config.to_json(), of(store)
    if own.hinted != data and store.root.is_dir():
        own.hinted = data
        with contextlib.suppress(OSError):
            files.write_json(store.root / HINT, data, durable=False)


def ensure(store: Store) -> None:
    """Start a worker for a run that waits, if a place is free and no spare process is there to take it."""
    own = of(store)
    with own.pool.lock:
        # A worker needs a second before it holds its place, and every viewer of a waiting run asks for one.
        if len(own.living()) < allowed() and own.pool.may_start and not full(store) and not spare_there(store):
            own.pool.add(_spawn(store, "--queued"))


def ensure_spare(store: Store) -> None:
    """Start a process that waits already warm, if there is none, it is wanted, and memory allows."""
    own = of(store)
    with own.pool.lock:
        own.living()
        due = own.pool.may_start and time.monotonic() >= own.spare_started + STARTING
        if due and not spare_there(store) and spare_wanted():
            own.pool.add(_spawn(store, "--spare"))
            own.spare_started = time.monotonic()


def dismiss_spare(store: Store) -> None:
    """Let this process's spare one go: it ends when its standard input closes, unless it trains."""
    own = of(store)
    with own.pool.lock:
        for process in own.living():
            if process.stdin is not None and not process.stdin.closed:
                process.stdin.close()


def spare_wanted() -> bool:
    """Whether a spare process may be started: `GENMOD_SPARE=0` says no, and so does a lack of memory."""
    try:
        return limits.spare_allowed() and memory.available() >= SPARE_MEMORY
    except ConfigError:
        return False


def spare_there(store: Store) -> bool:
    """Whether a spare process waits or warms up."""
    return locks.is_held(store.root / SPARE)


def there(store: Store) -> bool:
    """Whether whatever waits will be taken: all places are in use, or a process is there or on its way."""
    if full(store) or spare_there(store):
        return True
    own = of(store)
    with own.pool.lock:
        return bool(own.living())


def trouble(store: Store) -> str | None:
    """A sentence if training processes cannot be started here; None if they can."""
    if of(store).pool.failures == 0:
        return None
    if files.disk_is_full(store.root):
        return "The disk of this server is full, so that nothing can be trained; it is tried again until there is room."
    try:
        last = logs.tail(store.root / ".worker.log").strip().splitlines()[-1]
    except IndexError:
        last = "it said nothing"
    return f"The last training process ended unexpectedly ({last[:200]}); another one is tried."


def _spawn(store: Store, mode: str) -> Process:
    path = store.root / ".worker.log"
    of(store).kills = memory.kills()
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > LOG_LIMIT
        with open(path, "wb" if fresh else "ab") as log:
            arguments = ["train", mode, "--store", str(store.root.resolve())]
            return processes.start(arguments, log, ends_with_this=mode == "--spare")
    except OSError as error:
        raise GenmodError(f"The training process could not be started ({error.strerror}).") from None


@contextlib.contextmanager
def place_if_free(store: Store) -> Iterator[bool]:
    """Take one of the places for trainings if there is one, so that the queue waits; the body trains either way."""
    held = slot(store)
    try:
        yield held is not None
    finally:
        if held is not None:
            held.release()
