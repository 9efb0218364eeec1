"""The queue: which run trains now, and what a person may ask of it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import pytest

from genmod import jobs, runs, workers
from genmod.config import VAEConfig
from genmod.errors import GenmodError, RunError, StoreError
from genmod.runs import PROJECT, Run, Store

# A trainer that is done at once: it claims until nothing waits, and says which runs it had.
QUICK_TRAINER = """
import sys
from pathlib import Path
from genmod import jobs, runs
store = runs.Store(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
while (claimed := jobs.claim(store)) is not None:
    run, lock = claimed
    assert run.status().state == runs.RUNNING
    print(run.id, flush=True)
    run.set_status(runs.DONE, "Done.")
    lock.release()
"""


class FakeProcess:
    """A worker that has ended at once, or one that has not yet taken its place."""

    def __init__(self, ended: bool) -> None:
        self.ended = ended

    stdin = None

    def poll(self) -> int | None:
        """As of `subprocess.Popen`."""
        return 0 if self.ended else None


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[Store]:
    """The stores for which a worker was started; none really is."""
    started: list[Store] = []

    def spawn(store: Store, mode: str) -> FakeProcess:
        started.append(store)
        return FakeProcess(ended=True)

    monkeypatch.setattr(workers, "_spawn", spawn)
    monkeypatch.setattr(jobs, "FRESH", 0.0)
    return started


def create(store: Store, *names: str) -> list[Run]:
    return [store.create(VAEConfig(epochs=1), name) for name in names]


def test_the_first_to_come_is_the_first_to_train(store: Store) -> None:
    one, two, three = create(store, "c", "b", "a")
    assert jobs.queue(store) == [one, two, three]
    assert [jobs.outlook(store, run).place for run in (one, two, three)] == [1, 2, 3]
    claimed = jobs.claim(store)
    assert claimed is not None
    run, lock = claimed
    assert run == one
    assert run.status().state == runs.RUNNING
    assert [jobs.outlook(store, run).place for run in (one, two, three)] == [0, 1, 2]
    lock.release()
    assert one.status().state == runs.INTERRUPTED


def test_nothing_waits_in_an_empty_store(store: Store) -> None:
    assert jobs.claim(store) is None


def test_two_workers_never_train_the_same_run(store: Store) -> None:
    names = [f"run-{number}" for number in range(24)]
    create(store, *names)
    command = [sys.executable, "-c", QUICK_TRAINER, str(store.root)]
    workers = [
        subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:  # all at once
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    trained = [worker.communicate(timeout=60)[0].split() for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert Counter(name for part in trained for name in part) == Counter(names)
    assert {run.status().state for run in store.runs()} == {runs.DONE}


def test_two_threads_never_claim_the_same_run(store: Store) -> None:
    create(store, *(f"run-{number}" for number in range(8)))
    with ThreadPoolExecutor(4) as pool:
        claimed = [item for item in pool.map(lambda turn: jobs.claim(store), range(12)) if item is not None]
    assert len({run.id for run, _ in claimed}) == len(claimed) == 8
    for _, lock in claimed:
        lock.release()


def test_looks_at_a_run_do_not_keep_a_trainer_from_it(store: Store) -> None:
    [run] = create(store, "a")
    jobs.hold(run).release()
    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(run.status) for _ in range(200)]
        for _ in range(20):
            jobs.hold(run).release()
        assert all(look.result().state in runs.STATES for look in looks)


def test_a_held_run_is_not_trained_by_another(store: Store) -> None:
    one, two = create(store, "a", "b")
    with one.lock():
        with pytest.raises(RunError, match="The run a is being trained by another process"):
            jobs.hold(one)
        claimed = jobs.claim(store)
        assert claimed is not None
        assert claimed[0] == two
        claimed[1].release()


def test_a_full_disk_leaves_a_waiting_run_free_and_waiting(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    [run] = create(store, "a")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for ask in (lambda: jobs.claim(store), lambda: jobs.hold(run), lambda: jobs.stop(store, run)):
            with pytest.raises(StoreError, match="could not be saved"):
                ask()
    assert not run.locked()
    assert run.status().waiting


def test_submitting_starts_a_worker(store: Store, spawned: list[Store]) -> None:
    run = jobs.submit(store, VAEConfig(), "").run
    assert run.status().waiting
    assert spawned == [store]


def test_a_busy_worker_is_not_joined_by_another(store: Store, spawned: list[Store]) -> None:
    create(store, "a")
    slot = workers.slot(store)
    assert slot is not None
    assert workers.slot(store) is None
    jobs.ensure_worker(store)
    assert spawned == []
    slot.release()
    jobs.ensure_worker(store)
    assert spawned == [store]


def test_many_viewers_of_a_waiting_run_start_one_worker(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    starting = [FakeProcess(ended=False)]
    left = iter(starting)
    monkeypatch.setattr(workers, "_spawn", lambda store, mode: next(left))
    create(store, "a")
    for _ in range(30):
        jobs.ensure_worker(store)
    assert next(left, None) is None
    starting[0].ended = True
    with pytest.raises(StopIteration):
        jobs.ensure_worker(store)


def test_the_environment_allows_more_workers(
    store: Store, spawned: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENMOD_WORKERS", "2")
    slots = [workers.slot(store), workers.slot(store), workers.slot(store)]
    assert [slot is not None for slot in slots] == [True, True, False]
    for slot in slots[:2]:
        assert slot is not None
        slot.release()


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("3", 3), ("0", 1), ("-2", 1), ("many", 1), ("", 1)])
def test_a_wrong_number_of_workers_is_one(monkeypatch: pytest.MonkeyPatch, text: str, number: int) -> None:
    monkeypatch.setenv("GENMOD_WORKERS", text)
    assert workers.allowed() == number


def test_nobody_is_started_for_an_empty_queue(store: Store, spawned: list[Store]) -> None:
    jobs.ensure_worker(store)
    assert spawned == []


def test_a_full_queue_refuses_in_one_sentence(
    store: Store, spawned: list[Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_WAITING", 2)
    create(store, "a", "b")
    with pytest.raises(RunError, match=r"^2 trainings wait already, .*; try again later\.$"):
        jobs.submit(store, VAEConfig(), "")
    assert len(store.runs()) == 2


def test_an_unwritable_store_refuses_in_one_sentence(tmp_path: Path, spawned: list[Store]) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file")
    for ask in (
        lambda: jobs.submit(store, VAEConfig(), ""),
        lambda: jobs.claim(store),
        lambda: workers.slot(store),
    ):
        with pytest.raises(StoreError, match="^Runs cannot be saved in the folder"):
            ask()
    assert spawned == []


def test_a_worker_that_cannot_be_started_gives_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(store.root / "no-python"))
    with pytest.raises(GenmodError, match="training process could not be started"):
        jobs.submit(store, VAEConfig(), "")


def test_stopping_a_waiting_run_takes_it_out_of_the_queue(store: Store) -> None:
    one, two = create(store, "a", "b")
    jobs.stop(store, one)
    assert one.status().state == runs.STOPPED
    assert jobs.queue(store) == [two]


def test_stopping_a_training_asks_its_trainer(store: Store) -> None:
    [run] = create(store, "a")
    lock = jobs.hold(run)
    jobs.stop(store, run)
    assert run.control() == {"wanted": "stopped"}
    assert run.status().active
    lock.release()


@pytest.mark.parametrize("state", sorted(runs.ENDED))
def test_a_run_that_has_ended_is_not_stopped(store: Store, state: str) -> None:
    [run] = create(store, "a")
    run.set_status(state, "x")
    with pytest.raises(RunError, match=f"is not training; it is {state}"):
        jobs.stop(store, run)


@pytest.mark.parametrize("state", sorted(runs.STATES))
def test_only_a_run_that_ended_early_is_resumed(store: Store, spawned: list[Store], state: str) -> None:
    [run] = create(store, "a")
    run.ask(wanted="stopped")
    run.set_status(state, "x")
    if state in (runs.DONE, runs.QUEUED):
        with pytest.raises(RunError, match=f"cannot be resumed; it is {state}"):
            jobs.resume(store, run)
    else:  # running and paused read as interrupted, for nobody holds the run
        jobs.resume(store, run)
        assert run.status().waiting
        assert run.control() == {"wanted": "running"}
        assert spawned == [store]


def test_a_shipped_run_is_not_resumed(store: Store) -> None:
    with pytest.raises(RunError, match="ships with the project"):
        jobs.resume(store, runs.shipped().runs()[0])


def test_a_worker_ends_at_once_when_another_is_at_work(store: Store) -> None:
    create(store, "a")
    with filelock.FileLock(store.root / ".worker-0.lock"):
        command = [sys.executable, "-X", "importtime", "-m", "genmod", "train", "--queued", "--store", str(store.root)]
        ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 0
    assert "tensorflow" not in ended.stderr
    assert jobs.queue(store)


def test_a_worker_trains_all_that_waits(store: Store) -> None:
    config = VAEConfig(epochs=1, images=200, hidden_units=(8,))
    submitted = [jobs.submit(store, config.replace(seed=seed), "").run for seed in (0, 1)]
    deadline = time.monotonic() + 60
    while any(not run.status().ended for run in submitted) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [run.status().state for run in submitted] == [runs.DONE, runs.DONE]
    assert all(run.usable() and len(run.history()) == 1 for run in submitted)
    # The worker goes away by itself.
    while runs.is_held(store.root / ".worker-0.lock") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not runs.is_held(store.root / ".worker-0.lock")
