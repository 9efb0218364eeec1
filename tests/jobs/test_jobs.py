"""The queue: which run trains now, and what a person may ask of it."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import pytest

from genmod import datasets, jobs, kinds, runs
from genmod.errors import ConfigError, GenmodError, RunError, StoreError
from genmod.jobs import footprint, workers
from genmod.kinds import VAEConfig, from_preset
from genmod.runs import Run, Store, control, frames
from genmod.system import locks, memory
from genmod.system.project import PROJECT

# A trainer that is done at once: it claims until nothing waits, and says which runs it had.
QUICK_TRAINER = """
import sys
from pathlib import Path
from genmod import jobs, runs
from genmod.system import memory
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
    monkeypatch.setattr("genmod.jobs.overviews.FRESH", 0.0)
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


def test_two_threads_never_claim_the_same_run(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda: 100_000_000_000)
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
    with filelock.FileLock(one.lock_path):
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
    run = jobs.submit(store, VAEConfig()).run
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


GB = 10**9


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
    monkeypatch.setattr("genmod.jobs.trainings.MOST_WAITING", 2)
    create(store, "a", "b")
    with pytest.raises(RunError, match=r"^2 trainings wait already, .*; try again later\.$"):
        jobs.submit(store, VAEConfig())
    assert len(store.runs()) == 2


def test_an_unwritable_store_refuses_in_one_sentence(tmp_path: Path, spawned: list[Store]) -> None:
    (tmp_path / "file").write_text("")
    store = Store(tmp_path / "file")
    for ask in (
        lambda: jobs.submit(store, VAEConfig()),
        lambda: jobs.claim(store),
        lambda: workers.slot(store),
    ):
        with pytest.raises(StoreError, match="^Runs cannot be saved in the folder"):
            ask()
    assert spawned == []


def test_a_worker_that_cannot_be_started_gives_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(store.root / "no-python"))
    with pytest.raises(GenmodError, match="training process could not be started"):
        jobs.submit(store, VAEConfig())


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
    submitted = [jobs.submit(store, config.replace(seed=seed)).run for seed in (0, 1)]
    deadline = time.monotonic() + 60
    while any(not run.status().ended for run in submitted) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [run.status().state for run in submitted] == [runs.DONE, runs.DONE]
    assert all(run.usable() and len(run.history()) == 1 for run in submitted)
    # The worker goes away by itself.
    while locks.is_held(store.root / ".worker-0.lock") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not locks.is_held(store.root / ".worker-0.lock")


# Single flight


def ended_well(run: Run) -> Run:
    """As if it had been trained: it can make pictures."""
    run.file("decoder.tflite").write_bytes(b"x")
    run.set_status(runs.DONE, "Finished.")
    return run


CONFIG = VAEConfig(epochs=3, seed=1)


@pytest.mark.usefixtures("spawned")
def test_the_same_training_is_joined_while_it_waits_trains_rests_or_has_finished(store: Store) -> None:
    first = jobs.submit(store, CONFIG)
    assert not first.joined
    run = first.run
    assert jobs.submit(store, CONFIG) == jobs.Submission(run, joined=True)
    with jobs.hold(run):
        assert jobs.submit(store, CONFIG) == jobs.Submission(run, joined=True)
        run.set_status(runs.PAUSED, "Paused.")
        assert jobs.submit(store, CONFIG) == jobs.Submission(run, joined=True)
    assert run.status().state == runs.INTERRUPTED  # it will be resumed
    assert jobs.submit(store, CONFIG) == jobs.Submission(run, joined=True)
    ended_well(run)
    assert jobs.submit(store, CONFIG) == jobs.Submission(run, joined=True)
    assert store.runs() == [run]


@pytest.mark.usefixtures("spawned")
@pytest.mark.parametrize("state", [runs.STOPPED, runs.FAILED])
def test_a_training_that_ended_early_is_not_joined(store: Store, state: str) -> None:
    run = ended_well(jobs.submit(store, CONFIG).run)
    run.set_status(state, "x")
    again = jobs.submit(store, CONFIG)
    assert not again.joined
    assert again.run != run


@pytest.mark.usefixtures("spawned")
def test_what_cannot_be_watched_to_its_end_is_not_joined(store: Store) -> None:
    lost = jobs.submit(store, CONFIG).run
    lost.set_status(runs.DONE, "Finished.")  # but its models are gone
    given_up = jobs.submit(store, CONFIG).run
    assert given_up != lost
    given_up.write_attempt(runs.MOST_RESUMES)
    given_up.set_status(runs.RUNNING, "x")  # interrupted for the fourth time
    assert given_up.status().state == runs.INTERRUPTED
    assert jobs.submit(store, CONFIG).run not in (lost, given_up)


@pytest.mark.usefixtures("spawned")
def test_an_altered_training_is_not_joined(store: Store) -> None:
    run = jobs.submit(store, CONFIG).run
    with jobs.hold(run):
        control.change(run, steps_per_second=2)  # changes nothing of what comes out
        control.step(run)
        assert jobs.submit(store, CONFIG).joined
        control.change(run, beta=2)
        again = jobs.submit(store, CONFIG)
    assert not again.joined


@pytest.mark.usefixtures("spawned")
def test_a_shipped_run_is_not_joined(store: Store) -> None:
    shipped = runs.shipped().runs()[0]
    assert not jobs.submit(store, shipped.config()).joined


@pytest.mark.usefixtures("spawned")
def test_other_settings_data_or_recipes_are_another_training(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.submit(store, CONFIG)
    assert not jobs.submit(store, CONFIG.replace(seed=2)).joined
    with monkeypatch.context() as changed:
        changed.setitem(datasets.DATASETS, "mnist", dataclasses.replace(datasets.MNIST, sha256="0" * 64))
        assert not jobs.submit(store, CONFIG).joined
    monkeypatch.setattr(type(kinds.of(CONFIG)), "recipe", kinds.of(CONFIG).recipe + 1)
    assert not jobs.submit(store, CONFIG).joined
    assert jobs.submit(store, CONFIG).joined
    assert len(store.runs()) == 4


@pytest.mark.usefixtures("spawned")
def test_the_name_of_a_preset_makes_no_other_training(store: Store) -> None:
    as_preset = from_preset("vae", "elbo")
    by_hand = from_preset("vae", "article", beta=1.0)
    jobs.submit(store, as_preset)
    assert jobs.submit(store, by_hand).joined


@pytest.mark.usefixtures("spawned")
def test_who_insists_trains_again(store: Store) -> None:
    run = jobs.submit(store, CONFIG).run
    again = jobs.submit(store, CONFIG, insist=True)
    assert not again.joined
    assert again.run != run
    assert jobs.submit(store, CONFIG).run == again.run  # the newest is watched


@pytest.mark.usefixtures("spawned")
def test_joining_needs_no_room_in_the_queue(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmod.jobs.trainings.MOST_WAITING", 1)
    run = jobs.submit(store, CONFIG).run
    assert jobs.submit(store, CONFIG).run == run
    with pytest.raises(RunError, match="1 trainings wait already|wait already"):
        jobs.submit(store, CONFIG, insist=True)


@pytest.mark.usefixtures("spawned")
def test_thirty_people_at_once_make_one_training(store: Store) -> None:
    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(lambda turn: jobs.submit(store, CONFIG), range(30)))
    assert len({submission.run for submission in found}) == 1
    assert sum(not submission.joined for submission in found) == 1


# Bounds


@pytest.mark.usefixtures("spawned")
@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("EPOCHS", "2", "This training would have 3 epochs, and this server allows at most 2; choose less."),
        (
            "IMAGES", "59999",
            "This training would have 60,000 training images, and this server allows at most 59,999; choose less.",
        ),
        (
            "PARAMETERS", "1000",
            "This training would have 203,288 parameters, and this server allows at most 1,000; choose less.",
        ),
    ],
)  # fmt: skip
def test_a_training_larger_than_the_server_allows_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(f"GENMOD_MAX_{variable}", value)
    for ask in (lambda: jobs.submit(store, CONFIG), lambda: jobs.begin(store, CONFIG, None)):
        with pytest.raises(ConfigError) as refused:
            ask()
        assert str(refused.value) == sentence
    assert store.runs() == []


def test_a_run_begun_by_its_own_trainer_is_never_claimed_by_another(store: Store) -> None:
    claimed: list[Run] = []
    end = threading.Event()

    def claim() -> None:
        while not end.is_set():
            if (found := jobs.claim(store)) is not None:
                claimed.append(found[0])
                found[1].release()

    worker = threading.Thread(target=claim)
    worker.start()
    try:
        for number in range(4):
            run, lock = jobs.begin(store, CONFIG, f"own-{number}")
            assert run.status() == runs.Status(runs.RUNNING, "Starting.")
            lock.release()
    finally:
        end.set()
        worker.join(10)
    assert claimed == []


# The outlook of a waiting run


def trained(store: Store, name: str, config: VAEConfig, seconds: float) -> Run:
    """A finished run that took so long."""
    run = store.create(config, name)
    rows = [
        {"epoch": epoch, "seconds": seconds * epoch / config.epochs, "loss": 1.0}
        for epoch in range(1, config.epochs + 1)
    ]
    run.write_history(("epoch", "seconds", "loss"), rows)
    run.set_status(runs.DONE, "Finished.")
    return run


@pytest.mark.usefixtures("spawned")
def test_the_outlook_counts_who_trains_and_who_waits_longer(store: Store) -> None:
    trained(store, "known", VAEConfig(epochs=10), 40)  # 4 s an epoch of 60,000 images
    one, two, three = (store.create(VAEConfig(epochs=epochs), f"run-{epochs}") for epochs in (5, 10, 20))
    with jobs.hold(one):
        assert jobs.outlook(store, one) == jobs.Outlook(0, 0, 0.0)
        assert jobs.outlook(store, two) == jobs.Outlook(1, 1, None)  # too young to tell
        one.write_progress({"seconds_left": 12.0})
        assert jobs.outlook(store, two) == jobs.Outlook(1, 1, 12.0)
        place = jobs.outlook(store, three)
        assert (place.place, place.ahead) == (2, 2)
        assert place.seconds == pytest.approx(12 + 40)
        one.set_status(runs.PAUSED, "Paused.")
        assert jobs.outlook(store, three) == jobs.Outlook(2, 2, None)
        one.set_status(runs.RUNNING, "Training.")
        jobs.stop(store, two)
        assert jobs.outlook(store, three) == jobs.Outlook(1, 1, 12.0)
    one.set_status(runs.DONE, "Finished.")
    assert jobs.outlook(store, three) == jobs.Outlook(1, 0, 0.0)
    assert jobs.outlook(store, two) == jobs.Outlook(0, 0, 0.0)


@pytest.mark.usefixtures("spawned")
def test_two_at_a_time_halve_the_wait(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_WORKERS", "2")
    one, two, three = create(store, "a", "b", "c")
    with jobs.hold(one):
        one.write_progress({"seconds_left": 30.0})
        assert jobs.outlook(store, two) == jobs.Outlook(1, 1, 0.0)  # there is a place for it
        with jobs.hold(two):
            two.write_progress({"seconds_left": 10.0})
            assert jobs.outlook(store, three) == jobs.Outlook(1, 2, 20.0)


@pytest.mark.usefixtures("spawned")
def test_a_wait_is_estimated_from_the_nearest_in_size(store: Store) -> None:
    wide = VAEConfig(epochs=10, hidden_units=(1024, 1024))
    trained(store, "small", VAEConfig(epochs=10), 40)
    trained(store, "wide", wide, 400)
    first = store.create(wide.replace(epochs=5, images=30_000), "first")
    second = store.create(VAEConfig(), "second")
    with jobs.hold(store.create(VAEConfig(), "active")) as _:
        store.runs()[0].write_progress({"seconds_left": 0.0})
        assert jobs.outlook(store, second).seconds == pytest.approx(400 / 4)
    assert first.status().waiting


@pytest.mark.usefixtures("spawned")
def test_without_own_runs_the_shipped_ones_say_how_long_it_takes(store: Store) -> None:
    active, first, second = create(store, "a", "b", "c")
    with jobs.hold(active):
        active.write_progress({"seconds_left": 1.0})
        seconds = jobs.outlook(store, second).seconds
    assert seconds is not None
    assert 1.0 < seconds < 61
    assert first.status().waiting


# Going on without being asked


def interrupt(run: Run) -> None:
    """As if its trainer had been killed."""
    jobs.hold(run).release()
    assert run.status().state == runs.INTERRUPTED


def test_an_interrupted_run_is_resumed_three_times_and_no_more(store: Store, spawned: list[Store]) -> None:
    [run] = create(store, "fragile")
    for resumes in (1, 2, 3):
        interrupt(run)
        assert jobs.resume_interrupted(store) == [run]
        assert run.resumes() == resumes
        assert run.status() == runs.Status(runs.QUEUED, "Waiting to go on after an interruption.")
        assert len(spawned) == resumes
    interrupt(run)
    assert jobs.resume_interrupted(store) == []
    assert run.status() == runs.Status(
        runs.INTERRUPTED,
        "The training was interrupted in its first epoch. It was resumed 3 times and is not resumed again by itself.",
    )
    jobs.resume(store, run)  # somebody asks: the count begins anew
    assert run.resumes() == 0
    interrupt(run)
    assert jobs.resume_interrupted(store) == [run]


@pytest.mark.usefixtures("spawned")
def test_an_interrupted_run_goes_on_before_all_that_wait(store: Store) -> None:
    first, second, third = create(store, "a", "b", "c")
    interrupt(second)
    assert jobs.queue(store) == [first, third]
    jobs.resume_interrupted(store)
    assert jobs.queue(store) == [first, second, third]
    interrupt(first)
    interrupt(third)
    jobs.resume_interrupted(store)
    assert jobs.queue(store) == [first, second, third]


@pytest.mark.usefixtures("spawned")
def test_a_run_resumed_by_hand_waits_behind_the_others(store: Store) -> None:
    first, second = create(store, "a", "b")
    jobs.stop(store, first)
    jobs.resume(store, first)
    assert jobs.queue(store) == [second, first]


# Memory


@pytest.fixture
def free(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What is free on the machine, in its only item; this process counts as empty."""
    amount = [100 * GB]
    monkeypatch.setattr(memory, "available", lambda: amount[0])
    monkeypatch.setattr(memory, "total", lambda: 100 * GB)
    monkeypatch.setattr(memory, "own", lambda: 0)
    monkeypatch.setattr(memory, "of", lambda pid: 0)
    return amount


def test_a_run_that_memory_is_too_short_for_waits_and_smaller_ones_pass(
    store: Store, spawned: list[Store], free: list[int]
) -> None:
    large = store.create(VAEConfig(hidden_units=(1024,) * 4, batch_size=10_000), "large")
    small = store.create(VAEConfig(), "small")
    free[0] = footprint.needed(large.config()) - 1
    assert jobs.startable(store) == [small]
    sentence = jobs.shortage(store, large)
    assert sentence is not None
    assert re.fullmatch(
        r"This training needs about \d\.\d GB of memory, and \d\.\d GB are free right now: "
        r"it starts by itself as soon as there is enough\.",
        sentence,
    )
    assert jobs.shortage(store, small) is None
    claimed = jobs.claim(store)
    assert claimed is not None and claimed[0] == small
    claimed[1].release()
    small.set_status(runs.DONE, "Done.")
    assert large.status().waiting
    assert jobs.claim(store) is None
    jobs.ensure_worker(store)
    assert spawned == []  # it would find nothing to do
    free[0] += 1
    jobs.ensure_worker(store)
    assert spawned == [store]
    claimed = jobs.claim(store)
    assert claimed is not None and claimed[0] == large
    claimed[1].release()


def test_what_a_training_under_way_will_still_take_is_not_free(store: Store, free: list[int]) -> None:
    one, two = create(store, "a", "b")
    free[0] = 2 * footprint.needed(one.config()) - 1
    claimed = jobs.claim(store)
    assert claimed is not None and claimed[0] == one
    assert jobs.claim(store) is None
    assert two.status().waiting
    claimed[1].release()


def test_a_training_that_would_not_wait_is_refused_when_memory_is_short(store: Store, free: list[int]) -> None:
    free[0] = 10_000_000
    with pytest.raises(RunError, match=r"needs about \d\.\d GB of memory, and 10 MB are free right now; close some"):
        jobs.begin(store, VAEConfig(), None)
    assert store.runs() == []


def test_a_training_that_the_machine_can_never_hold_is_not_queued(
    store: Store, spawned: list[Store], free: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "total", lambda: GB)
    with pytest.raises(ConfigError, match=r"this machine has 0\.6 GB for it"):
        jobs.submit(store, VAEConfig())
    assert store.runs() == [] and spawned == []


def test_a_run_whose_settings_cannot_be_read_is_left_to_its_trainer(store: Store, free: list[int]) -> None:
    [run] = create(store, "odd")
    run.file("config.json").write_text("[]")
    assert jobs.startable(store) == [run]


@pytest.mark.usefixtures("spawned")
def test_a_trainer_ended_for_lack_of_memory_is_not_resumed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "kills", lambda: 4)
    greedy, unlucky = create(store, "greedy", "unlucky")
    interrupt(greedy)
    monkeypatch.setattr(memory, "kills", lambda: 5)
    interrupt(unlucky)  # afterwards, and for another reason
    assert jobs.resume_interrupted(store) == [unlucky]
    monkeypatch.setattr(memory, "kills", lambda: 0)  # the machine has started anew
    assert jobs.resume_interrupted(store) == []
    status = greedy.status()
    assert (status.state, status.cause) == (runs.INTERRUPTED, runs.MEMORY)
    assert "memory ran out and the system ended it" in status.message
    assert jobs.submit(store, greedy.config()).run != greedy
    jobs.resume(store, greedy)  # somebody asks for it
    assert greedy.status().waiting


@pytest.mark.usefixtures("spawned")
def test_only_what_was_interrupted_is_resumed(store: Store) -> None:
    for state in sorted(runs.ENDED - {runs.INTERRUPTED}):
        store.create(VAEConfig(), f"state-{state}").set_status(state, "x")
    damaged = store.create(VAEConfig(), "damaged")
    interrupt(damaged)
    damaged.file("config.json").write_text("{}")
    with jobs.hold(store.create(VAEConfig(), "active")):
        assert jobs.resume_interrupted(store) == []


@pytest.mark.usefixtures("spawned")
def test_two_keepers_resume_a_run_once(store: Store) -> None:
    [run] = create(store, "a")
    interrupt(run)
    with ThreadPoolExecutor(6) as pool:
        resumed = [found for part in pool.map(lambda turn: jobs.resume_interrupted(store), range(6)) for found in part]
    assert resumed == [run]
    assert run.resumes() == 1


@pytest.mark.usefixtures("spawned")
def test_a_paused_run_goes_on_where_it_is(store: Store) -> None:
    [run] = create(store, "a")
    with jobs.hold(run):
        control.pause(run)
        run.set_status(runs.PAUSED, "Paused.")
        jobs.resume(store, run)
        assert run.status().state == runs.PAUSED  # the trainer itself says when it goes on
        assert control.read(run).wanted == control.TRAIN


# Room


def filled(store: Store, name: str, state: str = runs.DONE, kilobytes: int = 100) -> Run:
    """A run of that size that nobody has pinned."""
    run = store.create(VAEConfig(), name)
    run.pin(False)
    run.file("checkpoint").mkdir()
    run.file("checkpoint/epoch-00001.npz").write_bytes(b"x" * 1000 * kilobytes)
    run.set_status(state, "x")
    return run


@pytest.mark.usefixtures("spawned")
def test_the_oldest_runs_make_room_and_it_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    oldest, older, newer = (filled(store, name) for name in ("c", "a", "b"))
    assert jobs.make_room(store) == []
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.25")
    submission = jobs.submit(store, CONFIG)
    assert submission.removed == ("c",)
    assert set(store.runs()) == {older, newer, submission.run}
    assert not oldest.path.exists()
    reason = store.why_removed("c")
    assert reason is not None
    assert re.fullmatch(r"made room on \d{4}-\d\d-\d\d: all runs together may take 0 MB here", reason)
    assert store.why_removed("a") is None


def test_what_is_pinned_or_not_at_rest_makes_no_room(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pinned, waiting, active = filled(store, "pinned"), filled(store, "waiting", runs.QUEUED), filled(store, "active")
    pinned.pin()
    named = store.create(VAEConfig(), "named")  # a run with an id of its own is pinned from the start
    named.set_status(runs.DONE, "x")
    failed, stopped = filled(store, "failed", runs.FAILED), filled(store, "stopped", runs.STOPPED)
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.32")
    with jobs.hold(active):
        assert jobs.make_room(store) == ["failed", "stopped"]
        monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.2")
        with pytest.raises(StoreError, match="pinned ones and those in training take it all; delete or unpin one"):
            jobs.make_room(store)
    assert set(store.runs()) == {pinned, waiting, active, named}
    assert not failed.path.exists() and not stopped.path.exists()
    pinned.pin(False)
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.25")
    assert jobs.make_room(store) == ["pinned"]


def test_long_films_are_made_shorter_before_any_run_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    old, young = filled(store, "old"), filled(store, "young")
    for run in (old, young):
        for epoch in range(60):
            path = run.file(frames.FOLDER) / frames.sheet_name(epoch)
            path.write_bytes(b"x" * 10_000)
    assert old.size() > 700_000
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "1.1")
    assert jobs.make_room(store) == []
    assert len(old.frames()) == frames.FEW and len(young.frames()) == 60  # the older one's was enough
    assert old.size() < 400_000
    assert jobs.make_room(store) == []
    assert len(young.frames()) == 60


def test_shipped_runs_make_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.001")
    with pytest.raises(StoreError):
        jobs.make_room(runs.shipped())
    assert max(len(run.frames()) for run in runs.shipped().runs()) == frames.FEW
    assert len(runs.shipped().runs()) >= 3


def test_a_refused_training_makes_no_room(store: Store, spawned: list[Store], monkeypatch: pytest.MonkeyPatch) -> None:
    old = filled(store, "old")
    create(store, "waits")
    monkeypatch.setattr("genmod.jobs.trainings.MOST_WAITING", 1)
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "0.05")
    with pytest.raises(RunError, match="wait already"):
        jobs.submit(store, CONFIG)
    assert old.path.exists()
