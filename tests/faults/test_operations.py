"""A disk that fails or a process that is killed at any file operation leaves the old state or the new one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genmod.runs import PROJECT
from tests.faults import operations

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="forks, and looks into /proc")

NAMES = list(operations.every())


@pytest.mark.parametrize("part", range(4))
def test_a_fault_at_any_file_operation_leaves_the_old_or_the_new(tmp_path: Path, part: int) -> None:
    names = NAMES[part::4]
    command = [sys.executable, "-m", "tests.faults.sweep", str(tmp_path), *names]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # threads and forking do not go together
    ended = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stderr
    counted = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [item["name"] for item in counted] == names
    for item in counted:  # otherwise nothing was hit
        assert item["killed"] >= 1 and item.get("raised", 0) + item.get("returned", 0) >= 1
