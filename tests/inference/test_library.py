"""A run in a notebook."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import genmod
from genmod.datasets import MNIST
from genmod.errors import RunError
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store
from genmod.system.project import PROJECT


def test_a_shipped_run_works_at_once() -> None:
    run = genmod.load("vae-article")
    images, latents = run.sample(6, seed=1)
    assert images.shape == (6, 28, 28)
    assert images.dtype == np.uint8
    assert latents.shape == (6, run.latent_dim)
    assert latents.dtype == np.float32
    assert run.config == VAEConfig()
    assert len(run.history) == 50


def test_the_same_seed_makes_the_same_digits(tiny_run: Run) -> None:
    run = genmod.load(str(tiny_run.path))
    images, latents = run.sample(5, seed=3)
    again, _ = run.sample(5, seed=3)
    other, _ = run.sample(5, seed=4)
    np.testing.assert_array_equal(images, again)
    assert not np.array_equal(images, other)
    np.testing.assert_array_equal(images, np.rint(run.decode(latents) * 255).astype(np.uint8))


def test_latents_may_be_plain_lists(tiny_run: Run) -> None:
    run = genmod.load(str(tiny_run.path))
    pixels = run.decode([[0, 0, 0, 0]])  # type: ignore[arg-type]
    np.testing.assert_array_equal(pixels, run.decode(np.zeros((1, 4), np.float32)))


def test_digits_are_encoded(tiny_run: Run) -> None:
    run = genmod.load("tiny", tiny_run.path.parent)
    z_mean, z_log_var = run.encode(MNIST.load().test_images[:3])
    assert z_mean.shape == z_log_var.shape == (3, 4)


def test_a_gan_draws_the_digit_it_is_asked_for_and_judges(tiny_gan: Run) -> None:
    run = genmod.load(str(tiny_gan.path))
    assert run.conditional
    sevens, latents = run.sample(20, seed=1, label=7)
    turns, _ = run.sample(20, seed=1)
    np.testing.assert_array_equal(sevens[7], turns[7])
    assert not np.array_equal(sevens, turns)
    np.testing.assert_allclose(run.decode(latents, [7] * 20), run.decode(latents, 7))
    answers = run.judge(sevens, 7)
    assert answers.shape == (20,)
    assert 0.0 < answers.min() <= answers.max() < 1.0
    with pytest.raises(RunError, match="has no encoder.tflite"):
        run.encode(sevens, 7)


def test_a_run_without_classes_is_not_asked_for_a_digit(tiny_run: Run) -> None:
    run = genmod.load(str(tiny_run.path))
    assert not run.conditional
    with pytest.raises(RunError, match="was not trained by class"):
        run.sample(1, label=7)
    with pytest.raises(RunError, match="has no discriminator.tflite"):
        run.judge(MNIST.load().test_images[:1])


def test_an_autoencoder_s_code_is_a_point(tiny_ae: Run) -> None:
    z_mean, z_log_var = genmod.load(str(tiny_ae.path)).encode(MNIST.load().test_images[:3])
    assert z_mean.shape == z_log_var.shape == (3, 4)
    assert (np.exp(z_log_var) == 0).all()


def test_the_history_is_a_table(tiny_run: Run) -> None:
    history = genmod.load("tiny", tiny_run.path.parent).history
    assert list(history["epoch"]) == [1, 2]
    assert history["loss"].is_monotonic_decreasing


def test_a_run_without_a_model_gives_one_sentence(store: Store) -> None:
    store.create(VAEConfig(), "new")
    with pytest.raises(RunError, match="The run new has no decoder.tflite"):
        genmod.load("new", store.root)
    with pytest.raises(RunError, match="There is no run 'old'"):
        genmod.load("old", store.root)


def test_importing_is_light(tmp_path: Path) -> None:
    script = (
        "import sys, genmod; print(genmod.__version__, sorted({'numpy', 'tensorflow', 'keras'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert ended.stdout == f"{genmod.__version__} []\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'lode'"):
        genmod.lode  # noqa: B018
