"""The row of autoencoders of different sizes: which runs stand in it, and in which order."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from genmod import quality, runs
from genmod.quality import beta_row, size_row
from genmod.runs import Run

SIZES = [1, 2, 4, 8, 16, 32]


@pytest.fixture
def copies(tmp_path: Path) -> list[Run]:
    """The runs of the row in a folder of the test's own, by other names."""
    for place, size in enumerate(SIZES):
        shutil.copytree(runs.SHIPPED / f"row-size-{size}", tmp_path / f"r{place}")
    return [Run(tmp_path / f"r{place}") for place in range(len(SIZES))]


def change(run: Run, group: str, **values: object) -> None:
    """Give a run other settings."""
    data = json.loads(run.file("config.json").read_text())
    data[group] |= values
    run.file("config.json").write_text(json.dumps(data))


def test_the_shipped_row_grows_and_loses_less_and_less() -> None:
    row = size_row.of(runs.shipped().runs())
    assert [size.numbers for size in row] == SIZES
    assert [size.run.id for size in row] == [f"row-size-{size}" for size in SIZES]
    losses = [size.reconstruction for size in row]
    assert losses == sorted(losses, reverse=True)
    for size in row:
        known = quality.kept(size.run.path)
        assert known is not None and size.reconstruction == known.number("test_reconstruction_loss")
        (*_, last) = size.run.history()
        assert size.reconstruction == pytest.approx(last["val_reconstruction_loss"], rel=1e-4)
    assert not {size.run for size in row} & {step.run for step in beta_row.of(runs.shipped().runs())}


def test_the_row_is_small() -> None:
    sizes = [
        sum(path.stat().st_size for path in size.run.path.rglob("*") if path.is_file())
        for size in size_row.of(runs.shipped().runs())
    ]
    assert max(sizes) < 170_000 and sum(sizes) < 900_000


def test_settings_decide_who_stands_in_the_row_not_names(copies: list[Run]) -> None:
    assert [size.run for size in size_row.of(copies[::-1])] == copies
    change(copies[0], "training", seed=1)
    change(copies[1], "architecture", latent_dim=4)  # as large as the next, and first in the list: it stands for both
    assert [size.run for size in size_row.of(copies)] == [copies[1], *copies[3:]]
    for copy in copies[3:]:
        change(copy, "training", epochs=13)
    assert [size.run for size in size_row.of(copies)] == copies[3:]
    change(copies[3], "data", images=1_000)
    assert size_row.of(copies) == []


def test_one_that_is_torn_is_left_out(copies: list[Run]) -> None:
    copies[0].file(quality.NAME).unlink()
    copies[1].file("config.json").write_text("{")
    copies[2].file("decoder.tflite").unlink()
    assert [size.run for size in size_row.of(copies)] == copies[3:]


def test_vaes_make_no_such_row() -> None:
    assert size_row.of([runs.find(name) for name in ("vae-elbo", "vae-article", "row-beta-1")]) == []
