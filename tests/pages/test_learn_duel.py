"""The chapter on GANs: the curator's game, one step of each player, where they end, how it fails, and missing runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmod import runs
from genmod.inference import Discriminator, Sampler
from genmod.lesson import curator, steps
from genmod.ui.learn import curator as game
from genmod.ui.learn import duel, failures
from tests.pages import chapters
from tests.pages.test_pages import healthy, home, texts

__all__ = ["home"]
pytestmark = pytest.mark.usefixtures("home")
GAME, SLOW, EVEN, FAILS = duel.PARTS


def opened(part: str, **query: str) -> AppTest:
    return chapters.opened("duel", duel_part=part, **query)


def pictures(app: AppTest, when: str, seed: int) -> Any:
    return app.button_group(f"duel_marks_{when}_{seed}")


def test_who_marks_all_forgeries_is_right_on_all() -> None:
    app = opened(GAME, duel_seed="7")
    run = runs.find(game.RUN)
    forged = curator.draw(run, Sampler(run), "last", 7).forged
    pictures(app, "last", 7).set_value([number for number, one in enumerate(forged, 1) if one]).run()
    assert "10 marked as forged, 10 taken for real." in texts(app)
    app.button("duel_hand_in").click().run()
    healthy(app)
    said = texts(app)
    assert "You were right on 20 of 20 pictures" in said
    assert said.count("<b>Forged</b>") == said.count("<b>Real</b>") == 10
    assert "You found 10 of 10 forgeries" in said and "You left 10 of 10 real pictures alone" in said


def test_twenty_others_add_up_in_the_table() -> None:
    app = opened(GAME, duel_when="first")
    app.button("duel_hand_in").click().run()
    assert "You found 0 of 10 forgeries" in texts(app) and "Whoever trusts everything" in texts(app)
    app.button("duel_others").click().run()
    healthy(app)
    assert app.session_state["duel_seed"] == 1 and "<b>Forged</b>" not in texts(app)
    pictures(app, "first", 1).set_value(list(range(1, 21))).run()
    app.button("duel_hand_in").click().run()
    healthy(app)
    assert "Whoever calls everything forged" in texts(app)
    # Nothing marked, then everything: half of the forgeries found, half of the real pictures left alone.
    assert "epoch 1" in texts(app) and texts(app).count("<strong>50%</strong><br>10 of 20") == 2


def test_a_bad_link_is_refused_in_one_sentence() -> None:
    app = opened(GAME, duel_when="yesterday", duel_seed="-3")
    assert len(app.warning) == 2
    assert pictures(app, "last", 0).value == []


def test_each_step_says_who_learns_and_from_which_loss() -> None:
    run = runs.find(game.RUN)
    pairs = steps.pairs(run, Sampler(run), Discriminator(run), 0)
    app = opened(SLOW)
    assert f"here {(pairs.d_real >= 0.5).sum()} of 5" in texts(app) and "What comes back" not in texts(app)
    app = opened(SLOW, duel_step="discriminator")
    assert f"here {pairs.d_loss:.2f}, the mean of these 5 pairs" in texts(app)
    app = opened(SLOW, duel_step="generator")
    assert f"here {pairs.g_loss:.2f}, the mean of the same pairs" in texts(app)
    assert "What comes back: lighter where blue" in texts(app)
    app.button("duel_others").click().run()
    healthy(app)
    assert f"here {pairs.g_loss:.2f}, the mean of the same pairs" not in texts(app)


def test_answers_go_towards_one_half_and_that_is_no_proof() -> None:
    app = opened(EVEN)
    end = steps.ending(runs.find("gan-dense"))
    assert end is not None and f"{end.real:.2f} and {end.generated:.2f} after" in texts(app)
    assert "is no proof. mode-collapse ended at 0.50 for real and 0.50 for generated images" in texts(app)
    assert len(app.get("vega_lite_chart")) == 1


@pytest.mark.parametrize("run_id", failures.RUNS)
def test_each_failure_has_its_film_its_name_and_its_diagnosis(run_id: str) -> None:
    app = opened(FAILS, duel_failure=run_id)
    end = steps.ending(runs.find(run_id))
    assert end is not None and end.diagnosis is not None
    assert app.header[0].value == end.diagnosis.state.capitalize()
    assert "data:image/webp;base64," in texts(app) and f"{run_id} while it trains" in texts(app)


def test_each_part_leads_to_the_next() -> None:
    app = opened(GAME)
    for part in (SLOW, EVEN, FAILS):
        app.button("duel_part_then").click().run()
        healthy(app)
        assert app.session_state[duel.KEY] == part
    assert not [button for button in app.button if button.key == "duel_part_then"]


@pytest.mark.parametrize("part", duel.PARTS)
def test_without_its_runs_each_part_says_so_in_one_sentence(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "nothing")
    app = opened(part)
    assert len(app.error) == 1 and "in this installation" in app.error[0].value
