"""A run that draws in several steps on the pages: its choices, the way as a film, and the ways over the codes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from genmod.runs import Run, Store
from tests.pages import reading
from tests.pages.test_pages import healthy, home, pad, texts, visit

__all__ = ["home"]
GENERATE, LATENT, TRAIN = "pages/generate.py", "pages/latent-space.py", "pages/train.py"


@pytest.fixture
def flow(home: Store, tiny_flow: Run) -> Run:
    """A flow in the store of the pages."""
    home.root.mkdir(parents=True, exist_ok=True)
    return Run(Path(shutil.copytree(tiny_flow.path, home.root / tiny_flow.id)))


def test_the_link_says_how_a_run_draws(flow: Run) -> None:
    app = visit(GENERATE, run=flow.id, draw_steps="3", draw_solver="heun")
    healthy(app)
    (shown,) = pad(app)["maps"]
    assert len(shown["schedule"]["times"]) == 4 and shown["schedule"]["heun"]
    assert "after 0, 1, 2, 3 of 3 steps" in texts(app)
    assert "has not been measured for this run" in reading.words(texts(app))


def test_a_link_with_too_many_steps_is_refused(flow: Run) -> None:
    app = visit(GENERATE, run=flow.id, draw_steps="51")
    assert any("draw_steps is '51'; it must be a whole number from 1 to 50." in one.value for one in app.warning)


def test_the_ways_lead_over_the_codes_of_the_vae_that_the_run_keeps(flow: Run) -> None:
    app = visit(LATENT, run=flow.id)
    healthy(app)
    assert "12 ways from noise" in texts(app)
    assert "samples on their way in 20 steps" in texts(app)


def test_without_any_encoder_a_sentence_says_why_there_are_no_ways(
    flow: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.rmtree(flow.file("base"))
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "nothing")
    app = visit(LATENT, run=flow.id)
    assert not app.exception
    assert any("does not keep the encoder" in one.value for one in app.info)


def test_the_form_offers_the_vaes_of_the_data_set(flow: Run) -> None:
    app = visit(TRAIN, run=flow.id)
    healthy(app)
    (box,) = [one for one in app.selectbox if one.key == "vae"]
    assert "vae-map" in box.options and "fashion-vae-map" not in box.options
