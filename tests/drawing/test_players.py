"""The drawing of who learns from whom: who is filled, how far the error's way leads, and whether all lies within."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from genmod.drawing import images, players
from genmod.drawing.players import STEPS, Look, Scene, Step

LOOK = Look("#111111", "#555555", "#0b6e99", "#ffffff")
PICTURE = images.png(np.full((28, 28), 99, np.uint8))


def drawn(step: Step, tall: bool = False) -> str:
    loss = () if step == "judge" else ("loss", "0.62")
    return players.draw(Scene(step, PICTURE, PICTURE, ("forgery 0.44", "real <0.53>"), loss), LOOK, tall)


@pytest.mark.parametrize("tall", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_it_is_a_drawing_with_its_words_within_it(step: Step, tall: bool) -> None:
    root = ElementTree.fromstring(drawn(step, tall))  # noqa: S314 - our own drawing
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    words = [element for element in root.iter() if element.tag.endswith("text")]
    assert {"Generator", "Discriminator", "forgery", "real image", "real <0.53>"} <= {word.text for word in words}
    for word in words:
        reach = 4.2 * len(word.text or "")
        right = 0 if word.attrib["text-anchor"] == "end" else reach
        assert float(word.attrib["x"]) + right <= width and 0 < float(word.attrib["y"]) <= height
    for line in (element for element in root.iter() if element.tag.endswith("line")):
        assert all(0 <= float(line.attrib[end]) <= width for end in ("x1", "x2"))
        assert all(0 <= float(line.attrib[end]) <= height for end in ("y1", "y2"))


@pytest.mark.parametrize(("step", "learner", "back"), [("discriminator", 1, 2), ("generator", 0, 4)])
def test_one_learns_and_the_error_ends_there(step: Step, learner: int, back: int) -> None:
    svg = drawn(step)
    boxes = [rect for rect in re.findall(r"<rect[^>]*/>", svg) if 'rx="8"' in rect]
    assert [f'fill="{LOOK.accent}"' in box for box in boxes] == [place == learner for place in range(2)]
    assert svg.count(">learns<") == svg.count(">stands still<") == 1
    lines = [line for line in re.findall(r"<line[^>]*/>", svg) if "stroke-dasharray" in line]
    assert len(lines) == back and all(LOOK.accent in line for line in lines)


def test_nobody_learns_before_the_verdicts() -> None:
    svg = drawn("judge")
    assert "learns" not in svg and "loss" not in svg and "stroke-dasharray" not in svg


def test_the_words_say_the_same_as_the_drawing() -> None:
    assert "it learns, and the generator stands still" in players.description("discriminator")
    assert "to the generator, which learns" in players.description("generator")
    assert "learns" not in players.description("judge")
