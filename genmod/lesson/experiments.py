"""Whose experiment on data augmentation is run now: tickets of all visitors, one worker a store, and cancelling."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from genmod import jobs, runs
from genmod.errors import ConfigError, GenmodError, RunError, StoreError
from genmod.jobs import footprint, limits, queues, workers
from genmod.jobs.queues import EXPERIMENTS, Standing, StoppedError
from genmod.lesson import augmentation
from genmod.lesson.augmentation import Experiment, Result
from genmod.runs import Store
from genmod.system import files, locks, memory

FOLDER = EXPERIMENTS.folder
TICKET, RESULT, SHEET = "ticket.json", "result.json", "generated.png"
MOST_WAITING = 5
MOST_KEPT = 20  # that do not wait; the oldest go
MOST_TRIES = 2  # a worker that dies without finding one accuracy is not started for ever
NEEDED = footprint.BASE  # bytes
POLL = 0.5  # seconds between two looks whether there is a place

Keep = Callable[[Result], None]
Report = Callable[[float, str], None]
KeepSheet = Callable[[bytes], None]
Measure = Callable[[Result, Keep, Report, KeepSheet], Result]


def result(store: Store, experiment: Experiment) -> Result:
    """What has been found so far."""
    return augmentation.kept(_folder(store, experiment) / RESULT, experiment)


def sheet(store: Store, experiment: Experiment) -> bytes | None:
    """A PNG file of digits that its first generator drew; None if there is none yet."""
    return files.read_png(_folder(store, experiment) / SHEET)


def standing(store: Store, experiment: Experiment) -> Standing:
    """Where an experiment stands now."""
    return EXPERIMENTS.standing(store, _ticket(store, experiment))


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
    begun = any(queues.beside(ticket, queues.PROGRESS).exists() for ticket in EXPERIMENTS.waiting(store))
    return begun and EXPERIMENTS.held(store)


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
    ticket = _ticket(store, experiment)
    try:
        ticket.parent.mkdir(parents=True, exist_ok=True)
        queues.forget(ticket, queues.FAILED)
        if not ticket.exists():
            queues.forget(ticket, queues.PROGRESS, queues.TRIES)
            since = [run.status().since for run in jobs.overview(store).waiting]
            asked = runs.after([*since, *(asked for asked, _ in _tickets(store))])
            files.write_json(ticket, {"asked": asked, "experiment": experiment.to_json()})
        _make_room(store)
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None
    EXPERIMENTS.call_worker(store)


def cancel(store: Store, experiment: Experiment) -> None:
    """Withdraw the request; a worker that is at it notices and takes up the next. What was found stays."""
    queues.withdraw(_ticket(store, experiment))


# The worker


def work(store: Store, measure: Measure) -> None:
    """Run all experiments that wait, one after another; returns at once if another worker does so already.

    Each waits until it is its turn and a place for trainings is free, and holds that place while it is run.

    Args:
        measure: finds what is missing of a result.
    """
    lock = EXPERIMENTS.hold(store)
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
    EXPERIMENTS.ensure_worker(store)  # for what came between the last look and the release


def run(store: Store, experiment: Experiment, measure: Measure, report: Report) -> Result:
    """Find what is missing of an experiment and keep it in the store, for a caller that holds the right to.

    Raises:
        StoreError: if the store cannot be written.
    """
    folder = _folder(store, experiment)

    def keep(found: Result) -> None:
        augmentation.keep(folder / RESULT, found)
        queues.forget(folder / TICKET, queues.TRIES)  # it got somewhere

    try:
        folder.mkdir(parents=True, exist_ok=True)
        files.sweep(folder)
        known = result(store, experiment)
        return measure(known, keep, report, lambda png: files.write_bytes(folder / SHEET, png))
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None


def _place(store: Store, key: str, asked: str) -> locks.Lock | None:
    """Wait for a place for a training, behind the trainings that were asked for earlier; None if withdrawn."""
    ticket = store.root / FOLDER / key / TICKET
    queues.forget(ticket, queues.PROGRESS)  # of a process that has died
    while ticket.exists():
        before = [run for run in jobs.startable(store) if run.status().since < asked]
        if not before and jobs.free_memory(store) >= NEEDED and (slot := workers.slot(store)) is not None:
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
        queues.forget(folder / TICKET, queues.PROGRESS)
        return
    except GenmodError as error:
        failure = str(error)
    except Exception as error:  # whatever it is, it must end as a sentence
        failure = f"The experiment failed with {type(error).__name__}."
    queues.end(folder / TICKET, failure)


def _counted(folder: Path) -> Experiment:
    """The experiment of a ticket, once it is written down that a worker has begun with it."""
    try:
        tries = queues.counted(folder / TICKET)
    except OSError as error:
        raise StoreError(f"The experiment cannot be written down ({error.strerror}).") from None
    if tries > MOST_TRIES:
        raise RunError("The experiment ended without a word, twice; there may be too little memory.")
    ticket = files.read_json(folder / TICKET)
    if ticket is None:
        if not (folder / TICKET).exists():
            raise StoppedError
        raise ConfigError("What was asked for cannot be read any more.")
    return Experiment.from_json(ticket.get("experiment"))


def _reporter(folder: Path) -> Report:
    def report(share: float, doing: str) -> None:
        queues.note_progress(folder / TICKET, share, doing)

    return report


# Files


def _folder(store: Store, experiment: Experiment) -> Path:
    return store.root / FOLDER / experiment.id


def _ticket(store: Store, experiment: Experiment) -> Path:
    return _folder(store, experiment) / TICKET


def _tickets(store: Store) -> list[tuple[str, str]]:
    """When each experiment that waits was asked for, and the name of its folder; first come first."""
    return sorted((queues.asked(path), path.parent.name) for path in EXPERIMENTS.waiting(store))


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
