"""The chapter on autoencoders: its slider, its map, and what it says where something is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import MNIST
from genmod.inference import Encoder
from genmod.lesson import squeezing
from genmod.runs import Store
from tests.pages.chapters import opened, pressed, said
from tests.pages.test_pages import healthy, home, pad, texts, visit

__all__ = ["home"]
CHAPTER = "squeeze"
PAGE = "pages/learn.py"


def test_a_guess_comes_first(home: Store) -> None:
    app = visit(PAGE, chapter="squeeze")
    healthy(app)
    assert not app.select_slider and "784 pixels in" not in said(app)


def test_the_slider_chooses_how_many_numbers_are_left(home: Store) -> None:
    app = opened(CHAPTER)
    (slider,) = app.select_slider
    assert slider.value == 2 and slider.options == ["1", "2", "4", "8", "16", "32"]
    assert "784 pixels in 2 numbers" in said(app)
    narrow = texts(app)
    slider.set_value(16).run()
    healthy(app)
    assert "784 pixels in 16 numbers" in said(app) and "784 pixels in 2 " not in said(app)
    assert texts(app) != narrow
    assert "rebuilt from 16 numbers. The classifier reads the rebuilt ones as 0, 1, 2" in said(app)
    assert "16 numbers is marked" in texts(app)


def test_the_link_chooses_the_size(home: Store) -> None:
    assert "784 pixels in 1 number:" in said(opened(CHAPTER, bottleneck="1"))


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("bottleneck", "3", "bottleneck is '3'; it must be one of 1, 2, 4, 8, 16, 32."),
        ("hole", "1", "hole is '1'; it must be two numbers from -999 to 999 separated by a space."),
        ("hole", "1 nan", "hole is '1 nan'; it must be two numbers from -999 to 999 separated by a space."),
        ("squeeze_part", "all", "squeeze_part is 'all'; it must be one of Squeeze, Press on the holes."),
    ],
)
def test_a_bad_link_gets_one_sentence(name: str, value: str, expected: str, home: Store) -> None:
    app = opened(CHAPTER, **{name: value, "done": "3"})
    assert expected in said(app)
    assert "784 pixels in 2 numbers" in said(app)


def test_the_map_begins_in_a_hole_and_leads_onto_a_code(home: Store) -> None:
    app = opened(CHAPTER)
    pressed(app, "Then: Press on the holes")
    healthy(app)
    codes, _ = Encoder(runs.find("row-size-2")).encode(MNIST.load().test_images)
    start = pad(app)["z"]
    assert np.linalg.norm(codes - start, axis=1).min() > squeezing.FAR * squeezing.usual_distance(codes)
    (shown,) = pad(app)["maps"]
    assert shown["run"] == "row-size-2" and shown["held_out"] and shown["nearest"] is not None
    assert "a hole. The training gave" in said(app)
    pressed(app, "Onto a code")
    healthy(app)
    np.testing.assert_allclose(pad(app)["z"], codes[0], atol=0.01)
    assert "the decoder has learned what to draw" in said(app)
    assert app.query_params["hole"]
    pressed(app, "Into a hole")
    np.testing.assert_allclose(pad(app)["z"], start, atol=0.01)


def test_the_link_chooses_the_place(home: Store) -> None:
    app = opened(CHAPTER, squeeze_part="Press on the holes", hole="900 0")
    assert pad(app)["z"] == [900.0, 0.0]
    assert "a hole" in said(app)


def test_without_its_runs_the_chapter_says_so(home: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "nothing")
    for part in ("Squeeze", "Press on the holes"):
        app = opened(CHAPTER, squeeze_part=part, bottleneck="2")
        healthy(app)
        assert "are missing in this installation." in said(app)


def test_without_the_flat_one_there_is_no_map(home: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (4, 8, 16):
        shutil.copytree(runs.SHIPPED / f"row-size-{size}", tmp_path / "shipped" / f"row-size-{size}")
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "shipped")
    app = opened(CHAPTER, squeeze_part="Press on the holes")
    assert "whose map this is, is missing in this installation." in said(app)
    app = opened(CHAPTER)
    assert app.select_slider[0].value == 4 and "784 pixels in 4 numbers" in said(app)
