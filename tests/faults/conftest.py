"""Runs the modules here that fork, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from genmod.system.project import PROJECT

MEMORY = Path("/dev/shm")  # thousands of small folders are made and removed: not on a disk where there is this


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A quick empty folder."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else tmp_path) as name:
        yield Path(name)


@pytest.fixture
def run_module(folder: Path) -> Callable[..., str]:
    """Runs a module with the folder and the given words as its arguments; gives what it printed."""
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("forks, and looks into /proc")

    def run(name: str, *words: str) -> str:
        command = [sys.executable, "-m", name, str(folder), *words]
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # threads and forking do not go together
        ended = subprocess.run(
            command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=110, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return run
