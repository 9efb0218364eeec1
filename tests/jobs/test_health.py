"""What is reported of the thread, the queue and the disk."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator

import pytest

from genmod.jobs import health, service, supervisor, workers
from genmod.jobs.supervisor import Supervisor
from genmod.runs import Store


@pytest.fixture
def looked_after(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervisor]:
    """A thread that has just looked, without being one."""
    one = Supervisor(store)
    one.check()
    monkeypatch.setattr(Supervisor, "alive", property(lambda self: True))
    service.of(store).put(one)
    yield one


def test_all_is_well(store: Store, looked_after: Supervisor) -> None:
    report = health.report(store)
    assert report["status"] == "ok", report
    assert {name for name, part in report.items() if name != "status" and part["status"] == "ok"} == {
        "supervisor", "queue", "disk",
    }  # fmt: skip


def test_a_store_that_nobody_looks_after_is_not_well(store: Store) -> None:
    report = health.report(store)
    assert report["status"] == report["supervisor"]["status"] == "failing" and not report["supervisor"]["running"]


def test_a_thread_that_hangs_is_not_well(store: Store, looked_after: Supervisor) -> None:
    looked_after._looked = time.monotonic() - supervisor.LATE - 1
    assert health.report(store)["supervisor"]["status"] == "failing"


def test_a_queue_that_nobody_works_off_is_not_well(store: Store, looked_after: Supervisor) -> None:
    looked_after._unserved = time.monotonic() - health.UNSERVED + 5
    assert health.report(store)["queue"]["status"] == "ok"
    looked_after._unserved = time.monotonic() - health.UNSERVED - 5
    assert health.report(store)["queue"]["status"] == "failing"


def test_workers_that_end_badly_are_not_well(
    store: Store, looked_after: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.of(store).pool.note_failure()
    assert health.report(store)["queue"] == {
        **health.report(store)["queue"],
        "status": "failing",
        "worker_failed": True,
    }


def test_a_queue_that_cannot_be_read_is_not_well(
    store: Store, looked_after: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(store: Store) -> None:
        raise ValueError("an odd file in /secret/place")

    monkeypatch.setattr("genmod.jobs.overviews.overview", odd)
    report = health.report(store)
    assert report["queue"] == {"status": "failing", "readable": False, "error": "ValueError"}


def test_a_disk_that_is_nearly_full_is_not_well(
    store: Store, looked_after: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(store.root.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1_000_000))
    report = health.report(store)
    assert report["disk"] == {"status": "failing", "writable": True, "free_mb": 1}


def test_no_path_is_named_when_the_store_cannot_be_written(store: Store, looked_after: Supervisor) -> None:
    shutil.rmtree(store.root, ignore_errors=True)
    store.root.write_text("a file where a folder should be")
    report = health.report(store)
    assert report["disk"]["status"] == "failing" and "/" not in str(report)
