"""Free memory, of the machine or of a container."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from genmod.system import memory

GB = 10**9


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with 16 GB, 8 of them free."""
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=8 * GB, total=16 * GB))


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the container's."""
    monkeypatch.setattr(memory, "_GROUP", tmp_path)
    own = tmp_path.parent / f"{tmp_path.name}-own-group"
    own.write_text("4:memory:/pod/app\n3:cpuset:/\n0::/pod/app\n")
    monkeypatch.setattr(memory, "_OWN_GROUP", own)
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


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("files", "free", "total"),
    [
        ({}, 8 * GB, 16 * GB),
        # Version 2: this group's bounds, and those of the groups around it.
        ({"pod/app/memory.max": f"{4 * GB}", "pod/app/memory.current": f"{GB}"}, 3 * GB, 4 * GB),
        ({"pod/app/memory.max": "max", "pod/memory.max": f"{2 * GB}", "pod/memory.current": f"{GB}"}, GB, 2 * GB),
        ({"other/memory.max": f"{GB}", "other/memory.current": "0"}, 8 * GB, 16 * GB),
        # Version 1, seen from outside the container and from inside.
        ({"memory/pod/app/memory.limit_in_bytes": f"{3 * GB}", "memory/pod/app/memory.usage_in_bytes": f"{2 * GB}",
          "memory/pod/app/memory.stat": f"inactive_file 1\ntotal_inactive_file {GB}\n"}, 2 * GB, 3 * GB),
        ({"memory/memory.limit_in_bytes": f"{3 * GB}", "memory/memory.usage_in_bytes": f"{GB}"}, 2 * GB, 3 * GB),
        ({"memory/memory.limit_in_bytes": "9223372036854771712", "memory/memory.usage_in_bytes": f"{GB}"},
         8 * GB, 16 * GB),
        ({"memory/memory.limit_in_bytes": "lots", "memory.max": "-"}, 8 * GB, 16 * GB),
    ],
)  # fmt: skip
def test_groups_of_both_versions_bound_what_there_is(group: Path, files: dict[str, str], free: int, total: int) -> None:
    for name, content in files.items():
        (group / name).parent.mkdir(parents=True, exist_ok=True)
        (group / name).write_text(content + "\n")
    assert memory.available() == free
    assert memory.total() == total


def test_an_older_container_counts_its_ended_processes_too(group: Path) -> None:
    (group / "memory").mkdir()
    (group / "memory" / "memory.oom_control").write_text("oom_kill_disable 0\nunder_oom 0\noom_kill 5\n")
    assert memory.kills() == 5


def test_another_process_has_a_size_too() -> None:
    assert 1_000_000 < memory.of(os.getppid()) < 20 * GB
    assert memory.of(os.getpid()) == pytest.approx(memory.own(), rel=0.2)
    assert memory.of(2**22 + 1) == memory.of(-1) == 0


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


# Sixteen threads that all allocate before any of them ends; then how many arenas the C library has.
ARENAS_OF_THREADS = """
import ctypes, sys, threading
from genmod.system import memory
if sys.argv[2] == "limited":
    memory.limit_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
meeting = threading.Barrier(16)
def allocate():
    meeting.wait()
    for _ in range(100):
        library.malloc(5000)
    meeting.wait()
threads = [threading.Thread(target=allocate) for _ in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
library.fopen.restype = ctypes.c_void_p
stream = library.fopen(sys.argv[1].encode(), b"w")
library.malloc_info(0, ctypes.c_void_p(stream))
library.fclose(ctypes.c_void_p(stream))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="arenas are glibc's")
def test_threads_share_a_few_arenas(tmp_path: Path) -> None:
    found = {}
    for way in ("free", "limited"):
        report = tmp_path / way
        subprocess.run([sys.executable, "-c", ARENAS_OF_THREADS, str(report), way], check=True)
        found[way] = report.read_text().count("<heap nr=")
    assert found["limited"] <= memory.ARENAS < found["free"]


HANDED_BACK = """
from genmod.system import memory
held = [bytearray(4096) for _ in range(20_000)]  # 80 MB in pieces too small to be handed back one by one
last = bytearray(4096)  # above them, so that nothing falls off the heap's end by itself
most = memory.own()
del held
memory.give_back()
print(most - memory.own())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked to")
def test_memory_that_was_freed_can_be_handed_back() -> None:
    # In a process of its own: in this one other tests have left room that would be used again.
    ended = subprocess.run([sys.executable, "-c", HANDED_BACK], capture_output=True, text=True, timeout=60, check=True)
    assert int(ended.stdout) > 60_000_000
