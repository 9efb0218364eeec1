"""The points of curves."""

from __future__ import annotations

import pytest

from genmod.drawing import curves


def history(epochs: int) -> list[dict[str, float]]:
    return [{"epoch": n, "loss": 100.0 - n, "val_a": 60.0, "val_b": 40.0} for n in range(1, epochs + 1)]


def test_a_curve_is_a_weighted_sum_of_columns() -> None:
    assert curves.points(history(2), {"loss": 1.0}) == [(1, 99.0), (2, 98.0)]
    assert curves.points(history(2), {"val_a": 1.0, "val_b": 0.5}) == [(1, 80.0), (2, 80.0)]
    assert curves.points(history(1), {"loss": 1.0, "val_a": -1.0}) == [(1, 39.0)]


def test_an_epoch_without_a_column_has_no_point() -> None:
    assert curves.points([{"epoch": 1}, {"epoch": 2, "loss": 3.0}], {"loss": 1.0}) == [(2, 3.0)]
    assert curves.weighted_sum({"epoch": 1}, {"loss": 1.0}) is None


@pytest.mark.parametrize("epochs", [1, 119, 120, 121, 500, 1001])
def test_long_curves_are_thinned_and_keep_both_ends(epochs: int) -> None:
    found = curves.points(history(epochs), {"loss": 1.0})
    assert len(found) <= curves.MOST_POINTS + 1
    assert (found[0][0], found[-1][0]) == (1, epochs)
