"""A run whose checkpoints are damaged: it goes on from an older one, or says in one sentence why it cannot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from genmod import jobs, runs
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control
from genmod.training import trainer, worker
from genmod.training.worker import Leaving
from tests.training.fake_engine import FakeEngine


@pytest.fixture
def run(store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that was stopped in its third epoch, with two checkpoints."""
    monkeypatch.setattr("genmod.training.engine.KerasEngine", FakeEngine)
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", 0.0)
    run = store.create(VAEConfig(epochs=4, learning_rate=0.01), "stopped")
    with jobs.hold(run), Leaving() as leaving:
        worker.train(run, leaving, report=lambda numbers: control.stop(run) if numbers["epoch"] == 3 else None)
    assert run.status().state == runs.STOPPED
    assert len(os.listdir(run.file("checkpoint"))) == 2
    return run


def go_on(run: Run) -> None:
    with jobs.hold(run), Leaving() as leaving:
        control.start_afresh(run)
        worker.train(run, leaving, report=lambda numbers: None)


def contents(run: Run) -> dict[str, bytes]:
    """All that must not be lost."""
    found = [path for path in run.path.rglob("*") if path.is_file()]
    kept = [path for path in found if path.suffix in (".csv", ".npz", ".png", ".tflite", ".keras")]
    return {str(path.relative_to(run.path)): path.read_bytes() for path in kept}


def test_damage_to_the_newest_is_made_good_by_the_one_before(run: Run) -> None:
    newest = max(Path(run.file("checkpoint")).iterdir())
    newest.write_bytes(newest.read_bytes()[:-100])
    go_on(run)
    assert run.status().state == runs.DONE
    assert [row["epoch"] for row in run.history()] == [1, 2, 3, 4]


@pytest.mark.parametrize("damage", ["empty", "zeros", "half", "folder", "random"])
def test_damage_to_all_is_one_sentence_and_nothing_is_lost(run: Run, damage: str) -> None:
    for path in run.file("checkpoint").iterdir():
        size = path.stat().st_size
        if damage == "folder":
            path.unlink()
            path.mkdir()
        else:
            content = {"empty": b"", "zeros": bytes(size), "half": path.read_bytes()[: size // 2]}
            path.write_bytes(content.get(damage, os.urandom(size)))
    before = contents(run)
    go_on(run)
    assert run.status().state == runs.FAILED
    assert run.status().message == (
        "No checkpoint of run stopped can be read, so it cannot go on; train it anew, or remove its folder checkpoint "
        "to let it begin again."
    )
    assert contents(run) == before
