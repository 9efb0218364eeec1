"""The chapter on two ways to model points: what is placed, drawn and said, and links that are wrong."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmod.lesson import plane, two_models
from genmod.lesson.plane import READY
from genmod.ui.learn import board, two_ways
from genmod.ui.learn.board import Moved
from tests.pages.chapters import opened
from tests.pages.test_pages import healthy, home, texts

__all__ = ["home"]
CHAPTER = "two-ways"
pytestmark = pytest.mark.usefixtures("home")


def told(app: AppTest) -> dict[str, Any]:
    """What the browser is told to draw."""
    (found,) = [found for found in app.get("bidi_component") if "genmod_plane" in found.proto.component_name]
    data: dict[str, Any] = json.loads(found.proto.json)
    return data


def cells(app: AppTest, table: int) -> list[list[str]]:
    """The numbers of one of the two tables, row by row."""
    (markup,) = [block.proto.body for block in app.get("html") if '<table class="gm-joint"' in block.proto.body]
    rows = re.findall(r"<tr>(.*?)</tr>", re.findall(r"<table.*?</table>", markup, re.DOTALL)[table], re.DOTALL)
    found = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in rows]
    return [row for row in found if len(row) > 1]


def sentences(app: AppTest) -> str:
    """All sentences without their markup."""
    return html.unescape(re.sub(r"<span popover.*?</span>|<[^>]*>", "", texts(app), flags=re.DOTALL))


def test_the_first_picture_answers_the_guess() -> None:
    app = opened(CHAPTER)
    data = told(app)
    assert len(data["points"]) == 40 and data["solid"] and data["dashed"] and data["ground"]
    assert data["samples"] == [] and [sign for sign, _ in data["legend"]] == ["solid", "dashed", "around", "placed"]
    assert "Plane with 40 points: 20 of class A, 20 of class B." in data["words"]
    assert "it has never seen such a point" in sentences(app)
    assert "The discriminative model is sure of B" in sentences(app)
    assert not app.warning and not app.error


def test_the_tables_add_up_and_the_second_is_the_first_divided() -> None:
    app = opened(CHAPTER, placed="three-clouds")
    joint, conditional = cells(app, 0), cells(app, 1)
    numbers = [[round(1_000 * float(value)) for value in row] for row in joint]
    assert len(numbers) == 5 and all(sum(row[:-1]) == row[-1] for row in numbers)
    assert [sum(column[:-1]) for column in zip(*numbers, strict=True)] == numbers[-1] and numbers[-1][-1] == 1_000
    for row, shares in zip(numbers, conditional, strict=False):
        if row[-1]:
            assert round(sum(100 * float(share) for share in shares[:-1])) == 100 and shares[-1] == "1.00"
            assert all(abs(float(s) - n / row[-1]) < 0.01 for s, n in zip(shares[:-1], row[:-1], strict=True))
        else:
            assert set(shares) == {"\u2013"}


def test_new_points_are_drawn_until_the_points_change() -> None:
    app = opened(CHAPTER)
    draw = next(button for button in app.button if button.label.startswith("Draw 20"))
    draw.click().run()
    healthy(app)
    first = told(app)["samples"]
    expected, _ = two_models.learn(READY["two-clouds"], 1).draw(20, 1)
    assert [sample[:2] for sample in first] == [pytest.approx(list(point), abs=0.006) for point in expected]
    assert "20 new points" in sentences(app) and "drawn" in [sign for sign, _ in told(app)["legend"]]
    next(button for button in app.button if button.label.startswith("Draw 20")).click().run()
    assert told(app)["samples"] != first
    next(button for button in app.button if button.label == "Clear").click().run()
    healthy(app)
    assert told(app)["samples"] == told(app)["points"] == []


def test_a_hand_places_points_and_undo_takes_them_back(monkeypatch: pytest.MonkeyPatch) -> None:
    app = opened(CHAPTER, placed="none")
    assert "No points, no models" in sentences(app)
    placed = plane.read("a20203030b8080")
    monkeypatch.setattr(board, "take_move", lambda: Moved(placed, (1.0, 2.0)))
    with monkeypatch.context() as patched:
        patched.setattr(two_ways, "_draw", two_ways._take_move)  # a test cannot move what a component holds
        app.text_input(plane.LINK).set_value("a2020").run()
        next(button for button in app.button if button.label.startswith("Draw 20")).click().run()
    healthy(app)
    assert told(app)["points"] == [list(point) for point in placed.points]
    assert app.text_input(plane.LINK).value == "a20203030b8080" and told(app)["test"] == [1.0, 2.0]
    assert "Class B has a single point" in sentences(app)
    next(button for button in app.button if button.label == "Undo").click().run()
    healthy(app)
    assert told(app)["points"] == [[20, 20, 0]]
    assert "All points are of class A" in sentences(app) and not told(app)["solid"]


def test_a_ready_made_set_is_marked_as_long_as_it_is_one() -> None:
    app = opened(CHAPTER)
    assert app.pills("plane_set").value == "two-clouds"
    app.pills("plane_set").set_value("moons").run()
    healthy(app)
    assert told(app)["points"] == [list(point) for point in READY["moons"].points]
    app.text_input(plane.LINK).set_value("a1010b2020").run()
    assert app.pills("plane_set").value is None and len(told(app)["points"]) == 2


def test_what_is_shown_can_be_chosen() -> None:
    app = opened(CHAPTER, plane_shows="Discriminative")
    assert told(app)["solid"] and not told(app)["dashed"] and not told(app)["around"] and told(app)["ground"]
    app = opened(CHAPTER, plane_shows="Generative", gaussians="6", placed="rings")
    assert not told(app)["solid"] and told(app)["dashed"] and len(told(app)["around"]) == 2
    assert "up to 6 Gaussians for each class" in sentences(app)


@pytest.mark.parametrize("text", ["a5050", "a5050b5050", "a" + "5050" * 9 + "c" + "6060" * 9, "b10101010"])
def test_points_that_leave_little_to_learn_break_nothing(text: str) -> None:
    app = opened(CHAPTER, placed=text, gaussians="3")
    assert not app.warning and not app.error
    assert told(app)["ground"] and cells(app, 0)[-1][-1] == "1.000"


def test_the_points_are_kept_while_another_chapter_is_shown() -> None:
    app = opened(CHAPTER, placed="a20203030b8080")
    app.button("way_next").click().run()
    healthy(app)
    assert not app.text_input
    app.button("way_back").click().run()
    healthy(app)
    assert app.text_input(plane.LINK).value == "a20203030b8080"
    assert len(told(app)["points"]) == 3


def test_a_full_plane_says_so() -> None:
    app = opened(CHAPTER, placed="a" + "5050" * 60 + "b" + "7070" * 60)
    assert any("it holds 120 points" in one.value for one in app.info)


def test_a_bad_link_is_refused_in_one_sentence_each() -> None:
    app = opened(CHAPTER, placed="nonsense", gaussians="4", plane_shows="all", test_x1="nan", test_x2="11")
    for expected in (
        "placed is 'nonsense'; it must be one of two-clouds",
        "gaussians is '4'; it must be one of 1, 3, 6.",
        "it must be one of Both, Discriminative, Generative.",
        "test_x1 is 'nan'; it must be a number from 0 to 10.",
        "test_x2 is '11'; it must be a number from 0 to 10.",
    ):
        assert sum(expected in one.value for one in app.warning) == 1
    assert len(told(app)["points"]) == 40 and told(app)["test"] == [9.2, 9.0]


def test_points_typed_wrongly_get_a_sentence() -> None:
    app = opened(CHAPTER)
    app.text_input(plane.LINK).set_value("a12").run()
    healthy(app)
    assert any("placed is 'a12'" in one.value for one in app.error) and told(app)["points"] == []
