"""The curve of losses against sizes: where its points stand, and which is marked."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from genmod.drawing import size_curve
from genmod.drawing.size_curve import BASE, DISC, Look

SVG = "{http://www.w3.org/2000/svg}"
POINTS = [(1, 170.0), (4, 120.0), (16, 80.0)]
LOOK = Look("#222222", "#70706c", "#0b6e99", "#ffffff")


def parsed(chosen: int, least: float = 64.0) -> ElementTree.Element:
    """The drawing with one size chosen."""
    return ElementTree.fromstring(size_curve.drawing(POINTS, chosen, least, 360, LOOK))  # noqa: S314


def test_less_loss_stands_lower_and_none_below_an_exact_copy() -> None:
    places = [(float(one.get("cx", "")), float(one.get("cy", ""))) for one in parsed(1).iter(f"{SVG}circle")]
    across, down = zip(*places, strict=True)
    assert list(across) == sorted(across) and across[1] - across[0] == across[2] - across[1]
    assert list(down) == sorted(down) and max(down) < BASE
    rate = (down[1] - down[0]) / 50
    assert abs((down[2] - down[1]) / 40 - rate) < 0.02 and abs((BASE - down[2]) / 16 - rate) < 0.02


def test_the_chosen_size_alone_is_marked() -> None:
    for chosen in (1, 4, 16):
        root = parsed(chosen)
        assert [float(one.get("r", "")) for one in root.iter(f"{SVG}circle")].count(DISC) == 1
        bold = [text.text for text in root.iter(f"{SVG}text") if text.get("font-weight")]
        assert bold == [f"{dict(POINTS)[chosen]:.0f}", str(chosen)]


def test_its_ends_are_named() -> None:
    said = [text.text for text in parsed(4, 63.25).iter(f"{SVG}text")]
    assert "an exact copy: 63.2" in said and "numbers in the middle" in said
