"""The ground of the plane and its lines, and three colours that everybody can tell apart."""

from __future__ import annotations

import io
import itertools

import numpy as np
import pytest
from PIL import Image

from genmod.drawing import plane_map
from tests.drawing.test_palette import VISION, ciede2000, contrast, lab, linear, theme

APART = 21.0  # CIEDE2000, under every simulated vision
HUES = ("#0000ff", "#ff0000", "#00ff00")


def pixels(png: bytes) -> np.typing.NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))


@pytest.mark.parametrize("dark", [False, True])
def test_the_three_colours_are_told_apart_by_everyone(dark: bool) -> None:
    colors = plane_map.colors(dark)
    for vision in VISION.values():
        seen = [lab(np.clip(vision @ linear(color), 0, 1)) for color in colors]
        assert min(ciede2000(one, other) for one, other in itertools.combinations(seen, 2)) >= APART
    ground = theme("dark" if dark else "light")["backgroundColor"]
    assert min(contrast(color, ground) for color in colors) >= 4.5


def scores() -> np.typing.NDArray[np.float32]:
    """Three classes: the first wins to the left, of the right half the second above and the third below."""
    across, up = np.meshgrid(np.linspace(-1, 1, 41), np.linspace(-1, 1, 41))
    return np.stack([-3 * across, 3 * across + up, 3 * across - up], axis=2).astype(np.float32)


def test_the_ground_has_the_colour_of_the_likelier_class_and_its_rows_go_upwards() -> None:
    values = scores()
    log_shares = values - np.log(np.exp(values).sum(axis=2, keepdims=True))
    for png in (plane_map.certainty(log_shares, HUES), plane_map.densities(values, HUES)):
        found = pixels(png)
        assert found.shape == (41, 41, 4)
        left, above, below = found[20, 2, :3], found[2, 38, :3], found[38, 38, :3]
        assert [int(color.argmax()) for color in (left, above, below)] == [2, 0, 1]
    sure = pixels(plane_map.certainty(log_shares, HUES))[:, :, 3]
    assert sure[20, 0] > sure[20, 15]


def test_boundaries_of_three_classes_meet_without_a_gap() -> None:
    path = plane_map.boundary(scores())
    lines = [[tuple(map(float, point.split())) for point in part.split("L")] for part in path[1:].split("M")]
    assert len(lines) == 3
    ends = np.array([[line[0], line[-1]] for line in lines]).reshape(-1, 2)
    nearest = np.sort(np.hypot(*(ends - 50).T))
    assert nearest[:3].max() < 1.0 and nearest[3:].min() > 40


def test_around_a_class_lie_two_lines() -> None:
    steps = np.linspace(-4, 4, 81)
    across, up = np.meshgrid(steps, steps)
    log_dense = -0.5 * (across**2 + up**2)
    first, second = plane_map.around(np.stack([log_dense, log_dense - 50], axis=2).astype(np.float32))
    assert first == second and first.count("M") == 2


def test_each_class_has_a_mark_of_its_own() -> None:
    marks = {plane_map.mark(number, "#000000") for number in range(3)}
    assert len(marks) == 3
