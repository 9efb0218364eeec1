"""A wall clock that jumps: put back, put right, years ahead. Order and durations do not go by it."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from genmod import jobs, runs
from genmod.jobs import workers
from genmod.jobs.queues import Queue
from genmod.kinds import VAEConfig
from genmod.quality import measurements
from genmod.runs import Run, Store, control
from genmod.system import files
from genmod.training import worker
from genmod.training.worker import Leaving
from tests.training.plain_engine import PlainEngine, use

SetClock = Callable[[str], None]
YEARS = ("2026-05-01", "2016-01-01", "2040-01-01", "1970-01-02", "2026-05-02")


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> SetClock:
    """Sets the wall clock of `genmod.runs`; it then stands still."""

    class Clock(datetime.datetime):
        """A clock on which somebody has set the time."""

        present = datetime.datetime.now(datetime.UTC)

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            """The time that was set."""
            return cls.present

    def set_to(day: str) -> None:
        Clock.present = datetime.datetime.fromisoformat(day).replace(tzinfo=datetime.UTC)
        moment = Clock.present.timestamp()
        shown = SimpleNamespace(**{**vars(time), "time": lambda: moment, "time_ns": lambda: int(moment * 1e9)})
        monkeypatch.setattr("genmod.system.file_cache.time", shown)

    monkeypatch.setattr("genmod.runs.stamps.datetime", Clock)
    return set_to


@pytest.fixture(autouse=True)
def nobody_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is started, and every look at the store is a fresh one."""
    monkeypatch.setattr(workers, "ensure", lambda store: None)
    monkeypatch.setattr(Queue, "ensure_worker", lambda queue, store: None)
    monkeypatch.setattr("genmod.jobs.overviews.FRESH", 0.0)


def asked_over_the_years(store: Store, set_clock: SetClock) -> list[Run]:
    """Runs asked for one after the other, each under another clock."""
    found = []
    for epochs, day in enumerate(YEARS, 1):
        set_clock(day)
        found.append(jobs.submit(store, VAEConfig(epochs=epochs)).run)
    return found


def test_the_queue_keeps_its_order(store: Store, set_clock: SetClock) -> None:
    found = asked_over_the_years(store, set_clock)
    assert jobs.queue(store) == found


def test_the_newest_stands_first(store: Store, set_clock: SetClock) -> None:
    found = asked_over_the_years(store, set_clock)
    assert store.runs() == found[::-1]


def test_a_run_resumed_by_hand_waits_behind_the_others(store: Store, set_clock: SetClock) -> None:
    first, *others = asked_over_the_years(store, set_clock)
    jobs.stop(store, first)
    set_clock("2000-01-01")
    jobs.resume(store, first)
    assert jobs.queue(store) == [*others, first]


def test_an_interrupted_run_goes_on_before_all_that_wait(store: Store, set_clock: SetClock) -> None:
    set_clock("2040-01-01")
    interrupted = [store.create(VAEConfig(epochs=epochs)) for epochs in (1, 2)]
    for run in interrupted:
        jobs.hold(run).release()
    set_clock("2026-01-01")
    waiting = store.create(VAEConfig(epochs=3))
    jobs.resume_interrupted(store)
    assert jobs.queue(store) == [*interrupted, waiting]


def test_the_oldest_makes_room_not_the_one_with_the_oldest_stamp(
    store: Store, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock("2026-01-01")
    old = store.create(VAEConfig(epochs=1))
    set_clock("2016-01-01")
    new = store.create(VAEConfig(epochs=2))
    for run in (old, new):
        (run.path / "large").write_bytes(b"x" * 100_000)
        run.set_status(runs.DONE, "Done.")
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.15")
    assert jobs.make_room(store) == [old.id]
    assert store.runs() == [new]


@pytest.mark.parametrize("stamp", ["zzz", "9999-12-31T23:59:59.999999+00:00", "", "2026-13-01", "٣"])
def test_a_stamp_that_is_none_does_not_hold_up_the_others(store: Store, stamp: str) -> None:
    odd = store.create(VAEConfig(epochs=1))
    odd.set_status(runs.QUEUED, "Waiting.", since=stamp or None)
    files.write_json(odd.file("config.json"), {**(files.read_json(odd.file("config.json")) or {}), "created": stamp})
    run = store.create(VAEConfig(epochs=2))
    assert set(jobs.queue(store)) == {odd, run}
    assert datetime.datetime.fromisoformat(run.created()).year < 9999


def test_measurements_keep_their_order(store: Store, monkeypatch: pytest.MonkeyPatch, set_clock: SetClock) -> None:
    found = asked_over_the_years(store, set_clock)
    for run, day in zip(found, YEARS, strict=True):
        set_clock(day)
        measurements.ask(store, run)
    assert [measurements.ahead(store, run) for run in found] == [0, 1, 2, 3, 4]


def test_files_from_the_future_are_remembered_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(VAEConfig())
    run.set_status(runs.DONE, "Done.")
    ahead = time.time() + 10 * 365 * 86_400
    for name in ("config.json", "status.json"):
        os.utime(run.file(name), (ahead, ahead))
    assert run.status().message == "Done."
    assert store.runs() == [run]
    read: list[Path | str] = []
    monkeypatch.setattr(files, "read_stamped", read.append)  # what is remembered is not asked for
    assert run.status().message == "Done."
    assert store.runs() == [run]
    assert read == []
    monkeypatch.undo()
    run.set_status(runs.STOPPED, "Done!")
    os.utime(run.file("status.json"), (ahead, ahead))
    assert run.status().message == "Done!"


def test_a_training_does_not_go_by_the_wall_clock(
    store: Store, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It trains, pauses and goes on while the clock jumps; no bound on its time is met, no number is odd."""
    run = store.create(VAEConfig(epochs=3, images=1000), "jumping")
    engine = PlainEngine(run.config())
    use(monkeypatch, engine)
    seen: list[dict[str, Any]] = []

    def report(numbers: Any) -> None:
        set_clock(YEARS[len(seen) % len(YEARS)])
        seen.append(dict(numbers))

    with jobs.hold(run):
        assert worker.train(run, Leaving(), report)
    assert run.status().state == runs.DONE
    assert len(run.history()) == 3
    assert len(seen) > 3
    seconds = [numbers["seconds"] for numbers in seen]
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] <= seconds[-1] < 60
    assert all((numbers["seconds_left"] or 0) >= 0 for numbers in seen)
    assert not control.events(run)


def test_an_estimate_of_the_wait_does_not_go_by_the_wall_clock(store: Store, set_clock: SetClock) -> None:
    first, second = asked_over_the_years(store, set_clock)[:2]
    with jobs.hold(first):
        first.write_progress({"seconds_left": 30.0})
        for day in YEARS:
            set_clock(day)
            assert jobs.outlook(store, second) == jobs.Outlook(1, 1, 30.0)
