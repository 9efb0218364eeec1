"""Whose quality is measured now: tickets of all visitors, one worker a store, and cancelling."""

from __future__ import annotations

from pathlib import Path

from genmod import quality, runs
from genmod.errors import GenmodError, RunError, StoreError
from genmod.jobs import queues
from genmod.jobs.queues import MEASUREMENTS, Standing, StoppedError
from genmod.quality import Quality
from genmod.runs import Run, Store
from genmod.system import files

FOLDER = MEASUREMENTS.folder
MOST_WAITING = 20
MOST_TRIES = 2  # a worker that dies of a run is not started for it for ever
SHIPPED = "shipped--"  # before the id of a shipped run, whose own folder is never written


def result(store: Store, run: Run) -> Quality | None:
    """What is known of the run: what is kept in its folder, and for a shipped run also in the store.

    Of several the newest that still holds; one that is stale only if there is nothing better.
    """
    found = [known for place in places(store, run) if (known := quality.kept(place)) is not None]
    return max(found, key=lambda known: (not known.stale(run), known.made), default=None)


def places(store: Store, run: Run) -> list[Path]:
    """The folders that may hold a result: the run's own, and for a shipped one also one in the store."""
    return [run.path, _place(store, run)] if run.shipped else [run.path]


def complaint(store: Store, run: Run) -> str:
    """What is wrong with the kept result, if there is one that cannot be shown; empty if all is well."""
    classes = run.config().source.classes
    return next(filter(None, (quality.complaint(place, classes) for place in places(store, run))), "")


def standing(store: Store, run: Run) -> Standing:
    """Where the measurement of a run stands now."""
    return MEASUREMENTS.standing(store, _ticket(store, run))


def ask(store: Store, run: Run) -> None:
    """Ask for the run to be measured and see to it that a worker will do it.

    Raises:
        StoreError: if the store cannot be written.
        RunError: if too many measurements wait already.
    """
    waiting = len(_tickets(store))
    if waiting >= MOST_WAITING:
        raise RunError(f"{waiting} measurements wait already, which is the most this server takes; try again later.")
    try:
        (store.root / FOLDER).mkdir(parents=True, exist_ok=True)
        ticket = _ticket(store, run)
        queues.forget(ticket, queues.FAILED, queues.PROGRESS)
        if not ticket.exists():
            queues.forget(ticket, queues.TRIES)
            asked = runs.after(asked for asked, _ in _asked(store))
            files.write_json(ticket, {"asked": asked})
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None
    MEASUREMENTS.call_worker(store)


def cancel(store: Store, run: Run) -> None:
    """Withdraw the request; a worker that is at it notices and takes up the next."""
    queues.withdraw(_ticket(store, run))


def ahead(store: Store, run: Run) -> int:
    """How many measurements come before a waiting one."""
    keys = _tickets(store)
    return keys.index(_key(run)) if _key(run) in keys else 0


def work(store: Store) -> None:
    """Measure all runs that wait, one after another; returns at once if another worker does so already."""
    lock = MEASUREMENTS.hold(store)
    if lock is None:
        return
    try:
        while keys := _tickets(store):
            _serve(store, keys[0])
    finally:
        lock.release()
    MEASUREMENTS.ensure_worker(store)  # for what came between the last look and the release


def _serve(store: Store, key: str) -> None:
    """Measure the run of one ticket; the ticket is gone afterwards, whatever happens.

    Of a withdrawn request the ticket is gone already: one that is there now belongs to a new request.
    """
    place = runs.shipped() if key.startswith(SHIPPED) else store
    run = place.find(key.removeprefix(SHIPPED))
    if run is None:
        (store.root / FOLDER / f"{key}.ticket.json").unlink(missing_ok=True)
        return
    failure = ""
    try:
        if queues.counted(_ticket(store, run)) > MOST_TRIES:
            failure = "The measurement ended without a word, twice; there may be too little memory."
        else:
            quality.save(_prepared(store, run), quality.measure(run, report=_reporter(store, run)))
    except StoppedError:
        queues.forget(_ticket(store, run), queues.PROGRESS)
        return
    except GenmodError as error:
        failure = str(error)
    except OSError as error:
        failure = store.unwritable(error)
    except Exception as error:  # whatever it is, it must end as a sentence
        failure = f"The measurement failed with {type(error).__name__}."
    queues.end(_ticket(store, run), failure)


def _reporter(store: Store, run: Run) -> quality.Report:
    ticket = _ticket(store, run)

    def report(share: float, doing: str) -> None:
        queues.note_progress(ticket, share, doing)

    return report


def _prepared(store: Store, run: Run) -> Path:
    place = _place(store, run)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _place(store: Store, run: Run) -> Path:
    """The folder that keeps the result: the run's own, or for a shipped one a folder in the store."""
    return store.root / FOLDER / _key(run) if run.shipped else run.path


def _key(run: Run) -> str:
    return f"{SHIPPED}{run.id}" if run.shipped else run.id


def _ticket(store: Store, run: Run) -> Path:
    return store.root / FOLDER / f"{_key(run)}.ticket.json"


def _tickets(store: Store) -> list[str]:
    """The keys of the runs that are asked for, first come first."""
    return [key for _, key in sorted(_asked(store))]


def _asked(store: Store) -> list[tuple[str, str]]:
    """When each ticket was written, with its key."""
    return [(queues.asked(path), path.name.removesuffix(".ticket.json")) for path in MEASUREMENTS.waiting(store)]
