"""What is said of a loss, computed again from the shipped runs; and that like is compared with like."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from genmod import kinds, quality, runs
from genmod.kinds import Config
from genmod.quality import reference, standing
from genmod.quality.result import NAME, stamp
from genmod.runs import Run, Store

SHIPPED = runs.shipped().runs()
ENCODING = [run for run in SHIPPED if run.kind().encodes]
NUMBER = r"(\d+\.\d)"


def numbers(run: Run) -> dict[str, float]:
    """What was measured of a run, if it still holds."""
    found = quality.kept(run.path)
    if found is None or dict(found.stamp) != stamp(run):
        return {}
    return {name: value for name in ("test_loss", "test_reconstruction_loss") if (value := found.number(name))}


def of(config: Config, run: Run, known: Sequence[Run] = SHIPPED) -> list[standing.Standing]:
    return standing.of(config, run.history(), known, runs.home())


@pytest.fixture(autouse=True)
def no_own_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty store of own runs."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))


@pytest.mark.parametrize("run", ENCODING, ids=lambda run: run.id)
def test_what_is_said_of_a_shipped_run_is_true(run: Run) -> None:
    config, last = run.config(), run.history()[-1]
    noise = reference.ends(config.source)["test_reconstruction_loss"][1]
    for plot, said in zip(run.kind().plots(config), of(config, run), strict=True):
        if plot.scale is None:
            assert said.sentence == plot.reason
            continue
        value = sum(last[column] for column in plot.scale.columns)
        assert f"after epoch {last['epoch']:.0f} it is {value:.1f} nats" in said.sentence.lower()
        assert f"noise gets {noise:.1f}" in said.sentence and f"{value:.1f} nats" in said.short
        rivals = {
            other.id: numbers(other)[plot.scale.measure]
            for other in ENCODING
            if other.config().source == config.source
            and other.config().conditional == config.conditional
            and other.config().classes == config.classes
            and plot.scale.measure in numbers(other)
            and (not plot.scale.whole or other.kind().adds_noise)
        }
        best = min(rivals, key=rivals.__getitem__)
        if found := re.search(rf"the best run (?:here|of these classes), (\S+), {NUMBER}\.", said.sentence):
            assert (found[1], found[2]) == (best, f"{rivals[best]:.1f}") and rivals[best] < value
        else:
            assert (
                said.sentence.endswith(f"and no run {'of these classes' if config.classes else 'here'} is better.")
                and value <= rivals[best] + 0.05
            )


def test_the_best_run_stands_beside_those_it_can_be_compared_with() -> None:
    run = runs.shipped().find("vae-elbo")
    assert run is not None
    loss, rebuilt, divergence = of(run.config(), run)
    assert "the best run here, vae-best" in loss.sentence
    # An autoencoder's loss lacks the KL divergence, and a model that is told the class has an easier task.
    alone = [other for other in SHIPPED if other.config().conditional or not other.kind().adds_noise]
    loss, rebuilt, _ = of(run.config(), run, alone)
    assert "noise gets" in loss.sentence and "best run" not in loss.sentence and "no run" not in loss.sentence
    assert "best run" in rebuilt.sentence or "no run" in rebuilt.sentence
    assert "no good end" in divergence.sentence


def test_another_beta_is_compared_at_beta_1() -> None:
    run = runs.shipped().find("vae-article")
    assert run is not None
    loss, *_ = of(run.config(), run)
    last = run.history()[-1]
    assert loss.sentence.startswith("At beta 1, after epoch 50")
    assert f"{last['val_reconstruction_loss'] + last['val_kl_loss']:.1f} nats" in loss.sentence


def test_a_run_whose_model_has_changed_since_is_no_best(tmp_path: Path) -> None:
    shutil.copytree(runs.SHIPPED / "vae-best", tmp_path / "store" / "changed")
    changed = Run(tmp_path / "store" / "changed")
    file = changed.path / NAME
    data = json.loads(file.read_text())
    data["values"]["test_loss"] = 12.3
    file.write_text(json.dumps(data))
    config = changed.config()
    assert "no run here is better" not in of(config, changed, [changed])[0].sentence
    assert "changed, 12.3" in of(config, changed, [changed])[0].sentence
    data["stamp"]["models"]["decoder.tflite"] = "another"
    file.write_text(json.dumps(data))
    assert "best run" not in of(config, changed, [changed])[0].sentence


def test_damage_is_passed_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    shutil.copytree(runs.SHIPPED / "vae-elbo", store.root / "torn")
    for name in (NAME, "config.json"):
        (store.root / "torn" / name).write_bytes(b"\x00{")
    run = runs.shipped().find("vae-elbo")
    assert run is not None
    with_damage = standing.of(run.config(), run.history(), [*SHIPPED, *store.runs()], store)
    assert with_damage == of(run.config(), run)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_nothing_is_said_of_numbers_that_are_not_there(kind: str) -> None:
    config = kinds.from_preset(kind)
    for rows in ([], [{"epoch": 1.0}], [{"epoch": 1.0, "val_reconstruction_loss": float("nan"), "val_kl_loss": 1.0}]):
        for plot, said in zip(
            kinds.of(config).plots(config), standing.of(config, rows, SHIPPED, runs.home()), strict=True
        ):
            assert bool(said.short) == bool(said.sentence) == (plot.scale is None)


@pytest.mark.parametrize("run", [run for run in SHIPPED if not run.kind().encodes], ids=lambda run: run.id)
def test_where_a_loss_says_nothing_of_the_images_the_measure_that_does_is_named(run: Run) -> None:
    said = " ".join(one.sentence for one in of(run.config(), run))
    assert "Frechet distance" in said and "Quality" in said


def test_each_line_at_a_chart_has_room() -> None:
    for run in SHIPPED:
        assert all(len(said.short) <= 75 for said in of(run.config(), run)), run.id
