"""Free memory, of the machine or of a container."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from genmod import memory

GB = 10**9


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 8 GB free."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=8 * GB))


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the container's."""
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, 8 * GB),
        ({"memory.max": "max\n", "memory.current": f"{GB}\n"}, 8 * GB),
        ({"memory.max": f"{2 * GB}\n", "memory.current": f"{GB}\n"}, GB),
        ({"memory.max": f"{2 * GB}\n"}, 8 * GB),
        ({"memory.max": f"{2 * GB}\n", "memory.current": f"{3 * GB}\n"}, 0),
        ({"memory.max": f"{64 * GB}\n", "memory.current": f"{GB}\n"}, 8 * GB),
        ({"memory.max": f"{2 * GB}\n", "memory.current": f"{2 * GB}\n",
          "memory.stat": f"anon 7\ninactive_file {GB}\nactive_file 9\n"}, GB),
    ],
)  # fmt: skip
def test_free_memory_is_what_machine_and_container_both_give(group: Path, files: dict[str, str], free: int) -> None:
    for name, content in files.items():
        (group / name).write_text(content)
    assert memory.available() == free


def test_a_container_counts_processes_ended_for_lack_of_memory(group: Path) -> None:
    (group / "memory.events").write_text("low 0\nhigh 0\nmax 12\noom 4\noom_kill 3\noom_group_kill 0\n")
    assert memory.kills() == 3


@pytest.mark.skipif(not Path("/proc/vmstat").exists(), reason="only Linux counts them")
def test_without_a_container_the_machine_counts(group: Path) -> None:
    kills = memory.kills()
    assert kills is None or kills >= 0


def test_this_process_knows_its_own_size() -> None:
    assert 10_000_000 < memory.own() < 20 * GB
    assert memory.own() >= psutil.Process(os.getpid()).memory_info().rss / 2
