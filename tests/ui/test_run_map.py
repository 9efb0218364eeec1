"""All runs in one picture: links that keep the rest of the link, thumbnails of the runs' own images."""

from __future__ import annotations

import html
import re
from pathlib import Path

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import MNIST
from genmod.drawing import images
from genmod.quality import overview, reference
from genmod.runs import Run, Store
from genmod.ui import run_map

ENDS = reference.ends(MNIST)


@pytest.fixture(autouse=True)
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """The light theme, for there is no visitor."""
    monkeypatch.setattr("genmod.ui.frame.dark", lambda: False)


def picture(tmp_path: Path, chosen: str = "gan-dense", link: dict[str, list[str]] | None = None) -> str:
    """The picture of the shipped runs of MNIST."""
    run = runs.find(chosen)
    found = overview.of(Store(tmp_path), MNIST, runs.shipped().runs(), run)
    return run_map.markup(MNIST, found.shown, ENDS, [run], link or {})


def test_every_run_is_a_link_with_its_numbers(tmp_path: Path) -> None:
    markup = picture(tmp_path)
    for one in overview.of(Store(tmp_path), MNIST, runs.shipped().runs()).shown:
        words = f"{one.run.id}: precision {100 * one.precision:.1f} %, recall {100 * one.recall:.1f} %"
        assert f'href="?run={one.run.id}" aria-label="{words}"' in markup
    assert markup.count('aria-current="true"') == 1
    assert re.search(r'href="\?run=gan-dense"[^>]*aria-current="true"', markup)
    assert "fashion" not in markup
    assert "noise: precision 16.6 %, recall 0.0 %" in markup
    assert len(markup) < 60_000


def test_the_link_keeps_all_but_the_run() -> None:
    link = {"run": ["vae-map"], "beside": ["gan-dense"], "pair_seed": ["3"], "utm": ["a&b", "c"]}
    assert run_map.href(link, "vae-best") == "?beside=gan-dense&pair_seed=3&utm=a%26b&utm=c&run=vae-best"
    assert run_map.href(link, "gan-dense") == "?pair_seed=3&utm=a%26b&utm=c&run=gan-dense"  # not with itself


def test_a_link_s_own_text_is_no_markup(tmp_path: Path) -> None:
    markup = picture(tmp_path, link={"x": ['"><script>']})
    assert "<script" not in markup
    assert html.escape("?x=%22%3E%3Cscript%3E&run=gan-dense") in markup


def test_a_thumbnail_is_the_corner_of_the_run_s_own_sheet() -> None:
    run = runs.find("gan-dense")
    sheet, small = run.sheet(), run_map.thumbnail(run, MNIST)
    assert sheet is not None
    assert small is not None
    whole, corner = images.pixels(sheet), images.pixels(small)
    np.testing.assert_array_equal(corner, whole[:57, :57])
    assert len(small) < 3_000


def test_a_run_without_a_sheet_has_a_place_all_the_same(tmp_path: Path) -> None:
    run = Run(tmp_path / "bare")
    assert run_map.thumbnail(run, MNIST) is None
    markup = run_map.markup(MNIST, [overview.Measured(run, 0.5, 0.5)], ENDS, [run], {})
    assert "bare: precision 50.0 %, recall 50.0 %" in markup


@pytest.mark.parametrize("layout", run_map.layouts(12), ids=lambda layout: layout.name)
def test_higher_is_more_precise_and_right_is_more_recall(layout: run_map.Layout) -> None:
    low, high = layout.point(0.1, 0.2), layout.point(0.9, 0.8)
    assert low[0] < high[0]
    assert low[1] > high[1]
    assert layout.point(-3.0, 2.0) == layout.point(0.0, 1.0)
