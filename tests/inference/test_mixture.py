"""A mixture of Gaussians: what it draws, and what of its file can be read."""

from __future__ import annotations

import io

import numpy as np
import pytest
from scipy.stats import multivariate_normal  # type: ignore[import-untyped]

from genmod.inference.mixture import COMPONENTS, Mixture, packed, unpacked
from genmod.quality.likelihood import log_density


@pytest.fixture
def mixture() -> Mixture:
    """Ten narrow components far apart, the first as frequent as all others together."""
    weights = np.array([0.5] + [0.5 / 9] * 9, np.float32)
    means = np.stack([np.arange(10), np.zeros(10)], axis=1).astype(np.float32) * 100
    roots = np.tile(np.array([[1.0, 0.0], [0.6, 0.8]], np.float32), (10, 1, 1))
    return Mixture(weights, means, roots)


def test_each_component_gets_its_share_its_mean_and_its_covariance(mixture: Mixture) -> None:
    drawn = mixture.draw(40_000, 3)
    which = np.rint(drawn[:, 0] / 100).astype(int)
    np.testing.assert_allclose(np.bincount(which, minlength=10) / 40_000, mixture.weights, atol=0.01)
    for number in range(10):
        own = drawn[which == number]
        np.testing.assert_allclose(own.mean(axis=0), mixture.means[number], atol=0.1)
        np.testing.assert_allclose(np.cov(own.T), [[1.0, 0.6], [0.6, 1.0]], atol=0.12)


def test_the_spread_scales_each_draw_around_the_mean_of_its_component(mixture: Mixture) -> None:
    plain, wide, none = (mixture.draw(500, 7, spread) for spread in (1.0, 2.0, 0.0))
    means = mixture.means[np.rint(plain[:, 0] / 100).astype(int)]
    np.testing.assert_array_equal(none, means)
    np.testing.assert_allclose(wide - means, 2 * (plain - means), atol=1e-4)


def test_its_density_is_the_weighted_sum_of_its_components_densities(mixture: Mixture) -> None:
    points = np.concatenate([mixture.draw(50, 1), np.array([[50.0, 0.0], [1e4, -1e4]], np.float32)])
    expected = [
        multivariate_normal(mean, root @ root.T).logpdf(points) + np.log(weight)
        for weight, mean, root in zip(mixture.weights, mixture.means, mixture.roots, strict=True)
    ]
    np.testing.assert_allclose(mixture.log_density(points), np.logaddexp.reduce(expected), rtol=1e-4)


def test_of_one_normal_distribution_alone_it_is_the_prior_s(mixture: Mixture) -> None:
    alone = Mixture(
        np.eye(10, dtype=np.float32)[0], np.zeros((10, 2), np.float32), np.tile(np.eye(2, dtype=np.float32), (10, 1, 1))
    )
    points = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    np.testing.assert_allclose(alone.log_density(points), log_density(points), rtol=1e-5)


def test_a_longer_draw_begins_with_the_shorter_and_another_seed_is_another(mixture: Mixture) -> None:
    np.testing.assert_allclose(mixture.draw(1000, 5)[:100], mixture.draw(100, 5), rtol=1e-6)
    assert not np.allclose(mixture.draw(100, 5), mixture.draw(100, 6))
    assert mixture.draw(3, 0).dtype == np.float32


def test_what_is_packed_is_unpacked(mixture: Mixture) -> None:
    found = unpacked(packed(mixture), 2)
    assert found is not None
    for name in ("weights", "means", "roots"):
        np.testing.assert_array_equal(getattr(found, name), getattr(mixture, name))
    assert unpacked(packed(mixture), 3) is None


def test_a_damaged_file_is_nothing_and_never_an_error(mixture: Mixture) -> None:
    content = packed(mixture)
    rng = np.random.default_rng(0)
    assert all(unpacked(content[:length], 2) is None for length in range(0, len(content), 7))
    for _ in range(500):
        changed = bytearray(content)
        changed[rng.integers(len(content))] ^= int(rng.integers(1, 256))
        found = unpacked(bytes(changed), 2)  # a byte that nobody reads may have changed
        assert found is None or np.array_equal(found.roots, mixture.roots)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weights", np.full(COMPONENTS, 0.2)),
        ("weights", np.array([1.5, -0.5, *[0.0] * 8])),
        ("means", np.full((COMPONENTS, 2), np.nan)),
        ("roots", np.full((COMPONENTS, 2, 2), np.inf)),
        ("means", np.zeros((9, 2))),
        ("roots", np.zeros((COMPONENTS, 2))),
        ("weights", np.array(["a tenth"] * COMPONENTS)),
    ],
)
def test_what_is_no_mixture_is_nothing(mixture: Mixture, name: str, value: np.ndarray) -> None:
    arrays = {"weights": mixture.weights, "means": mixture.means, "roots": mixture.roots, name: value}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    assert unpacked(buffer.getvalue(), 2) is None
