"""Which runs stand in the picture of all: measured ones of the data set, up to a bound."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from genmod import quality, runs
from genmod.datasets import FASHION_MNIST, MNIST, SHAPES
from genmod.quality import overview
from genmod.runs import Run, Store


def test_the_shipped_runs_stand_where_they_were_measured(tmp_path: Path) -> None:
    found = overview.of(Store(tmp_path), MNIST, runs.shipped().runs(), runs.find("vae-map"))
    assert found.shown[0].run.id == "vae-map"
    assert {one.run.id for one in found.shown} == {
        run.id for run in runs.shipped().runs() if run.config().source == MNIST and not run.id.startswith("row-")
    }
    assert (found.in_row, found.of_sizes) == (6, 6)
    for one in found.shown:
        known = quality.kept(one.run.path)
        assert known is not None
        assert (one.precision, one.recall) == (known.number("precision"), known.number("recall"))
    assert found.left_out == 0
    assert all(
        one.run.id.startswith("fashion")
        for one in overview.of(Store(tmp_path), FASHION_MNIST, runs.shipped().runs()).shown
    )
    assert overview.of(Store(tmp_path), FASHION_MNIST, runs.shipped().runs()).in_row == 0
    assert overview.of(Store(tmp_path), SHAPES, runs.shipped().runs()[:2]).shown == []


def test_of_those_that_differ_in_beta_alone_only_chosen_ones_are_shown(tmp_path: Path) -> None:
    chosen = runs.find("row-beta-1"), runs.find("row-ae")
    found = overview.of(Store(tmp_path), MNIST, runs.shipped().runs(), *chosen)
    assert {one.run for one in found.shown[:2]} == set(chosen)
    assert not any(one.run.id.startswith("row-") for one in found.shown[2:])
    assert found.in_row == 4
    shutil.copytree(runs.find("row-beta-5").path, tmp_path / "own")  # of somebody who tries the same
    own = Run(tmp_path / "own")
    assert overview.of(Store(tmp_path), MNIST, runs.shipped().runs(), runs.find("row-size-4")).of_sizes == 5
    assert own in [one.run for one in overview.of(Store(tmp_path), MNIST, [own, *runs.shipped().runs()]).shown]


def test_numbers_of_another_model_are_not_shown(tmp_path: Path) -> None:
    shutil.copytree(runs.find("vae-elbo").path, tmp_path / "own")
    run = Run(tmp_path / "own")
    assert overview.measured(Store(tmp_path), run) is not None
    known = quality.kept(run.path)
    assert known is not None
    quality.save(run.path, dataclasses.replace(known, stamp={"version": 0}))
    assert overview.measured(Store(tmp_path), run) is None
    (run.path / quality.NAME).write_text("{")
    assert overview.measured(Store(tmp_path), run) is None


def test_of_too_many_the_first_are_shown_and_the_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overview, "MOST", 3)
    listed = [run for run in runs.shipped().runs() if run.config().source == MNIST and "row-" not in run.id]
    found = overview.of(Store(tmp_path), MNIST, listed, listed[-1])
    assert [one.run for one in found.shown] == [listed[-1], *listed[:2]]
    assert found.left_out == len(listed) - 3
