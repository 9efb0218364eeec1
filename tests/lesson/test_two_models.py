"""Both models of points in the plane: what they learn, and points that leave them little to learn."""

from __future__ import annotations

import time

import numpy as np
import pytest

from genmod.drawing import plane_map
from genmod.lesson import plane, two_models
from genmod.lesson.plane import GRID, READY, SIDE, Placed

EDGES = (2.5, 5.0, 7.5)
CENTISECONDS = 10  # of a core, that a fit and its picture may take


def test_one_gaussian_has_the_mean_and_the_spread_of_its_points() -> None:
    placed = READY["three-clouds"]
    models = two_models.learn(placed, 1)
    expected = []
    for number, share in zip(models.classes, models.shares, strict=True):
        points = placed.at[placed.labels == number]
        covariance = np.cov(points.T, bias=True) + two_models.FLOOR * np.eye(2)
        away = placed.at - points.mean(axis=0)
        squares = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        expected.append(share * np.exp(-squares / 2) / (2 * np.pi * np.sqrt(np.linalg.det(covariance))))
    assert np.exp(models.log_joint(placed.at)) == pytest.approx(np.stack(expected, axis=1), rel=1e-3)


def test_the_boundary_is_where_the_probabilities_are_equal() -> None:
    models = two_models.learn(READY["two-clouds"], 1)
    assert models.discriminative is not None and models.boundary_grid is not None
    (weights,), (offset,) = models.discriminative.coef_, models.discriminative.intercept_
    point = two_models.MIDDLE - offset * weights / (weights @ weights)
    assert models.conditional(point[np.newaxis])[0] == pytest.approx([0.5, 0.5])
    assert models.boundary_grid.shape == models.joint_grid.shape == (GRID, GRID, 2)
    # The grid's rows go upwards.
    corner = models.conditional(np.array([[0.0, SIDE]]))[0]
    assert np.exp(models.boundary_grid[-1, 0]) == pytest.approx(corner, rel=1e-4)


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("gaussians", [1, 3, 6])
def test_probabilities_of_strips_are_those_of_many_draws(name: str, gaussians: int) -> None:
    models = two_models.learn(READY[name], gaussians)
    strips = models.strips(EDGES)
    assert strips.sum() == pytest.approx(1.0) and strips.sum(axis=0) == pytest.approx(models.shares)
    points, classes = models.draw(20_000, 1)
    where = np.searchsorted(EDGES, points[:, 0])
    drawn = np.array(
        [[np.mean((where == strip) & (classes == number)) for number in models.classes] for strip in range(4)]
    )
    assert np.abs(drawn - strips).max() < 0.015


def test_draws_repeat_with_their_seed_and_are_none_of_the_points() -> None:
    placed = READY["two-clouds"]
    models = two_models.learn(placed, 1)
    first, second, other = models.draw(20, 5), models.draw(20, 5), models.draw(20, 6)
    assert np.array_equal(first[0], second[0]) and np.array_equal(first[1], second[1])
    assert not np.array_equal(first[0], other[0])
    assert first[0].shape == (20, 2) and set(first[1]) <= set(models.classes)
    assert np.linalg.norm(first[0][:, np.newaxis] - placed.at, axis=2).min() > 0


def test_straight_boundaries_fail_where_gaussians_do_not() -> None:
    for name in ("rings", "one-inside"):
        straight, round_ones = two_models.learn(READY[name], 1).hits
        assert straight is not None and straight <= 25 and round_ones >= 38, name


def test_a_mixture_follows_what_one_gaussian_cannot() -> None:
    placed = READY["rings"]
    middle = np.array([[SIDE / 2, SIDE / 2]])
    inner = [np.exp(two_models.learn(placed, gaussians).log_joint(middle)[0, 0]) for gaussians in (1, 6)]
    assert inner[1] < inner[0] / 2, "one Gaussian is densest where the ring has its hole"


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("a5050", 1),
        ("a5050b5050", 2),
        ("a0000b9999c5050", 3),
        ("a" + "5050" * 40, 1),
        ("a" + "5050" * 20 + "b" + "5050" * 20, 2),
        ("a" + "".join(f"{step:02d}50" for step in range(0, 100, 5)), 1),
        ("a" + "".join(f"{step:02d}{step:02d}" for step in range(0, 100, 5)) + "c9900", 2),
        ("a10101010101020203030b9090", 2),
    ],
)
def test_few_equal_and_collinear_points_make_working_models(text: str, classes: int) -> None:
    placed = plane.read(text)
    for gaussians in (1, 3, 6):
        models = two_models.learn(placed, gaussians)
        assert (models.discriminative is None) == (classes == 1)
        assert np.isfinite(models.log_joint(placed.at)).all() and np.isfinite(models.joint_grid).all()
        assert models.draw(20, 1)[0].shape == (20, 2)
        assert models.strips(EDGES).sum() == pytest.approx(1.0)
        plane_map.around(models.joint_grid)


def test_any_points_make_working_models() -> None:
    rng = np.random.default_rng(3)
    for _ in range(30):
        count = int(rng.integers(1, 30))
        steps = rng.integers(0, int(rng.choice([2, 5, 100])), (count, 2))
        points = tuple((int(a), int(b), int(c)) for (a, b), c in zip(steps, rng.integers(0, 3, count), strict=True))
        models = two_models.learn(Placed(points), int(rng.choice([1, 3, 6])))
        assert np.isfinite(models.own_densities).all()
        assert models.conditional(np.array([[9.0, 9.0]])).sum() == pytest.approx(1.0)


def test_a_fit_and_its_picture_are_quick() -> None:
    placed = READY["three-clouds"]
    two_models.learn(placed, 3)  # whatever is done once
    spent = []
    for _ in range(5):
        two_models.learn.cache_clear()
        before = time.thread_time()
        models = two_models.learn(placed, 3)
        hues = plane_map.colors(dark=False)
        assert models.boundary_grid is not None
        plane_map.boundary(models.boundary_grid)
        plane_map.boundary(models.joint_grid)
        plane_map.densities(models.joint_grid, hues)
        plane_map.around(models.joint_grid)
        spent.append(100 * (time.thread_time() - before))
    assert min(spent) < CENTISECONDS
