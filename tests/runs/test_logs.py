"""A run's log: bounded, readable, and telling how a trainer died."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from genmod import jobs, runs
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, logs
from genmod.runs.logs import Log
from genmod.system import memory
from genmod.system.project import PROJECT


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / logs.NAME


def test_lines_carry_the_time(path: Path) -> None:
    Log(path).write("one\ntwo")
    assert re.fullmatch(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ (one|two)\n){2}", path.read_text())


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    Log(tmp_path / "none" / "log.txt").write("unheard")
    assert logs.tail(tmp_path / "none" / "log.txt") == ""
    assert logs.crash(tmp_path / "none" / "log.txt") is None


@pytest.mark.parametrize("piece", ["x" * 3_000_000, "y" * 70_000, "short\n" * 20_000, "\n" * 100_000, "\ud800é" * 9000])
def test_a_log_never_outgrows_its_bound(path: Path, piece: str) -> None:
    log = Log(path)
    for number in range(25):
        log.write(f"{piece}\nline {number}")
        assert path.stat().st_size <= logs.LIMIT
    assert logs.tail(path).endswith("line 24\n")


def test_what_is_written_past_the_log_is_bounded_too_and_goes_on(path: Path) -> None:
    log = Log(path)
    with open(path, "ab", buffering=0) as below:
        for number in range(40):
            below.write(b"from below\n" * 9000)
            log.write(f"line {number}")
            assert path.stat().st_size <= logs.LIMIT
        below.write(b"the last word\n")
    text = path.read_text()
    assert text.startswith("(the beginning was cut)\n")
    assert text.endswith("line 39\nthe last word\n")
    assert "\0" not in text
    assert set(text.splitlines()[1:-1]) > {"from below"}


def test_the_tail_is_whole_lines(path: Path) -> None:
    path.write_text("".join(f"line {number:05d}\n" for number in range(5000)))
    assert logs.tail(path, 1000).splitlines() == [f"line {number:05d}" for number in range(4910, 5000)]
    assert len(logs.tail(path).encode()) <= 20_000
    path.write_text("one\ntwo\n")
    assert logs.tail(path) == "one\ntwo\n"


# How a trainer died

HEAD = """
import os, sys
from pathlib import Path
from genmod.runs.logs import STARTED, Log
log = Log(Path(sys.argv[1]))
with log.everything():
    log.write(STARTED + ": x begins")
    print("printed")
    os.write(2, b"from below\\n")
    if sys.argv[2] == "segfault":
        import faulthandler
        faulthandler._sigsegv()
    if sys.argv[2] == "abort":
        os.abort()
print("printed afterwards")
"""


def child(path: Path, end: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", HEAD, str(path), end]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        ("segfault", "the trainer crashed (Segmentation fault)"),
        ("abort", "the trainer crashed (Aborted)"),
        ("well", None),
    ],
)
def test_all_that_a_process_says_is_in_its_log_also_at_its_death(path: Path, end: str, reason: str | None) -> None:
    ended = child(path, end)
    text = path.read_text()
    assert "printed\n" in text and "from below\n" in text
    assert "afterwards" not in text
    assert ended.stdout == ("printed afterwards\n" if end == "well" else "")
    assert ended.stderr == ""
    assert (ended.returncode == 0) == (end == "well")
    assert logs.crash(path) == reason


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("terminate called after throwing an instance of 'std::bad_alloc'\n  what():  x", "memory ran out"),
        ("E0000 tensorflow: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 9 bytes", "memory ran out"),
        ("MemoryError", "memory ran out"),
        ("terminate called after throwing an instance of 'std::bad_cast'", "the trainer crashed (std::bad_cast)"),
        ("F0000 loop.cc:7] Check failed: size > 0 (0 vs. 0)", "the trainer crashed (check failed: size > 0 (0 vs. 0))"),
        ("Fatal Python error: Bus error\n\nCurrent thread 0x00 (most recent", "the trainer crashed (Bus error)"),
        ("Epoch 3: loss 140", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_reason_of_a_death_is_read_from_the_log(path: Path, said: str, reason: str | None) -> None:
    path.write_text(f"{logs.STARTED}: x begins\n{said}\n")
    assert logs.crash(path) == reason


def test_only_the_last_trainer_counts(path: Path) -> None:
    path.write_text(f"{logs.STARTED}: x begins\nFatal Python error: Aborted\n{logs.STARTED}: x goes on\nEpoch 2\n")
    assert logs.crash(path) is None


# In the status of a run whose trainer has died


@pytest.fixture
def dead(store: Store) -> Run:
    """A run whose trainer died in its first epoch."""
    run = store.create(VAEConfig(), "dead")
    jobs.hold(run).release()
    return run


def test_a_crash_is_named_in_the_status(dead: Run) -> None:
    child(dead.file(logs.NAME), "segfault")
    assert dead.status() == runs.Status(
        runs.INTERRUPTED,
        "The training was interrupted in its first epoch: the trainer crashed (Segmentation fault).",
    )


def test_memory_that_ran_out_is_named_in_the_status(dead: Run) -> None:
    dead.file(logs.NAME).write_text(f"{logs.STARTED}\nterminate called: std::bad_alloc\n")
    assert dead.status().message == (
        "The training was interrupted in its first epoch: memory ran out; a smaller batch or a smaller net needs less."
    )


def test_a_trainer_ended_by_the_system_for_memory_is_named_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "kills", lambda: 4)
    run = store.create(VAEConfig(), "greedy")
    jobs.hold(run).release()
    assert run.status().message == "The training was interrupted in its first epoch."
    monkeypatch.setattr(memory, "kills", lambda: 5)
    assert run.status().message == (
        "The training was interrupted in its first epoch: memory ran out and the system ended it; "
        "a smaller batch or a smaller net needs less."
    )
    monkeypatch.setattr(memory, "kills", lambda: None)
    assert run.status().message == "The training was interrupted in its first epoch."
