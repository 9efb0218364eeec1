"""Lines of equal value: circles are round, saddles do not break them, and paths say where they are."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.datasets import Doubles
from genmod.drawing import contours


def cone(size: int = 41) -> Doubles:
    steps = np.arange(size) - (size - 1) / 2
    away: Doubles = -np.hypot(*np.meshgrid(steps, steps))
    return away


def test_a_circle_is_one_closed_line_at_its_radius() -> None:
    (line,) = contours.lines(cone(), -12.0)
    assert line[0] == line[-1] and len(line) > 60
    away = np.hypot(*(np.array(line).T - 20))
    assert np.abs(away - 12).max() < 0.1


def test_a_line_that_leaves_the_grid_has_two_ends() -> None:
    across, _ = np.meshgrid(np.arange(9.0), np.arange(9.0))
    (line,) = contours.lines(across, 3.25)
    assert {x for x, _ in line} == {3.25}
    assert sorted(y for _, y in line) == list(range(9))
    assert contours.lines(across, 99.0) == [] == contours.lines(across, -1.0)


def test_every_crossing_of_noise_is_on_exactly_one_line() -> None:
    values = np.random.default_rng(0).normal(size=(30, 30))
    found = contours.lines(values, 0.1)
    above = values >= 0.1
    crossings = (above[:, 1:] != above[:, :-1]).sum() + (above[1:] != above[:-1]).sum()
    assert sum(len(line) - (line[0] == line[-1]) for line in found) == crossings


def test_a_line_is_cut_where_other_values_are_above_0() -> None:
    across, up = np.meshgrid(np.arange(9.0), np.arange(9.0))
    found = contours.lines(across, 4.0)
    (part,) = contours.where(found, up - 5.5)
    assert max(y for _, y in part) == pytest.approx(5.5) and min(y for _, y in part) == 0
    assert contours.where(found, up + 1) == []
    assert sorted(map(len, contours.where(found, 1.25 - np.abs(up - 4)))) == [4, 4]


def test_the_level_encloses_its_share() -> None:
    dense = np.exp(-0.5 * (cone(161) / 12) ** 2)
    level = contours.level_around(dense, 0.5)
    assert dense[dense >= level].sum() / dense.sum() == pytest.approx(0.5, abs=0.01)
    # Half of a round Gaussian lies within 1.177 standard deviations.
    (line,) = contours.lines(dense, level)
    assert np.hypot(*(np.array(line).T - 80)).mean() == pytest.approx(1.1774 * 12, rel=0.01)


def test_a_path_begins_below_and_goes_up() -> None:
    assert contours.path([[(0.0, 0.0), (1.0, 2.5)]], 10.0, 100.0) == "M0 100L10 75"
