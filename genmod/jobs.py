"""Which run trains now: asking for a training, the queue over all visitors and servers, stopping, resuming."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import filelock

from genmod import architecture, control, runs, workers
from genmod.config import Config
from genmod.errors import GenmodError, RunError, StoreError
from genmod.limits import limits
from genmod.runs import Run, Store

MOST_WAITING = 50
RESUMABLE = frozenset({runs.INTERRUPTED, runs.STOPPED, runs.FAILED})
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
    """The runs of a store that are not at rest."""

    active: tuple[Run, ...]
    waiting: tuple[Run, ...]
    interrupted: tuple[Run, ...]


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


def submit(store: Store, config: Config, data_sha256: str, insist: bool = False) -> Submission:
    """Ask for a training: a run to watch, new or already there, and a worker that will take it.

    Args:
        insist: train anew even if the same training is under way or has finished.

    Raises:
        ConfigError: if the training is larger than this server allows.
        StoreError: if the store cannot be written or is full.
        RunError: if too many runs wait already.
    """
    limits().check(config)
    fingerprint = runs.fingerprint(config, data_sha256)
    with store.lock():
        if not insist and (twin := _twin(store, fingerprint)) is not None:
            return Submission(twin, joined=True)
        waiting = len(queue(store))
        if waiting >= MOST_WAITING:
            raise RunError(f"{waiting} trainings wait already, which is the most this server takes; try again later.")
        removed = make_room(store)
        run = store.add(config, None, data_sha256)
    _forget(store)
    call_worker(store)
    return Submission(run, removed=tuple(removed))


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


def begin(store: Store, config: Config, run_id: str | None, data_sha256: str) -> tuple[Run, filelock.BaseFileLock]:
    """Make a new run for a trainer that is already there: it never waits in the queue, and the caller holds its lock.

    Raises:
        ConfigError, RunError, StoreError: as for `submit`.
    """
    limits().check(config)
    with store.lock():
        make_room(store)
        run = store.add(config, run_id, data_sha256)
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
    waiting = [(status.since, run.id, run) for run in store.runs() if (status := run.status()).waiting]
    return [run for *_, run in sorted(waiting, key=lambda item: item[:2])]


_overviews: dict[Path, tuple[float, Overview]] = {}
_looking = threading.Lock()


def overview(store: Store) -> Overview:
    """Which runs train, wait or were interrupted; one look at the disk serves everybody for an instant."""
    with _looking:
        known = _overviews.get(store.root)
        if known is not None and time.monotonic() - known[0] < FRESH:
            return known[1]
        standing = [(run, run.status()) for run in store.runs()]
        waiting = sorted((status.since, run.id, run) for run, status in standing if status.waiting)
        found = Overview(
            tuple(run for run, status in standing if status.active),
            tuple(run for *_, run in waiting),
            tuple(run for run, status in standing if status.state == runs.INTERRUPTED),
        )
        _overviews[store.root] = time.monotonic(), found
        return found


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
    parts = [_seconds_left(other) for other in now.active] + [_seconds(store, other) for other in before]
    ahead = len(now.active) + len(before)
    if ahead < workers.allowed():
        return Outlook(place, ahead, 0.0)
    known = [part for part in parts if part is not None]
    return Outlook(place, ahead, sum(known) / workers.allowed() if len(known) == len(parts) else None)


def _seconds_left(run: Run) -> float | None:
    """How long a training will go on; None while it is paused or too young to tell."""
    if run.status().state == runs.PAUSED:
        return None
    left = run.progress().get("seconds_left")
    return float(left) if isinstance(left, (int, float)) else None


def _seconds(store: Store, run: Run) -> float | None:
    """How long a training will take, going by the finished run of the same kind that is nearest in size."""
    try:
        config = run.config()
        size = architecture.parameters(config) + _OVERHEAD
        known = [
            (abs(parameters + _OVERHEAD - size), seconds * size / (parameters + _OVERHEAD))
            for kind, parameters, seconds in _speeds(store)
            if kind == config.kind
        ]
    except GenmodError:
        return None
    return min(known)[1] * config.epochs * config.images if known else None


_OVERHEAD = 50_000  # what an image costs besides the weights it meets, in parameters
_known_speeds: dict[Run, tuple[str, int, float] | None] = {}


def _speeds(store: Store) -> list[tuple[str, int, float]]:
    """Kind, parameters and seconds an image of the last finished runs here, and of those that ship."""
    finished = [run for run in store.runs()[:200] if run.status().state == runs.DONE][:20]
    for run in [*finished, *runs.shipped().runs()]:
        if run not in _known_speeds:
            _known_speeds[run] = _speed(run)
    own = [_known_speeds[run] for run in finished]
    return [found for found in own or [_known_speeds[run] for run in runs.shipped().runs()] if found is not None]


def _speed(run: Run) -> tuple[str, int, float] | None:
    history = run.history()
    try:
        config = run.config()
        if not history or history[-1]["seconds"] <= 0:
            return None
        seconds = history[-1]["seconds"] / (len(history) * config.images)
        return config.kind, architecture.parameters(config), seconds
    except (GenmodError, KeyError):
        return None


# Taking a run


def call_worker(store: Store) -> None:
    """Tell a waiting spare process that there is something to train, or start a worker if there is none."""
    workers.ring(store)
    ensure_worker(store)


def ensure_worker(store: Store) -> None:
    """Start a worker if a run waits and nobody is there to take it."""
    if overview(store).waiting:
        workers.ensure(store)


def claim(store: Store) -> tuple[Run, filelock.BaseFileLock] | None:
    """Take the first waiting run: it reads as running, and the caller holds its lock, or None if none waits."""
    _forget(store)
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
        RunError: if it has finished, is training or ships with the project.
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
        control.start_afresh(run)
        run.write_attempt(0)
        run.set_status(runs.QUEUED, "Waiting to go on.")
    _forget(store)
    call_worker(store)


def resume_interrupted(store: Store) -> list[Run]:
    """Queue the runs again whose trainer has died, each at most `runs.MOST_RESUMES` times, before all that wait."""
    resumed = []
    for run in overview(store).interrupted:
        if not _resumes_itself(run):
            continue
        with store.lock():
            if run.status().state != runs.INTERRUPTED:
                continue
            run.write_attempt(run.resumes() + 1)
            run.set_status(runs.QUEUED, "Waiting to go on after an interruption.", since=run.created())
        resumed.append(run)
    if resumed:
        _forget(store)
        call_worker(store)
    return resumed


def _resumes_itself(run: Run) -> bool:
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
    most = limits().store_megabytes * 1e6
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
