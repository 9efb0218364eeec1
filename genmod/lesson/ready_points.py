"""Ready-made sets of points in the plane, always the same, that ask different things of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from genmod.datasets import Doubles

EACH = 20  # points of a class


def two_clouds() -> list[Doubles]:
    """Two clouds that overlap a little; the corner to the upper right is far from both."""
    return [_cloud((2.6, 3.2), 0.85, 1), _cloud((4.7, 5.0), 0.85, 2)]


def three_clouds() -> list[Doubles]:
    """Three clouds in a triangle."""
    return [_cloud((2.4, 3.0), 0.8, 3), _cloud((4.2, 6.3), 0.8, 4), _cloud((5.6, 3.2), 0.8, 5)]


def moons() -> list[Doubles]:
    """Two half circles, each with an end inside the other."""
    turn = np.linspace(0.0, np.pi, EACH)
    upper = np.stack([3.8 + 2.4 * np.cos(turn), 4.6 + 2.4 * np.sin(turn)], axis=1)
    lower = np.stack([6.2 - 2.4 * np.cos(turn), 5.4 - 2.4 * np.sin(turn)], axis=1)
    return [upper + _noise(0.22, 6), lower + _noise(0.22, 7)]


def rings() -> list[Doubles]:
    """One ring around another."""
    turn = np.linspace(0.0, 2 * np.pi, EACH, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return [5.0 + 1.2 * circle + _noise(0.15, 8), 5.0 + 3.3 * circle + _noise(0.2, 9)]


def one_inside() -> list[Doubles]:
    """A dense class in the middle of a wide one."""
    return [_cloud((5.0, 5.0), 0.4, 10), _cloud((5.0, 5.0), 1.9, 11)]


SETS: Mapping[str, Callable[[], list[Doubles]]] = {
    "two-clouds": two_clouds,
    "three-clouds": three_clouds,
    "moons": moons,
    "rings": rings,
    "one-inside": one_inside,
}


def _cloud(middle: tuple[float, float], spread: float, seed: int) -> Doubles:
    """Points (EACH, 2) around a place, with exactly this mean and about this standard deviation."""
    points = _noise(spread, seed)
    points += np.array(middle) - points.mean(axis=0)
    return points


def _noise(spread: float, seed: int) -> Doubles:
    points: Doubles = np.random.default_rng(seed).normal(0.0, spread, (EACH, 2))
    return np.asarray(points.clip(-2.2 * spread, 2.2 * spread))
