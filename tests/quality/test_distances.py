"""Distances between sets of images, on sets whose answer is known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from genmod.datasets import MNIST, to_float
from genmod.kinds.gan import ALIKE
from genmod.quality import distances

Floats = npt.NDArray[np.float32]


def normal(count: int, seed: int, size: int = 4) -> Floats:
    return np.random.default_rng(seed).standard_normal((count, size)).astype(np.float32)


def test_moments_are_those_of_numpy() -> None:
    points = normal(50, 0)
    mean, covariance = distances.moments(points)
    np.testing.assert_allclose(mean, points.mean(axis=0, dtype=np.float64))
    np.testing.assert_allclose(covariance, np.cov(points.astype(np.float64).T))


def test_frechet_distance_of_normals_along_the_axes() -> None:
    first = np.array([1.0, 2.0]), np.diag([4.0, 9.0])
    second = np.array([0.0, 4.0]), np.diag([1.0, 1.0])
    # Without rotation it is the distance of the means and of the standard deviations.
    assert distances.frechet_distance(first, second) == pytest.approx(1 + 4 + (2 - 1) ** 2 + (3 - 1) ** 2)


def test_frechet_distance_does_not_depend_on_the_axes_or_the_order() -> None:
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    parts = [rng.standard_normal((5, 5)) for _ in range(2)]
    first, second = ((rng.standard_normal(5), part @ part.T) for part in parts)
    turned = [(turn @ mean, turn @ covariance @ turn.T) for mean, covariance in (first, second)]
    value = distances.frechet_distance(first, second)
    assert value > 1
    assert distances.frechet_distance(second, first) == pytest.approx(value)
    assert distances.frechet_distance(*turned) == pytest.approx(value)


def test_frechet_distance_agrees_with_the_eigenvalues_of_the_product() -> None:
    rng = np.random.default_rng(1)
    first, second = (part @ part.T for part in rng.standard_normal((2, 6, 6)))
    mean = np.zeros(6)
    roots = np.sqrt(np.linalg.eigvals(first @ second).real)
    expected = np.trace(first) + np.trace(second) - 2 * roots.sum()
    assert distances.frechet_distance((mean, first), (mean, second)) == pytest.approx(expected)


def test_frechet_distance_bears_features_that_never_vary() -> None:
    one = np.array([1.0, 0.0, 0.0]), np.diag([2.0, 0.0, 0.0])
    assert distances.frechet_distance(one, one) == pytest.approx(0.0, abs=1e-9)
    assert distances.frechet_distance(one, (np.zeros(3), np.zeros((3, 3)))) == pytest.approx(1 + 2)


def test_squared_distances_are_those_of_the_textbook() -> None:
    points, others = normal(7, 0), normal(5, 1)
    expected = [[((point - other) ** 2).sum() for other in others] for point in points]
    np.testing.assert_allclose(distances.squared_distances(points, others), expected, rtol=1e-5)


def test_radius_reaches_to_the_third_neighbour() -> None:
    line = np.array([[0.0], [1.0], [3.0], [6.0], [10.0]], np.float32)
    np.testing.assert_allclose(distances.radii(line, 3), [36, 25, 9, 25, 81])


def test_directions_have_length_one_and_bear_zero() -> None:
    found = distances.directions(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.0, 0.0]], rtol=1e-6)


def test_the_same_distribution_has_high_precision_and_recall() -> None:
    precision, recall = distances.precision_recall(normal(1500, 0), normal(1500, 1))
    assert precision > 0.85
    assert recall > 0.85


def test_samples_of_one_half_are_precise_but_miss_the_other() -> None:
    far = np.array([20, 0, 0, 0], np.float32)
    real = np.concatenate([normal(700, 0), normal(700, 1) + far])
    precision, recall = distances.precision_recall(real, normal(1400, 2))
    assert precision > 0.85
    assert recall == pytest.approx(0.5, abs=0.07)


def test_half_the_samples_astray_halve_the_precision_alone() -> None:
    far = np.array([20, 0, 0, 0], np.float32)
    generated = np.concatenate([normal(700, 0), normal(700, 1) + far])
    precision, recall = distances.precision_recall(normal(1400, 2), generated)
    assert precision == pytest.approx(0.5, abs=0.07)
    assert recall > 0.8


def test_planted_copies_are_found_at_distance_zero() -> None:
    images = MNIST.load().train_images[:300]
    planted = [7, 250, 12]
    index, apart = distances.nearest(images[planted], images)
    assert index.tolist() == planted
    assert apart.tolist() == [0, 0, 0]


def test_nearest_image_is_that_of_a_plain_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "ROWS", 30)  # several blocks
    data = MNIST.load()
    images, among = data.test_images[:20], data.train_images[:500]
    shares: list[float] = []
    index, apart = distances.nearest(images, among, shares.append)
    every = np.sqrt(
        (((images[:, None].astype(np.float64) - among[None].astype(np.float64)) / 255.0) ** 2).sum(axis=(2, 3))
    )
    assert index.tolist() == every.argmin(axis=1).tolist()
    np.testing.assert_allclose(apart, every.min(axis=1), rtol=1e-6)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_the_nearest_distance_is_that_of_the_textbook() -> None:
    points = np.array([[0.0, 0.0], [3.0, 4.0], [3.0, 5.0]], np.float32)
    assert distances.nearest_distance(points) == pytest.approx((5 + 1 + 1) / 3)
    assert distances.nearest_distance(np.ones((5, 28, 28, 1), np.float32)) == 0.0


def test_few_pictures_repeated_with_little_change_are_alike() -> None:
    real = to_float(MNIST.load().test_images[:200])
    drawn = real[:4].repeat(50, axis=0) + np.random.default_rng(0).normal(0, 0.01, real.shape).astype(np.float32)
    assert distances.nearest_distance(drawn) / distances.nearest_distance(real) < ALIKE
