"""Boxes beside the points they belong to, none on top of another."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np

from genmod.datasets import Doubles

Point = tuple[float, float]
Room = tuple[float, float, float, float]  # its left, top, right and bottom edge
STEP = 4  # pixels between two places that are tried
BUSY = 1e8  # what it costs to lie on another box: more than any distance
COVERING = 1e4  # and to cover a point: as much as lying a hundred pixels away
GAP = 6  # pixels that stay free between boxes, and around points


def placed(points: Sequence[Point], box: Point, room: Room) -> list[Point]:
    """The top left corner of a box for each point, in pixels: as near to its point as the other boxes leave room.

    No box covers another as long as there is room for that, and none a point if it can be helped. Once the places are
    found they are dealt out anew, so that the lines from points to boxes are short: then no two of them cross.

    Args:
        points: where each box would like to be, in pixels from the top left.
        box: width and height of every box.
        room: the left, top, right and bottom edge of where boxes may be.
    """
    return _dealt_out(points, _greedy(points, box, room), box)


def _greedy(points: Sequence[Point], box: Point, room: Room) -> list[Point]:
    """A place for each point, one after another: each the best that is left."""
    (width, height), (left_edge, top_edge, right_edge, bottom_edge) = box, room
    lefts, tops = np.meshgrid(
        np.arange(left_edge, right_edge - width + 1, STEP), np.arange(top_edge, bottom_edge - height + 1, STEP)
    )
    busy = sum((COVERING * _covers(lefts, tops, box, point) for point in points), np.zeros_like(lefts, np.float64))
    found = []
    for x, y in points:
        away = np.hypot(np.clip(x, lefts, lefts + width) - x, np.clip(y, tops, tops + height) - y)
        middle = np.hypot(lefts + width / 2 - x, tops + height / 2 - y)
        best = np.unravel_index(np.argmin(busy + away**2 + middle), lefts.shape)
        left, top = float(lefts[best]), float(tops[best])
        found.append((left, top))
        busy += BUSY * ((np.abs(lefts - left) < width + GAP) & (np.abs(tops - top) < height + GAP))
    return found


def _dealt_out(points: Sequence[Point], corners: list[Point], box: Point) -> list[Point]:
    """The same places, exchanged between points for as long as that makes the lines shorter."""
    corners = list(corners)

    def line(number: int, corner: Point) -> float:
        return math.dist(points[number], (corner[0] + box[0] / 2, corner[1] + box[1] / 2))

    changed = True
    while changed:
        changed = False
        for one, other in itertools.combinations(range(len(points)), 2):
            now = line(one, corners[one]) + line(other, corners[other])
            if line(one, corners[other]) + line(other, corners[one]) < now - 1e-6:
                corners[one], corners[other] = corners[other], corners[one]
                changed = True
    return corners


def apart(places: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places on one axis moved as little as makes any two of them `gap` apart, in the same order.

    The sum of the squared ways is the smallest there is. The first and the last stay within `low` and `high` as long as
    there is room for all.
    """
    order = sorted(range(len(places)), key=lambda number: places[number])
    # With a gap taken off for each one before it, places may be equal but must not fall: an isotonic regression.
    blocks: list[tuple[float, int]] = []  # mean and size
    for rank, number in enumerate(order):
        blocks.append((places[number] - rank * gap, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, size), (last, count) = blocks[-2:]
            blocks[-2:] = [((size * mean + count * last) / (size + count), size + count)]
    level = [mean for mean, size in blocks for _ in range(size)]
    most = max(low, high - (len(places) - 1) * gap)
    found = [0.0] * len(places)
    for rank, number in enumerate(order):
        found[number] = min(max(level[rank], low), most) + rank * gap
    return found


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
