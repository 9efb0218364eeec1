"""More trainings than the queue takes: from many processes at once, and resumed ones."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from genmod import jobs
from genmod.errors import RunError
from genmod.jobs import workers
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store
from genmod.system.project import PROJECT

REFUSAL = "50 trainings wait already, and this server takes at most 50; try again later."
ASKING = """
import sys
from pathlib import Path
from genmod import jobs, runs
from genmod.jobs import workers
from genmod.kinds import VAEConfig
from genmod.errors import RunError
workers.ensure = lambda store: None
store, number = runs.Store(Path(sys.argv[1])), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for seed in range(5):
    try:
        print(jobs.submit(store, VAEConfig(seed=100 * number + seed)).run.id, flush=True)
    except RunError as error:
        print(error, flush=True)
"""


@pytest.fixture(autouse=True)
def nobody_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker is started, and every look at the store is a fresh one."""
    monkeypatch.setattr(workers, "ensure", lambda store: None)
    monkeypatch.setattr("genmod.jobs.overviews.FRESH", 0.0)


def waiting(store: Store, number: int) -> list[Run]:
    """Runs that wait, each with settings of its own."""
    return [store.create(VAEConfig(seed=10_000 + seed)) for seed in range(number)]


def test_processes_that_race_for_the_last_place_never_take_two(store: Store) -> None:
    waiting(store, jobs.MOST_WAITING - 3)
    command = [sys.executable, "-c", ASKING, str(store.root)]
    asking = [
        subprocess.Popen([*command, str(number)], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(3)
    ]
    for process in asking:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = []
    for process in asking:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in asking:
        said += process.communicate(timeout=60)[0].splitlines()
    assert len(jobs.queue(store)) == jobs.MOST_WAITING
    assert said.count(REFUSAL) == 12
    assert len(set(said)) == 4


def test_a_full_queue_takes_no_resumed_run_and_leaves_it_as_it_was(store: Store) -> None:
    stopped, *_ = waiting(store, jobs.MOST_WAITING + 1)
    jobs.stop(store, stopped)
    before = stopped.status()
    with pytest.raises(RunError, match="50 trainings wait already"):
        jobs.resume(store, stopped)
    assert stopped.status() == before
    assert len(jobs.queue(store)) == jobs.MOST_WAITING


def test_what_was_interrupted_goes_on_though_the_queue_is_full(store: Store) -> None:
    interrupted, *others = waiting(store, jobs.MOST_WAITING + 1)
    jobs.hold(interrupted).release()
    assert jobs.resume_interrupted(store) == [interrupted]
    assert jobs.queue(store) == [interrupted, *others]  # it had its place already
    with pytest.raises(RunError, match="51 trainings wait already"):
        jobs.submit(store, VAEConfig(seed=1))


def test_a_full_queue_is_looked_at_quickly(store: Store) -> None:
    found = waiting(store, jobs.MOST_WAITING)
    jobs.outlook(store, found[-1])  # the first look reads every file
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        assert jobs.outlook(store, found[-1]).place == jobs.MOST_WAITING
        spent.append(time.perf_counter() - started)
    assert min(spent) < 0.05
