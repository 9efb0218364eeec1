"""The process that trains: one run, all that wait, or the next one to come, already warm."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING

from genmod import jobs, kinds, runs
from genmod.errors import StoreError
from genmod.jobs import footprint, workers
from genmod.jobs.limits import Limits, limits
from genmod.runs import Run, Store, logs
from genmod.system import files, locks, memory, processes
from genmod.system.quiet import quiet
from genmod.training import failures
from genmod.training.lean import lean
from genmod.training.memory_guard import MemoryGuard
from genmod.training.trainer import Report, Trainer

if TYPE_CHECKING:
    from genmod.training.engine import WarmEngines

POLL = 0.05  # seconds between two looks at the bell
SURE_POLL = 1.0  # and at the queue itself, whoever forgot to ring
ENDED_BY_SYSTEM = workers.ENDED_BY_SYSTEM
ENGINE = 300_000_000  # bytes that a compiled engine takes at most while it waits
FAILURE = 1  # the exit code of a training of the command line that has failed


class Leaving:
    """Turns the system's request to end this process into a checkpoint first; use as a context manager."""

    def __init__(self) -> None:
        self.trainer: Trainer | None = None
        self.wanted = False

    def __enter__(self) -> Leaving:
        """Listen for SIGTERM."""
        self.before = signal.signal(signal.SIGTERM, self._hear)
        return self

    def __exit__(self, *exception: object) -> None:
        """Listen no longer."""
        signal.signal(signal.SIGTERM, self.before)

    def _hear(self, number: int, frame: object) -> None:
        self.wanted = True
        if self.trainer is None:
            raise SystemExit(ENDED_BY_SYSTEM)
        self.trainer.leave()


def train(run: Run, leaving: Leaving, report: Report | None = None, warm: WarmEngines | None = None) -> bool:
    """Train the run whose lock the caller holds; a failure ends in its status. Returns whether it ended well."""
    log = logs.Log(run.file(logs.NAME))
    try:
        bounds, config = limits(), run.config()
        bounds.check_memory(config)  # the run may have waited since before a restart with other bounds
        with MemoryGuard(run, _most(bounds, config), end=None if report is None else lambda: _end_in_terminal(run)):
            # On a terminal TensorFlow's chatter would tear the progress bar; elsewhere it goes to the log.
            with quiet() if report is not None else contextlib.nullcontext(), lean():
                from genmod.training.engine import KerasEngine

                engine = KerasEngine(config, run) if warm is None else warm.take(config, run)
            leaving.trainer = Trainer(run, engine, report, 60 * bounds.minutes, log)
            leaving.trainer.train()
        run.release_reserve()
    except Exception as error:  # whatever it is, it must end in the run's status
        log.write(traceback.format_exc())
        run.record_end(runs.FAILED, failures.explain(error), failures.cause(error))
        return False
    finally:
        leaving.trainer = None
    return not leaving.wanted


def _most(bounds: Limits, config: kinds.Config) -> int:
    """Bytes this process may hold; what it held before on account of others, as a warm one, comes on top."""
    earlier = max(memory.own() - footprint.BASE, 0)
    return int(min(bounds.memory_of(config) + earlier, 1e6 * bounds.memory_megabytes))


def _end_in_terminal(run: Run) -> None:
    """End as a failed training of the command line does."""
    print(f"\n{run.status().message}", file=sys.stderr)
    print(run.path, flush=True)
    os._exit(FAILURE)


def drain(store: Store) -> int:
    """Train the waiting runs one after another, then end."""
    processes.yield_to_pages(5)  # they stay quick while both cores train
    with Leaving() as leaving:
        while not leaving.wanted and (taken := _take(store)) is not None:
            _train_taken(*taken, leaving)
            if workers.spare_there(store) or memory.own() > 1.5 * footprint.BASE:
                break  # the spare one takes the next, or one that has its memory to itself
    if not leaving.wanted:
        # A run that came between the last look and the release would wait for nobody.
        jobs.ensure_worker(store)
    return ENDED_BY_SYSTEM if leaving.wanted else 0


def spare(store: Store) -> int:
    """Warm up, wait for a run, train it, end. Ends without one when nobody needs it any more."""
    processes.yield_to_pages(5)  # they stay quick while both cores train
    try:
        store.root.mkdir(parents=True, exist_ok=True)
        place = locks.take(store.root / workers.SPARE)
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None
    if place is None:
        return 0
    with Leaving() as leaving:
        warm = _warm_up(store)
        taken = _wait(store, warm)
        place.release()
        if taken is None:
            return 0
        _train_taken(*taken, leaving, warm)
        if leaving.wanted:
            return ENDED_BY_SYSTEM
    return 0 if workers.spare_there(store) else drain(store)


Taken = tuple[Run, locks.Lock, locks.Lock]


def _take(store: Store) -> Taken | None:
    """A place to train and the first waiting run, with both locks; None if there is no place or no run."""
    slot = workers.slot(store)
    if slot is None:
        return None
    try:
        claimed = jobs.claim(store)
    except BaseException:
        slot.release()
        raise
    if claimed is None:
        slot.release()
        return None
    return *claimed, slot


def _train_taken(
    run: Run,
    lock: locks.Lock,
    slot: locks.Lock,
    leaving: Leaving,
    warm: WarmEngines | None = None,
) -> None:
    try:
        with logs.Log(run.file(logs.NAME)).everything():
            train(run, leaving, warm=warm)
    finally:
        lock.release()
        slot.release()


def _warm_up(store: Store) -> WarmEngines:
    """Import, and unless somebody waits already, load and compile what is asked for most."""
    with lean():
        from genmod.training.engine import WarmEngines

    warm = WarmEngines()
    if not _needed(store):
        warm.prepare(next(iter(kinds.KINDS.values())).presets[0].config, lambda: _needed(store))
    return warm


def _wait(store: Store, warm: WarmEngines) -> Taken | None:
    """Wait for a place and a run, compiling what visitors look at; None when the server is gone or memory is short."""
    gone = threading.Event()
    threading.Thread(target=_watch_parent, args=(gone,), name="genmod-parent", daemon=True).start()
    bell, hint = files.Changes(store.root / workers.WAKE), files.Changes(store.root / workers.HINT)
    looked, waiting = 0.0, True
    while not gone.is_set():
        place_free = waiting and not workers.full(store)
        if bell.changed() or place_free or time.monotonic() - looked > SURE_POLL:
            looked, waiting = time.monotonic(), bool(jobs.startable(store, memory.own()))
            if waiting and (taken := _take(store)) is not None:
                return taken
            if memory.available() + memory.own() < workers.SPARE_MEMORY:
                break
        elif not waiting and hint.changed() and not workers.full(store) and _room_for_another():
            _prepare(store, warm)
        time.sleep(POLL)
    return None


def _needed(store: Store) -> bool:
    return bool(jobs.queue(store)) and not workers.full(store)


def _room_for_another() -> bool:
    """Whether one more engine kept ready leaves a training the memory it may have."""
    return memory.own() + ENGINE < 1e6 * limits().memory_megabytes


def _prepare(store: Store, warm: WarmEngines) -> None:
    """Compile ahead what a visitor is about to train; what cannot be is left to the training itself."""
    with contextlib.suppress(Exception):
        config = kinds.from_json(files.read_json(store.root / workers.HINT) or {})
        warm.prepare(config, lambda: _needed(store))


def _watch_parent(gone: threading.Event) -> None:
    """The web process holds the other end of the standard input; when it ends, however it does, reading ends."""
    # Not through `sys.stdin`: its lock, held by this thread, would upset Python when the process ends.
    with contextlib.suppress(OSError):
        while os.read(0, 1):
            pass
    gone.set()
