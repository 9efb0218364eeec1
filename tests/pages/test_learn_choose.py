"""The chapter on choosing the data: what models of other images draw and rebuild, and what a label changes."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod import runs
from genmod.kinds import VAEConfig
from genmod.lesson import chapters
from genmod.lesson.choosing import GROUPS, TRAININGS
from genmod.runs import Store
from tests.pages import reading
from tests.pages.chapters import opened
from tests.pages.test_pages import healthy, home, no_shipped_runs, texts, visit

__all__ = ["home", "no_shipped_runs"]
CHAPTER = "choose"
CELLS = re.compile(r"<td( class=gm-seen)?>([\d,]+)</td>")


def test_a_seven_is_not_rebuilt_by_a_model_that_has_never_seen_one(home: Store) -> None:
    app = opened(CHAPTER)
    said = reading.words(texts(app))
    assert "It has never seen sevens. Of 300 rebuilt sevens the classifier still takes" in said
    assert "for a 7; no training image was one." in said
    cells = CELLS.findall(texts(app))
    assert len(cells) == len(TRAININGS) * len(GROUPS)
    assert [bool(seen) for seen, _ in cells[:4]] == [True, True, False, False]  # all digits
    assert [bool(seen) for seen, _ in cells[4:8]] == [False, True, False, False]  # no sevens
    assert re.search(r"<tr class=gm-chosen><th scope=row>No sevens</th>", texts(app))


def test_other_data_and_other_images_can_be_chosen(home: Store) -> None:
    app = opened(CHAPTER, choose_data="Only sevens", choose_rebuild="A shape")
    said = reading.words(texts(app))
    assert "It has never seen shapes" in said and "it knows digits alone, and so does the model" in said
    assert "for a 7; all training images were." in said
    before = re.search(r'alt="A test image[^>]*src="([^"]+)"', texts(app))
    app.button(key="choose_another").click().run()
    after = re.search(r'alt="A test image[^>]*src="([^"]+)"', texts(app))
    assert before and after and before[1] != after[1]
    app.pills(key="choose_data").set_value("Fashion items").run()
    app.pills(key="choose_rebuild").set_value("A fashion item").run()
    healthy(app)
    assert "It has learned from fashion items. Of 300 rebuilt fashion items the classifier recognises" in reading.words(
        texts(app)
    )


def test_the_same_random_numbers_with_and_without_a_wish(home: Store) -> None:
    app = opened(CHAPTER, label_digit="4")
    said = reading.words(texts(app))
    assert "The second was asked for a 4, and the classifier sees one in" in said
    assert "Asked for each digit equally often, the model that was told gave what was wanted in" in said
    rows = re.findall(r'<ul class="gm-labelled".*?</ul>', texts(app), re.DOTALL)
    assert len(rows) == 2 and all(row.count("<figure") == 10 for row in rows)
    app.button(key="label_again").click().run()
    assert rows[0] not in texts(app) and rows[1] not in texts(app)


@pytest.mark.parametrize(
    ("name", "value"), [("choose_data", "all"), ("choose_rebuild", "a dog"), ("label_digit", "12")]
)
def test_a_bad_link_is_one_sentence(name: str, value: str, home: Store) -> None:
    app = opened(CHAPTER, **{name: value})
    assert f"{name} is '{value}'; it must be " in texts(app)


def test_without_one_of_its_runs_the_others_are_still_compared(
    home: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("all-digits", "no-sevens", "vae-elbo"):
        shutil.copytree(runs.SHIPPED / name, tmp_path / "shipped" / name)
    (tmp_path / "shipped" / "no-sevens" / "quality.json").unlink()
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "shipped")
    app = opened(CHAPTER)
    assert len(CELLS.findall(texts(app))) == 2 * len(GROUPS)
    assert "no training image was one" not in texts(app)
    assert "There is no run vae-conditional in this installation" in texts(app)
    app.pills(key="choose_data").set_value("Shapes").run()
    healthy(app)
    assert "There is no run only-shapes in this installation" in texts(app)


@pytest.mark.usefixtures("no_shipped_runs")
def test_without_shipped_runs_each_part_is_one_sentence(home: Store) -> None:
    app = opened(CHAPTER)
    assert len(app.error) == 2


def test_the_way_into_the_open_leads_to_a_training_without_sevens(home: Store) -> None:
    way = chapters.chapter("choose").open
    app = visit(way.page, **way.query)
    healthy(app)
    assert not app.error and not app.warning
    assert app.text_input(key="classes").value == "0, 1, 2, 3, 4, 5, 6, 8, 9"
    assert settings_of(app) == (0, 1, 2, 3, 4, 5, 6, 8, 9)
    app.text_input(key="classes").set_value("12").run()
    assert "classes is '12'; it must be all, or 1 to 10 whole numbers from 0 to 9" in texts(app)
    app.text_input(key="classes").set_value("7").run()
    app.selectbox(key="dataset").set_value("shapes").run()
    assert "classes is 7; Shapes has the classes 0 to 2." in texts(app)


def settings_of(app: AppTest) -> tuple[int, ...]:
    """The classes that the form stands for."""
    return VAEConfig(classes=app.text_input(key="classes").value).classes  # type: ignore[arg-type]  # read as text
