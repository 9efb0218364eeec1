"""Whose quality is measured now: tickets of all visitors, one worker a store, and cancelling."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

from genmod import quality, runs
from genmod.errors import GenmodError, RunError, StoreError
from genmod.jobs import service
from genmod.jobs.pool import Pool, Process
from genmod.quality import Quality
from genmod.runs import Run, Store
from genmod.system import files, locks, processes

FOLDER = ".quality"  # in the store; no run can have this name
MOST_WAITING = 20
MOST_TRIES = 2  # a worker that dies of a run is not started for it for ever
SHIPPED = "shipped--"  # before the id of a shipped run, whose own folder is never written

A_MOMENT = 0.05  # seconds: whoever only looks has let go by then


class Workers:
    """The processes that this one has started to measure runs of a store."""

    def __init__(self, store: Store) -> None:
        self.pool = Pool(first_pause=1.0)


def pool_of(store: Store) -> Pool:
    """The measuring processes of a store."""
    return service.of(store).part(Workers).pool


@dataclass(frozen=True)
class Standing:
    """Where the measurement of a run stands.

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
    if not os.path.exists(_file(store, run, "ticket")):
        failed = files.read_json(_file(store, run, "failed"))
        return Standing("failed", 0.0, files.one_line(failed.get("message"))) if failed else Standing()
    progress = files.read_json(_file(store, run, "progress"))
    if progress is None:
        return Standing("waiting", 0.0, "")
    share = progress.get("share")
    done = min(max(float(share), 0.0), 1.0) if files.finite(share) else 0.0  # type: ignore[arg-type]
    return Standing("running", done, files.one_line(progress.get("doing")))


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
        _forget(store, run, "failed", "progress")
        if not _file(store, run, "ticket").exists():
            asked = runs.after(asked for asked, _ in _asked(store))
            files.write_json(_file(store, run, "ticket"), {"asked": asked, "tries": 0})
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None
    pool = pool_of(store)
    with pool.lock:
        pool.living()
        pool.reset()  # somebody asks: it is tried at once
    ensure_worker(store)


def cancel(store: Store, run: Run) -> None:
    """Withdraw the request; a worker that is at it notices and takes up the next."""
    _forget(store, run, "ticket", "failed")


def ahead(store: Store, run: Run) -> int:
    """How many measurements come before a waiting one."""
    keys = _tickets(store)
    return keys.index(_key(run)) if _key(run) in keys else 0


def work(store: Store) -> None:
    """Measure all runs that wait, one after another; returns at once if another worker does so already."""
    try:
        (store.root / FOLDER).mkdir(parents=True, exist_ok=True)
        lock = locks.take(_lock(store), A_MOMENT)
    except OSError as error:
        raise StoreError(store.unwritable(error)) from None
    if lock is None:
        return
    try:
        while keys := _tickets(store):
            _serve(store, keys[0])
    finally:
        lock.release()
    ensure_worker(store)  # for what came between the last look and the release


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
        if _counted(store, run) > MOST_TRIES:
            failure = "The measurement ended without a word, twice; there may be too little memory."
        else:
            quality.save(_prepared(store, run), quality.measure(run, report=_reporter(store, run)))
    except quality.StoppedError:
        _forget(store, run, "progress")
        return
    except GenmodError as error:
        failure = str(error)
    except OSError as error:
        failure = store.unwritable(error)
    except Exception as error:  # whatever it is, it must end as a sentence
        failure = f"The measurement failed with {type(error).__name__}."
    if failure:
        with contextlib.suppress(OSError):
            files.write_json(_file(store, run, "failed"), {"message": failure})
    _forget(store, run, "progress")
    # If even this fails the worker ends: it would take up the same ticket for ever.
    _file(store, run, "ticket").unlink(missing_ok=True)


def _counted(store: Store, run: Run) -> int:
    """How often a worker has begun with this ticket, this time included."""
    path = _file(store, run, "ticket")
    if not path.exists():
        raise quality.StoppedError
    ticket = files.read_json(path) or {}
    tries = files.whole_number(ticket.get("tries")) + 1
    files.write_json(path, {**ticket, "tries": tries})
    return tries


def _reporter(store: Store, run: Run) -> quality.Report:
    ticket, progress = _file(store, run, "ticket"), _file(store, run, "progress")

    def report(share: float, doing: str) -> None:
        if not ticket.exists():
            raise quality.StoppedError
        files.write_json(progress, {"share": round(share, 4), "doing": doing}, durable=False)

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


def _file(store: Store, run: Run, what: str) -> Path:
    return store.root / FOLDER / f"{_key(run)}.{what}.json"


def _lock(store: Store) -> Path:
    return store.root / FOLDER / "worker.lock"


def _forget(store: Store, run: Run, *what: str) -> None:
    for name in what:
        with contextlib.suppress(OSError):
            _file(store, run, name).unlink()


def _tickets(store: Store) -> list[str]:
    """The keys of the runs that are asked for, first come first."""
    return [key for _, key in sorted(_asked(store))]


def _asked(store: Store) -> list[tuple[str, str]]:
    """When each ticket was written, with its key."""
    found = []
    for path in (store.root / FOLDER).glob("*.ticket.json"):
        if path.name.startswith("."):
            continue  # half-written
        ticket = files.read_json(path) or {}
        found.append((files.one_line(ticket.get("asked")), path.name.removesuffix(".ticket.json")))
    return found


def ensure_worker(store: Store) -> None:
    """Start a worker if a measurement waits and none is at work. One too many is harmless: it ends at once.

    Raises:
        GenmodError: if it cannot be started.
    """
    pool = pool_of(store)
    with pool.lock:
        # A worker needs a moment before it holds the lock, and every viewer of a waiting run asks for one.
        if _tickets(store) and not pool.living() and pool.may_start and not locks.is_held(_lock(store)):
            pool.add(_spawn(store))


def trouble(store: Store) -> str | None:
    """A sentence if the last worker died; None if it did not, or another is at work."""
    pool = pool_of(store)
    with pool.lock:
        pool.living()
        if pool.failures == 0 or locks.is_held(_lock(store)):
            return None
    return "The measuring process ended unexpectedly; another one is tried."


def _spawn(store: Store) -> Process:
    try:
        return processes.start(["evaluate", "--queued", "--store", str(store.root.resolve())])
    except OSError as error:
        raise GenmodError(f"The measuring process could not be started ({error.strerror}).") from None
