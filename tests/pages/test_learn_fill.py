"""The chapter on VAEs: draws, the slider of beta, the article's loss, and what it says where something is missing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from genmod.runs import Store
from tests.pages import reading
from tests.pages.chapters import opened, pressed, said
from tests.pages.test_pages import healthy, home, texts

__all__ = ["home"]
CHAPTER = "fill"
ONE, TWO, ARTICLE = "One image, many codes", "Two losses", "The article's loss"


def test_each_press_draws_once_more_and_the_last_draws_stay(home: Store) -> None:
    app = opened(CHAPTER)
    assert "Draw 1, decoded." in said(app) and "Before" not in said(app)
    first = texts(app)
    pressed(app, "Draw again")
    assert "Draw 2, decoded." in said(app) and "Before: draw 1." in said(app)
    assert texts(app) != first
    pressed(app, "Draw again")
    healthy(app)
    assert "Before: draws 2 to 1, the newest first." in said(app)
    assert "3" in app.query_params["fill_draw"]
    app = opened(CHAPTER, fill_draw="40", fill_digit="3")
    assert "Before: draws 39 to 32, the newest first." in said(app)
    assert "a 3." in said(app) and "of the 9 draws show a 3" in said(app)


def test_a_draw_adds_up(home: Store) -> None:
    rows = texts(opened(CHAPTER, fill_draw="5")).split('<tr><th scope="row">')[1:]
    assert len(rows) == 6
    for row in rows:
        cells = reading.words(row.split("</th>")[1].split("</tr>")[0]).replace("\u2212", "-")
        mean, sigma, epsilon, z = map(float, re.findall(r"-?\d+\.\d\d", cells))
        assert abs(mean + sigma * epsilon - z) < 0.04


def test_the_slider_chooses_beta(home: Store) -> None:
    app = opened(CHAPTER)
    pressed(app, f"Then: {TWO}")
    healthy(app)
    (slider,) = app.select_slider
    assert slider.value == "Beta 1" and slider.options[0] == "Autoencoder" and len(slider.options) == 6
    assert "with beta 1." in said(app)
    slider.set_value("Beta 30").run()
    healthy(app)
    assert "with beta 30." in said(app) and "posterior collapse" in said(app)
    assert texts(app).count("gm-stack gm-one") == 1
    assert "has no second loss" in said(opened(CHAPTER, fill_part=TWO, kl_weight="none"))


def test_the_article_s_loss_is_taken_apart(home: Store) -> None:
    app = opened(CHAPTER, fill_part=ARTICLE)
    assert "half of it the prior's fault and half the decoder's blur" in said(app)
    assert "That is a slip." in said(app)
    assert any("\\beta" in formula.value for formula in app.latex)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("kl_weight", "2", "kl_weight is '2'; it must be one of none, 0, 0.1, 1, 5, 30."),
        ("fill_digit", "ten", "fill_digit is 'ten'; it must be a whole number from 0 to 9."),
        ("fill_draw", "0", "fill_draw is '0'; it must be a whole number from 1 to 999."),
        ("fill_part", "x", "fill_part is 'x'; it must be one of One image, many codes, Two losses, The article's"),
    ],
)
def test_a_bad_link_gets_one_sentence(name: str, value: str, expected: str, home: Store) -> None:
    app = opened(CHAPTER, **{name: value})
    assert expected in said(app) and "Draw 1, decoded." in said(app)


@pytest.mark.parametrize("part", [ONE, TWO, ARTICLE])
def test_without_its_runs_the_chapter_says_so(
    part: str, home: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "nothing")
    app = opened(CHAPTER, fill_part=part)
    assert "in this installation" in said(app)
