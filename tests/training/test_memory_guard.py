"""A training is held to its memory: its process ends, and its run says why."""

from __future__ import annotations

import subprocess
import sys

import pytest

from genmod import jobs, runs
from genmod.jobs import workers
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, logs
from genmod.system.project import PROJECT

GREEDY = """
import sys, time
from pathlib import Path
from genmod import jobs
from genmod.system import memory
from genmod.runs import Run
from genmod.training.memory_guard import MemoryGuard
run = Run(Path(sys.argv[1]))
lock = jobs.hold(run)
with MemoryGuard(run, memory.own() + 100_000_000):
    held = []
    for _ in range(int(sys.argv[2])):
        held.append(bytearray(b"x" * 10_000_000))
        time.sleep(0.01)
    time.sleep(0.2)
lock.release()
print("went on")
"""
BEYOND = """
import sys
from pathlib import Path
from genmod.system import memory
from genmod.runs import Run
from genmod.training import memory_guard
memory_guard.LOOK = 100.0  # only what the system refuses
memory_guard.BACKSTOP = 0
with memory_guard.MemoryGuard(Run(Path(sys.argv[1])), memory.own() + 300_000_000):
    try:
        bytearray(400_000_000)
    except MemoryError:
        print("refused")
bytearray(400_000_000)
print("allowed again")
"""
# In a process of its own: what the system then refuses, a process full of TensorFlow does not survive.
CHOSEN = """
import sys
from pathlib import Path
from genmod.system import memory
from genmod.runs import Run
from genmod.training.memory_guard import MemoryGuard
run = Run(Path(sys.argv[1]))
guard = MemoryGuard(run, memory.own() // 2, end=lambda: print(run.status().cause))
with guard:
    guard._thread.join(20)
"""


def child(script: str, run: Run, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", script, str(run.path), *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def run(store: Store) -> Run:
    return store.create(VAEConfig(), "greedy")


def test_a_process_that_takes_more_than_it_may_ends_and_its_run_says_why(store: Store, run: Run) -> None:
    ended = child(GREEDY, run, "40")
    assert (ended.returncode, ended.stdout, ended.stderr) == (workers.ENDED_FOR_MEMORY, "", "")
    status = run.status()
    assert (status.state, status.cause) == (runs.FAILED, runs.MEMORY)
    assert status.message.startswith("The training ran out of memory: it took more than the ")
    assert status.message.endswith(" it may have here. A smaller batch or a smaller net needs less.")
    assert status.message in logs.tail(run.file(logs.NAME))
    assert not run.locked()
    assert jobs.resume_interrupted(store) == []


def test_a_process_within_its_bound_is_left_alone(run: Run) -> None:
    ended = child(GREEDY, run, "4")
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "went on\n", "")
    assert run.status().state == runs.INTERRUPTED  # the script does not train


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere only the thread looks")
def test_the_system_refuses_one_allocation_far_beyond_the_bound(run: Run) -> None:
    ended = child(BEYOND, run)
    assert (ended.returncode, ended.stdout) == (0, "refused\nallowed again\n"), ended.stderr


def test_what_comes_after_the_state_is_written_can_be_chosen(run: Run) -> None:
    ended = child(CHOSEN, run)
    assert (ended.returncode, ended.stdout) == (0, f"{runs.MEMORY}\n"), ended.stderr
