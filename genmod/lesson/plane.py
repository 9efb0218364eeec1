"""Points of up to three classes in a square of the plane, and the short text that a link holds of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Doubles, Indices
from genmod.errors import ConfigError
from genmod.kinds.setting import shown
from genmod.lesson import ready_points

SIDE = 10.0  # of the square: both coordinates run from 0 to here
STEPS = 100  # a point stands on one of so many places in each direction
MOST = 120  # points in the plane
GRID = 81  # places in each direction at which models are asked for the picture
LEAST_SPREAD = 0.2  # standard deviation that a class has at least: of one point, or across points in a line
CLASSES = ("A", "B", "C")
LINK = "placed"  # the points' name in a link
NONE = "none"  # stands in a link for an empty plane
LONGEST_TEXT = len("a0000") * MOST

Point = tuple[int, int, int]  # its steps to the right and upwards, from 0 to 99, and the number of its class
_SPELLED = re.compile(r"(?:[abc](?:[0-9]{4})+)+")
_RUN = re.compile(r"([abc])([0-9]+)")


@dataclass(frozen=True)
class Placed:
    """The points in the plane, in the order in which they were placed."""

    points: tuple[Point, ...] = ()

    @property
    def at(self) -> Doubles:
        """Where they are, (n, 2), each number from 0 to 9.9."""
        steps = np.array([point[:2] for point in self.points], np.float64).reshape(-1, 2)
        return steps * SIDE / STEPS

    @property
    def labels(self) -> Indices:
        """The number of each one's class, (n,)."""
        return np.array([point[2] for point in self.points], np.int64)

    @property
    def classes(self) -> tuple[int, ...]:
        """The classes that have points, in order."""
        return tuple(sorted({point[2] for point in self.points}))

    def count(self, number: int) -> int:
        """How many points a class has."""
        return sum(point[2] == number for point in self.points)


def placed(points: Iterable[object]) -> Placed | None:
    """Points that a browser sent, each a list of three whole numbers; None if it sent anything else, or too many."""
    found: list[Point] = []
    for point in points:
        if not isinstance(point, list) or len(point) != 3 or not all(type(number) is int for number in point):
            return None
        across, up, number = point
        if not (0 <= across < STEPS and 0 <= up < STEPS and 0 <= number < len(CLASSES)) or len(found) == MOST:
            return None
        found.append((across, up, number))
    return Placed(tuple(found))


def read(text: str) -> Placed:
    """The points that a text stands for.

    Args:
        text: the name of a ready-made set, `none` or nothing for an empty plane, or points: the letter of a class,
            then four digits for each point, two to the right and two upwards, until another class follows.

    Raises:
        ConfigError: if it is anything else, or holds more than `MOST` points.
    """
    text = text.strip()
    if text in ("", NONE):
        return Placed()
    if text in READY:
        return READY[text]
    if not _SPELLED.fullmatch(text):
        raise ConfigError(
            f"{LINK} is {shown(text)}; it must be one of {', '.join(READY)}, {NONE}, or letters from a to c, each "
            "followed by four digits for every point, such as a20304055b7080."
        )
    points = [
        (int(digits[start : start + 2]), int(digits[start + 2 : start + 4]), "abc".index(letter))
        for letter, digits in _RUN.findall(text)
        for start in range(0, len(digits), 4)
    ]
    if len(points) > MOST:
        raise ConfigError(f"{LINK} holds {len(points)} points; the plane has room for {MOST}.")
    return Placed(tuple(points))


def spelled(points: Placed) -> str:
    """The text by which a link names the points: `read` gives them back."""
    for name, ready in READY.items():
        if points == ready:
            return name
    text, before = "", None
    for across, up, number in points.points:
        text += f"{'' if number == before else 'abc'[number]}{across:02d}{up:02d}"
        before = number
    return text or NONE


def canonical(text: str) -> str:
    """The same points as `spelled` writes them; for a link's reader.

    Raises:
        ConfigError: as `read`.
    """
    return spelled(read(text))


def _steps(classes: list[Doubles]) -> Placed:
    """Points given by their coordinates, class by class, on the nearest places there are."""
    return Placed(
        tuple(
            (*(int(step) for step in np.rint(point * STEPS / SIDE).clip(0, STEPS - 1)), number)  # type: ignore[misc]
            for number, points in enumerate(classes)
            for point in points
        )
    )


READY: Mapping[str, Placed] = {name: _steps(make()) for name, make in ready_points.SETS.items()}
