"""Runs that were brought along and hold what no training writes: they cost no other run its pages."""

from __future__ import annotations

import asyncio
import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genmod import runs
from genmod.drawing import images
from genmod.runs import Run, Store, frames
from genmod.system.project import PROJECT
from genmod.ui import thumbnails
from genmod.ui.stage import films, routes


def unreadable() -> bytes:
    """A PNG file of whole chunks whose pixels are none."""
    content = images.png(np.zeros((28, 28), np.uint8))
    place = content.index(b"IDAT") - 4
    data = b"no pixels at all"
    chunk = len(data).to_bytes(4, "big") + b"IDAT" + data + zlib.crc32(b"IDAT" + data).to_bytes(4, "big")
    return content[:place] + chunk + content[place + 12 + int.from_bytes(content[place : place + 4], "big") :]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store with one run, copied from a shipped one."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path))
    shutil.copytree(PROJECT / "checkpoints" / "gan-dense", tmp_path / "strange")
    return runs.home()


def visit(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.switch_page(page)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, [element.message for element in app.exception]
    return app


def spoil_frames(run: Run) -> None:
    for epoch in run.frames():
        (run.file(frames.FOLDER) / frames.sheet_name(epoch)).write_bytes(unreadable())


def spoil_notes(run: Run) -> None:
    for epoch in run.frames():
        path = run.file(frames.FOLDER) / frames.sheet_name(epoch)
        path.write_bytes(images.png(images.pixels(path.read_bytes()), notes={"generated": "abc", "real": {"x": [1]}}))


def spoil_step(run: Run) -> None:
    notes = {"step": "x", "real": [10**400], "generated": [0.5]}
    (run.file(frames.FOLDER) / frames.STEP).write_bytes(images.png(np.zeros((57, 289), np.uint8), notes=notes))


def spoil_history(run: Run) -> None:
    columns = ["epoch", "seconds", "d_loss", "g_loss", "d_real", "d_fake", "real_accuracy", "fake_accuracy", "variety"]
    rows = [{name: 1e16 + 2 * (epoch % 2) for name in columns} | {"epoch": epoch} for epoch in range(1, 400)]
    run.write_history(columns, rows)


def spoil_date(run: Run) -> None:
    config = json.loads(run.file("config.json").read_text())
    run.file("config.json").write_text(json.dumps(config | {"created": "yesterday"}))


@pytest.mark.sampled(2)
@pytest.mark.parametrize("spoil", [spoil_frames, spoil_notes, spoil_step, spoil_history, spoil_date])
def test_every_page_opens_beside_a_strange_run_and_on_it(spoil: Callable[[Run], None], home: Store) -> None:
    run = home.find("strange")
    assert run is not None
    spoil(run)
    for page in ("pages/train.py", "pages/home.py", "pages/generate.py", "pages/quality.py"):
        visit(page, run="strange")
    app = visit("pages/train.py", run="gan-dense", in_step="strange")
    next(button for button in app.button if button.label == "Look at all runs").click().run()
    assert not app.exception
    said = "\n".join(block.proto.body for block in visit("pages/train.py", run="strange").get("html"))
    assert "Made ." not in said


def test_a_run_whose_settings_cannot_be_read_is_not_shown_beside_another(home: Store) -> None:
    (home.root / "strange" / "config.json").write_text("{")
    app = visit("pages/train.py", run="gan-dense", in_step="strange")
    assert any("There is no run 'strange' to show beside" in warning.value for warning in app.warning)


def test_frames_that_cannot_be_read_make_no_film_and_no_thumbnail(home: Store) -> None:
    run = home.find("strange")
    assert run is not None
    spoil_frames(run)
    assert films.small(run) is None
    assert thumbnails.row(run) is None
    assert asyncio.run(asyncio.to_thread(routes.picture, "strange", "film.webp")) is None
    good = home.root / "strange" / frames.FOLDER / frames.sheet_name(0)
    good.write_bytes(images.png(np.zeros((144, 289), np.uint8)))
    assert films.film(run, "gif")[:6] == b"GIF89a"
