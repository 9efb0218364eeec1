"""Whose experiment on data augmentation is run now: tickets of all visitors, one worker a store, and cancelling."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from genmod import jobs, runs
from genmod.errors import ConfigError, GenmodError, RunError, StoreError
from genmod.jobs import footprint, limits, service, workers
from genmod.jobs.pool import Pool, Process
from genmod.lesson import augmentation
from genmod.lesson.augmentation import Experiment, Result
from genmod.runs import Store
from genmod.system import files, locks, memory, processes

FOLDER = ".experiments"  # in the store; no run can have this name
TICKET, PROGRESS, FAILED, RESULT, SHEET = "ticket.json", "progress.json", "failed.json", "result.json", "generated.png"
MOST_WAITING = 5
MOST_KEPT = 20  # that do not wait; the oldest go
MOST_TRIES = 2  # a worker that dies without finding one accuracy is not started for ever
NEEDED = footprint.BASE  # bytes
POLL = 0.5  # seconds between two looks whether there is a place

A_MOMENT = 0.05  # seconds: whoever only looks has let go by then

Keep = Callable[[Result], None]
Report = Callable[[float, str], None]
KeepSheet = Callable[[bytes], None]
Measure = Callable[[Result, Keep, Report, KeepSheet], Result]


class StoppedError(Exception):
    """The experiment is no longer wanted."""


class Workers:
    """The processes that this one has started to run experiments of a store."""

    def __init__(self, store: Store) -> None:
        self.pool = Pool(first_pause=1.0)


@dataclass(frozen=True)
class Standing:
    """Where an experiment stands.

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


def result(store: Store, experiment: Experiment) -> Result:
    """What has been found so far."""
    return augmentation.kept(_folder(store, experiment) / RESULT, experiment)


def sheet(store: Store, experiment: Experiment) -> bytes | None:
    """A PNG file of digits that its first generator drew; None if there is none yet."""
    return files.read_png(_folder(store, experiment) / SHEET)


def standing(store: Store, experiment: Experiment) -> Standing:
    """Where an experiment stands now."""
    folder = _folder(store, experiment)
    if not os.path.exists(folder / TICKET):
        failed = files.read_json(folder / FAILED)
        return Standing("failed", 0.0, files.one_line(failed.get("message"))) if failed else Standing()
    progress = files.read_json(folder / PROGRESS)
    if progress is None or not locks.is_held(_lock(store)):  # its worker has died: it waits for another
        return Standing("waiting")
    share = progress.get("share")
    done = min(max(float(share), 0.0), 1.0) if files.finite(share) else 0.0  # type: ignore[arg-type]
    return Standing("running", done, files.one_line(progress.get("doing")))


def place(store: Store, experiment: Experiment) -> int:
    """Its place in the queue, counted from 1: behind trainings and experiments that were asked for before it."""
    tickets = _tickets(store)
    asked = next((asked for asked, key in tickets if key == experiment.id), None)
    if asked is None:
        return 0
    now = jobs.overview(store)
    trainings = [run for run in now.waiting if run.status().since < asked]
    experiments = [key for other, key in tickets if other < asked]
    # What trains holds a place; only where all are held it stands before the experiment.
    training = len(now.active) if len(now.active) >= workers.allowed() else 0
    return training + len(trainings) + len(experiments) + 1


def holding(store: Store) -> bool:
    """Whether an experiment has the place of a training."""
    return any((store.root / FOLDER / key / PROGRESS).exists() for _, key in _tickets(store)) and locks.is_held(
        _lock(store)
    )


def ask(store: Store, experiment: Experiment) -> None:
    """Ask for an experiment and see to it that a worker will run it; what is known of it already is kept.

    Raises:
        StoreError: if the store cannot be written.
        RunError: if too many wait already, or this server cannot hold it.
    """
    _check_memory()
    waiting = [key for _, key in _tickets(store) if key != experiment.id]
    if len(waiting) >= MOST_WAITING:
        raise RunError(
            f"{len(waiting)} experiments wait already, which is the most this server takes; try again later."
        )
    folder = _folder(store, experiment)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _forget(folder, FAILED)
        if not (folder / TICKET).exists():
            _forget(folder, PROGRESS)
            since = [run.status().since for run in jobs.overview(store).waiting]
            asked = runs.after([*since, *(asked for asked, _ in _tickets(store))])
            files.write_json(folder / TICKET, {"asked": asked, "tries": 0, "experiment": experiment.to_json()})
        _make_room(store)
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None
    pool = pool_of(store)
    with pool.lock:
        pool.living()
        pool.reset()  # somebody asks: it is tried at once
    ensure_worker(store)


def cancel(store: Store, experiment: Experiment) -> None:
    """Withdraw the request; a worker that is at it notices and takes up the next. What was found stays."""
    _forget(_folder(store, experiment), TICKET, FAILED)


# The worker


def work(store: Store, measure: Measure) -> None:
    """Run all experiments that wait, one after another; returns at once if another worker does so already.

    Each waits until it is its turn and a place for trainings is free, and holds that place while it is run.

    Args:
        measure: finds what is missing of a result.
    """
    lock = hold(store)
    if lock is None:
        return
    try:
        while tickets := _tickets(store):
            asked, key = tickets[0]
            slot = _place(store, key, asked)
            if slot is not None:
                try:
                    _serve(store, key, measure)
                finally:
                    slot.release()
                    _let_train(store)
    finally:
        lock.release()
    ensure_worker(store)  # for what came between the last look and the release


def hold(store: Store) -> locks.Lock | None:
    """The right to run experiments of a store, until it is released; None if another process has it.

    Raises:
        StoreError: if the store cannot be written.
    """
    try:
        (store.root / FOLDER).mkdir(parents=True, exist_ok=True)
        return locks.take(_lock(store), A_MOMENT)
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None


def run(store: Store, experiment: Experiment, measure: Measure, report: Report) -> Result:
    """Find what is missing of an experiment and keep it in the store, for a caller that holds the right to.

    Raises:
        StoreError: if the store cannot be written.
    """
    folder = _folder(store, experiment)

    def keep(found: Result) -> None:
        augmentation.keep(folder / RESULT, found)
        if (ticket := files.read_json(folder / TICKET)) is not None:
            files.write_json(folder / TICKET, {**ticket, "tries": 0})  # it got somewhere

    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.sweep(folder)
        known = result(store, experiment)
        return measure(known, keep, report, lambda png: files.write_bytes(folder / SHEET, png))
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None


def _place(store: Store, key: str, asked: str) -> locks.Lock | None:
    """Wait for a place for a training, behind the trainings that were asked for earlier; None if withdrawn."""
    while (store.root / FOLDER / key / TICKET).exists():
        before = [run for run in jobs.startable(store) if run.status().since < asked]
        if not before and memory.available() >= NEEDED and (slot := workers.slot(store)) is not None:
            return slot
        if before:
            _let_train(store)
        time.sleep(POLL)
    return None


def _let_train(store: Store) -> None:
    """See to it that a training that waits is taken: this may be the only process that is left to do so."""
    with contextlib.suppress(GenmodError):
        jobs.ensure_worker(store)


def _serve(store: Store, key: str, measure: Measure) -> None:
    """Run the experiment of one ticket; the ticket is gone afterwards, whatever happens."""
    folder = store.root / FOLDER / key
    failure = ""
    try:
        run(store, _counted(folder), measure, _reporter(folder))
    except StoppedError:
        _forget(folder, PROGRESS)
        return
    except GenmodError as error:
        failure = str(error)
    except Exception as error:  # whatever it is, it must end as a sentence
        failure = f"The experiment failed with {type(error).__name__}."
    if failure:
        with contextlib.suppress(OSError):
            files.write_json(folder / FAILED, {"message": failure})
    _forget(folder, PROGRESS)
    # If even this fails the worker ends: it would take up the same ticket for ever.
    (folder / TICKET).unlink(missing_ok=True)


def _counted(folder: Path) -> Experiment:
    """The experiment of a ticket, once it is written down that a worker has begun with it."""
    ticket = files.read_json(folder / TICKET)
    if ticket is None:
        if not (folder / TICKET).exists():
            raise StoppedError
        raise ConfigError("What was asked for cannot be read any more.")
    tries = files.whole_number(ticket.get("tries")) + 1
    if tries > MOST_TRIES:
        raise RunError("The experiment ended without a word, twice; there may be too little memory.")
    try:
        files.write_json(folder / TICKET, {**ticket, "tries": tries})
    except OSError as error:
        raise StoreError(f"The experiment cannot be written down ({error.strerror}).") from None
    return Experiment.from_json(ticket.get("experiment"))


def _reporter(folder: Path) -> Report:
    def report(share: float, doing: str) -> None:
        if not (folder / TICKET).exists():
            raise StoppedError
        files.write_json(folder / PROGRESS, {"share": round(share, 4), "doing": doing}, durable=False)

    return report


def pool_of(store: Store) -> Pool:
    """The processes of a store that run experiments."""
    return service.of(store).part(Workers).pool


def ensure_worker(store: Store) -> None:
    """Start a worker if an experiment waits and none is at work. One too many is harmless: it ends at once.

    Raises:
        GenmodError: if it cannot be started.
    """
    pool = pool_of(store)
    with pool.lock:
        # A worker needs a moment before it holds the lock, and every viewer of a waiting experiment asks for one.
        if _tickets(store) and not pool.living() and pool.may_start and not locks.is_held(_lock(store)):
            pool.add(_spawn(store))


def trouble(store: Store) -> str | None:
    """A sentence if the last worker died; None if it did not, or another is at work."""
    pool = pool_of(store)
    with pool.lock:
        pool.living()
        if pool.failures == 0 or locks.is_held(_lock(store)):
            return None
    return "The process of the experiment ended unexpectedly; another one goes on with it."


def _spawn(store: Store) -> Process:
    try:
        return processes.start(["augment", "--queued", "--store", str(store.root.resolve())])
    except OSError as error:
        raise GenmodError(f"The process of the experiment could not be started ({error.strerror}).") from None


# Files


def _folder(store: Store, experiment: Experiment) -> Path:
    return store.root / FOLDER / experiment.id


def _lock(store: Store) -> Path:
    return store.root / FOLDER / "worker.lock"


def _forget(folder: Path, *names: str) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink()


def _tickets(store: Store) -> list[tuple[str, str]]:
    """When each experiment that waits was asked for, and the name of its folder; first come first."""
    found = []
    for path in (store.root / FOLDER).glob(f"*/{TICKET}"):
        ticket = files.read_json(path) or {}
        found.append((files.one_line(ticket.get("asked")), path.parent.name))
    return sorted(found)


def _make_room(store: Store) -> None:
    """Remove the oldest experiments that do not wait, beyond so many."""
    folders = [path for path in (store.root / FOLDER).iterdir() if path.is_dir() and not (path / TICKET).exists()]
    for path in sorted(folders, key=_age, reverse=True)[MOST_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _age(folder: Path) -> float:
    try:
        return os.stat(folder).st_mtime
    except OSError:
        return 0.0


def _check_memory() -> None:
    most = min(1e6 * limits.limits().memory_megabytes, memory.total() - limits.WEB)
    if most < NEEDED:
        raise RunError(
            f"The experiment would need about {limits.gigabytes(NEEDED)} of memory, and this server has "
            f"{limits.gigabytes(max(most, 0))} for it: look at the shipped results instead."
        )
