"""One training from its run folder: history, stopping, resuming, and failing well."""

from __future__ import annotations

import dataclasses
import errno
import os
import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from genmod import jobs, runs
from genmod.datasets import MNIST, Dataset, DataSource
from genmod.errors import StoreError
from genmod.inference import Sampler
from genmod.jobs import workers
from genmod.kinds import VAEConfig
from genmod.models.vae import VAE
from genmod.runs import Run, Store
from genmod.system import files
from genmod.training import engine, failures, pictures, trainer, worker
from genmod.training.engine import KerasEngine
from genmod.training.trainer import Trainer
from genmod.training.worker import Leaving

SMALL = VAEConfig(epochs=4, images=600, hidden_units=(8,), latent_dim=2)
Numbers = Mapping[str, Any]
Weights = list[npt.NDArray[np.float32]]


class PulledPlug(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few held-out images and a checkpoint after every epoch; everything else is as it is."""
    whole = MNIST.load()
    few = dataclasses.replace(whole, test_images=whole.test_images[:200], test_labels=whole.test_labels[:200])

    def data() -> Dataset:
        return few

    monkeypatch.setattr(DataSource, "load", lambda source: data())
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", 0.0)


@pytest.fixture
def no_xla(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that look at words and files: compiling is most of what they would take."""
    monkeypatch.setattr(VAE, "compiles_with_xla", False)


@pytest.fixture
def no_export(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that do not look at the exported models."""
    monkeypatch.setattr(engine, "export", lambda model, folder: None)


def train(run: Run, report: Callable[[Numbers], None] | None = None) -> bool:
    """Train as the command line does."""
    lock = jobs.hold(run)
    try:
        return worker.train(run, Leaving(), report)
    finally:
        lock.release()


def final_state(run: Run) -> Weights:
    newest = max(run.file("checkpoint").glob("epoch-?????.npz"))
    with np.load(newest, allow_pickle=False) as arrays:
        return [arrays[name] for name in sorted(arrays)]


def pull_plug_at(epoch: int) -> Callable[[Numbers], None]:
    def report(numbers: Numbers) -> None:
        if numbers["epoch"] == epoch:
            raise PulledPlug

    return report


def fail_writing(monkeypatch: pytest.MonkeyPatch, names: str, code: int = errno.ENOSPC) -> None:
    """Let writes of files whose name matches fail."""
    replace = files.write_bytes

    def write_bytes(path: Path, content: bytes, durable: bool = True) -> None:
        if re.search(names, path.name):
            raise OSError(code, os.strerror(code))
        replace(path, content, durable)

    monkeypatch.setattr(files, "write_bytes", write_bytes)


# The whole of it


def test_a_training_leaves_history_pictures_and_models(store: Store) -> None:
    run = store.create(SMALL, "whole")
    reports: list[Numbers] = []
    assert train(run, reports.append)
    assert run.status().state == runs.DONE
    assert re.fullmatch(r"Finished 4 epochs in \d+ s\.", run.status().message)
    history = run.history()
    assert list(history[0]) == [
        "epoch", "seconds", "loss", "reconstruction_loss", "kl_loss",
        "val_loss", "val_reconstruction_loss", "val_kl_loss",
    ]  # fmt: skip
    assert [row["epoch"] for row in history] == [1, 2, 3, 4]
    assert [row["seconds"] for row in history] == sorted(row["seconds"] for row in history)
    assert history[-1]["loss"] < history[0]["loss"]
    for row in history:
        assert row["val_loss"] == pytest.approx(row["val_reconstruction_loss"] + row["val_kl_loss"], rel=1e-5)
        assert row["loss"] == pytest.approx(row["reconstruction_loss"] + 0.0392 * row["kl_loss"], rel=1e-5)
    assert [path.name for path in sorted(run.file("samples").glob("epoch-*.png"))] == [
        f"epoch-{epoch:05d}.png" for epoch in (0, 1, 2, 3, 4)
    ]
    assert run.frames() == [0, 1, 2, 3, 4]
    first, last = (run.reconstructions_after(epoch) for epoch in (0, 4))
    assert first is not None and last is not None and first != last
    assert run.frame(0) != run.frame(4) and run.frame(4) == run.sheet()
    assert run.usable()
    assert run.reconstructions() is not None
    assert reports[-1]["share"] == 1.0
    assert [numbers["share"] for numbers in reports] == sorted({numbers["share"] for numbers in reports})
    assert set(reports[0]["metrics"]) == {"loss", "reconstruction_loss", "kl_loss"}
    assert run.progress()["epochs"] == 4


@pytest.mark.usefixtures("no_export")
def test_resuming_gives_the_very_weights_of_an_uninterrupted_training(store: Store) -> None:
    config = SMALL.replace(optimizer="adam", learning_rate_schedule="cosine")
    straight, broken = store.create(config, "straight"), store.create(config, "broken")
    assert train(straight)
    with pytest.raises(PulledPlug):
        train(broken, pull_plug_at(epoch=3))
    assert broken.status() == runs.Status(runs.INTERRUPTED, "The training was interrupted after 2 epochs.")
    rows = [row | {"seconds": 100.0} for row in broken.history()]
    broken.write_history(list(rows[0]), rows)
    with broken.file("history.csv").open("a") as stream:
        stream.write("3,101.5,12")  # torn by the same blow
    assert train(broken)
    assert broken.status().state == runs.DONE
    expected, found = final_state(straight), final_state(broken)
    assert len(expected) == len(found) > 8
    for a, b in zip(expected, found, strict=True):
        assert a.tobytes() == b.tobytes()
    ours, theirs = broken.history(), straight.history()
    assert [row["seconds"] >= 100 for row in ours] == [True] * 4  # they go on counting
    assert [row | {"seconds": 0} for row in ours] == [row | {"seconds": 0} for row in theirs]


@pytest.mark.usefixtures("no_export", "no_xla")
@pytest.mark.parametrize("missing", ["history.csv", "checkpoint"])
def test_a_half_deleted_run_can_be_resumed(store: Store, missing: str) -> None:
    run = store.create(SMALL.replace(epochs=2), "worn")
    with pytest.raises(PulledPlug):
        train(run, pull_plug_at(epoch=2))
    for name in (missing, "samples", "progress.json", "control.json"):
        path = run.file(name)
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    assert train(run)
    assert run.status().state == runs.DONE
    assert [row["epoch"] for row in run.history()] == ([2] if missing == "history.csv" else [1, 2])
    assert run.sheet() is not None


# Stopping


@pytest.mark.usefixtures("no_xla")
def test_a_wish_to_stop_leaves_a_usable_run(store: Store) -> None:
    run = store.create(SMALL.replace(epochs=500), "endless")
    looks: list[float] = []

    def report(numbers: Numbers) -> None:
        looks.append(numbers["share"])
        if numbers["epoch"] == 2:
            jobs.stop(store, run)

    assert train(run, report)
    assert run.status().state == runs.STOPPED
    assert run.status().message.startswith(("Stopped after 1 of 500 epochs", "Stopped after 2 of 500 epochs"))
    assert looks[-1] < 0.01
    assert run.usable()
    assert Sampler(run).decode(np.zeros((1, 2), np.float32)).shape == (1, 28, 28)
    assert not run.locked()


@pytest.mark.usefixtures("no_export", "no_xla")
def test_a_stopped_run_goes_on_to_its_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_spawn", lambda store, mode: None)
    run = store.create(SMALL.replace(epochs=2), "pause")
    assert train(run, lambda numbers: run.ask(wanted="stopped"))
    assert run.status().state == runs.STOPPED
    jobs.resume(store, run)
    assert train(run)
    assert run.status().state == runs.DONE
    assert [row["epoch"] for row in run.history()] == [1, 2]


# Failing


@pytest.mark.usefixtures("no_export", "no_xla")
def test_a_loss_that_is_no_number_ends_with_a_hint(store: Store) -> None:
    run = store.create(SMALL.replace(learning_rate=1.0, optimizer="sgd", beta=100), "wild")
    assert not train(run)
    status = run.status()
    assert status.state == runs.FAILED
    assert re.fullmatch(
        r"The loss is no longer a number in epoch 1: the training has diverged, most likely because the learning "
        r"rate is too high\. A learning rate lower than 1 usually helps\.",
        status.message,
    )
    assert "DivergedError" in run.file("log.txt").read_text()


@pytest.mark.usefixtures("no_export", "no_xla")
def test_a_last_step_that_ruins_the_weights_is_no_success(store: Store) -> None:
    # Two steps in all: their losses are numbers still, what the second makes of the weights is not.
    run = store.create(SMALL.replace(learning_rate=1.0, optimizer="sgd", beta=1, epochs=1, batch_size=300), "late")
    assert not train(run)
    assert run.status().state == runs.FAILED
    assert "no longer a number in epoch 1" in run.status().message
    assert run.history() == []


@pytest.mark.usefixtures("no_export", "no_xla")
@pytest.mark.parametrize("names", [r"^epoch-0000\d\.npz$", r"^epoch-0000\d\.png$", r"^progress\.json$"])
def test_a_full_disk_ends_the_run_with_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch, names: str) -> None:
    run = store.create(SMALL.replace(epochs=2), "full")
    with monkeypatch.context() as patch:
        fail_writing(patch, names)
        assert not train(run)
    assert run.status().state == runs.FAILED
    assert run.status().message == "The disk is full: free some space and resume the run."
    assert run.status().cause == runs.DISK
    assert not run.locked()


@pytest.mark.usefixtures("no_xla")
def test_a_disk_that_is_full_at_the_export_keeps_the_training(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SMALL.replace(epochs=2), "late")

    def full(model: object, folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(engine, "export", full)
        assert not train(run)
    assert "The disk is full" in run.status().message
    trained = final_state(run)
    assert train(run)  # there is space again: only the export is left to do
    assert run.status().state == runs.DONE
    assert run.usable()
    assert all(a.tobytes() == b.tobytes() for a, b in zip(trained, final_state(run), strict=True))


@pytest.mark.usefixtures("no_export", "no_xla")
def test_a_disk_so_full_that_no_file_can_be_written_is_named_all_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(SMALL.replace(epochs=2), "mute")

    def report(numbers: Numbers) -> None:
        fail_writing(monkeypatch, "")

    assert not train(run, report)
    monkeypatch.undo()
    assert run.status() == runs.Status(runs.FAILED, "The disk is full: free some space and resume the run.")
    assert run.status().cause == runs.DISK
    assert files.read_json(run.file("status.json")) != files.read_json(run.file(runs.run.RESERVE))
    assert train(run)  # there is space again
    assert run.status().state == runs.DONE
    assert not run.file(runs.run.RESERVE).exists()


@pytest.mark.usefixtures("no_export", "no_xla")
def test_a_folder_deleted_under_a_training_ends_it_quietly(store: Store) -> None:
    run = store.create(SMALL.replace(epochs=2), "gone")
    other = store.create(SMALL, "other")
    assert not train(run, lambda numbers: files_gone(run))
    assert [found.id for found in store.runs() if found.status().waiting] == [other.id]


def files_gone(run: Run) -> None:
    if run.path.exists():
        os.rename(run.path, run.path.with_name(".deleted-run"))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "x"), "The disk is full: free some space and resume the run."),
        (OSError(errno.EDQUOT, "x"), "The disk is full: free some space and resume the run."),
        (
            PermissionError(errno.EACCES, "Permission denied"),
            "The run's folder could not be written (Permission denied).",
        ),
        (MemoryError(), "The machine ran out of memory: use a smaller batch, a smaller net or fewer images."),
        (KeyError("x"), "The training failed with KeyError; the run's log says more."),
    ],
)
def test_every_failure_has_a_sentence(error: Exception, sentence: str) -> None:
    assert failures.explain(error) == sentence


def _refused(error: Exception) -> Exception:
    """What a sentence for people was made of is its context."""
    try:
        try:
            raise error
        except OSError:
            raise StoreError("The state could not be saved.") from None
    except StoreError as refused:
        return refused


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (failures.DivergedError("x"), runs.DIVERGED),
        (MemoryError(), runs.MEMORY),
        (OSError(errno.ENOMEM, "x"), runs.MEMORY),
        (OSError(errno.ENOSPC, "x"), runs.DISK),
        (_refused(OSError(errno.EDQUOT, "x")), runs.DISK),
        (_refused(OSError(errno.EIO, "x")), ""),
        (ValueError("memory, disk, diverged"), ""),
    ],
)
def test_every_failure_has_a_cause_for_programs(error: Exception, cause: str) -> None:
    assert failures.cause(error) == cause


def test_a_run_that_cannot_be_read_fails_with_its_sentence(store: Store) -> None:
    run = store.create(SMALL, "newer")
    run.file("config.json").write_text('{"format": 99}')
    assert not train(run)
    assert run.status().state == runs.FAILED
    assert "has format 99" in run.status().message


def test_a_trainer_reads_its_settings_from_the_folder(store: Store) -> None:
    run = store.create(SMALL.replace(batch_size=70), "settings")
    built = KerasEngine(run.config())
    assert Trainer(run, built).config == SMALL.replace(batch_size=70)
    assert built.batch_size == 70
    assert built.steps_per_epoch == 9
    assert built.pictures.latents.shape == (pictures.PREVIEWS, 2)
