"""The curves of a training as points: rows of a history in, a chart's values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

MOST_POINTS = 120  # of a curve; more would not be seen, and would travel at every look

Row = Mapping[str, float]
Point = tuple[float, float]


def weighted_sum(row: Row, weights: Mapping[str, float]) -> float | None:
    """The sum of some columns of a row, each times its weight; None if one is missing."""
    if any(name not in row for name in weights):
        return None
    return sum(weight * row[name] for name, weight in weights.items())


def points(rows: Sequence[Row], weights: Mapping[str, float], most: int = MOST_POINTS) -> list[Point]:
    """The points of one curve, at most about `most` of them and always the last: epochs and values.

    Args:
        rows: one mapping an epoch, with `epoch`.
        weights: for each column its weight in the sum that is drawn.
    """
    step = -(-len(rows) // most) or 1
    kept = [row for index, row in enumerate(rows) if index % step == 0 or index == len(rows) - 1]
    found = ((row["epoch"], weighted_sum(row, weights)) for row in kept)
    return [(epoch, round(value, 5)) for epoch, value in found if value is not None]
