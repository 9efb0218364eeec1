"""The processes that train: started once, not over and over, and gone afterwards."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import pytest

from genmod import jobs, runs
from genmod.errors import StoreError
from genmod.jobs import service, workers
from genmod.kinds import VAEConfig
from genmod.runs import Store
from genmod.system import files, memory

Program = Callable[[str], None]
LATER = 1000.0  # seconds, by which all that waits for its time is due


@pytest.fixture
def store(store: Store) -> Store:
    store.root.mkdir()
    return store


@pytest.fixture(autouse=True)
def forgetful(store: Store) -> Iterator[None]:
    """Leave no process and no memory of one behind."""
    yield
    for process in workers.of(store).pool.processes:
        if process.poll() is None:
            process.kill()
        process.wait()
    service.forget(store)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Let a worker be a shell script instead."""

    def use(script: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return use


@pytest.fixture
def plenty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory enough for a spare process, which is wanted."""
    monkeypatch.setenv("GENMOD_SPARE", "1")
    monkeypatch.setattr(memory, "available", lambda: workers.SPARE_MEMORY)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that are added to the time."""
    added = [0.0]
    true = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: true() + added[0])
    return added


def started(store: Store) -> int:
    return len(workers.of(store).pool.processes)


def ended(store: Store) -> list[int]:
    """The exit codes of this store's processes, when they have ended."""
    return [process.wait(20) for process in workers.of(store).pool.processes]


def reapers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "genmod-reaper"]


# Whether there is a spare process


def test_a_spare_process_is_wanted_unless_somebody_says_no(monkeypatch: pytest.MonkeyPatch, plenty: None) -> None:
    assert workers.spare_wanted()
    monkeypatch.delenv("GENMOD_SPARE")
    assert workers.spare_wanted()
    monkeypatch.setenv("GENMOD_SPARE", "0")
    assert not workers.spare_wanted()


def test_without_memory_there_is_no_spare_process(
    store: Store, program: Program, monkeypatch: pytest.MonkeyPatch, plenty: None
) -> None:
    program("exec cat")
    monkeypatch.setattr(memory, "available", lambda: 1_499_999_999)
    assert not workers.spare_wanted()
    workers.ensure_spare(store)
    assert started(store) == 0


def test_one_spare_process_is_started_however_often_it_is_asked_for(
    store: Store, program: Program, clock: list[float], plenty: None
) -> None:
    program("exec cat")
    for _ in range(5):  # it needs a while to say that it is there
        workers.ensure_spare(store)
    assert started(store) == 1
    clock[0] = LATER
    with filelock.FileLock(store.root / workers.SPARE):
        workers.ensure_spare(store)
        assert started(store) == 1
    workers.ensure_spare(store)  # it never said so
    assert started(store) == 2


def test_many_threads_start_one_spare_process(store: Store, program: Program, plenty: None) -> None:
    program("exec cat")
    threads = [threading.Thread(target=workers.ensure_spare, args=(store,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert started(store) == 1


def test_each_store_has_its_own_spare_process(store: Store, program: Program, tmp_path: Path, plenty: None) -> None:
    program("exec cat")
    other = Store(tmp_path / "other")
    workers.ensure_spare(store)
    workers.ensure_spare(other)
    assert started(store) == started(other) == 1
    for process in workers.of(other).pool.processes:
        process.kill()
        process.wait()


def test_a_spare_process_that_is_let_go_leaves_nothing(store: Store, program: Program, plenty: None) -> None:
    before = len(os.listdir("/dev/fd")) if os.path.isdir("/dev/fd") else 0
    program("exec cat")  # ends when its input ends, as the true one does
    workers.ensure_spare(store)
    workers.dismiss_spare(store)
    assert ended(store) == [0]
    for thread in reapers():
        thread.join(5)
    assert not reapers()
    workers.dismiss_spare(store)  # nothing is there any more
    assert workers.of(store).living() == []
    assert not before or len(os.listdir("/dev/fd")) <= before


def test_a_worker_is_not_started_beside_a_spare_process(store: Store, program: Program) -> None:
    program("exec cat")
    store.create(VAEConfig(), "waits")
    with filelock.FileLock(store.root / workers.SPARE):
        workers.ensure(store)
    assert started(store) == 0
    workers.ensure(store)
    assert started(store) == 1


# Processes that do not start


def test_a_process_that_cannot_start_is_tried_again_ever_more_rarely_and_it_is_said(
    store: Store, program: Program, clock: list[float]
) -> None:
    program("echo noise >&2; echo no module named genmod >&2; exit 3")
    assert workers.trouble(store) is None
    waited = []
    for turn in range(1, 9):
        workers.ensure(store)
        assert ended(store) == [3]
        workers.ensure(store)
        assert started(store) == 0, "it was started again at once"
        assert workers.of(store).pool.failures == turn
        waited.append(workers.of(store).pool.pause)
        clock[0] += LATER
    assert waited == [2, 4, 8, 16, 32, 60, 60, 60]
    assert workers.trouble(store) == (
        "The last training process ended unexpectedly (no module named genmod); another one is tried."
    )
    program("exit 0")
    workers.ensure(store)
    assert ended(store) == [0]
    clock[0] += LATER
    workers.ensure(store)
    assert workers.trouble(store) is None


def test_a_process_ended_for_lack_of_memory_is_tried_again_more_rarely(
    store: Store, program: Program, clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = [3]
    monkeypatch.setattr(memory, "kills", lambda: counted[0])
    program("kill -9 $$")
    workers.ensure(store)
    assert ended(store) == [-9]
    workers.ensure(store)
    assert started(store) == 1, "somebody's kill is no reason to wait"
    assert ended(store) == [-9]
    counted[0] += 1
    workers.ensure(store)
    assert started(store) == 0, "it was started again at once"
    program(f"exit {workers.ENDED_FOR_MEMORY}")  # the run's status says why
    clock[0] += LATER
    workers.ensure(store)
    assert ended(store) == [workers.ENDED_FOR_MEMORY]
    assert workers.trouble(store) is not None
    workers.ensure(store)
    assert workers.trouble(store) is None


def test_a_full_disk_is_the_trouble(store: Store, program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program("exit 1")
    workers.ensure(store)
    ended(store)
    workers.ensure(store)
    monkeypatch.setattr(files, "disk_is_full", lambda folder: folder == store.root)
    assert workers.trouble(store) == (
        "The disk of this server is full, so that nothing can be trained; it is tried again until there is room."
    )


def test_a_process_that_says_nothing_is_said_to_say_nothing(store: Store, program: Program) -> None:
    program("exit 1")
    workers.ensure(store)
    ended(store)
    workers.ensure(store)
    assert workers.trouble(store) == (
        "The last training process ended unexpectedly (it said nothing); another one is tried."
    )


def test_a_spare_process_that_cannot_start_waits_for_its_turn_too(
    store: Store, program: Program, clock: list[float], plenty: None
) -> None:
    program("exit 3")
    for failures in (1, 2, 3):
        workers.ensure_spare(store)
        assert ended(store) == [3]
        clock[0] += workers.STARTING + 0.1
        workers.ensure_spare(store)
        clock[0] += 2**failures - 0.1
        workers.ensure_spare(store)
        assert started(store) == 0
        assert workers.of(store).pool.failures == failures
        clock[0] += 0.2
    assert workers.trouble(store) is not None


@pytest.mark.parametrize(
    ("end", "troubled"),
    [
        ("exit 0", False),
        ("exit 143", False),  # a trainer that was asked to leave, and saved first
        ("kill -TERM $$", False),
        ("kill -KILL $$", False),
        ("kill -SEGV $$", True),
        ("kill -ILL $$", True),  # a processor that lacks what TensorFlow was built for, again and again
        ("exit 1", True),
    ],
)
def test_only_an_end_that_nobody_asked_for_is_trouble(store: Store, program: Program, end: str, troubled: bool) -> None:
    program(end)
    workers.ensure(store)
    ended(store)
    workers.ensure(store)
    assert (workers.trouble(store) is not None) == troubled
    assert (started(store) == 0) == troubled  # the next one is started at once, or only later
    ended(store)


def test_what_workers_say_is_bounded(store: Store, program: Program) -> None:
    program("echo said; exit 0")
    log = store.root / ".worker.log"
    log.write_text("x" * (workers.LOG_LIMIT + 1))
    workers.ensure(store)
    ended(store)
    assert log.read_text() == "said\n"
    workers.ensure(store)
    ended(store)
    assert log.read_text() == "said\n" * 2


# Bell and hint


def test_the_bell_makes_its_store_and_names_a_place_that_cannot_be(tmp_path: Path) -> None:
    store = Store(tmp_path / "deep" / "store")
    workers.notify(store)
    assert (store.root / workers.WAKE).exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="^Runs cannot be saved in the folder"):
        workers.notify(Store(tmp_path / "file" / "store"))


def test_a_hint_is_written_when_it_is_another(store: Store, tmp_path: Path) -> None:
    path = store.root / workers.HINT
    workers.hint(store, VAEConfig(seed=1))
    first = path.stat().st_ino, path.stat().st_mtime_ns
    workers.hint(store, VAEConfig(seed=1))
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == first
    workers.hint(store, VAEConfig(seed=2))
    assert '"seed": 2' in path.read_text()
    nowhere = Store(tmp_path / "none")
    workers.hint(nowhere, VAEConfig())  # looking at a page makes no store
    assert not nowhere.root.exists()


def test_all_places_are_taken_or_not(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_WORKERS", "2")
    one, two = workers.slot(store), None
    assert one is not None and not workers.full(store)
    two = workers.slot(store)
    assert two is not None and workers.full(store)
    one.release()
    assert not workers.full(store)
    two.release()


# The real one


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def test_a_spare_process_takes_a_run_and_leaves_nothing(store: Store, plenty: None) -> None:
    workers.ensure_spare(store)
    (process,) = workers.of(store).pool.processes
    wait_for(lambda: workers.spare_there(store))
    config = VAEConfig(epochs=1, images=200, hidden_units=(8,))
    run = jobs.submit(store, config).run
    assert workers.of(store).pool.processes == [process]  # no other is started for it
    wait_for(lambda: run.status().ended)
    assert run.status().state == runs.DONE, run.status().message
    assert run.usable()
    assert run.attempt()["pid"] == process.pid
    assert process.wait(20) == 0
    for thread in reapers():
        thread.join(5)
    assert not reapers()
    assert not workers.spare_there(store)
    assert not workers.full(store)
    assert not run.locked()


def test_a_spare_process_ends_when_its_server_is_gone(store: Store, plenty: None) -> None:
    workers.ensure_spare(store)
    (process,) = workers.of(store).pool.processes
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(60) == 0
    assert not workers.spare_there(store)
    assert workers.trouble(store) is None


def test_a_second_spare_process_goes_at_once(store: Store, plenty: None) -> None:
    with filelock.FileLock(store.root / workers.SPARE):
        process = workers._spawn(store, "--spare")
        assert process.wait(20) == 0
    assert "tensorflow" not in (store.root / ".worker.log").read_text()
