"""Trainings: asking for one, taking, stopping and resuming it, in a queue over all visitors and servers."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from genmod import runs
from genmod.errors import GenmodError, RunError, StoreError
from genmod.jobs import dispatch, limits, room
from genmod.jobs.overviews import forget, overview, queue, scan
from genmod.jobs.shortage import check_free, startable_of
from genmod.kinds import Config
from genmod.runs import Run, Store, bases, control
from genmod.system import files, locks, memory

MOST_WAITING = 50
RESUMABLE = frozenset({runs.INTERRUPTED, runs.STOPPED, runs.FAILED})


@dataclass(frozen=True)
class Submission:
    """What became of a request to train.

    Attributes:
        run: the run to watch.
        joined: it was there already, with the same settings, data and code.
        removed: ids of old runs that had to make room.
    """

    run: Run
    joined: bool = False
    removed: tuple[str, ...] = ()


def submit(store: Store, config: Config, insist: bool = False) -> Submission:
    """Ask for a training: a run to watch, new or already there, and a worker that will take it.

    Args:
        insist: train anew even if the same training is under way or has finished.

    Raises:
        ConfigError: if the training is larger than this server allows, or names a run that cannot be built on.
        StoreError: if the store cannot be written or is full.
        RunError: if too many runs wait already.
    """
    config = bases.resolved(config, store)
    limits.limits().check(config)
    fingerprint = runs.fingerprint(config)
    kept = bases.copied(config, store)
    with store.lock():
        if not insist and (twin := _twin(store, fingerprint)) is not None:
            return Submission(twin, joined=True)
        _check_queue(store)
        removed = room.make_room(store)
        run = store.add(config, base=kept)
    forget(store)
    dispatch.call_worker(store)
    return Submission(run, removed=tuple(removed))


def _check_queue(store: Store) -> None:
    waiting = len(queue(store))
    if waiting >= MOST_WAITING:
        raise RunError(
            f"{waiting} trainings wait already, and this server takes at most {MOST_WAITING}; try again later."
        )


def _twin(store: Store, fingerprint: str) -> Run | None:
    """A run of this fingerprint that has finished, trains, waits or will be resumed, and that nobody altered."""
    for run in store.runs():
        if run.fingerprint() != fingerprint or control.altered(run):
            continue
        status = run.status()
        coming = status.waiting or status.active or (status.state == runs.INTERRUPTED and _resumes_itself(run))
        if coming or (status.state == runs.DONE and run.usable()):
            return run
    return None


def begin(store: Store, config: Config, run_id: str | None = None) -> tuple[Run, locks.Lock]:
    """Make a new run for a trainer that is already there: it never waits in the queue, and the caller holds its lock.

    Raises:
        ConfigError, RunError, StoreError: as for `submit`.
    """
    config = bases.resolved(config, store)
    limits.limits().check(config)
    check_free(store, config)
    kept = bases.copied(config, store)
    with store.lock():
        room.make_room(store)
        run = store.add(config, run_id, kept)
        try:
            return run, hold(run)
        except BaseException:
            # It would wait in the queue for somebody who never asked for that.
            with contextlib.suppress(GenmodError):
                store.delete(run)
            raise


# Taking a run


def claim(store: Store) -> tuple[Run, locks.Lock] | None:
    """Take the first waiting run that memory suffices for: it reads as running, and the caller holds its lock.

    None if there is no such run. One that needs more than is free keeps its place, and others pass it meanwhile.
    """
    forget(store)
    failure: StoreError | None = None
    with store.lock():
        for run in startable_of(store, scan(store), memory.own()):
            try:
                return run, hold(run)
            except RunError:
                continue  # somebody started it by hand
            except StoreError as error:
                failure = error  # a run whose folder is damaged keeps nobody else waiting
    if failure is not None:
        raise failure
    return None


def hold(run: Run) -> locks.Lock:
    """Take the run's lock and mark it running.

    Raises:
        RunError: if another trainer has it.
        StoreError: if the run's folder cannot be written.
    """
    try:
        lock = locks.take(run.lock_path)
    except OSError as error:
        raise StoreError(
            f"The run {run.id} cannot be trained: its folder cannot be written ({error.strerror})."
        ) from None
    if lock is None:
        raise RunError(f"The run {run.id} is being trained by another process.")
    try:
        run.reserve()
        run.write_attempt(run.resumes())
        run.set_status(runs.RUNNING, "Starting.")
    except BaseException:
        lock.release()
        raise
    return lock


# Stopping and resuming


def stop(store: Store, run: Run) -> None:
    """Ask a run to stop: a training one keeps what it has learned, a waiting one leaves the queue.

    Raises:
        RunError: if it has ended already.
    """
    with store.lock():
        if run.status().waiting:
            run.set_status(runs.STOPPED, "Taken out of the queue before it started.")
            forget(store)
            return
    control.stop(run)


def resume(store: Store, run: Run) -> None:
    """Let a paused run go on, or queue one again that was interrupted, stopped or has failed.

    A queued one goes on from its last checkpoint.

    Raises:
        RunError: if it has finished, is training or ships with the project, or if too many wait already.
    """
    if run.shipped:
        raise RunError(f"The run {run.id} ships with the project and is not trained again.")
    if run.status().state == runs.PAUSED:
        control.resume(run)
        return
    with store.lock():
        status = run.status()
        if status.state not in RESUMABLE:
            raise RunError(f"The run {run.id} cannot be resumed; it is {status.state}.")
        _check_queue(store)
        control.start_afresh(run)
        run.write_attempt(0)
        run.set_status(
            runs.QUEUED, "Waiting to go on.", since=runs.after(other.status().since for other in queue(store))
        )
    forget(store)
    dispatch.call_worker(store)


def resume_interrupted(store: Store) -> list[Run]:
    """Queue the runs again whose trainer has died, each at most `runs.MOST_RESUMES` times, before all that wait."""
    resumed: list[Run] = []
    failure: Exception | None = None
    for run in overview(store).interrupted:
        try:
            if _resume_interrupted(store, run):
                resumed.append(run)
        except Exception as error:  # one run that cannot be resumed keeps no other from going on
            failure = failure or error
    if resumed:
        forget(store)
        dispatch.call_worker(store)
    if failure is not None:
        raise failure
    return resumed


def _resume_interrupted(store: Store, run: Run) -> bool:
    if run.status().cause == runs.MEMORY:
        _settle(run)
    if not _resumes_itself(run):
        return False
    with store.lock():
        if run.status().state != runs.INTERRUPTED:
            return False
        run.write_attempt(run.resumes() + 1)
        run.set_status(runs.QUEUED, "Waiting to go on after an interruption.", since=run.created())
    return True


def _settle(run: Run) -> None:
    """Write down why a trainer died while the system's counters still tell."""
    data = files.read_json(run.file("status.json")) or {}
    status = run.status()
    if data.get("state") in runs.ACTIVE and status.state == runs.INTERRUPTED:
        with contextlib.suppress(GenmodError):  # the next look may find room for it
            run.set_status(status.state, status.message, cause=status.cause)


def _resumes_itself(run: Run) -> bool:
    # Short of memory or disk it would end the same way again; with room on the disk the cause is gone.
    if run.status().cause:
        return False
    try:
        run.config()
    except RunError:
        return False
    return not run.shipped and run.resumes() < runs.MOST_RESUMES
