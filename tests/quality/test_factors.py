"""How closely a latent number follows a true factor."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.quality.factors import correlation_ratio

RNG = np.random.default_rng(1)


def test_a_number_that_is_a_factor_follows_it_wholly() -> None:
    factor = RNG.uniform(0, 1, 5_000)
    codes = np.stack([3 * factor - 1, (2 * factor - 1) ** 2, RNG.standard_normal(5_000)], axis=1).astype(np.float32)
    ratio = correlation_ratio(codes, factor)
    assert ratio[0] > 0.98
    assert ratio[1] > 0.9  # also where it is no straight line
    assert ratio[2] < 0.02


def test_classes_are_a_factor_too() -> None:
    classes = RNG.integers(0, 3, 3_000)
    factor = classes.astype(np.float64)
    codes = np.stack([np.choose(classes, [0.0, 5.0, -5.0]), np.ones(3_000)], axis=1).astype(np.float32)
    assert correlation_ratio(codes, factor)[0] == pytest.approx(1)
    assert correlation_ratio(codes, factor)[1] == 0  # a number that never varies
