"""Boxes beside the points they belong to, none on top of another."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genmod.datasets import Doubles

Point = tuple[float, float]
STEP = 4  # pixels between two places that are tried
BUSY = 1e8  # what it costs to cover something: more than any distance
GAP = 6  # pixels that stay free between boxes, and around points


def placed(points: Sequence[Point], box: Point, room: tuple[float, float, float, float]) -> list[Point]:
    """The top left corner of a box for each point, in pixels: as near to its point as the other boxes leave room.

    A box covers no point and no other box as long as there is room for that. Who chooses first decides much, so
    several orders are tried, and the one that brings the boxes nearest is taken.

    Args:
        points: where each box would like to be, in pixels from the top left.
        box: width and height of every box.
        room: the left, top, right and bottom edge of where boxes may be.
    """
    numbers = range(len(points))
    orders = [
        list(numbers),
        *(sorted(numbers, key=lambda n: sign * points[n][axis]) for axis in (0, 1) for sign in (1, -1)),
    ]
    tried = [_in_order(points, order, box, room) for order in orders]
    return min(tried, key=lambda found: found[0])[1]


def _in_order(
    points: Sequence[Point], order: Sequence[int], box: Point, room: tuple[float, float, float, float]
) -> tuple[float, list[Point]]:
    """How bad the places are when the points choose in this order, and the places."""
    (width, height), (left_edge, top_edge, right_edge, bottom_edge) = box, room
    lefts, tops = np.meshgrid(
        np.arange(left_edge, right_edge - width + 1, STEP), np.arange(top_edge, bottom_edge - height + 1, STEP)
    )
    busy = sum((_covers(lefts, tops, box, point) for point in points), np.zeros_like(lefts, np.float64))
    found, cost = [(0.0, 0.0)] * len(points), 0.0
    for number in order:
        x, y = points[number]
        away = np.hypot(np.clip(x, lefts, lefts + width) - x, np.clip(y, tops, tops + height) - y)
        middle = np.hypot(lefts + width / 2 - x, tops + height / 2 - y)
        costs = BUSY * busy + away**2 + middle
        best = np.unravel_index(np.argmin(costs), lefts.shape)
        cost += float(costs[best])
        left, top = float(lefts[best]), float(tops[best])
        found[number] = (left, top)
        busy += (np.abs(lefts - left) < width + GAP) & (np.abs(tops - top) < height + GAP)
    return cost, found


def nearest(point: Point, corner: Point, box: Point) -> Point:
    """The point of a box that is nearest to a point."""
    return (
        min(max(point[0], corner[0]), corner[0] + box[0]),
        min(max(point[1], corner[1]), corner[1] + box[1]),
    )


def _covers(lefts: Doubles, tops: Doubles, box: Point, point: Point) -> Doubles:
    """For each place whether a box there would cover a point or touch it."""
    across = (lefts - GAP < point[0]) & (point[0] < lefts + box[0] + GAP)
    covered: Doubles = (across & (tops - GAP < point[1]) & (point[1] < tops + box[1] + GAP)).astype(np.float64)
    return covered
