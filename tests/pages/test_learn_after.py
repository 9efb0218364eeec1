"""The chapter on what came after: a slider from one step to many, with a run, without one, and with a bad link."""

from __future__ import annotations

import pytest

from genmod.runs import Run
from genmod.ui.learn import after, shipped
from tests.pages.chapters import opened
from tests.pages.test_pages import healthy, home, texts

__all__ = ["home"]
CHAPTER = "after"
pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def flow(tiny_flow: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(shipped, "run", lambda run_id: tiny_flow)
    return tiny_flow


def test_the_same_noises_are_drawn_in_as_many_steps_as_is_chosen(flow: Run) -> None:
    app = opened(CHAPTER, after_steps="5")
    assert app.select_slider(after.KEY).value == 5
    assert f"The same twenty noises, drawn by {flow.id} in 5 steps." in texts(app)
    assert "after 0, 1, 2, 3, 4, 5 of 5 steps" in texts(app)
    before = texts(app)
    app.select_slider(after.KEY).set_value(1).run()
    healthy(app)
    assert f"drawn by {flow.id} in 1 step." in texts(app) and texts(app) != before
    assert "has not been measured for this run" in texts(app)


def test_a_bad_link_is_refused_in_one_sentence(flow: Run) -> None:
    app = opened(CHAPTER, after_steps="7")
    assert any("after_steps is '7'; it must be one of 1, 2, 5, 10, 20." in one.value for one in app.warning)
    assert app.select_slider(after.KEY).value == 1


def test_without_its_run_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(after, "RUN", "flow-of-nowhere")
    app = opened(CHAPTER)
    assert len(app.error) == 1 and "There is no run flow-of-nowhere" in app.error[0].value
    assert "Rombach" in texts(app)
