"""A part of the Latent space page is the row from autoencoder to VAE, and nothing of it where its runs are missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod import runs
from genmod.ui.beta_row import HEADING
from tests.pages import reading

PROJECT = Path(__file__).resolve().parents[2]


def visit(run: str) -> AppTest:
    """Open the page of a run."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.switch_page("pages/latent-space.py")
    app.query_params["run"] = run
    app.query_params["part"] = "row"
    return app.run()


def markup(app: AppTest) -> str:
    """All markup on the page."""
    return "\n".join(block.proto.body for block in app.get("html"))


@pytest.mark.parametrize("run", ["vae-map", "row-beta-1", "row-ae"])
def test_the_page_shows_the_row(run: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path))
    app = visit(run)
    assert not app.exception
    assert HEADING in [header.value for header in app.header]
    said = markup(app)
    assert said.count("<li><a") == 6
    assert said.count('aria-current="true"') == run.startswith("row")
    assert "up to beta 1" in reading.words(said)


def test_without_its_runs_there_is_no_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "own"))
    for name in ("vae-map", "row-ae", "row-beta-1"):
        shutil.copytree(runs.SHIPPED / name, tmp_path / "shipped" / name)
    monkeypatch.setattr("genmod.runs.store.SHIPPED", tmp_path / "shipped")
    app = visit("vae-map")
    assert not app.exception
    assert HEADING not in [header.value for header in app.header]
    assert "gm-betas" not in markup(app)
