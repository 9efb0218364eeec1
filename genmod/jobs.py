"""Which run trains now: the queue over all visitors and web processes, its workers, and stopping."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import filelock

from genmod import runs
from genmod.config import Config
from genmod.errors import GenmodError, RunError, StoreError
from genmod.runs import Run, Store

MOST_WAITING = 50
RESUMABLE = frozenset({runs.INTERRUPTED, runs.STOPPED, runs.FAILED})


_workers: dict[Path, list[subprocess.Popen[bytes]]] = {}  # those this process has started, by store
_spawning = threading.Lock()


def workers_allowed() -> int:
    """How many trainings may run at once: `$GENMOD_WORKERS`, one if not set or not a number above 0."""
    try:
        return max(1, int(os.environ.get("GENMOD_WORKERS", "1")))
    except ValueError:
        return 1


def submit(store: Store, config: Config, data_sha256: str) -> Run:
    """Queue a new run and see to it that a worker will take it.

    Raises:
        StoreError: if the store cannot be written.
        RunError: if too many runs wait already.
    """
    waiting = len(queue(store))
    if waiting >= MOST_WAITING:
        raise RunError(f"{waiting} trainings wait already, which is the most this server takes; try again later.")
    run = store.create(config, data_sha256=data_sha256)
    ensure_worker(store)
    return run


def queue(store: Store) -> list[Run]:
    """The runs that wait, first come first."""
    return sorted((run for run in store.runs() if run.status().waiting), key=lambda run: (run.created(), run.id))


def place(store: Store, run: Run) -> int:
    """The run's place in the queue, counted from 1; 0 if it does not wait."""
    ids = [waiting.id for waiting in queue(store)]
    return ids.index(run.id) + 1 if run.id in ids else 0


def ahead(store: Store, run: Run) -> int:
    """How many trainings come before a waiting run: those under way and those that wait longer."""
    return sum(other.status().active for other in store.runs()) + max(place(store, run) - 1, 0)


def claim(store: Store) -> tuple[Run, filelock.BaseFileLock] | None:
    """Take the first waiting run: it reads as running, and the caller holds its lock, or None if none waits."""
    with store.lock():
        for run in queue(store):
            try:
                return run, hold(run)
            except RunError:
                continue  # somebody started it by hand
    return None


def hold(run: Run) -> filelock.BaseFileLock:
    """Take the run's lock and mark it running.

    Raises:
        RunError: if another trainer has it.
        StoreError: if the run's folder cannot be written.
    """
    lock = run.lock()
    try:
        # A viewer's look holds the lock for an instant.
        lock.acquire(timeout=0.2, poll_interval=0.01)
    except filelock.Timeout:
        raise RunError(f"The run {run.id} is being trained by another process.") from None
    except OSError as error:
        raise StoreError(
            f"The run {run.id} cannot be trained: its folder cannot be written ({error.strerror})."
        ) from None
    try:
        run.set_status(runs.RUNNING, "Starting.")
    except BaseException:
        lock.release()
        raise
    return lock


def stop(store: Store, run: Run) -> None:
    """Ask a run to stop: a training one keeps what it has learned, a waiting one leaves the queue.

    Raises:
        RunError: if it has ended already.
    """
    with store.lock():
        status = run.status()
        if status.waiting:
            run.set_status(runs.STOPPED, "Taken out of the queue before it started.")
            return
    if not status.active:
        raise RunError(f"The run {run.id} is not training; it is {status.state}.")
    run.ask(wanted="stopped")


def resume(store: Store, run: Run) -> None:
    """Queue a run again that was interrupted, stopped or has failed; it goes on from its last checkpoint.

    Raises:
        RunError: if it has finished, is training or ships with the project.
    """
    if run.shipped:
        raise RunError(f"The run {run.id} ships with the project and is not trained again.")
    with store.lock():
        status = run.status()
        if status.state not in RESUMABLE:
            raise RunError(f"The run {run.id} cannot be resumed; it is {status.state}.")
        run.ask(wanted="running")
        run.set_status(runs.QUEUED, "Waiting to go on.")
    ensure_worker(store)


def worker_slot(store: Store) -> filelock.BaseFileLock | None:
    """One of the places for trainings that run at once, held until released; None if all are taken."""
    for number in range(workers_allowed()):
        lock = filelock.FileLock(store.root / f".worker-{number}.lock")
        try:
            lock.acquire(timeout=0.05, poll_interval=0.01)
        except filelock.Timeout:
            continue
        except OSError as error:
            raise StoreError(store.unwritable(error)) from None
        return lock
    return None


def ensure_worker(store: Store) -> None:
    """Start a worker if a run waits and a place is free. Starting one too many is harmless: it ends at once."""
    slots = [store.root / f".worker-{number}.lock" for number in range(workers_allowed())]
    with _spawning:
        # A worker needs a second before it holds its place, and every viewer of a waiting run asks for one.
        own = [process for process in _workers.get(store.root, []) if process.poll() is None]
        if queue(store) and len(own) < len(slots) and not all(runs.is_held(slot) for slot in slots):
            own.append(_spawn(store))
        _workers[store.root] = own


def _spawn(store: Store) -> subprocess.Popen[bytes]:
    """Start `python -m genmod train --queued` as a process of its own, which outlives this one."""
    command = [sys.executable, "-m", "genmod", "train", "--queued", "--store", str(store.root.resolve())]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}
    try:
        process = subprocess.Popen(
            command,
            cwd=runs.PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise GenmodError(f"The training process could not be started ({error.strerror}).") from None
    # Somebody must read the exit status, or the ended process stays in the table.
    threading.Thread(target=process.wait, name="genmod-reaper", daemon=True).start()
    return process
