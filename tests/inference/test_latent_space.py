"""Points in latent space."""

from __future__ import annotations

import re

import numpy as np
import pytest

from genmod.datasets import Floats
from genmod.inference import latent_space


def test_prior_samples_follow_seed_and_spread() -> None:
    points = latent_space.prior_samples(5000, 4, seed=3, spread=2.0)
    assert points.shape == (5000, 4)
    assert points.dtype == np.float32
    assert np.abs(points.mean(axis=0)).max() < 0.1
    np.testing.assert_allclose(points.std(axis=0), 2.0, atol=0.1)
    np.testing.assert_array_equal(points, latent_space.prior_samples(5000, 4, seed=3, spread=2.0))
    assert not np.array_equal(points, latent_space.prior_samples(5000, 4, seed=4, spread=2.0))


def test_a_longer_draw_begins_with_the_shorter_one() -> None:
    np.testing.assert_array_equal(latent_space.prior_samples(100, 3, 0)[:7], latent_space.prior_samples(7, 3, 0))


def test_no_spread_is_the_centre() -> None:
    np.testing.assert_array_equal(latent_space.prior_samples(3, 2, 0, spread=0.0), np.zeros((3, 2)))


def test_quantiles_cut_the_normal_into_equal_parts() -> None:
    values = latent_space.quantiles(4)
    # The 1/8, 3/8, 5/8 and 7/8 quantiles of N(0, 1).
    np.testing.assert_allclose(values, [-1.150349, -0.318639, 0.318639, 1.150349], atol=1e-6)
    assert latent_space.quantiles(1)[0] == 0.0


def test_the_grid_reads_from_the_top_left() -> None:
    points = latent_space.manifold_grid(3, 2)
    low, high = latent_space.quantiles(3)[[0, 2]]
    assert points.shape == (9, 2)
    np.testing.assert_allclose(points[0], [low, high])
    np.testing.assert_allclose(points[2], [high, high])
    np.testing.assert_allclose(points[4], [0, 0], atol=1e-7)
    np.testing.assert_allclose(points[6], [low, low])


def test_the_grid_varies_two_coordinates_and_keeps_the_others() -> None:
    fixed = np.array([9, 8, 7, 6], np.float32)
    points = latent_space.manifold_grid(5, 4, axes=(2, 0), fixed=fixed)
    assert set(points[:, 1]) == {8.0}
    assert set(points[:, 3]) == {6.0}
    np.testing.assert_allclose(points[0, [2, 0]], latent_space.quantiles(5)[[0, 4]])
    np.testing.assert_array_equal(fixed, [9, 8, 7, 6])


def test_pca_finds_the_directions_that_vary_most() -> None:
    noise = np.random.default_rng(0).standard_normal((2000, 3)) * [0.1, 5.0, 1.0]
    projection = latent_space.pca((noise + [1, 2, 3]).astype(np.float32))
    np.testing.assert_allclose(np.abs(projection.components), [[0, 1, 0], [0, 0, 1]], atol=0.02)
    np.testing.assert_allclose(projection.components @ projection.components.T, np.eye(2), atol=1e-5)
    np.testing.assert_allclose(projection.explained, [25 / 26.01, 1 / 26.01], atol=0.01)
    np.testing.assert_allclose(projection.mean, [1, 2, 3], atol=0.3)


def test_pca_has_one_sign() -> None:
    points = latent_space.prior_samples(500, 6, 0)
    components = latent_space.pca(points).components
    assert all(row[np.abs(row).argmax()] > 0 for row in components)
    np.testing.assert_allclose(latent_space.pca(points[::-1]).components, components, atol=1e-4)


def test_pca_of_equal_points_is_finite() -> None:
    projection = latent_space.pca(np.ones((10, 4), np.float32))
    assert np.isfinite(projection.components).all()
    assert np.isfinite(projection.explained).all()


def test_a_fitted_normal_distribution_has_the_points_mean_and_covariance() -> None:
    points = np.random.default_rng(0).multivariate_normal([3.0, -2.0], [[4.0, 1.5], [1.5, 1.0]], 4000)
    fitted = latent_space.fit(points.astype(np.float32))
    drawn = fitted.shape(latent_space.prior_samples(20_000, 2, 1))
    np.testing.assert_allclose(drawn.mean(axis=0), points.mean(axis=0), atol=0.06)
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), np.cov(points, rowvar=False), atol=0.1)
    np.testing.assert_allclose(fitted.spread, points.std(axis=0), rtol=1e-3)


def test_a_code_that_never_changes_can_be_fitted() -> None:
    points = np.array([[1.0, 5.0], [2.0, 5.0], [4.0, 5.0]], np.float32)
    drawn = latent_space.fit(points).shape(latent_space.prior_samples(10, 2, 0))
    np.testing.assert_allclose(drawn[:, 1], 5.0, atol=1e-5)


def vectors(seed: int, latent_dim: int) -> tuple[Floats, Floats]:
    """Two random latents, of lengths that differ."""
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((2, latent_dim)) * rng.uniform(0.1, 5, (2, 1))
    return first.astype(np.float32), second.astype(np.float32)


@pytest.mark.parametrize("spherical", [False, True])
@pytest.mark.parametrize("latent_dim", [1, 2, 3, 16, 128])
def test_a_path_has_both_ends_to_the_last_bit(latent_dim: int, spherical: bool) -> None:
    for seed in range(50):
        start, end = vectors(seed, latent_dim)
        for steps in (2, 3, 16):
            points = latent_space.path(start, end, steps, spherical)
            assert points.shape == (steps, latent_dim)
            assert points.dtype == np.float32
            np.testing.assert_array_equal(points[[0, -1]], [start, end])


def test_a_straight_path_is_even() -> None:
    start, end = vectors(0, 5)
    steps = np.diff(latent_space.path(start, end, 9, spherical=False), axis=0)
    np.testing.assert_allclose(steps, np.tile((end - start) / 8, (8, 1)), atol=1e-5)


def test_a_spherical_path_is_shoemakes_slerp_of_the_directions_with_lengths_between() -> None:
    for seed in range(200):
        start, end = (vector.astype(np.float64) for vector in vectors(seed, 2 + seed % 30))
        lengths = np.linalg.norm(start), np.linalg.norm(end)
        first, last = start / lengths[0], end / lengths[1]
        angle = np.arccos(first @ last)
        shares = np.linspace(0, 1, 11)[:, np.newaxis]
        slerp = (np.sin((1 - shares) * angle) * first + np.sin(shares * angle) * last) / np.sin(angle)
        points = latent_space.path(start.astype(np.float32), end.astype(np.float32), 11, spherical=True)
        np.testing.assert_allclose(points, slerp * (lengths[0] + shares * (lengths[1] - lengths[0])), atol=2e-5)


def test_a_spherical_path_turns_evenly_and_its_length_changes_evenly() -> None:
    for seed in range(100):
        start, end = vectors(seed, 2 + seed % 40)
        points = latent_space.path(start, end, 13, spherical=True).astype(np.float64)
        lengths = np.linalg.norm(points, axis=1)
        np.testing.assert_allclose(lengths, np.linspace(lengths[0], lengths[-1], 13), rtol=1e-5)
        directions = points / lengths[:, np.newaxis]
        angles = 2 * np.arcsin(np.linalg.norm(np.diff(directions, axis=0), axis=1) / 2)
        np.testing.assert_allclose(angles, angles.mean(), atol=1e-5)


NEARLY = np.array([1, 1e-9, 0, 0], np.float32)


@pytest.mark.parametrize(
    ("start", "end", "middle"),
    [
        ([3, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]),
        ([3, 0, 0, 0], 2 * NEARLY, [2.5, 0, 0, 0]),
        ([0, 0, 0, 0], [0, 4, 0, 0], [0, 2, 0, 0]),
        ([0, 4, 0, 0], [0, 0, 0, 0], [0, 2, 0, 0]),
        ([0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]),
        ([2, 0, 0, 0], [-4, 0, 0, 0], [0, 3, 0, 0]),
        ([1, 0, 0, 0], -NEARLY, [0, 1, 0, 0]),
        ([1e-30, 0, 0, 0], [0, 1e-30, 0, 0], [0.5**0.5 * 1e-30, 0.5**0.5 * 1e-30, 0, 0]),
        ([1e30, 0, 0, 0], [0, 1e30, 0, 0], [0.5**0.5 * 1e30, 0.5**0.5 * 1e30, 0, 0]),
    ],
    ids=["parallel", "nearly", "from-zero", "to-zero", "zero", "opposite", "nearly-opposite", "tiny", "huge"],
)
def test_directions_that_span_no_plane_give_a_path_all_the_same(
    start: list[float], end: list[float], middle: list[float]
) -> None:
    points = latent_space.path(np.array(start, np.float32), np.array(end, np.float32), 5, spherical=True)
    assert np.isfinite(points).all()
    np.testing.assert_array_equal(points[[0, -1]], np.array([start, end], np.float32))
    np.testing.assert_allclose(points[2], middle, rtol=1e-5, atol=1e-6 * np.abs(middle).max())


def test_opposite_directions_keep_the_length_in_every_dimension_but_one() -> None:
    for latent_dim in range(2, 40):
        start = latent_space.prior_samples(1, latent_dim, latent_dim)[0]
        lengths = np.linalg.norm(latent_space.path(start, -start, 9, spherical=True), axis=1)
        np.testing.assert_allclose(lengths, lengths[0], rtol=1e-5)
    start = np.array([2], np.float32)
    np.testing.assert_allclose(latent_space.path(start, -start, 3, spherical=True), [[2], [0], [-2]], atol=1e-7)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_path_without_two_ends_is_refused(steps: int) -> None:
    with pytest.raises(ValueError, match="at least 2 steps"):
        latent_space.path(np.zeros(3, np.float32), np.ones(3, np.float32), steps, spherical=True)


@pytest.mark.parametrize("latent_dim", [1, 2, 7, 8, 16, 32, 64, 128])
def test_why_a_path_is_spherical_is_true(latent_dim: int) -> None:
    line = latent_space.why_spherical(latent_dim)
    told = re.fullmatch(
        rf"Random latents of {latent_dim} numbers? are about ([\d.]+) long; halfway along a straight path it is about "
        r"([\d.]+), and (?:only ([\d.]+)%|([\d.]+)%|fewer than ([\d.]+)%) of them are that short(, so the path may be "
        r"straight)?\.",
        line,
    )
    assert told is not None, line
    pairs = np.random.default_rng(0).standard_normal((2, 100_000, latent_dim))
    lengths = np.linalg.norm(pairs[0], axis=1)
    middles = np.linalg.norm(pairs.mean(axis=0), axis=1)
    assert lengths.mean() == pytest.approx(float(told[1]), abs=0.06)
    assert middles.mean() == pytest.approx(float(told[2]), abs=0.06)
    share = 100 * (lengths < middles.mean()).mean()
    if told[5]:
        assert share < float(told[5])
    else:
        assert share == pytest.approx(float(told[3] or told[4]), abs=0.06 if share < 1 else 0.8)
    assert (told[6] is None) == latent_space.is_spherical(latent_dim)
    # What the rule rests on: from so many dimensions on, few latents are as short as a straight path gets.
    assert (share < 13) == latent_space.is_spherical(latent_dim)


def test_a_spherical_path_has_the_lengths_of_random_latents_and_a_straight_one_has_not() -> None:
    latents = latent_space.prior_samples(400, 128, 0)
    usual = np.quantile(np.linalg.norm(latents, axis=1), [0.005, 0.995])
    for spherical in (True, False):
        middles = [latent_space.path(start, end, 3, spherical)[1] for start, end in latents.reshape(200, 2, 128)]
        lengths = np.linalg.norm(middles, axis=1)
        inside = (usual[0] <= lengths) & (lengths <= usual[1])
        assert inside.mean() > 0.98 if spherical else inside.mean() < 0.05


@pytest.mark.parametrize("latent_dim", [1, 2, 5, 16, 300, 2000])
def test_the_share_of_shorter_latents_is_that_of_the_chi_distribution(latent_dim: int) -> None:
    lengths = np.sqrt(np.random.default_rng(1).chisquare(latent_dim, 100_000))
    for share in (0.02, 0.3, 0.9, 0.999):
        found = latent_space.share_shorter(float(np.quantile(lengths, share)), latent_dim)
        assert found == pytest.approx(share, abs=0.006)
    assert latent_space.share_shorter(0.0, latent_dim) == 0.0
    assert latent_space.share_shorter(1e-3, latent_dim) < 0.002
