"""The process that trains: what it takes, when it ends, and what it hears."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import SimpleNamespace
from typing import Any, cast

import filelock
import pytest

from genmod import kinds, runs
from genmod.jobs import workers
from genmod.kinds import Config, VAEConfig
from genmod.runs import Run, Store, logs
from genmod.system import files, memory
from genmod.training import memory_guard, worker
from tests.training.plain_engine import PlainEngine, use

SHORT = VAEConfig(epochs=2, images=1000)


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither TensorFlow nor other processes, and this one stays as quick as it is."""
    use(monkeypatch)
    monkeypatch.setattr(workers, "ensure", lambda store: None)
    # The process of the tests holds what all tests before have loaded; a worker begins with nothing.
    monkeypatch.setattr(memory, "own", lambda: 0)
    # A process that holds more than a training may have could start no thread any more.
    monkeypatch.setattr(memory_guard, "_refuse_beyond", lambda most: None)


def create(store: Store, *names: str) -> list[Run]:
    return [store.create(SHORT, name) for name in names]


# All that waits


def test_a_worker_trains_in_order_and_frees_its_place(store: Store) -> None:
    one, two = create(store, "b", "a")
    assert worker.drain(store) == 0
    assert [run.status().state for run in (one, two)] == [runs.DONE, runs.DONE]
    assert one.history()[-1]["epoch"] == two.history()[-1]["epoch"] == 2
    assert one.file("status.json").stat().st_mtime_ns < two.file("status.json").stat().st_mtime_ns
    assert not workers.full(store)
    assert not one.locked()
    assert "Training started: b begins" in logs.tail(one.file(logs.NAME))


def test_a_worker_without_a_place_trains_nothing(store: Store) -> None:
    [run] = create(store, "a")
    slot = workers.slot(store)
    assert slot is not None
    assert worker.drain(store) == 0
    assert run.status().waiting
    slot.release()


def test_a_worker_leaves_the_rest_to_a_spare_process(store: Store) -> None:
    one, two = create(store, "a", "b")
    with filelock.FileLock(store.root / workers.SPARE):
        assert worker.drain(store) == 0
    assert one.status().state == runs.DONE
    assert two.status().waiting
    assert not workers.full(store)


def test_a_worker_that_is_to_leave_saves_and_takes_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = create(store, "a", "b")
    engine = PlainEngine(SHORT)
    engine.before = lambda step: os.kill(os.getpid(), signal.SIGTERM) if step >= 5 else None
    use(monkeypatch, engine)
    heard = signal.getsignal(signal.SIGTERM)
    assert worker.drain(store) == 143
    assert signal.getsignal(signal.SIGTERM) == heard
    assert one.status().state == runs.INTERRUPTED
    assert "it can go on from there" in one.status().message
    assert two.status().waiting
    assert not workers.full(store)


def test_a_failed_training_does_not_keep_the_next_from_its_turn(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = create(store, "a", "b")
    one.file("config.json").write_text('{"format": 99}')
    assert worker.drain(store) == 0
    assert one.status().state == runs.FAILED
    assert "has format 99" in one.status().message
    assert two.status().state == runs.DONE


def test_what_a_training_did_not_foresee_is_named_and_logged(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    [run] = create(store, "a")
    engine = PlainEngine(SHORT)

    def surprise(step: int) -> None:
        raise KeyError("surprise")

    engine.before = surprise
    use(monkeypatch, engine)
    worker.drain(store)
    assert run.status() == runs.Status(runs.FAILED, "The training failed with KeyError; the run's log says more.")
    assert "KeyError: 'surprise'" in logs.tail(run.file(logs.NAME))


# The one that waits already warm


class Warm:
    """Engines that are ready, without compiling any."""

    def __init__(self) -> None:
        self.prepared: list[Config] = []

    def prepare(self, config: Config, hurry: object = None) -> None:
        self.prepared.append(config)

    def take(self, config: Config, run: Run | None = None) -> PlainEngine:
        return PlainEngine(config)


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Warm:
    import sys

    warm = Warm()
    cast(Any, sys.modules["genmod.training.engine"]).WarmEngines = lambda: warm
    monkeypatch.setattr(memory, "available", lambda: 10**12)
    return warm


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """The server, which can be gone."""
    parent = SimpleNamespace(gone=None)

    def watch(gone: threading.Event) -> None:
        parent.gone = gone

    monkeypatch.setattr(worker, "_watch_parent", watch)
    return parent


def wait(store: Store, warm: Warm) -> worker.Taken | None:
    return worker._wait(store, cast(Any, warm))


def later(action: Any, *arguments: object) -> threading.Thread:
    timer = threading.Timer(0.3, action, arguments)
    timer.start()
    return timer


@pytest.mark.usefixtures("parent")
def test_a_spare_process_takes_what_comes_at_once(store: Store, warm: Warm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SURE_POLL", 60.0)
    store.root.mkdir()
    rung: list[float] = []

    def ring() -> None:
        create(store, "a")
        rung.append(time.perf_counter())
        workers.notify(store)

    later(ring)
    taken = wait(store, warm)
    spent = time.perf_counter() - rung[0]
    assert taken is not None
    run, lock, slot = taken
    assert spent < 0.5
    assert run.status().state == runs.RUNNING
    assert workers.full(store)
    lock.release()
    slot.release()


@pytest.mark.usefixtures("parent")
def test_a_spare_process_notices_a_run_for_which_nobody_rang(
    store: Store, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "SURE_POLL", 0.1)
    store.root.mkdir()
    later(create, store, "a")
    taken = wait(store, warm)
    assert taken is not None
    taken[1].release()
    taken[2].release()


@pytest.mark.usefixtures("parent")
def test_a_spare_process_waits_for_its_place(store: Store, warm: Warm) -> None:
    [run] = create(store, "a")
    slot = filelock.FileLock(store.root / ".worker-0.lock", thread_local=False)
    slot.acquire()
    later(slot.release)
    taken = wait(store, warm)
    assert taken is not None
    assert taken[0] == run
    taken[1].release()
    taken[2].release()


def test_a_spare_process_ends_with_its_server(store: Store, warm: Warm, parent: SimpleNamespace) -> None:
    store.root.mkdir()
    later(lambda: parent.gone.set())
    assert wait(store, warm) is None


@pytest.mark.usefixtures("parent")
def test_a_spare_process_gives_way_when_memory_runs_short(
    store: Store, warm: Warm, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.root.mkdir()
    monkeypatch.setattr(memory, "own", lambda: 600_000_000)
    monkeypatch.setattr(memory, "available", lambda: 899_999_999)  # what it holds itself counts as free
    assert wait(store, warm) is None


def test_a_spare_process_prepares_what_visitors_look_at(store: Store, warm: Warm, parent: SimpleNamespace) -> None:
    store.root.mkdir()
    files.write_json(store.root / workers.HINT, {"kind": "nonsense"})

    def look() -> None:
        files.write_json(store.root / workers.HINT, kinds.from_preset("vae", "map").to_json())
        time.sleep(0.5)
        parent.gone.set()

    later(look)
    assert wait(store, warm) is None
    assert warm.prepared == [kinds.from_preset("vae", "map")]


@pytest.mark.usefixtures("parent")
def test_a_spare_process_compiles_nothing_while_somebody_waits(store: Store, warm: Warm) -> None:
    [run] = create(store, "a")
    assert worker.spare(store) == 0
    assert run.status().state == runs.DONE
    assert warm.prepared == []
    assert not workers.spare_there(store)
    assert not workers.full(store)


def test_a_spare_process_prepares_the_most_wanted_first(store: Store, warm: Warm, parent: SimpleNamespace) -> None:
    later(lambda: parent.gone.set())
    assert worker.spare(store) == 0
    assert warm.prepared == [kinds.from_preset("vae", "article")]


@pytest.mark.usefixtures("parent")
def test_a_second_spare_process_is_not_needed(store: Store, warm: Warm) -> None:
    store.root.mkdir()
    with filelock.FileLock(store.root / workers.SPARE):
        assert worker.spare(store) == 0
    assert warm.prepared == []


def test_the_end_of_the_input_says_that_the_server_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr(os, "read", lambda number, size, read=os.read: read(reading, size))
    gone = threading.Event()
    thread = threading.Thread(target=worker._watch_parent, args=(gone,))
    thread.start()
    os.write(writing, b"noise")
    assert not gone.wait(0.1)
    os.close(writing)
    assert gone.wait(5)
    thread.join(5)
    os.close(reading)


# Parts


def test_a_training_by_hand_takes_a_place_if_there_is_one(store: Store) -> None:
    store.root.mkdir()
    with workers.place_if_free(store) as alone:
        assert alone
        assert workers.full(store)
        with workers.place_if_free(store) as second:
            assert not second
    assert not workers.full(store)
