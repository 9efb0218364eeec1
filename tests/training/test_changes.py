"""Settings changed while a training runs: over a crash, and in slow motion; with an engine that takes no time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import filelock
import numpy as np
import pytest

from genmod import runs
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control
from genmod.training import checkpoint
from genmod.training.trainer import Trainer
from tests.training.fake_engine import STEPS, FakeEngine

CONFIG = VAEConfig(epochs=4, learning_rate=0.01)
Numbers = Mapping[str, Any]


class PulledPlug(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at the wishes after every step."""
    monkeypatch.setattr("genmod.training.epochs.CHUNK_SECONDS", 0.0)


def train(run: Run, report: Callable[[int], None] | None = None) -> FakeEngine:
    """Train in this process; `report` gets the number of steps taken."""
    engine = FakeEngine(run.config())

    def steps(numbers: Numbers) -> None:
        if report is not None:
            report((numbers["epoch"] - 1) * STEPS + numbers["step"])

    with filelock.FileLock(run.lock_path):
        begun = Trainer(run, engine, steps)
        begun.epochs._chunk = 1
        begun.train()
    return engine


def changes(run: Run) -> list[tuple[int, str, float | None]]:
    return [(event.step, event.name, event.value) for event in control.events(run) if event.request]


def test_a_newer_wish_is_not_undone_by_repeating_an_older_one(store: Store) -> None:
    run = store.create(CONFIG, "broken")

    def change_late(taken: int) -> None:
        if taken == 7:
            control.change(run, learning_rate=0.02, beta=2)
        if taken == 9:
            raise PulledPlug

    def change_early(taken: int) -> None:
        if taken == 4:
            control.change(run, learning_rate=0.001)
        if taken == 11:
            raise PulledPlug

    for report in (change_late, change_early):
        with pytest.raises(PulledPlug):
            train(run, report)
    assert checkpoint.restore(run.file("checkpoint"), [], 2)[0] == checkpoint.Place(0)  # all has to be done again
    found = train(run)
    assert sorted(changes(run)) == [(4, "learning_rate", 0.001), (7, "beta", 2.0)]
    assert found.adjustable["learning_rate"].value == 0.001

    straight = store.create(CONFIG, "straight")

    def change_both(taken: int) -> None:
        if taken == 4:
            control.change(straight, learning_rate=0.001)
        if taken == 7:
            control.change(straight, beta=2)

    expected = train(straight, change_both)
    for ours, theirs in zip(found.state, expected.state, strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value)


# Slow motion


class Slow:
    """A training of one step in ten seconds, in a thread."""

    def __init__(self, store: Store) -> None:
        self.run = store.create(CONFIG, "slow")
        self.run.ask(steps_per_second=0.1)
        self.run.set_status(runs.RUNNING, "Training.")
        self.engine = FakeEngine(CONFIG)
        self.trainer = Trainer(self.run, self.engine)
        self.lock = filelock.FileLock(self.run.lock_path)
        self.thread = threading.Thread(target=self.trainer.train)

    def __enter__(self) -> Slow:
        self.lock.acquire()
        self.thread.start()
        self.wait(lambda: self.trainer.epochs.taken == 1)
        return self

    def __exit__(self, *exception: object) -> None:
        self.trainer.leave()
        self.thread.join(15)
        self.lock.release()

    def wait(self, reached: Callable[[], bool], seconds: float = 2.0) -> None:
        """Wait until something is so; for the machine's sake longer than the half second it may take."""
        until = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < until, "It takes too long."
            time.sleep(0.01)


@pytest.fixture
def slow(store: Store) -> Slow:
    return Slow(store)


def test_slow_motion_does_not_hold_up_the_end_of_the_process(slow: Slow) -> None:
    with slow:
        slow.trainer.leave()
        slow.wait(lambda: not slow.thread.is_alive())
    assert slow.run.status().state == runs.INTERRUPTED
    assert checkpoint.restore(slow.run.file("checkpoint"), slow.engine.state, 2)[0] == checkpoint.Place(0, 1)


def test_a_change_in_slow_motion_holds_from_the_very_next_step(slow: Slow) -> None:
    with slow:
        control.change(slow.run, learning_rate=0.5)
        slow.wait(lambda: slow.engine.adjustable["learning_rate"].value == 0.5)
        assert changes(slow.run) == [(1, "learning_rate", 0.5)]
        assert slow.trainer.epochs.taken == 1


def test_another_pace_holds_at_once(slow: Slow) -> None:
    with slow:
        control.change(slow.run, steps_per_second=100)
        slow.wait(lambda: not slow.thread.is_alive(), 5.0)
    assert slow.run.status().state == runs.DONE
    assert [(event.step, event.name, event.value) for event in control.events(slow.run)] == [
        (0, "steps_per_second", 0.1),
        (1, "steps_per_second", 100),
    ]


def test_stopping_in_slow_motion_is_no_pause(slow: Slow) -> None:
    with slow:
        control.stop(slow.run)
        slow.wait(lambda: not slow.thread.is_alive())
    assert slow.run.status().state == runs.STOPPED
    assert [event.name for event in control.events(slow.run)] == ["steps_per_second", "stop"]


def test_going_on_in_slow_motion_is_seen_at_once(slow: Slow) -> None:
    with slow:
        control.pause(slow.run)
        slow.wait(lambda: slow.run.status().state == runs.PAUSED)
        control.resume(slow.run)
        slow.wait(lambda: slow.run.status().state == runs.RUNNING)
        assert slow.trainer.epochs.taken == 1
