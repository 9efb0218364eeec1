"""A training that is killed or meets a failing disk at any file operation, and is resumed, ends as if nothing had been."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genmod.runs import PROJECT

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="forks, and looks into /proc")


@pytest.mark.parametrize("course", ["straight", "stopped", "both"])
def test_a_resumed_training_is_bit_for_bit_an_uninterrupted_one(tmp_path: Path, course: str) -> None:
    command = [sys.executable, "-m", "tests.faults.trainings", str(tmp_path), course, "0", "1"]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # threads and forking do not go together
    ended = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=110, check=False
    )
    assert ended.returncode == 0, ended.stderr
    counted = json.loads(ended.stdout)
    assert counted["killed"] > 100
    assert counted["interrupted"] > 50
    assert counted["failed"] > 10
    assert counted["returned"] > 1  # the training ended well though its log could not be written
