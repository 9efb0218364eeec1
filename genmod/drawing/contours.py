"""Lines of equal value through numbers on a square grid, as paths of an SVG drawing (marching squares)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from genmod.datasets import Doubles

Crossing = tuple[int, int, int]  # an edge of the grid: the row and column of its first end, and 0 for across, 1 for up
Line = list[tuple[float, float]]

# Which edges of a cell a line joins, by which of its corners are above the level: 1 lower left, 2 lower right, 4 upper
# right, 8 upper left. 0 is the lower edge, 1 the right one, 2 the upper one, 3 the left one.
_JOINS: tuple[tuple[tuple[int, int], ...], ...] = (
    (), ((3, 0),), ((0, 1),), ((3, 1),), ((1, 2),), ((3, 0), (1, 2)), ((0, 2),), ((3, 2),),
    ((2, 3),), ((2, 0),), ((0, 1), (2, 3)), ((2, 1),), ((1, 3),), ((1, 0),), ((0, 3),), (),
)  # fmt: skip


def lines(values: Doubles, level: float) -> list[Line]:
    """The lines along which the values have that level.

    Args:
        values: (rows, columns), rows upwards.

    Returns:
        Points (column, row) between the grid's, in the order of each line; a closed line ends where it begins.
    """
    above = values >= level
    case = above[:-1, :-1] + 2 * above[:-1, 1:] + 4 * above[1:, 1:] + 8 * above[1:, :-1]
    neighbours: dict[Crossing, list[Crossing]] = {}
    for row, column in np.argwhere((case > 0) & (case < 15)).tolist():
        for joined in _JOINS[int(case[row, column])]:
            one, other = (_edge(row, column, side) for side in joined)
            neighbours.setdefault(one, []).append(other)
            neighbours.setdefault(other, []).append(one)
    return [[_place(values, level, crossing) for crossing in chain] for chain in _chains(neighbours)]


def path(found: Sequence[Line], scale: float, height: float) -> str:
    """The lines as the `d` of an SVG path, whose rows run downwards.

    Args:
        scale: the length of one step of the grid.
        height: of the drawing: row 0 lies at its foot.
    """
    return "".join(
        "M" + "L".join(f"{_short(x * scale)} {_short(height - y * scale)}" for x, y in line) for line in found
    )


def _edge(row: int, column: int, side: int) -> Crossing:
    return ((row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1))[side]


def _place(values: Doubles, level: float, crossing: Crossing) -> tuple[float, float]:
    row, column, up = crossing
    first = float(values[row, column])
    second = float(values[row + 1, column] if up else values[row, column + 1])
    share = min(1.0, max(0.0, (level - first) / (second - first))) if second != first else 0.5
    return (float(column), row + share) if up else (column + share, float(row))


def _chains(neighbours: dict[Crossing, list[Crossing]]) -> list[list[Crossing]]:
    """Crossings in the order in which lines go through them: those with ends from an end, then the closed ones."""
    left = {crossing: list(others) for crossing, others in neighbours.items()}
    found = []
    for closed in (False, True):
        for start in neighbours:
            if left[start] and (closed or len(neighbours[start]) == 1):
                found.append(_follow(start, left))
    return found


def _follow(start: Crossing, left: dict[Crossing, list[Crossing]]) -> list[Crossing]:
    chain, here = [start], start
    while left[here]:
        ahead = left[here].pop()
        left[ahead].remove(here)
        chain.append(ahead)
        here = ahead
    return chain


def where(found: Sequence[Line], values: Doubles) -> list[Line]:
    """The parts of lines where other values on the same grid, (rows, columns), are not above 0."""
    kept: list[Line] = []
    for line in found:
        part: Line = []
        before: tuple[float, float, float] | None = None
        for x, y in line:
            value = _between(values, x, y)
            if before is not None and (value > 0) != (before[2] > 0):
                share = before[2] / (before[2] - value)
                part.append((before[0] + share * (x - before[0]), before[1] + share * (y - before[1])))
            if value > 0:
                kept += [part] if len(part) > 1 else []
                part = []
            else:
                part.append((x, y))
            before = (x, y, value)
        kept += [part] if len(part) > 1 else []
    return kept


def _between(values: Doubles, x: float, y: float) -> float:
    """The value at a place between those of the grid."""
    column, row = (min(int(place), size - 2) for place, size in ((x, values.shape[1]), (y, values.shape[0])))
    right, up = x - column, y - row
    lower = (1 - right) * values[row, column] + right * values[row, column + 1]
    upper = (1 - right) * values[row + 1, column] + right * values[row + 1, column + 1]
    return float((1 - up) * lower + up * upper)


def level_around(densities: Doubles, share: float) -> float:
    """The level at or above which that share of all that lies on the grid is found.

    Args:
        densities: none negative, not all 0.
    """
    ordered = np.sort(densities.ravel())[::-1]
    total = np.cumsum(ordered)
    place = int(np.searchsorted(total, share * total[-1]))
    found = float(ordered[min(place, len(ordered) - 1)])
    return found if found > 0 else math.ulp(0.0)


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
