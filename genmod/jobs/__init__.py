"""Which run trains now: asking for a training, the queue over all visitors and servers, stopping, resuming."""

from __future__ import annotations

import contextlib
import functools
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import filelock

from genmod import kinds, runs
from genmod.errors import GenmodError, RunError, StoreError
from genmod.jobs import footprint, limits, workers
from genmod.kinds import Config
from genmod.runs import Run, Store, control
from genmod.system import files, memory

MOST_WAITING = 50
RESUMABLE = frozenset({runs.INTERRUPTED, runs.STOPPED, runs.FAILED})
COMPARED = 20  # finished runs by which it is estimated how long others take
_OVERHEAD = 50_000  # what an image costs besides the weights it meets, in parameters
FRESH = 0.3  # seconds for which a look at the whole store serves all viewers of this process


@dataclass(frozen=True)
class Submission:
    """What became of a wish to train.

    Attributes:
        run: the run to watch.
        joined: it was there already, with the same settings, data and code.
        removed: ids of old runs that had to make room.
    """

    run: Run
    joined: bool = False
    removed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Overview:
    """The runs of a store that are not at rest, and the last that finished."""

    active: tuple[Run, ...]
    waiting: tuple[Run, ...]
    interrupted: tuple[Run, ...]
    finished: tuple[Run, ...]  # the last few


@dataclass(frozen=True)
class Outlook:
    """What a waiting run has before it.

    Attributes:
        place: in the queue, counted from 1; 0 if the run does not wait.
        ahead: trainings before it, those under way and those that wait longer.
        seconds: until it will start, as far as can be told; None if nobody can tell.
    """

    place: int
    ahead: int
    seconds: float | None


def submit(store: Store, config: Config, insist: bool = False) -> Submission:
    """Ask for a training: a run to watch, new or already there, and a worker that will take it.

    Args:
        insist: train anew even if the same training is under way or has finished.

    Raises:
        ConfigError: if the training is larger than this server allows.
        StoreError: if the store cannot be written or is full.
        RunError: if too many runs wait already.
    """
    limits.limits().check(config)
    fingerprint = runs.fingerprint(config)
    with store.lock():
        if not insist and (twin := _twin(store, fingerprint)) is not None:
            return Submission(twin, joined=True)
        _check_queue(store)
        removed = make_room(store)
        run = store.add(config)
    _forget(store)
    call_worker(store)
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


def begin(store: Store, config: Config, run_id: str | None = None) -> tuple[Run, filelock.BaseFileLock]:
    """Make a new run for a trainer that is already there: it never waits in the queue, and the caller holds its lock.

    Raises:
        ConfigError, RunError, StoreError: as for `submit`.
    """
    limits.limits().check(config)
    check_free(store, config)
    with store.lock():
        make_room(store)
        run = store.add(config, run_id)
        try:
            return run, hold(run)
        except BaseException:
            # It would wait in the queue for somebody who never asked for that.
            with contextlib.suppress(GenmodError):
                store.delete(run)
            raise


# The queue


def queue(store: Store) -> list[Run]:
    """The runs that wait, first come first."""
    return list(_look(store).waiting)


_overviews: dict[Path, tuple[float, Overview]] = {}
_looking = threading.Lock()


def overview(store: Store) -> Overview:
    """Which runs train, wait or were interrupted; one look at the disk serves everybody for an instant."""
    with _looking:
        known = _overviews.get(store.root)
        if known is not None and time.monotonic() - known[0] < FRESH:
            return known[1]
        found = _look(store)
        _overviews[store.root] = time.monotonic(), found
        return found


def _look(store: Store) -> Overview:
    standing = [(run, run.status()) for run in store.runs()]
    waiting = sorted((status.since, run.id, run) for run, status in standing if status.waiting)
    return Overview(
        tuple(run for run, status in standing if status.active),
        tuple(run for *_, run in waiting),
        tuple(run for run, status in standing if status.state == runs.INTERRUPTED),
        tuple(run for run, status in standing if status.state == runs.DONE)[:COMPARED],
    )


def _forget(store: Store) -> None:
    with _looking:
        _overviews.pop(store.root, None)


def outlook(store: Store, run: Run) -> Outlook:
    """The run's place in the queue, and an estimate of when it will start."""
    now = overview(store)
    place = now.waiting.index(run) + 1 if run in now.waiting else 0
    if place == 0:
        return Outlook(0, 0, 0.0)
    before = now.waiting[: place - 1]
    ahead = len(now.active) + len(before)
    if ahead < workers.allowed():
        return Outlook(place, ahead, 0.0)
    speeds = _speeds(now)
    parts = [_seconds_left(other) for other in now.active] + [_seconds(other, speeds) for other in before]
    known = [part for part in parts if part is not None]
    return Outlook(place, ahead, sum(known) / workers.allowed() if len(known) == len(parts) else None)


def _seconds_left(run: Run) -> float | None:
    """How long a training will go on; None while it is paused or too young to tell."""
    if run.status().state == runs.PAUSED:
        return None
    left = run.progress().get("seconds_left")
    return float(left) if isinstance(left, (int, float)) else None


@dataclass(frozen=True)
class Extent:
    """How much work a training is: its kind, what one image costs (in parameters), and how many images it sees."""

    kind: str
    cost: int
    images: int


def _seconds(run: Run, speeds: list[tuple[Extent, float]]) -> float | None:
    """How long a training will take, going by the finished one of the same kind that is nearest in size."""
    extent = _extent(run)
    if extent is None:
        return None
    known = [
        (abs(other.cost - extent.cost), seconds * extent.cost / other.cost)
        for other, seconds in speeds
        if other.kind == extent.kind
    ]
    return min(known)[1] * extent.images if known else None


def _speeds(now: Overview) -> list[tuple[Extent, float]]:
    """Extent and seconds an image of the last finished runs here; of those that ship if there are none."""
    found = map(_speed, now.finished or runs.shipped().runs())
    return [speed for speed in found if speed is not None]


# What a run was asked for and what a finished one took stay as they are: every viewer of a waiting run asks for them.


@functools.lru_cache(maxsize=1024)
def _extent(run: Run) -> Extent | None:
    try:
        config = run.config()
        return Extent(config.kind, kinds.parameters(config) + _OVERHEAD, config.epochs * config.images)
    except GenmodError:
        return None


@functools.lru_cache(maxsize=1024)
def _speed(run: Run) -> tuple[Extent, float] | None:
    history, extent = run.history(), _extent(run)
    if extent is None or not history or history[-1].get("seconds", 0.0) <= 0:
        return None
    return extent, history[-1]["seconds"] / (len(history) * run.config().images)


# Memory


def startable(store: Store, held: int = 0) -> list[Run]:
    """The waiting runs that the free memory suffices for, first come first.

    Args:
        held: bytes that the process which would train holds already.
    """
    return _startable(overview(store), held)


def _startable(now: Overview, held: int) -> list[Run]:
    if not now.waiting:
        return []
    free = _free(now) + held
    return [run for run in now.waiting if (_needed(run) or 0) <= free]


def shortage(store: Store, run: Run) -> str | None:
    """A sentence if a waiting run waits for memory; None if there is enough."""
    needed, free = _needed(run) or 0, _free(overview(store))
    if needed <= free or (workers.spare_there(store) and needed <= free + footprint.BASE):
        return None
    return (
        f"This training needs about {limits.gigabytes(needed)} of memory, and {limits.gigabytes(max(free, 0))} are "
        "free right now: it starts by itself as soon as there is enough."
    )


def check_free(store: Store, config: Config) -> None:
    """Refuse to train in this process, which would not wait, when memory is short right now.

    Raises:
        RunError: with one sentence that says what is needed and what is free.
    """
    needed, free = footprint.needed(config), _free(overview(store)) + memory.own()
    if needed > free:
        raise RunError(
            f"This training needs about {limits.gigabytes(needed)} of memory, and {limits.gigabytes(max(free, 0))} "
            "are free right now; close something, or choose a smaller batch or a smaller net."
        )


def _free(now: Overview) -> int:
    """Bytes that are free and that no training under way will still take."""
    promised = 0
    for run in now.active:
        pid = run.attempt().get("pid")
        promised += max((_needed(run) or 0) - (memory.of(pid) if isinstance(pid, int) else 0), 0)
    return memory.available() - promised


@functools.lru_cache(maxsize=1024)
def _needed(run: Run) -> int | None:
    """Bytes a run will need; None if its settings cannot be read, which its trainer will say."""
    try:
        return footprint.needed(run.config())
    except GenmodError:
        return None


# Taking a run


def call_worker(store: Store) -> None:
    """Tell a waiting spare process that there is something to train, or start a worker if there is none."""
    workers.ring(store)
    ensure_worker(store)


def ensure_worker(store: Store) -> None:
    """Start a worker if a run waits that memory suffices for, and nobody is there to take it."""
    if startable(store):
        workers.ensure(store)


def unserved(store: Store) -> bool:
    """Whether a run waits although a place is free and no process is there, or on its way, to take it."""
    return bool(overview(store).waiting) and not workers.there(store)


def claim(store: Store) -> tuple[Run, filelock.BaseFileLock] | None:
    """Take the first waiting run that memory suffices for: it reads as running, and the caller holds its lock.

    None if there is no such run. One that needs more than is free keeps its place, and others pass it meanwhile.
    """
    _forget(store)
    failure: StoreError | None = None
    with store.lock():
        for run in _startable(_look(store), memory.own()):
            try:
                return run, hold(run)
            except RunError:
                continue  # somebody started it by hand
            except StoreError as error:
                failure = error  # a run whose folder is damaged keeps nobody else waiting
    if failure is not None:
        raise failure
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
            _forget(store)
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
    _forget(store)
    call_worker(store)


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
        _forget(store)
        call_worker(store)
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


# Room


def make_room(store: Store) -> list[str]:
    """Remove the oldest runs while all together take more than this host gives them; never pinned ones.

    Returns:
        The ids of the removed runs.

    Raises:
        StoreError: if what may not be removed takes all the room.
    """
    most = limits.limits().store_megabytes * 1e6
    found = store.runs()
    sizes = {run: run.size() for run in found}
    excess = sum(sizes.values()) - most
    removed = []
    for run in reversed(found):
        if excess <= 0:
            break
        if run.pinned() or not run.status().ended:
            continue
        try:
            store.delete(run, f"made room on {runs.now()[:10]}: all runs together may take {most / 1e6:,.0f} MB here")
        except GenmodError:
            continue
        removed.append(run.id)
        excess -= sizes[run]
    if excess > 0:
        raise StoreError(
            f"All runs together may take {most / 1e6:,.0f} MB on this server, and pinned ones and those in training "
            "take it all; delete or unpin one."
        )
    return removed
