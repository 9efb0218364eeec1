"""Boxes beside their points: none on another, all within the picture, each near its point."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from genmod.drawing import placement
from genmod.drawing.placement import Point

ROOM = (40.0, 0.0, 860.0, 536.0)
BOX = (92.0, 90.0)


def overlap(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) < BOX[0] and abs(one[1] - other[1]) < BOX[1]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("count", [1, 14, 22])
def test_no_box_lies_on_another_or_leaves_the_picture(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    # As in practice: many in one corner.
    points = [(44 + 800 * x**3, 10 + 500 * y) for x, y in rng.random((count, 2)).tolist()]
    corners = placement.placed(points, BOX, ROOM)
    assert len(corners) == count
    assert not any(overlap(one, other) for one, other in itertools.combinations(corners, 2))
    for left, top in corners:
        assert ROOM[0] <= left <= ROOM[2] - BOX[0]
        assert ROOM[1] <= top <= ROOM[3] - BOX[1]


@pytest.mark.parametrize("seed", range(5))
def test_no_two_lines_cross(seed: int) -> None:
    points: list[Point] = [
        (100 + 300 * x, 100 + 300 * y) for x, y in np.random.default_rng(seed).random((16, 2)).tolist()
    ]
    corners = placement.placed(points, BOX, ROOM)
    middles = [(left + BOX[0] / 2, top + BOX[1] / 2) for left, top in corners]
    for one, other in itertools.combinations(range(len(points)), 2):
        assert not crossing(points[one], middles[one], points[other], middles[other])


def crossing(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> bool:
        return (q[0] - p[0]) * (r[1] - p[1]) > (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) != side(a, b, d) and side(c, d, a) != side(c, d, b)


def test_a_point_is_not_covered_if_there_is_room_beside_it() -> None:
    points = [(200.0, 200.0), (500.0, 300.0), (700.0, 100.0)]
    for left, top in placement.placed(points, BOX, ROOM):
        assert not any(left < x < left + BOX[0] and top < y < top + BOX[1] for x, y in points)


def test_a_lonely_box_touches_its_point() -> None:
    point = (400.0, 300.0)
    corner = placement.placed([point], BOX, ROOM)[0]
    assert math.dist(placement.nearest(point, corner, BOX), point) <= placement.GAP + placement.STEP


def test_the_same_points_twice_get_two_places() -> None:
    one, other = placement.placed([(100.0, 100.0)] * 2, BOX, ROOM)
    assert not overlap(one, other)


def test_more_boxes_than_there_is_room_for_are_still_placed() -> None:
    assert len(placement.placed([(50.0, 50.0)] * 9, BOX, (0.0, 0.0, 200.0, 200.0))) == 9


def test_of_nothing_comes_nothing() -> None:
    assert placement.placed([], BOX, ROOM) == []


@pytest.mark.parametrize("seed", range(5))
def test_places_on_an_axis_are_apart_in_order_and_within(seed: int) -> None:
    places = (100 * np.random.default_rng(seed).random(12) ** 2).tolist()
    found = placement.apart(places, 10.0, 5.0, 195.0)
    order = np.argsort(places)
    assert np.all(np.diff(np.array(found)[order]) >= 10 - 1e-9)
    assert min(found) >= 5 and max(found) <= 195


def test_places_with_room_stay_and_others_move_as_little_as_they_can() -> None:
    assert placement.apart([50.0, 10.0, 90.0], 20, 0, 100) == [50.0, 10.0, 90.0]
    assert placement.apart([50.0, 52.0, 90.0], 20, 0, 100) == [41.0, 61.0, 90.0]
    assert placement.apart([98.0, 97.0], 20, 0, 100) == [100.0, 80.0]
    assert placement.apart([], 20, 0, 100) == []
    assert placement.apart([1.0, 2.0, 3.0], 20, 0, 10) == [0.0, 20.0, 40.0]  # there is no room for all
