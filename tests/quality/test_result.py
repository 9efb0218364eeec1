"""Keeping what was measured, knowing when it is stale, and what the shipped runs promise."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest

from genmod import quality, runs
from genmod.quality import Quality
from genmod.runs import Run


@pytest.fixture
def measured(tiny_run: Run, tmp_path: Path) -> tuple[Run, Quality]:
    """A copy of a run with something to keep."""
    shutil.copytree(tiny_run.path, tmp_path / "copy")
    run = Run(tmp_path / "copy")
    sheets = {"clear": b"\x89PNG clear", "unclear": b"u", "nearest": b"n"}
    known = Quality({"recall": 0.5, "class_shares": [0.1] * 10}, sheets, {"samples": 3}, quality.stamp(run), "now")
    quality.save(run.path, known)
    return run, known


def test_what_is_kept_is_read_back(measured: tuple[Run, Quality]) -> None:
    run, known = measured
    assert quality.kept(run.path) == known
    assert not known.stale(run)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": 99}', b'{"format": 1, "values": 3}', b"\xff nonsense"])
def test_what_cannot_be_read_is_nothing(measured: tuple[Run, Quality], content: bytes) -> None:
    run, _ = measured
    run.file(quality.NAME).write_bytes(content)
    assert quality.kept(run.path) is None


def test_a_new_model_makes_old_numbers_stale(measured: tuple[Run, Quality]) -> None:
    run, known = measured
    content = run.file("decoder.tflite").read_bytes()
    run.file("decoder.tflite").write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert known.stale(run)


def test_another_way_to_measure_makes_old_numbers_stale(
    measured: tuple[Run, Quality], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, known = measured
    monkeypatch.setattr("genmod.quality.result.VERSION", -1)
    assert known.stale(run)


@pytest.mark.parametrize("name", ["ae-article", "vae-article", "vae-elbo", "vae-map", "vae-best", "vae-conditional"])
def test_latents_nearer_to_the_codes_draw_better(name: str) -> None:
    """The lesson in numbers: one Gaussian is no worse than the prior, ten than one, and real codes than ten."""
    known = quality.kept(runs.find(name).path)
    assert known is not None
    measures = [f"{source}frechet_distance" for source in ("", "fitted_", "mixture_", "codes_")]
    prior, fitted, mixture, codes = (known.number(measure) or math.nan for measure in measures)
    assert fitted < 1.05 * prior
    assert codes < 1.05 * mixture
    assert mixture < 1.05 * fitted


EVEN = {"smallest_class_share": (0.08, 0.1), "largest_class_share": (0.1, 0.125)}


@pytest.mark.parametrize(
    ("name", "promised"),
    [
        ("gan-dense", {"frechet_distance": (0.0, 1.5), **EVEN}),
        ("gan-dcgan", {"frechet_distance": (0.0, 1.0), "confident_share": (0.95, 1.0), **EVEN}),
        ("gan-conditional", {"class_agreement": (0.97, 1.0)}),
        ("vae-conditional", {"class_agreement": (0.95, 1.0)}),
    ],
)
def test_shipped_runs_draw_as_well_as_promised(name: str, promised: dict[str, tuple[float, float]]) -> None:
    known = quality.kept(runs.find(name).path)
    assert known is not None
    for measure, (low, high) in promised.items():
        assert low <= (known.number(measure) or 0.0) <= high, measure


@pytest.mark.parametrize("run", runs.shipped().runs(), ids=lambda run: run.id)
def test_shipped_runs_come_measured(run: Run) -> None:
    known = quality.kept(run.path)
    assert known is not None
    assert not known.stale(run)
    assert known.notes["samples"] == 10_000
    last = (
        {} if run.kind().borrowed else run.history()[-1]
    )  # a flow's loss is of codes, and a GAN's of no held-out images
    expected = None if "val_loss" not in last else pytest.approx(last["val_loss"], rel=1e-4)
    assert known.number("test_loss") == expected


def test_from_the_prior_a_plain_autoencoder_draws_worse_than_a_vae() -> None:
    """The article's claim in numbers: the gap between fitted latents and the prior is what the holes cost."""
    numbers = {}
    for name in ("ae-article", "vae-article", "vae-elbo"):
        known = quality.kept(runs.find(name).path)
        assert known is not None
        names = ("frechet_distance", "confident_share", "fitted_frechet_distance", "fitted_confident_share")
        numbers[name] = [known.number(measure) or 0.0 for measure in names]
    plain, article, elbo = numbers.values()
    assert plain[0] > 2 * elbo[0] and plain[1] < 0.6 * elbo[1]
    gaps = [fitted - clear for _, clear, _, fitted in (plain, article, elbo)]
    assert gaps[0] > gaps[1] > gaps[2] > 0
