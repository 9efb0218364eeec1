"""The real trainer, killed or ended by the system and resumed: the very weights of an uninterrupted one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import filelock
import numpy as np
import pytest

from genmod import runs
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store
from genmod.system.project import PROJECT
from tests.conftest import shared_folder

SMALL = VAEConfig(epochs=6, images=600, hidden_units=(8,), latent_dim=2, optimizer="adam")
PACE = 9  # steps a second: slow enough to be hit, and it changes nothing of what is learned
ENDED_BY_SYSTEM = 128 + signal.SIGTERM


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Run:
    """Trained once for all test processes."""
    store = Store(shared_folder(tmp_path_factory, request) / "uninterrupted")
    with filelock.FileLock(store.root.with_suffix(".lock")):
        if store.find("straight") is None:
            run = store.create(SMALL, "straight")
            assert start(run).wait(100) == 0
    return Run(store.root / "straight")


def start(run: Run) -> subprocess.Popen[bytes]:
    """`python -m genmod train --resume`, as a person does it."""
    command = [sys.executable, "-m", "genmod", "train", "--resume", run.id, "--store", str(run.path.parent)]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def slow_run(store: Store) -> Run:
    run = store.create(SMALL, "broken")
    run.ask(steps_per_second=PACE)
    return run


def wait_until(reached: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert process.poll() is None, "The training has ended already."
        assert time.monotonic() < deadline
        time.sleep(0.005)


def checkpoints(run: Run) -> list[Path]:
    """Oldest first."""
    return sorted(run.file("checkpoint").glob("epoch-*.npz"), key=lambda path: path.stat().st_mtime_ns)


def in_mid_epoch(progress: Mapping[str, Any], epoch: int) -> bool:
    return progress["epoch"] == epoch and progress["step"] in (1, 2, 3)


def check_same(run: Run, expected: Run) -> None:
    """State, history and sums, bit for bit."""
    assert run.status().state == expected.status().state == runs.DONE
    assert checkpoints(run)[-1].name == checkpoints(expected)[-1].name == "epoch-00006.npz"
    with np.load(checkpoints(run)[-1]) as ours, np.load(checkpoints(expected)[-1]) as theirs:
        assert sorted(ours) == sorted(theirs)
        for name in ours:
            assert ours[name].dtype == theirs[name].dtype
            assert ours[name].tobytes() == theirs[name].tobytes(), name
    assert [row | {"seconds": 0} for row in run.history()] == [row | {"seconds": 0} for row in expected.history()]
    assert run.usable()


def test_kill_9_at_any_moment(store: Store, uninterrupted: Run) -> None:
    run = slow_run(store)
    moments = random.Random()
    for _ in range(2):
        process = start(run)
        # The second time it goes on from the first checkpoint, with less than a checkpoint's time to its end.
        wait_until(lambda: run.status().message == "Training." and checkpoints(run), process)
        time.sleep(moments.uniform(0, 0.6))
        process.kill()
        assert process.wait(10) == -signal.SIGKILL
        assert run.status().state == runs.INTERRUPTED
        assert len(run.history()) >= 1
    run.ask(steps_per_second=0)
    assert start(run).wait(60) == 0
    check_same(run, uninterrupted)


@pytest.mark.long  # tests/training/test_worker.py sends it to a worker without TensorFlow
def test_sigterm_saves_the_very_step_and_ends(store: Store, uninterrupted: Run) -> None:
    run = slow_run(store)
    process = start(run)
    wait_until(lambda: run.history() and in_mid_epoch(run.progress(), len(run.history()) + 1), process)
    seen = run.progress()
    asked = time.monotonic()
    process.terminate()
    assert process.wait(10) == ENDED_BY_SYSTEM
    assert time.monotonic() - asked < 10
    assert run.status().state == runs.INTERRUPTED
    assert "The system ended the training" in run.status().message
    [saved] = checkpoints(run)[-1:]
    epoch, step = (int(part) for part in saved.stem.removeprefix("epoch-").split("-step-"))
    assert epoch == len(run.history()) == seen["epoch"] - 1
    assert seen["step"] <= step <= seen["step"] + 1  # one that was being taken is finished
    run.ask(steps_per_second=0)
    assert start(run).wait(60) == 0
    began = run.file("log.txt").read_text().rpartition("Training started")[2]
    assert f"goes on after epoch {epoch}, step {step}" in began
    check_same(run, uninterrupted)
