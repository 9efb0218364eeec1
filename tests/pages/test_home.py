"""Home: the film of the best run, and twenty images that a link brings back."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genmod import runs
from genmod.datasets import MNIST
from genmod.quality import measurements
from genmod.runs import Store
from genmod.system.project import PROJECT
from genmod.ui import opening
from genmod.ui.stage import films


def visit(**query: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def markup(app: AppTest) -> str:
    return "\n".join(block.proto.body for block in app.get("html"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store of own runs."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path))
    return runs.home()


def test_the_film_is_of_the_shipped_run_closest_to_real_images(home: Store) -> None:
    star = opening.star()
    assert star is not None and star.config().source == MNIST
    for run in runs.shipped().runs():
        known = measurements.result(home, run)
        if known is None or run.config().source != MNIST or len(run.frames()) < opening.FEWEST:
            continue
        ours = measurements.result(home, star)
        assert ours is not None
        assert (ours.number(opening.MEASURE) or 0) <= (known.number(opening.MEASURE) or 0)


def test_what_is_said_of_the_film_is_true_of_it() -> None:
    star = opening.star()
    assert star is not None
    said = markup(visit())
    content = films.small(star)
    assert content is not None and len(content) < 400_000
    with Image.open(io.BytesIO(content)) as film:
        count = getattr(film, "n_frames", 1)
    found = re.search(
        rf"{star.id} learning: .*?decoded (\d+) times, from before the training to after (\d+) epochs", said
    )
    assert found is not None
    assert (int(found[1]), int(found[2])) == (count, star.config().epochs)
    assert star.frames()[0] == 0


def test_a_link_brings_the_same_twenty_back() -> None:
    app = visit()
    first = markup(app)
    next(button for button in app.button if button.label == "Draw others").click().run()
    assert app.number_input(key="home_seed").value == 1
    second = markup(app)
    assert "seed 1" in second and second != first
    again = visit(home_seed="1")
    pattern = re.compile(r'alt="Twenty [^"]*" src="([^"]*)"')
    [one], [other] = pattern.findall(second), pattern.findall(markup(again))
    assert one == other


def test_a_seed_that_is_none_gives_a_sentence() -> None:
    app = visit(home_seed="x")
    assert any("home_seed is 'x'; it must be a whole number" in warning.value for warning in app.warning)


def test_without_shipped_runs_there_is_no_film_and_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "none")
    assert opening.star() is None
    assert "gm-film" not in markup(visit())
