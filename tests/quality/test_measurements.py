"""Who is measured when: tickets, one worker, cancelling, failures. Measuring itself is planted here."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import filelock
import pytest

from genmod import quality, runs
from genmod.errors import RunError, StoreError
from genmod.jobs.queues import MEASUREMENTS, Queue, Standing
from genmod.kinds import VAEConfig
from genmod.quality import Quality, Report, Sizes, measurements
from genmod.runs import Run, Store
from genmod.system import files
from genmod.system.project import PROJECT

Measure = Callable[..., Quality]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are the worker themselves."""
    monkeypatch.setattr(Queue, "ensure_worker", lambda queue, store: None)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Measuring that takes no time; the ids of the runs it was asked for."""
    asked: list[str] = []

    def measure(run: Run, sizes: Sizes | None = None, report: Report = lambda share, doing: None) -> Quality:
        asked.append(run.id)
        report(0.5, "Looking")
        return Quality({"recall": 0.5}, {}, {}, quality.stamp(run), runs.now())

    monkeypatch.setattr(quality, "measure", measure)
    return asked


def copies(store: Store, *names: str) -> list[Run]:
    store.root.mkdir(exist_ok=True)
    for name in names:
        shutil.copytree(runs.SHIPPED / "vae-elbo", store.root / name)
        store.root.joinpath(name, quality.NAME).unlink()
    return [Run(store.root / name) for name in names]


def test_a_run_nobody_asked_for_is_idle(store: Store) -> None:
    (run,) = copies(store, "one")
    assert measurements.standing(store, run) == Standing()
    assert measurements.result(store, run) is None


def test_a_wish_waits_until_a_worker_comes_and_is_then_fulfilled(store: Store, planted: list[str]) -> None:
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    assert measurements.standing(store, run).state == "waiting"
    assert measurements.standing(store, run).changing
    measurements.work(store)
    assert measurements.standing(store, run).state == "idle"
    known = measurements.result(store, run)
    assert known is not None
    assert known.number("recall") == 0.5
    assert quality.kept(run.path) == known


def test_wishes_are_fulfilled_in_their_order_and_once(store: Store, planted: list[str]) -> None:
    found = copies(store, "b", "a", "c")
    for run in (*found, found[0]):
        measurements.ask(store, run)
    assert [measurements.ahead(store, run) for run in found] == [0, 1, 2]
    measurements.work(store)
    assert planted == ["b", "a", "c"]


def test_a_shipped_run_s_folder_is_never_written(store: Store, planted: list[str]) -> None:
    run = runs.find("vae-map")
    before = run.file(quality.NAME).stat().st_mtime_ns
    measurements.ask(store, run)
    measurements.work(store)
    assert planted == ["vae-map"]
    assert run.file(quality.NAME).stat().st_mtime_ns == before
    known = measurements.result(store, run)
    assert known is not None
    assert known.values == {"recall": 0.5}
    assert store.runs() == []


def test_an_own_run_with_the_id_of_a_shipped_one_is_another(store: Store, planted: list[str]) -> None:
    (own,) = copies(store, "vae-map")
    measurements.ask(store, own)
    assert measurements.standing(store, runs.shipped().find("vae-map") or own).state == "idle"
    measurements.work(store)
    assert quality.kept(own.path) is not None


def test_what_holds_comes_before_what_is_stale(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runs.find("vae-map")
    folder = store.root / measurements.FOLDER / "shipped--vae-map"
    folder.mkdir(parents=True)
    quality.save(folder, Quality({}, {}, {}, {"version": -1}, "9999"))
    known = measurements.result(store, run)
    assert known is not None
    assert not known.stale(run)
    monkeypatch.setattr("genmod.quality.result.VERSION", -1)
    assert measurements.result(store, run) is not None


def test_a_waiting_wish_can_be_withdrawn(store: Store, planted: list[str]) -> None:
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    measurements.cancel(store, run)
    measurements.work(store)
    assert planted == []
    assert measurements.standing(store, run).state == "idle"


def test_a_measurement_under_way_shows_itself_and_can_be_cancelled(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = copies(store, "one", "two")
    seen = []

    def measure(run: Run, sizes: Sizes | None = None, report: Report = lambda share, doing: None) -> Quality:
        report(0.25, "Looking")
        seen.append(measurements.standing(store, run))
        if run.id == "one":
            measurements.cancel(store, run)
        report(0.5, "Still looking")
        return Quality({}, {}, {}, {}, "")

    monkeypatch.setattr(quality, "measure", measure)
    measurements.ask(store, first)
    measurements.ask(store, second)
    measurements.work(store)
    assert seen == [Standing("running", 0.25, "Looking")] * 2
    assert quality.kept(first.path) is None
    assert quality.kept(second.path) is not None
    assert measurements.standing(store, first).state == "idle"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (RunError("The model is odd."), "The model is odd."),
        (ZeroDivisionError(), "The measurement failed with ZeroDivisionError."),
        (OSError(28, "No space left on device"), "No space left on device"),
    ],
)
def test_a_failure_ends_as_a_sentence(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: Exception, sentence: str
) -> None:
    def measure(run: Run, report: Report) -> Quality:
        raise error

    (run,) = copies(store, "one")
    monkeypatch.setattr(quality, "measure", measure)
    measurements.ask(store, run)
    measurements.work(store)
    standing = measurements.standing(store, run)
    assert standing.state == "failed"
    assert sentence in standing.message
    measurements.ask(store, run)
    assert measurements.standing(store, run).state == "waiting"


def test_a_run_that_kills_its_worker_is_tried_twice(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    class KilledError(BaseException):
        """Nothing is left to catch it."""

    def measure(run: Run, report: Report) -> Quality:
        raise KilledError

    (run,) = copies(store, "one")
    monkeypatch.setattr(quality, "measure", measure)
    measurements.ask(store, run)
    for _ in range(2):
        with pytest.raises(KilledError):
            measurements.work(store)
        assert measurements.standing(store, run).changing
    measurements.work(store)
    assert measurements.standing(store, run).state == "failed"
    assert "twice" in measurements.standing(store, run).message


def test_a_deleted_run_does_not_hold_up_the_others(store: Store, planted: list[str]) -> None:
    gone, stays = copies(store, "gone", "stays")
    measurements.ask(store, gone)
    measurements.ask(store, stays)
    store.delete(gone)
    measurements.work(store)
    assert planted == ["stays"]


def test_one_worker_a_store(store: Store, planted: list[str]) -> None:
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    with filelock.FileLock(store.root / measurements.FOLDER / "worker.lock"):
        command = [sys.executable, "-m", "genmod", "evaluate", "--queued", "--store", str(store.root)]
        ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert measurements.standing(store, run).state == "waiting"


def test_too_many_wishes_are_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measurements, "MOST_WAITING", 1)
    first, second = copies(store, "one", "two")
    measurements.ask(store, first)
    with pytest.raises(RunError, match="try again later"):
        measurements.ask(store, second)


def test_a_store_that_cannot_be_written_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Runs cannot be saved"):
        measurements.ask(Store(tmp_path / "file" / "store"), runs.find("vae-map"))


def test_damaged_tickets_do_no_harm(store: Store, planted: list[str]) -> None:
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    folder = store.root / measurements.FOLDER
    (folder / "one.ticket.json").write_text("nonsense")
    assert measurements.standing(store, run).state == "waiting"
    measurements.work(store)
    assert quality.kept(run.path) is not None
    assert measurements.standing(store, run).state == "idle"
    files.write_json(folder / "one.ticket.json", {"asked": 3, "tries": "x"})
    assert measurements.standing(store, run).state == "waiting"
    measurements.work(store)


@pytest.mark.timeout(120)
def test_a_worker_of_its_own_measures(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    run = store.create(VAEConfig(), "new")  # has no model: the shortest real measurement
    measurements.ask(store, run)
    deadline = time.monotonic() + 60
    while measurements.standing(store, run).state != "failed" and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "has no decoder.tflite" in measurements.standing(store, run).message


# A worker that dies


class Ended:
    """A worker that has ended with a code."""

    def __init__(self, code: int) -> None:
        self.code = code

    def poll(self) -> int:
        """As of `subprocess.Popen`."""
        return self.code


@pytest.mark.parametrize(("code", "started"), [(-9, 1), (1, 1), (0, 5)])
def test_a_worker_that_dies_at_its_start_is_not_started_at_every_look(
    store: Store, monkeypatch: pytest.MonkeyPatch, code: int, started: int
) -> None:
    monkeypatch.undo()
    spawned: list[Ended] = []

    def spawn(queue: Queue, store: Store) -> Ended:
        spawned.append(Ended(code))
        return spawned[-1]

    monkeypatch.setattr(Queue, "_spawn", spawn)
    moment = [100.0]
    monkeypatch.setattr("genmod.jobs.pool.time.monotonic", lambda: moment[0])
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    for _ in range(4):
        MEASUREMENTS.ensure_worker(store)
    assert len(spawned) == started
    assert bool(MEASUREMENTS.trouble(store)) == (code != 0)
    if code:
        for _ in range(20):  # pauses double up to a minute
            moment[0] += 60
            MEASUREMENTS.ensure_worker(store)
            MEASUREMENTS.ensure_worker(store)
        assert len(spawned) == 21
        measurements.ask(store, run)  # a person asks again: at once
        assert len(spawned) == 22


def test_the_worker_that_ended_well_after_a_bad_one_ends_the_trouble(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    codes = iter((-9, 0))
    monkeypatch.setattr(Queue, "_spawn", lambda queue, store: Ended(next(codes)))
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    MEASUREMENTS.ensure_worker(store)
    assert MEASUREMENTS.trouble(store) is not None
    measurements.ask(store, run)
    measurements.cancel(store, run)
    MEASUREMENTS.ensure_worker(store)
    assert MEASUREMENTS.trouble(store) is None


@pytest.mark.timeout(120)
def test_a_killed_worker_is_followed_by_another_and_a_third_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    (run,) = copies(store, "one")
    measurements.ask(store, run)
    killed: set[int] = set()
    deadline = time.monotonic() + 100
    while (standing := measurements.standing(store, run)).changing and time.monotonic() < deadline:
        MEASUREMENTS.ensure_worker(store)
        for process in list(MEASUREMENTS.pool(store).processes):
            if standing.share > 0 and process.poll() is None and process.pid not in killed:
                process.kill()
                killed.add(process.pid)
                process.wait()
                (store.root / measurements.FOLDER / "one.progress.json").unlink()  # so that the next one's is seen
        time.sleep(0.05)
    assert standing.state == "failed"
    assert "ended without a word, twice" in standing.message
    assert len(killed) == 2
    assert quality.kept(run.path) is None
