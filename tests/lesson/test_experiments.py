"""Whose experiment is run when: its turn among trainings, what survives a killed worker, cancelling, failures.

Measuring itself is planted here; `tests/training/test_augmentation.py` does it for real.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from genmod import jobs, runs
from genmod.errors import DataError, RunError, StoreError
from genmod.jobs import overviews, queues, workers
from genmod.jobs.queues import EXPERIMENTS, Queue, Standing, StoppedError
from genmod.kinds import VAEConfig
from genmod.lesson import experiments
from genmod.lesson.augmentation import Cell, Experiment, Result
from genmod.lesson.experiments import Keep, KeepSheet, Report
from genmod.runs import Store
from genmod.system.project import PROJECT

ONE, TWO = Experiment(5), Experiment(10)
PNG = b"picture"


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are the worker themselves, and nobody trains."""
    monkeypatch.setattr(Queue, "ensure_worker", lambda queue, store: None)
    monkeypatch.setattr("genmod.jobs.ensure_worker", lambda store: None)
    monkeypatch.setattr(experiments, "POLL", 0.01)


class Planted:
    """Measuring that takes no time."""

    def __init__(self, before_cell: Callable[[Cell], None] = lambda cell: None) -> None:
        self.before_cell = before_cell
        self.found: list[Cell] = []

    def __call__(self, found: Result, keep: Keep, report: Report, keep_sheet: KeepSheet) -> Result:
        """Find an accuracy of one half for each place that is missing."""
        keep_sheet(PNG)
        for way, seed in found.missing:
            cell = Cell(way, seed, 0.5)
            report(len(found.cells) / 12, f"Seed {seed}: {way}")
            self.before_cell(cell)
            found = found.with_cell(cell)
            self.found.append(cell)
            keep(found)
        return found


def folder(store: Store, experiment: Experiment) -> Path:
    return store.root / experiments.FOLDER / experiment.id


def test_what_nobody_asked_for_is_idle(store: Store) -> None:
    assert experiments.standing(store, ONE) == Standing()
    assert experiments.result(store, ONE) == Result(ONE)
    assert experiments.place(store, ONE) == 0
    assert not experiments.holding(store)


def test_an_experiment_waits_until_a_worker_comes_and_is_then_complete(store: Store) -> None:
    experiments.ask(store, ONE)
    assert experiments.standing(store, ONE).state == "waiting"
    assert experiments.place(store, ONE) == 1
    experiments.work(store, Planted())
    assert experiments.standing(store, ONE) == Standing()
    assert experiments.result(store, ONE).complete
    assert (folder(store, ONE) / experiments.SHEET).read_bytes() == PNG
    assert not workers.full(store)


def test_they_are_run_in_their_order_and_once(store: Store) -> None:
    for experiment in (TWO, ONE, TWO):
        experiments.ask(store, experiment)
    assert [experiments.place(store, experiment) for experiment in (TWO, ONE)] == [1, 2]
    planted = Planted()
    experiments.work(store, planted)
    assert len(planted.found) == 24
    assert experiments.result(store, ONE).complete and experiments.result(store, TWO).complete


def test_a_training_that_was_asked_for_before_comes_first_and_a_later_one_waits(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = store.create(VAEConfig(), "before")
    experiments.ask(store, ONE)
    after = store.create(VAEConfig(), "after")
    assert experiments.place(store, ONE) == 2
    seen: list[str] = []

    def trainer() -> None:
        time.sleep(0.3)
        assert not seen, "the experiment began before the training"
        before.set_status(runs.DONE, "Trained.")

    thread = threading.Thread(target=trainer)
    thread.start()
    experiments.work(store, Planted(lambda cell: seen.append(after.status().state)))
    thread.join()
    assert seen and set(seen) == {runs.QUEUED}


def test_a_training_asked_for_later_does_not_take_the_place_that_an_experiment_waits_for(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(VAEConfig(), "before")
    experiments.ask(store, ONE)
    store.create(VAEConfig(), "after")

    def startable() -> list[str]:
        overviews.forget(store)
        return [run.id for run in jobs.startable(store)]

    assert startable() == ["before", "after"]  # nobody sees to the experiment
    lock = EXPERIMENTS.hold(store)
    assert lock is not None
    assert startable() == ["before"]
    queues.note_progress(folder(store, ONE) / experiments.TICKET, 0.1, "It")
    assert startable() == ["before", "after"]  # it has its place
    queues.forget(folder(store, ONE) / experiments.TICKET, queues.PROGRESS)
    assert startable() == ["before"]
    experiments.cancel(store, ONE)
    assert startable() == ["before", "after"]
    lock.release()


def test_it_holds_the_place_of_a_training_while_it_is_run_and_waits_while_one_is_taken(store: Store) -> None:
    experiments.ask(store, ONE)
    taken = workers.slot(store)
    assert taken is not None
    seen: list[bool] = []
    thread = threading.Thread(
        target=lambda: experiments.work(store, Planted(lambda cell: seen.append(experiments.holding(store))))
    )
    thread.start()
    time.sleep(0.3)
    assert not seen
    assert experiments.standing(store, ONE).state == "waiting"
    taken.release()
    thread.join()
    assert seen and all(seen)
    assert not experiments.holding(store)


def test_while_it_is_run_its_progress_can_be_seen(store: Store) -> None:
    seen: list[Standing] = []
    experiments.ask(store, ONE)
    experiments.work(store, Planted(lambda cell: seen.append(experiments.standing(store, ONE))))
    assert [standing.state for standing in seen] == ["running"] * 12
    assert seen[3] == Standing("running", 0.25, "Seed 0: both")


def test_a_cancelled_one_ends_and_keeps_what_it_has_found(store: Store) -> None:
    def cancel(cell: Cell) -> None:
        if cell.way == "generated":
            experiments.cancel(store, ONE)

    experiments.ask(store, ONE)
    experiments.ask(store, TWO)
    experiments.work(store, Planted(cancel))
    assert experiments.standing(store, ONE) == Standing()
    assert len(experiments.result(store, ONE).cells) == 3
    assert experiments.result(store, TWO).complete  # the next one is taken up
    experiments.ask(store, ONE)
    planted = Planted()
    experiments.work(store, planted)
    assert len(planted.found) == 9
    assert experiments.result(store, ONE).complete


def test_a_waiting_one_can_be_withdrawn(store: Store) -> None:
    experiments.ask(store, ONE)
    taken = workers.slot(store)
    assert taken is not None
    planted = Planted()
    thread = threading.Thread(target=lambda: experiments.work(store, planted))
    thread.start()
    experiments.cancel(store, ONE)
    thread.join(5)
    assert not thread.is_alive() and not planted.found
    taken.release()


WORKER = """
import os, signal, sys
from pathlib import Path
from genmod.lesson import experiments
from genmod.runs import Store
from genmod.jobs.queues import Queue
from tests.lesson.test_experiments import Planted

def die(cell):
    if cell.seed == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)

Queue.ensure_worker = lambda queue, store: None
experiments.work(Store(Path(sys.argv[1])), Planted(die))
"""


def killed(store: Store, seed: int) -> None:
    """A worker that is killed when it comes to a seed."""
    ended = subprocess.run([sys.executable, "-c", WORKER, str(store.root), str(seed)], cwd=PROJECT, check=False)
    assert ended.returncode < 0


def test_a_killed_worker_is_followed_by_one_that_goes_on(store: Store) -> None:
    experiments.ask(store, ONE)
    killed(store, seed=1)
    assert len(experiments.result(store, ONE).cells) == 4
    assert experiments.standing(store, ONE).state == "waiting"
    assert not experiments.holding(store)
    planted, taken = Planted(), workers.slot(store)
    assert taken is not None
    thread = threading.Thread(target=lambda: experiments.work(store, planted))
    thread.start()
    time.sleep(0.3)  # the next one holds the lock, and waits for a place
    assert EXPERIMENTS.held(store)
    assert experiments.standing(store, ONE).state == "waiting"
    assert not experiments.holding(store)
    taken.release()
    thread.join()
    assert [cell.seed for cell in planted.found] == [1] * 4 + [2] * 4
    assert experiments.result(store, ONE).complete


def test_one_that_gets_nowhere_ends_as_a_sentence(store: Store) -> None:
    experiments.ask(store, ONE)
    for _ in range(experiments.MOST_TRIES):
        queues.counted(folder(store, ONE) / experiments.TICKET)
    planted = Planted()
    experiments.work(store, planted)
    assert not planted.found
    standing = experiments.standing(store, ONE)
    assert standing.state == "failed" and "twice" in standing.message
    experiments.ask(store, ONE)  # who asks again gets another try
    experiments.work(store, planted)
    assert experiments.result(store, ONE).complete


def test_who_gets_somewhere_may_be_killed_again(store: Store) -> None:
    experiments.ask(store, ONE)
    tries: list[bool] = []
    counted = queues.beside(folder(store, ONE) / experiments.TICKET, queues.TRIES)
    experiments.work(store, Planted(lambda cell: tries.append(counted.exists())))
    assert tries == [True] + [False] * 11


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (DataError("The data file is missing."), "The data file is missing."),
        (ZeroDivisionError("x"), "The experiment failed with ZeroDivisionError."),
    ],
)
def test_a_failure_ends_as_a_sentence_and_others_go_on(error: Exception, sentence: str, store: Store) -> None:
    def fail_once(cell: Cell) -> None:
        if not failed:
            failed.append(cell)
            raise error

    failed: list[Cell] = []
    experiments.ask(store, ONE)
    experiments.ask(store, TWO)
    experiments.work(store, Planted(fail_once))
    assert experiments.standing(store, ONE) == Standing("failed", 0.0, sentence)
    assert experiments.result(store, TWO).complete


def test_a_ticket_that_cannot_be_read_ends_as_a_sentence(store: Store) -> None:
    experiments.ask(store, ONE)
    (folder(store, ONE) / experiments.TICKET).write_bytes(b"\x00 nonsense {")
    experiments.work(store, Planted())
    assert experiments.standing(store, ONE).state == "failed"


def test_a_second_worker_has_nothing_to_do(store: Store) -> None:
    experiments.ask(store, ONE)
    lock = EXPERIMENTS.hold(store)
    assert lock is not None
    planted = Planted()
    experiments.work(store, planted)
    assert not planted.found
    lock.release()


def test_only_so_many_wait_and_only_so_many_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [Experiment(5, first_seed=number) for number in range(experiments.MOST_WAITING + 1)]
    for experiment in many[:-1]:
        experiments.ask(store, experiment)
    with pytest.raises(RunError, match="wait already"):
        experiments.ask(store, many[-1])
    experiments.ask(store, many[0])  # it waits already
    experiments.work(store, Planted())
    monkeypatch.setattr(experiments, "MOST_KEPT", 2)
    for age, experiment in enumerate(many[:-1]):
        os.utime(folder(store, experiment), (1e9 + age, 1e9 + age))
    experiments.ask(store, many[-1])
    assert [bool(experiments.result(store, experiment).cells) for experiment in many] == [False] * 3 + [True] * 2 + [
        False
    ]


def test_a_server_without_the_memory_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_MAX_MEMORY_MB", "500")
    with pytest.raises(RunError, match=r"need about 1\.\d GB of memory, and this server has 0.5 GB"):
        experiments.ask(store, ONE)


def test_a_store_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        experiments.ask(Store(tmp_path / "file"), ONE)
    with pytest.raises(StoreError):
        experiments.work(Store(tmp_path / "file"), Planted())


def test_no_folder_of_an_experiment_is_a_run(store: Store) -> None:
    experiments.ask(store, ONE)
    experiments.work(store, Planted())
    assert store.runs() == []


def test_a_stopped_experiment_is_no_error_of_a_visitor() -> None:
    assert not issubclass(StoppedError, RunError)


def test_the_command_says_what_is_wrong_and_what_it_found(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    from genmod import __main__
    from genmod.commands import augment

    options = __main__.parser().parse_args(["augment", "--images", "10", "--store", str(store.root)])
    assert augment.command(options, Planted()) == 0
    assert capsys.readouterr().out.count("50.0 ± 0.0 % of the test images right") == 4
    options.json = True
    taken = workers.slot(store)
    assert taken is not None
    assert augment.command(options, Planted()) == 0
    taken.release()
    assert not workers.full(store)
    said = capsys.readouterr()
    assert "both will be slower" in said.err
    assert Result.from_json(json.loads(said.out)) == experiments.result(store, TWO)
    assert __main__.main(["augment", "--images", "11"]) == 2
    assert "must be one of 5, 10, 20, 50, 100." in capsys.readouterr().err
    lock = EXPERIMENTS.hold(store)
    assert lock is not None
    assert __main__.main(["augment", "--store", str(store.root)]) == 2
    assert "Another experiment is under way" in capsys.readouterr().err
    lock.release()


def test_a_worker_that_only_waits_holds_no_tensorflow(store: Store) -> None:
    script = (
        "import sys; from genmod import __main__; assert __main__.main(sys.argv[1:]) == 0; "
        "assert 'tensorflow' not in sys.modules"
    )
    command = [sys.executable, "-c", script, "augment", "--queued", "--store", str(store.root)]
    assert subprocess.run(command, cwd=PROJECT, check=False).returncode == 0
