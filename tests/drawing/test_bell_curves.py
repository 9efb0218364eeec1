"""Bell curves: where they stand, and what a narrow one looks like."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from genmod.drawing import bell_curves
from genmod.drawing.bell_curves import Bell

SVG = "{http://www.w3.org/2000/svg}"


def parsed(bells: list[Bell], columns: int = 1) -> ElementTree.Element:
    """The drawing of some bells."""
    drawn = bell_curves.drawing(bells, 4.0, columns, "#222222", "#0b6e99")
    return ElementTree.fromstring(drawn)  # noqa: S314


def curves(bell: Bell) -> list[list[tuple[float, float]]]:
    """The points of both curves of one drawing."""
    lines = [path.get("d", "").replace("M", " ").replace("L", " ") for path in parsed([bell]).iter(f"{SVG}path")]
    return [[(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", line)] for line in lines[:2]]


def test_the_peak_stands_at_the_mean() -> None:
    for mean in (-2.0, 0.0, 1.5):
        own, prior = curves(Bell("z1", mean, 0.3, 0.0))
        x, _ = min(own[:-2], key=lambda point: point[1])
        assert abs(x - (8 + (mean + 4) / 8 * 152)) < 1.5
        x, _ = min(prior, key=lambda point: point[1])
        assert abs(x - 84) < 1.5


def test_a_narrow_one_is_not_lost_between_two_points() -> None:
    own, _ = curves(Bell("z1", 0.123, 0.001, 0.0))
    assert min(y for _, y in own) < bell_curves.TOP + 1


def test_rows_and_sizes() -> None:
    bells = [Bell(f"z{number}", 0.0, 1.0, 0.0) for number in range(1, 6)]
    root = parsed(bells, 2)
    assert root.get("width") == "350" and root.get("height") == "316"
    assert [text.text for text in root.iter(f"{SVG}text") if text.get("font-weight")] == [bell.name for bell in bells]


def test_names_are_escaped() -> None:
    assert "<b>" not in bell_curves.drawing([Bell("<b>", 0.0, 1.0, 0.0)], 4.0, 1, "#222222", "#0b6e99")
