"""The parts of the evidence lower bound, against independent arithmetic."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genmod.datasets import MNIST, Floats
from genmod.errors import RunError
from genmod.quality import likelihood
from genmod.runs import Run, Store


def test_cross_entropy_is_that_of_the_textbook() -> None:
    images = np.array([[0.0, 1.0, 0.25]], np.float32)
    pixels = np.array([[0.1, 0.8, 0.5]], np.float32)
    expected = -(math.log(0.9) + math.log(0.8) + math.log(0.5))
    assert likelihood.binary_crossentropy(images, pixels) == pytest.approx([expected], rel=1e-6)


def test_cross_entropy_is_summed_over_pixels_and_given_for_each_image() -> None:
    images = np.ones((3, 28, 28, 1), np.float32)
    pixels = np.full((3, 28, 28), 0.5, np.float32)
    np.testing.assert_allclose(likelihood.binary_crossentropy(images, pixels), 784 * math.log(2), rtol=1e-5)


def test_cross_entropy_of_certain_pixels_is_finite() -> None:
    ends = np.array([[0.0, 1.0]], np.float32)
    assert likelihood.binary_crossentropy(ends, ends)[0] == pytest.approx(0.0, abs=1e-6)
    assert np.isfinite(likelihood.binary_crossentropy(ends, 1 - ends)).all()


def test_cross_entropy_sees_how_small_a_probability_is() -> None:
    one, tiny = np.ones((1, 1), np.float32), np.full((1, 1), 1e-20, np.float32)
    assert likelihood.binary_crossentropy(one, tiny) == pytest.approx([20 * math.log(10)], rel=1e-5)


def test_kl_divergence_is_that_of_two_normals() -> None:
    z_mean, z_log_var = np.array([[1.5, 0.0], [0.0, 0.0]], np.float32), np.array([[-1.0, 0.5], [0.0, 0.0]], np.float32)

    def kl(mean: float, log_var: float) -> float:
        sigma = math.exp(log_var / 2)
        return math.log(1 / sigma) + (sigma**2 + mean**2) / 2 - 0.5

    expected = [kl(1.5, -1.0) + kl(0.0, 0.5), 0.0]
    np.testing.assert_allclose(likelihood.kl_divergence(z_mean, z_log_var), expected, rtol=1e-6, atol=1e-7)


def test_kl_divergence_agrees_with_sampling() -> None:
    rng = np.random.default_rng(0)
    draws = 0.7 + math.exp(-0.5) * rng.standard_normal(400_000)
    log_ratio = 0.5 - (draws - 0.7) ** 2 / (2 * math.exp(-1.0)) + draws**2 / 2
    kl = likelihood.kl_divergence(np.array([[0.7]], np.float32), np.array([[-1.0]], np.float32))
    assert kl[0] == pytest.approx(log_ratio.mean(), abs=0.01)


def test_log_density_is_that_of_a_normal() -> None:
    points = np.array([[0.5, -1.0]], np.float32)
    expected = sum(
        -0.5 * math.log(2 * math.pi * variance) - (point - mean) ** 2 / (2 * variance)
        for point, mean, variance in ((0.5, 0.2, 2.0), (-1.0, 0.0, 0.3))
    )
    mean, log_var = np.array([0.2, 0.0], np.float32), np.log(np.array([2.0, 0.3], np.float32))
    assert likelihood.log_density(points, mean, log_var) == pytest.approx([expected], rel=1e-6)


def blind(latents: Floats) -> Floats:
    """A decoder that draws the same whatever the latents."""
    return np.full((len(latents), 28, 28), 0.25, np.float32)


def bound(draws: int, z_mean: float, z_log_var: float, count: int = 50) -> Floats:
    images = np.ones((count, 28, 28), np.float32)
    means, log_vars = (np.full((count, 2), value, np.float32) for value in (z_mean, z_log_var))
    return likelihood.importance_weighted_bound([blind] * count, images, means, log_vars, draws)


def test_the_importance_weighted_bound_is_exact_where_it_can_be() -> None:
    # If pixels do not depend on z and q is the prior, every weight is the likelihood itself.
    np.testing.assert_allclose(bound(3, 0.0, 0.0), 784 * math.log(0.25), rtol=1e-6)


def test_the_importance_weighted_bound_rises_from_the_elbo_to_the_likelihood() -> None:
    exact = 784 * math.log(0.25)
    kl = float(likelihood.kl_divergence(np.full((1, 2), 0.8, np.float32), np.full((1, 2), -0.5, np.float32))[0])
    one, few, many = (float(bound(draws, 0.8, -0.5, 300).mean()) for draws in (1, 10, 500))
    assert one == pytest.approx(exact - kl, abs=0.2)
    assert one < few < many <= exact + 0.05
    assert many == pytest.approx(exact, abs=0.05)


def test_the_bound_of_a_run_lies_above_its_elbo(tiny_run: Run) -> None:
    data = MNIST.load()
    images, labels = data.test_images[:40], data.test_labels[:40]
    elbo = likelihood.evaluate(tiny_run, images, labels)["test_elbo"]
    bounds = likelihood.log_likelihood_bounds(tiny_run, images, labels, 50)
    assert bounds is not None
    assert bounds.shape == (40,)
    assert elbo < float(bounds.mean()) < elbo + 20
    again = likelihood.log_likelihood_bounds(tiny_run, images, labels, 50)
    np.testing.assert_array_equal(bounds, again)


def test_evaluation_agrees_with_the_last_line_of_the_history(tiny_run: Run) -> None:
    values, last = likelihood.evaluate(tiny_run), tiny_run.history()[-1]
    for name in ("loss", "reconstruction_loss", "kl_loss"):
        assert values[f"test_{name}"] == pytest.approx(last[f"val_{name}"], rel=1e-4)


def test_the_parts_add_up_without_beta(tiny_run: Run) -> None:
    values = likelihood.evaluate(tiny_run, MNIST.load().test_images[:100])
    assert list(values) == ["test_loss", "test_reconstruction_loss", "test_kl_loss", "test_elbo"]
    assert values["test_elbo"] == -values["test_loss"]
    assert values["test_loss"] == pytest.approx(values["test_reconstruction_loss"] + values["test_kl_loss"])


@pytest.mark.parametrize(
    ("name", "most"), [("vae-article", 155), ("vae-elbo", 134), ("vae-map", 135), ("vae-best", 95)]
)
def test_shipped_runs_are_as_good_as_promised(name: str, most: float) -> None:
    from genmod import runs

    values = likelihood.evaluate(runs.find(name))
    assert values["test_loss"] <= most
    assert values["test_loss"] == pytest.approx(runs.find(name).history()[-1]["val_loss"], rel=1e-4)


def test_a_run_without_models_gives_one_sentence(store: Store) -> None:
    from genmod.kinds import VAEConfig

    with pytest.raises(RunError, match="has no encoder.tflite"):
        likelihood.evaluate(store.create(VAEConfig(), "new"))


def test_the_latents_of_a_plain_autoencoder_have_no_bound(tiny_ae: Run) -> None:
    data = MNIST.load()
    assert likelihood.log_likelihood_bounds(tiny_ae, data.test_images[:3], data.test_labels[:3], 2) is None
