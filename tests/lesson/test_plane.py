"""Points in the plane and their text: what is read, what is refused, and the ready-made sets."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.errors import ConfigError
from genmod.lesson import plane
from genmod.lesson.plane import CLASSES, MOST, READY, Placed


def test_a_text_gives_back_the_points_in_their_order() -> None:
    placed = Placed(((0, 99, 0), (7, 3, 0), (50, 50, 2), (1, 2, 0)))
    text = plane.spelled(placed)
    assert text == "a00990703c5050a0102"
    assert plane.read(text) == placed
    assert placed.at.tolist() == [[0.0, 9.9], [0.7, 0.3], [5.0, 5.0], [0.1, 0.2]]
    assert placed.classes == (0, 2) and placed.count(0) == 3


def test_a_full_plane_has_a_short_text() -> None:
    rng = np.random.default_rng(0)
    full = Placed(tuple(tuple(map(int, point)) for point in rng.integers(0, [100, 100, 3], (MOST, 3))))  # type: ignore[misc]
    text = plane.spelled(full)
    assert plane.read(text) == full and len(text) <= plane.LONGEST_TEXT


@pytest.mark.parametrize("text", ["", " ", plane.NONE])
def test_a_plane_may_be_empty(text: str) -> None:
    assert plane.read(text) == Placed()
    assert plane.canonical(text) == plane.NONE
    assert Placed().at.shape == (0, 2)


@pytest.mark.parametrize(
    "text", ["zzz", "a", "a123", "A1234", "d1234", "1234", "a12 34", "a-123", "a1234b", "x" * 9_999]
)
def test_another_text_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^placed is '.*'; it must be one of two-clouds, .*\.$") as refused:
        plane.read(text)
    assert len(str(refused.value)) < 300


def test_too_many_points_are_refused() -> None:
    assert len(plane.read("b" + "1234" * MOST).points) == MOST
    with pytest.raises(ConfigError, match="placed holds 121 points; the plane has room for 120."):
        plane.read("b" + "1234" * (MOST + 1))


@pytest.mark.parametrize("name", READY)
def test_a_ready_made_set_is_named_in_the_link_and_leaves_room(name: str) -> None:
    placed = plane.read(name)
    assert plane.spelled(placed) == name
    assert placed.classes in ((0, 1), (0, 1, 2)) and len(placed.points) <= MOST // 2
    # Moved by one step it is that set no more.
    across, up, number = placed.points[0]
    assert plane.spelled(Placed(((across, up + 1, number), *placed.points[1:]))) != name


@pytest.mark.parametrize(
    "sent",
    [
        [[1, 2]], [[1, 2, 3]], [[1, 100, 0]], [[-1, 2, 0]], [[1.5, 2, 0]], [[True, 2, 0]], [["1", 2, 0]], ["abc"],
        [None], [[1, 2, 0]] * (MOST + 1),
    ],
)  # fmt: skip
def test_what_a_browser_should_not_send_is_refused(sent: list[object]) -> None:
    assert plane.placed(sent) is None


def test_what_a_browser_sends_is_taken() -> None:
    assert plane.placed([[1, 2, 0], [99, 0, len(CLASSES) - 1]]) == Placed(((1, 2, 0), (99, 0, 2)))
    assert plane.placed([]) == Placed()
