"""The thread that looks after the trainings: what it does at each look, and that nothing ends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from genmod import jobs, keeper, workers
from genmod.errors import StoreError
from genmod.runs import Store


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order; nothing really is."""
    done: list[str] = []

    def note(name: str) -> Callable[[Store], None]:
        return lambda store: done.append(name)

    for module, name in (
        (jobs, "resume_interrupted"), (jobs, "ensure_worker"), (jobs, "make_room"),
        (workers, "ensure_spare"), (workers, "dismiss_spare"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, note(name))
    return done


def test_a_look_resumes_starts_and_keeps_one_ready(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "_visited", time.monotonic())
    keeper.tend(store)
    assert done == ["resume_interrupted", "ensure_worker", "ensure_spare"]


def test_when_nobody_has_come_for_long_the_spare_process_is_let_go(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper, "_visited", time.monotonic() - keeper.IDLE - 1)
    keeper.tend(store)
    assert done == ["resume_interrupted", "ensure_worker", "dismiss_spare"]


def test_each_store_has_one_keeper(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    looking, end = [], threading.Event()

    def look(store: Store) -> None:
        looking.append(store)
        end.wait(10)

    monkeypatch.setattr(keeper, "_look_after", look)
    monkeypatch.setattr(keeper, "_keepers", {})
    other = Store(store.root / "other")
    try:
        for _ in range(5):
            keeper.keep(store)
        keeper.keep(other)
        threads = list(keeper._keepers.values())
        assert keeper._visited == pytest.approx(time.monotonic(), abs=5)
        assert all(thread.daemon for thread in threads)
    finally:
        end.set()
    for thread in threads:
        thread.join(5)
    assert looking == [store, other]


class Enough(BaseException):
    """Ends the thread that never ends."""


def test_nothing_ends_a_keeper(store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    turns = iter([StoreError("The disk is full."), OSError(5, "x"), None, StoreError("again"), None])
    clock = [1000.0]

    def tend(store: Store) -> None:
        if (error := next(turns)) is not None:
            raise error
        done.append("tended")

    def sleep(seconds: float) -> None:
        assert seconds == keeper.TICK
        clock[0] += 40
        if len(done) >= 4:
            raise Enough

    monkeypatch.setattr(keeper, "tend", tend)
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(Store, "sweep", lambda self: None)
    with pytest.raises(Enough):
        keeper._look_after(store)
    assert done == ["tended", "make_room", "tended", "make_room"]


def test_a_clean_up_comes_once_a_minute(store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds
        if clock[0] > 1000 + 10 * keeper.SWEEP:
            raise Enough

    swept: list[float] = []
    monkeypatch.setattr(keeper, "tend", lambda store: None)
    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(Store, "sweep", lambda self: swept.append(clock[0]))
    with pytest.raises(Enough):
        keeper._look_after(store)
    assert len(swept) == done.count("make_room") == 10
