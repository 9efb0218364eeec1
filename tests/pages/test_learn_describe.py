"""The chapter on describing: a picture gets a digit, and a digit gets pictures."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from genmod import runs
from genmod.datasets import MNIST, DataSource, Images
from genmod.quality import reference
from genmod.runs import Store
from genmod.ui.pad import paper
from tests.pages import reading
from tests.pages.chapters import opened
from tests.pages.test_pages import healthy, home, no_shipped_runs, texts

__all__ = ["home", "no_shipped_runs"]
CHAPTER = "describe"
BARS = re.compile(r"<th scope=row>([^<]*)</th>.*?<td>([\d.]+) %</td></tr>", re.DOTALL)


def bars(app: AppTest) -> dict[str, float]:
    """The shares that the bars show, by digit."""
    return {name: float(share) for name, share in BARS.findall(texts(app))}


def test_nothing_drawn_is_one_sentence(home: Store) -> None:
    app = opened(CHAPTER)
    assert "Draw a digit on the paper, or take a test image: here stands what it is." in texts(app)
    assert not bars(app)


def test_a_test_image_gets_ten_bars_that_add_up(home: Store) -> None:
    app = opened(CHAPTER).button(key="describe_test_image").click().run()
    found = bars(app)
    assert list(found) == list(MNIST.class_names)
    assert sum(found.values()) == pytest.approx(100, abs=0.5)
    index, label = re.search(r"test image ([\d,]+)\. Its label says (\d)", texts(app)).groups()  # type: ignore[union-attr]
    number = int(index.replace(",", ""))
    assert MNIST.load().test_labels[number] == int(label)
    _, shares = reference.of(MNIST).classifier.classify(MNIST.load().test_images[number][np.newaxis])
    assert list(found.values()) == pytest.approx((100 * shares[0]).tolist(), abs=0.06)
    other = app.button(key="describe_test_image").click().run()
    assert f"test image {index}." not in texts(other)


def test_what_is_drawn_is_classified_as_soon_as_a_stroke_ends(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = np.zeros((28, 28), np.uint8)
    shown[4:22, 20:22] = 255  # a 1 beside the middle, where the data set has none
    drawn = iter([shown, np.zeros_like(shown), None])

    def stroke(source: DataSource, on_draw: Callable[[], None], version: int, on_paper: Images | None = None) -> None:
        st.button("Stroke", key="stroke", on_click=on_draw)

    monkeypatch.setattr(paper, "take_drawing", lambda source: next(drawn))
    monkeypatch.setattr(paper, "show", stroke)
    app = opened(CHAPTER).button(key="stroke").click().run()
    assert max(bars(app), key=bars(app).__getitem__) == "1"
    assert "your own, made as large as those of MNIST and centred" in texts(app)
    assert not bars(app.button(key="stroke").click().run()), "an empty paper has no class"
    healthy(app.button(key="stroke").click().run())


def test_one_wish_gives_other_pictures_and_all_are_classified(home: Store) -> None:
    app = opened(CHAPTER, describe_digit="3")
    said = reading.words(texts(app))
    assert "You asked for a 3, and the classifier sees" in said and "Ask again" in said
    for _ in range(2):
        app.button(key="describe_again").click().run()
    said = reading.words(texts(app))
    differ = int(re.search(r"You asked for a 3 three times, and no two .* differ in (\d+) of 784", said)[1])  # type: ignore[index]
    assert differ > 10
    assert len(set(re.findall(r'<figure.*?src="([^"]+)"', texts(app)))) == 3
    app.pills(key="describe_digit").set_value(8).run()
    healthy(app)
    assert "You asked for an 8, and" in reading.words(texts(app))
    assert texts(app).count("y: 3, seen: ") == 3, "what was drawn before stays in sight"


def test_a_bad_digit_in_the_link_is_one_sentence(home: Store) -> None:
    app = opened(CHAPTER, describe_digit="ten")
    assert "describe_digit is 'ten'; it must be a whole number from 0 to 9." in texts(app)


@pytest.mark.usefixtures("no_shipped_runs")
def test_without_the_shipped_run_digits_are_still_classified(home: Store) -> None:
    app = opened(CHAPTER).button(key="describe_test_image").click().run()
    assert len(bars(app)) == 10
    assert "There is no run gan-conditional in this installation" in texts(app)


def test_a_damaged_run_is_one_sentence(home: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(runs.SHIPPED / "gan-conditional", tmp_path / "shipped" / "gan-conditional")
    (tmp_path / "shipped" / "gan-conditional" / "generator.tflite").write_bytes(b"nonsense")
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "shipped")
    app = opened(CHAPTER)
    assert len(app.error) == 1 and "generator.tflite" in app.error[0].value
