"""Bars of parts that add up: their lengths are on one scale, and all that is quoted stays words."""

from __future__ import annotations

import re

import pytest

from genmod.ui.learn import stacked_bars
from genmod.ui.learn.stacked_bars import Stack


@pytest.fixture(autouse=True)
def theme(monkeypatch: pytest.MonkeyPatch) -> None:
    """A light theme, for there is no visitor."""
    monkeypatch.setattr("genmod.ui.frame.dark", lambda: False)


def widths(*stacks: Stack) -> list[float]:
    """How long each part is, in percent of the room."""
    return [float(width) for width in re.findall(r"width:([\d.]+)%", stacked_bars.markup(("a", "b"), stacks, "both"))]


def test_all_bars_are_on_one_scale_and_the_longest_fills_it() -> None:
    assert widths(Stack("one", (30.0, 10.0), "40"), Stack("two", (15.0, 5.0), "20")) == [75.0, 25.0, 37.5, 12.5]


def test_a_part_that_is_nothing_is_not_drawn() -> None:
    assert widths(Stack("one", (30.0, 0.0), "30")) == [100.0]
    assert widths(Stack("none", (0.0, 0.0), "0")) == []


def test_the_chosen_one_stands_out_and_words_are_escaped() -> None:
    drawn = stacked_bars.markup(
        ("<a>", "b"), [Stack("<i>", (1.0, 2.0), "3", True), Stack("x", (1.0, 1.0), "2")], '"alt"'
    )
    assert drawn.count("gm-stack gm-one") == 1
    assert "&lt;i&gt;" in drawn and "&lt;a&gt;" in drawn and 'aria-label="&quot;alt&quot;"' in drawn
