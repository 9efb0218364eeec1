"""A run that is built on another: it keeps what it needs, so that the other may go, and resumes exactly."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from genmod import jobs, kinds, runs
from genmod.errors import ConfigError
from genmod.inference import Sampler
from genmod.inference.latent_space import prior_samples
from genmod.runs import Run, Store
from genmod.training.engine import KerasEngine
from genmod.training.trainer import Trainer

VALUES = {"velocity_units": (16,), "images": 500, "batch_size": 100, "epochs": 3}


@pytest.fixture
def vae(store: Store, tiny_run: Run) -> Run:
    """A finished VAE in the store."""
    store.root.mkdir(parents=True)
    return Run(Path(shutil.copytree(tiny_run.path, store.root / "own-vae")))


def trained(run: Run, epochs: int | None = None) -> list[dict[str, float]]:
    """Train a run, or a few epochs of it and then as if the system had ended it."""
    engine = KerasEngine(run.config(), run)
    trainer = Trainer(run, engine)
    if epochs is not None:
        finish = trainer.epochs.next

        def leave() -> None:
            finish()
            if trainer.epochs.finished == epochs:
                trainer.leave()

        trainer.epochs.next = leave  # type: ignore[method-assign]
    trainer.train()
    return [{name: value for name, value in row.items() if name != "seconds"} for row in run.history()]


@pytest.mark.long
def test_a_training_goes_on_exactly_when_its_vae_is_deleted_meanwhile(store: Store, vae: Run) -> None:
    config = kinds.from_preset("flow", "map", vae=vae.id, **VALUES)
    whole, lock = jobs.begin(store, config, "whole")
    lock.release()
    torn, lock = jobs.begin(store, config, "torn")
    lock.release()
    expected = trained(whole)
    assert len(trained(torn, epochs=1)) == 1
    shutil.rmtree(vae.path)
    assert trained(torn) == expected
    noise = prior_samples(4, torn.config().latent_dim, 0)
    np.testing.assert_array_equal(Sampler(torn).decode(noise), Sampler(whole).decode(noise))
    assert torn.status().state == runs.DONE


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"vae": "gone"}, "There is no run gone, and --vae must be the id of a finished run of the kind vae"),
        ({"vae": "gan-dense"}, "The run gan-dense is of the kind gan"),
        ({"vae": "vae-conditional"}, "was trained by class"),
        ({"vae": "fashion-vae-map"}, "has learned Fashion-MNIST, and this training is to learn MNIST"),
    ],
)
def test_what_cannot_be_built_on_is_refused_before_anything_is_made(
    values: dict[str, str], sentence: str, store: Store
) -> None:
    with pytest.raises(ConfigError, match=sentence):
        jobs.submit(store, kinds.from_preset("flow", **values))
    assert store.runs() == []


def test_a_vae_that_still_trains_is_refused(store: Store, vae: Run) -> None:
    vae.set_status(runs.QUEUED, "Waiting.")
    with pytest.raises(ConfigError, match="The run own-vae is not finished; it is queued"):
        jobs.submit(store, kinds.from_preset("flow", "map", vae=vae.id))
