"""The processes that train: how many there may be, starting them, and the spare one that waits already warm."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import filelock

from genmod.errors import ConfigError, GenmodError, StoreError
from genmod.jobs import limits
from genmod.kinds import Config
from genmod.runs import Store, logs
from genmod.system import files, locks, memory, processes

SPARE_MEMORY = 1_500_000_000  # bytes that must be free for a spare process
STARTING = 5.0  # seconds until a new process has surely said that it is there
LOG_LIMIT = 200_000  # bytes
ENDED_BY_SYSTEM = 128 + signal.SIGTERM  # the exit code of a trainer that was asked to leave
ENDED_FOR_MEMORY = 75  # of one that held more memory than it may; the run's status says so
KILLED = -getattr(signal, "SIGKILL", 9)
# Nobody's fault: asked to leave, or ended for a reason that the run's status names.
WISHES = {ENDED_BY_SYSTEM, ENDED_FOR_MEMORY, -signal.SIGTERM, -signal.SIGINT, KILLED}
BELL = ".bell"
HINT = ".hint.json"
SPARE = ".spare.lock"

_own: dict[Path, list[subprocess.Popen[bytes]]] = {}  # started by this process, by store
_failed: dict[Path, tuple[int, float]] = {}  # how many ended badly one after the other, and when the last did
_hinted: dict[Path, dict[str, Any]] = {}
_spare_started: dict[Path, float] = {}
_kills: dict[Path, int | None] = {}  # processes ended for lack of memory when one was last started
_spawning = threading.Lock()


def allowed() -> int:
    """How many trainings may run at once: `$GENMOD_WORKERS`; one if it is not set or holds no such number."""
    try:
        return limits.allowed_workers()
    except ConfigError:  # it is refused where the server starts; a page that is open goes on
        return 1


def slot(store: Store) -> filelock.BaseFileLock | None:
    """One of the places for trainings that run at once, held until released; None if all are taken.

    Raises:
        StoreError: if the store cannot be written.
    """
    for path in _slots(store):
        lock = filelock.FileLock(path)
        try:
            lock.acquire(timeout=0.05, poll_interval=0.01)
        except filelock.Timeout:
            continue
        except OSError as error:
            raise StoreError(store.unwritable(error)) from None
        return lock
    return None


def full(store: Store) -> bool:
    """Whether all places for trainings are taken."""
    return all(locks.is_held(path) for path in _slots(store))


def _slots(store: Store) -> list[Path]:
    return [store.root / f".worker-{number}.lock" for number in range(allowed())]


def ring(store: Store) -> None:
    """Tell a waiting spare process that there is something to train."""
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        (store.root / BELL).touch()
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None


def hint(store: Store, config: Config) -> None:
    """Say what a visitor is about to train, so that a spare process can compile it ahead."""
    data = config.to_json()
    if _hinted.get(store.root) != data and store.root.is_dir():
        _hinted[store.root] = data
        with contextlib.suppress(OSError):
            files.write_json(store.root / HINT, data, durable=False)


def ensure(store: Store) -> None:
    """Start a worker for a run that waits, if a place is free and no spare process is there to take it."""
    with _spawning:
        # A worker needs a second before it holds its place, and every viewer of a waiting run asks for one.
        own = _living(store)
        may_start = len(own) < allowed() and time.monotonic() >= _next_try(store)
        if may_start and not full(store) and not spare_there(store):
            own.append(_spawn(store, "--queued"))
        _own[store.root] = own


def ensure_spare(store: Store) -> None:
    """Start a process that waits already warm, if there is none, it is wanted, and memory allows."""
    with _spawning:
        own = _living(store)
        due = max(_next_try(store), _spare_started.get(store.root, -STARTING) + STARTING)
        if time.monotonic() >= due and not spare_there(store) and spare_wanted():
            own.append(_spawn(store, "--spare"))
            _spare_started[store.root] = time.monotonic()
        _own[store.root] = own


def dismiss_spare(store: Store) -> None:
    """Let this process's spare one go: it ends when its standard input closes, unless it trains."""
    with _spawning:
        for process in _living(store):
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
    with _spawning:
        own = _living(store)
        _own[store.root] = own
        return bool(own)


def trouble(store: Store) -> str | None:
    """A sentence if training processes cannot be started here; None if they can."""
    count, _ = _failed.get(store.root, (0, 0.0))
    if count == 0:
        return None
    if files.disk_is_full(store.root):
        return "The disk of this server is full, so that nothing can be trained; it is tried again until there is room."
    try:
        last = logs.tail(store.root / ".worker.log").strip().splitlines()[-1]
    except IndexError:
        last = "it said nothing"
    return f"The last training process ended unexpectedly ({last[:200]}); another one is tried."


def _living(store: Store) -> list[subprocess.Popen[bytes]]:
    """This process's workers that still run; of the others it is noted how they ended."""
    living = []
    for process in _own.get(store.root, []):
        code = process.poll()
        if code is None:
            living.append(process)
        elif (code == 0 or code in WISHES) and not (code == KILLED and _short_of_memory(store)):
            # Somebody's wish is no reason not to try again.
            _failed.pop(store.root, None)
        else:
            _failed[store.root] = _failed.get(store.root, (0, 0.0))[0] + 1, time.monotonic()
    return living


def _short_of_memory(store: Store) -> bool:
    """Whether the system has ended processes for lack of memory since this process last started one."""
    before, now = _kills.get(store.root), memory.kills()
    return before is not None and now is not None and now > before


def _next_try(store: Store) -> float:
    count, when = _failed.get(store.root, (0, 0.0))
    return when + min(2.0**count, 60.0) if count else 0.0


def _spawn(store: Store, mode: str) -> subprocess.Popen[bytes]:
    path = store.root / ".worker.log"
    _kills[store.root] = memory.kills()
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        fresh = not path.exists() or path.stat().st_size > LOG_LIMIT
        with open(path, "wb" if fresh else "ab") as log:
            arguments = ["train", mode, "--store", str(store.root.resolve())]
            return processes.start(arguments, log, ends_with_this=mode == "--spare")
    except OSError as error:
        raise GenmodError(f"The training process could not be started ({error.strerror}).") from None
