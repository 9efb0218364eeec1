"""Points in latent space."""

from __future__ import annotations

import numpy as np

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
