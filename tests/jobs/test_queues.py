"""Work that is asked for by tickets: who is called for it, how it stands, and that nobody need look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmod.errors import GenmodError
from genmod.jobs import dispatch, queues, workers
from genmod.jobs.queues import EXPERIMENTS, MEASUREMENTS, QUEUES, Queue, Standing, StoppedError
from genmod.jobs.supervisor import Supervisor
from genmod.runs import Store
from genmod.system import files, processes
from tests.quality.test_measurements import Ended


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The command lines of the processes that were started; each dies at once."""
    found: list[list[str]] = []

    def start(arguments: list[str]) -> Ended:
        found.append(arguments)
        return Ended(1)

    monkeypatch.setattr(processes, "start", start)
    return found


def ticket(queue: Queue, store: Store, name: str = "one") -> Path:
    path = queue.place(store) / queue.tickets.replace("*", name)
    path.parent.mkdir(parents=True, exist_ok=True)
    files.write_json(path, {"asked": "2026-01-01T00:00:00+00:00", "tries": 0})
    return path


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.command)
def test_a_ticket_is_taken_up_though_nobody_looks_at_its_page(
    queue: Queue, store: Store, called: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((dispatch, "ensure_worker"), (workers, "dismiss_spare")):
        monkeypatch.setattr(module, name, lambda store: None)
    one = Supervisor(store)
    one.check()
    assert called == []
    ticket(queue, store)
    one.check()
    assert called == [[queue.command, "--queued", "--store", str(store.root.resolve())]]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.command)
def test_the_queues_do_not_mind_each_other(queue: Queue, store: Store, called: list[list[str]]) -> None:
    (other,) = [one for one in QUEUES if one != queue]
    ticket(queue, store)
    queue.ensure_worker(store)
    assert len(called) == 1
    assert queue.trouble(store) is not None
    assert other.trouble(store) is None
    lock = queue.hold(store)
    assert lock is not None
    assert queue.held(store) and not other.held(store)
    assert queue.hold(store) is None
    assert queue.trouble(store) is None  # one is at work
    lock.release()


def test_a_half_written_ticket_calls_nobody(store: Store, called: list[list[str]]) -> None:
    path = ticket(MEASUREMENTS, store)
    path.rename(path.with_name("." + path.name))
    MEASUREMENTS.ensure_worker(store)
    assert called == []


def test_a_process_that_cannot_be_started_is_one_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(arguments: list[str]) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(processes, "start", refuse)
    ticket(EXPERIMENTS, store)
    with pytest.raises(GenmodError, match=r"^The process of the experiment could not be started \(Cannot allocate"):
        EXPERIMENTS.ensure_worker(store)


def test_how_a_ticket_stands(store: Store) -> None:
    asked = ticket(MEASUREMENTS, store)
    assert MEASUREMENTS.standing(store, asked) == Standing("waiting")
    queues.note_progress(asked, 0.25, "Looking")
    assert MEASUREMENTS.standing(store, asked) == Standing("waiting")  # whoever wrote that is dead
    lock = MEASUREMENTS.hold(store)
    assert lock is not None
    assert MEASUREMENTS.standing(store, asked) == Standing("running", 0.25, "Looking")
    queues.end(asked, "It broke.")
    lock.release()
    assert MEASUREMENTS.standing(store, asked) == Standing("failed", 0.0, "It broke.")
    assert [path.name for path in MEASUREMENTS.place(store).glob("one.*")] == ["one.failed.json"]
    with pytest.raises(StoppedError):
        queues.note_progress(asked, 0.5, "Looking")
    queues.withdraw(asked)
    assert MEASUREMENTS.standing(store, asked) == Standing()


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.command)
def test_a_withdrawn_ticket_does_not_come_back(queue: Queue, store: Store) -> None:
    asked = ticket(queue, store)
    assert [queues.counted(asked), queues.counted(asked)] == [1, 2]
    before = asked.read_bytes()
    assert queues.counted(asked) == 3 and asked.read_bytes() == before  # it is never written again
    queues.withdraw(asked)
    with pytest.raises(StoppedError):
        queues.counted(asked)
    assert not asked.exists() and list(asked.parent.glob("*tries*")) == []
