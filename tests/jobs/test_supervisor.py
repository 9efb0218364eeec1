"""The thread that looks after the trainings: what it does at each look, and that nothing ends it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest

from genmod import jobs, kinds, runs
from genmod.errors import StoreError
from genmod.jobs import dispatch, overviews, room, supervisor, trainings, workers
from genmod.jobs.queues import Queue
from genmod.jobs.supervisor import Supervisor
from genmod.runs import Run, Store

STEPS = ["resume_interrupted", "ensure_worker", "evaluate", "augment", "ensure_spare", "sweep", "make_room"]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done, in order; nothing really is."""
    done: list[str] = []

    def note(name: str) -> Callable[[Store], None]:
        return lambda store: done.append(name)

    for module, name in (
        (trainings, "resume_interrupted"), (dispatch, "ensure_worker"), (room, "make_room"),
        (workers, "ensure_spare"), (workers, "dismiss_spare"), (Store, "sweep"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, note(name))
    monkeypatch.setattr(Queue, "ensure_worker", lambda queue, store: done.append(queue.command))
    return done


def looking(store: Store) -> Supervisor:
    """A supervisor without a thread, of a store that a page has just been drawn for."""
    one = Supervisor(store)
    one.visited = time.monotonic()
    return one


def failing(error: BaseException) -> Callable[[Store], None]:
    """A step that meets with an error."""

    def fail(store: Store) -> None:
        raise error

    return fail


def test_a_look_resumes_starts_keeps_one_ready_and_cleans_up(store: Store, done: list[str]) -> None:
    looking(store).check()
    assert done == STEPS


def test_when_nobody_has_come_for_long_the_spare_process_is_let_go(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = looking(store)
    one.visited = time.monotonic() - supervisor.IDLE - 1
    one.check()
    assert done[4] == "dismiss_spare"


def test_each_store_has_one_thread_and_a_visit_is_counted(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    looking, end = [], threading.Event()

    def run(self: Supervisor) -> None:
        looking.append(self.store)
        end.wait(10)

    monkeypatch.setattr(Supervisor, "run", run)
    other = Store(store.root / "other")
    try:
        for _ in range(5):
            supervisor.visit(store)
        assert supervisor.of(store).visited == pytest.approx(time.monotonic(), abs=5)
        supervisor.start(other)
        threads = [supervisor.of(found)._thread for found in (store, other)]
        assert all(thread is not None and thread.daemon for thread in threads)
    finally:
        end.set()
    for thread in threads:
        assert thread is not None
        thread.join(5)
    assert looking == [store, other]


@pytest.mark.parametrize("step", ["resume_interrupted", "ensure_worker", "make_room"])
@pytest.mark.parametrize(
    "error",
    [StoreError("The disk is full."), OSError(5, "x"), RuntimeError("can't start new thread"), ValueError("odd file"),
     MemoryError(), RecursionError(), KeyboardInterrupt()],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
def test_a_step_that_fails_keeps_no_other_from_running(
    step: str, error: BaseException, store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"resume_interrupted": trainings, "ensure_worker": dispatch, "make_room": room}[step]
    monkeypatch.setattr(place, step, failing(error))
    one = looking(store)
    one.check()
    assert done == [name for name in STEPS if name != step]
    assert one.state().failing == (step,)
    monkeypatch.setattr(place, step, lambda store: done.append(step))
    one._swept = float("-inf")
    one.check()
    assert step in done and one.state().failing == ()


def test_a_real_thread_outlives_what_would_have_ended_it(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "TICK", 0.01)
    monkeypatch.setattr(trainings, "resume_interrupted", failing(RuntimeError("can't start new thread")))
    supervisor.start(store)
    until(lambda: done.count("ensure_worker") > 3)
    state = supervisor.state(store)
    assert state.alive and not state.well
    monkeypatch.setattr(trainings, "resume_interrupted", lambda store: done.append("resume_interrupted"))
    until(lambda: "resume_interrupted" in done)
    until(lambda: supervisor.state(store).well)
    end(store, monkeypatch)


def end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store's thread end, which only its own wish does."""
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", failing(SystemExit()))
    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)
    thread = supervisor.of(store)._thread
    assert thread is not None
    thread.join(5)
    assert not supervisor.state(store).alive


def until(true: Callable[[], bool]) -> None:
    """Wait for something that will come."""
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_thread_that_has_ended_is_started_again_by_the_next_visit(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "TICK", 0.01)
    supervisor.visit(store)
    end(store, monkeypatch)
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", lambda store: done.append("again"))
    supervisor.visit(store)
    until(lambda: "again" in done)
    end(store, monkeypatch)


def test_a_machine_without_threads_is_asked_again_at_the_next_visit(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(supervisor, "TICK", 0.01)

    def none_left(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as without:
        without.setattr(threading.Thread, "start", none_left)
        for _ in range(3):
            supervisor.visit(store)
        assert not supervisor.state(store).alive
    assert len(caplog.records) == 1 and "can't start new thread" in caplog.text
    supervisor.visit(store)
    until(lambda: supervisor.state(store).well)
    end(store, monkeypatch)


def test_a_fault_is_said_once_with_its_stack_and_when_it_is_over(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    one = Supervisor(store)
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", failing(ValueError("odd file")))
    for _ in range(50):
        one.check()
    monkeypatch.setattr(trainings, "resume_interrupted", failing(StoreError("The disk is full.")))
    for _ in range(50):
        one.check()
    first, second = caplog.records
    assert "ensure_worker" in first.getMessage() and "odd file" in first.getMessage() and first.exc_info is not None
    assert "The disk is full." in second.getMessage() and second.exc_info is None  # the sentence says it all
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", lambda store: None)
    one.check()
    assert "ensure_worker works again" in caplog.records[-1].getMessage()


def test_a_clean_up_comes_once_a_minute(store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    one = looking(store)
    while clock[0] < 1000 + 10 * supervisor.SWEEP:
        one.check()
        clock[0] += supervisor.TICK
    assert done.count("sweep") == done.count("make_room") == 10


def test_one_run_that_cannot_be_resumed_keeps_no_other_from_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_spawn", failing(StoreError("no processes here")))
    monkeypatch.setattr("genmod.jobs.dispatch.call_worker", lambda store: None)
    for name in ("first", "odd", "last"):
        store.create(kinds.from_preset("vae", "article"), name).set_status(runs.INTERRUPTED, "Cut off.")
    resumes = Run.resumes

    def odd(self: Run) -> int:
        if self.id == "odd":
            raise ValueError("an odd file")
        return resumes(self)

    monkeypatch.setattr(Run, "resumes", odd)
    with pytest.raises(ValueError, match="odd file"):
        jobs.resume_interrupted(store)
    waiting = {run.id for run in store.runs() if run.status().waiting}
    assert waiting == {"first", "last"}


def test_runs_that_wait_without_any_process_are_noticed(
    store: Store, done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Supervisor(store)
    one.check()
    assert one.state().unserved == 0
    store.create(kinds.from_preset("vae", "article"), "waits").set_status(runs.QUEUED, "Waiting.")
    overviews.forget(store)
    one.check()
    time.sleep(0.02)
    assert one.state().unserved > 0
    held = workers.slot(store)
    assert held is not None  # somebody trains in the only place: the run will have its turn
    one.check()
    assert one.state().unserved == 0
    held.release()
