"""Time of training, told by a clock that the test moves."""

from __future__ import annotations

import time

import pytest

from genmod.training.clock import Clock


class Now:
    """Seconds of `time.perf_counter`."""

    value = 5000.0


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> type[Now]:
    monkeypatch.setattr(Now, "value", 5000.0)
    monkeypatch.setattr(time, "perf_counter", lambda: Now.value)
    return Now


def test_time_goes_on_from_what_earlier_trainers_spent(now: type[Now]) -> None:
    clock = Clock(before=100.0)
    now.value += 7
    assert (clock.seconds, clock.here, clock.wall) == (107, 7, 107)


def test_a_pause_counts_on_the_wall_alone(now: type[Now]) -> None:
    clock = Clock()
    now.value += 10
    clock.pause()
    now.value += 30
    assert (clock.seconds, clock.paused_for, clock.wall) == (10, 30, 40)
    clock.go()
    assert clock.paused_for == 0
    now.value += 5
    assert (clock.seconds, clock.wall) == (15, 45)
    clock.go()  # nothing to end
    clock.pause()
    now.value += 60
    clock.go()
    assert (clock.seconds, clock.wall) == (15, 105)


def test_speed_is_measured_from_the_mark(now: type[Now]) -> None:
    clock = Clock()
    now.value += 100  # compiling
    assert clock.speed(0) == 0
    clock.mark(10)
    assert clock.speed(10) == 0
    now.value += 2
    assert clock.speed(10) == 0
    assert clock.speed(210) == 100
    clock.pause()
    now.value += 50
    assert clock.speed(210) == 100
    clock.go()
    clock.mark(210)
    now.value += 4
    assert clock.speed(214) == 1


def test_no_time_at_all_divides_nothing_by_zero(now: type[Now]) -> None:
    clock = Clock()
    assert clock.here > 0
    assert clock.speed(5) > 0
    clock.mark(5)
    assert clock.speed(6) == 0
