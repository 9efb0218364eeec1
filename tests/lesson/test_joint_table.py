"""p(x, y) and p(y | x) in digits that add up."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.lesson import joint_table
from genmod.lesson.joint_table import HUNDRED, THOUSAND


@pytest.mark.parametrize("seed", range(20))
def test_all_sums_are_right_to_the_last_digit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(12, 0.3)).reshape(4, 3)
    table = joint_table.table(probabilities)
    joint = np.array(table.joint)
    assert joint.sum() == sum(table.of_x) == sum(table.of_y) == THOUSAND
    assert np.abs(joint - THOUSAND * probabilities).max() < 2
    assert np.abs(np.array(table.of_y) - THOUSAND * probabilities.sum(axis=0)).max() < 1
    for row, share in zip(table.joint, table.conditional, strict=True):
        if share is None:
            assert sum(row) == 0
            continue
        assert sum(share) == HUNDRED
        # A pocket calculator finds the same from what is shown, within one unit of the last digit.
        assert np.abs(np.array(share) - HUNDRED * np.array(row) / sum(row)).max() < 1


def test_a_row_with_nothing_in_it_cannot_be_divided() -> None:
    table = joint_table.table(np.array([[0.5, 0.5], [0.0, 0.0]]))
    assert table.conditional == ((50, 50), None)


def test_what_is_left_over_goes_to_the_largest_fractions() -> None:
    assert joint_table.apportioned([1, 1, 1], 1_000) == (334, 333, 333)
    assert joint_table.apportioned([0.2, 0.8], 100) == (20, 80)
    assert joint_table.apportioned([0.0, 0.0], 10) == (10, 0)
    assert joint_table.apportioned([5.0], 7) == (7,)
