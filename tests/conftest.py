"""What the tests share: an empty store, and one run trained for real."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import filelock
import pytest

from genmod.runs import PROJECT, Run, Store

TINY = ("--epochs", "2", "--images", "1000", "--id", "tiny")


@dataclass(frozen=True)
class Training:
    """A training that was typed on the command line: what it left and what it printed."""

    run: Run
    stdout: str
    stderr: str


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep every test away from the runs of whoever starts it."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("GENMOD_WORKERS", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def tiny_training(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Training:
    """`python -m genmod train vae` on 1,000 images for two epochs, once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if hasattr(request.config, "workerinput") else base
    folder, out, err = shared / "trained", shared / "trained.out", shared / "trained.err"
    with filelock.FileLock(shared / "trained.lock"):
        if not folder.exists():
            command = [sys.executable, "-m", "genmod", "train", "vae", *TINY, "--store", str(folder)]
            ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=100, check=False)
            assert ended.returncode == 0, ended.stderr
            out.write_text(ended.stdout)
            err.write_text(ended.stderr)
    return Training(Run(folder / "tiny"), out.read_text(), err.read_text())


@pytest.fixture(scope="session")
def tiny_run(tiny_training: Training) -> Run:
    """A finished run, shared by all tests: to be read, never changed."""
    return tiny_training.run
