"""The spread over seeds: whose it is, what the rule says, and what is read from the file."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from genmod import kinds, runs
from genmod.datasets import MNIST
from genmod.kinds import Config
from genmod.quality import Quality, comparison, metrics, reference, seeds
from genmod.quality.seeds import Spread, chance
from genmod.runs import Store
from genmod.system import files

METRICS = {metric.name: metric for metric in metrics.of(MNIST)}
PRESET = kinds.from_preset("vae", "elbo")


def measured(**values: float) -> Quality:
    return Quality(values, {}, {}, {}, "")


@pytest.fixture
def known(tmp_path: Path) -> Path:
    """A file that knows the spread of one preset."""
    path = tmp_path / seeds.NAME
    found = {seed: measured(frechet_distance=80.0 + 2 * seed, recall=0.5) for seed in range(3)}
    seeds.write(path, seeds.entry(PRESET, found))
    return path


def test_mean_and_deviation_are_those_of_the_textbook() -> None:
    spread = Spread((80.0, 82.0, 84.0))
    assert (spread.mean, spread.deviation) == (82.0, 2.0)
    assert spread.text(METRICS["frechet_distance"]) == "82.00 ± 2.00 over 3 seeds"
    assert Spread((0.5, 0.6)).text(METRICS["recall"]) == "55.0 ± 7.1 % over 2 seeds"


def test_two_trainings_of_the_same_settings_differ_by_chance_95_percent_of_the_time() -> None:
    """The rule against the thing itself: seeds, and two runs more, drawn from one normal distribution."""
    rng = np.random.default_rng(0)
    draws = rng.standard_normal((4_000, 5))
    within = [abs(row[3] - row[4]) <= chance(Spread(tuple(row[:3])), Spread(tuple(row[:3]))) for row in draws]
    beside = [abs(row[3] - row[:3].mean()) <= chance(Spread(tuple(row[:3]))) for row in draws]
    assert np.mean(within) == pytest.approx(0.95, abs=0.015)
    assert np.mean(beside) == pytest.approx(0.95, abs=0.015)


def test_the_fewer_seeds_the_wider_the_limits() -> None:
    three, many = Spread((-1.0, 0.0, 1.0)), Spread((-1.0, 1.0, *[0.0, -1.0, 1.0] * 3))
    assert chance(three) / three.deviation == pytest.approx(4.30 * math.sqrt(4 / 3))
    assert chance(many) / many.deviation < 2.5


@pytest.mark.parametrize("seed", [0, 7])
def test_a_run_with_exactly_the_preset_s_settings_has_its_spread(store: Store, known: Path, seed: int) -> None:
    found = seeds.of(store.create(PRESET.replace(seed=seed), "mine"), known)
    assert found == {"frechet_distance": Spread((80.0, 82.0, 84.0)), "recall": Spread((0.5, 0.5, 0.5))}


@pytest.mark.parametrize("config", [PRESET.replace(epochs=49), kinds.from_preset("vae", "article")])
def test_a_run_with_other_settings_has_none(store: Store, known: Path, config: Config) -> None:
    assert config.preset in ("elbo", "article")  # the name alone claims nothing
    assert seeds.of(store.create(config, "other"), known) == {}


def test_a_spread_measured_in_another_way_is_not_claimed(
    store: Store, known: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.create(PRESET, "mine")
    monkeypatch.setattr("genmod.quality.result.VERSION", -1)
    assert seeds.of(run, known) == {}


def test_one_preset_is_added_or_replaced_and_the_others_stay(store: Store, known: Path) -> None:
    other = kinds.from_preset("ae", "article")
    seeds.write(known, seeds.entry(other, {0: measured(recall=0.1), 1: measured(recall=0.2)}))
    seeds.write(known, seeds.entry(PRESET, {3: measured(recall=0.3), 4: measured(recall=0.4)}))
    data = files.read_json(known) or {}
    assert [(one["kind"], one["preset"], one["seeds"]) for one in data["presets"]] == [
        ("ae", "article", [0, 1]),
        ("vae", "elbo", [3, 4]),
    ]
    assert seeds.of(store.create(PRESET, "mine"), known) == {"recall": Spread((0.3, 0.4))}
    assert seeds.of(store.create(other, "plain"), known) == {"recall": Spread((0.1, 0.2))}


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", b'{"format": 1}', b'{"format": 1, "presets": [3, {"fingerprint": "x"}]}', b'{"format": 9}'],
)
def test_a_file_that_cannot_be_read_knows_nothing(store: Store, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    assert seeds.of(store.create(PRESET, "mine"), path) == {}
    assert seeds.of(store.create(PRESET, "again"), tmp_path / "missing.json") == {}


def test_the_shipped_file_agrees_with_its_values_and_presets() -> None:
    data = files.read_json(reference.SHIPPED / seeds.NAME, seeds.LARGEST)
    assert data is not None
    assert data["presets"]
    for one in data["presets"]:
        kinds.from_preset(one["kind"], one["preset"])
        for name, about in one["measures"].items():
            spread = Spread(tuple(about["values"]))
            assert about["mean"] == pytest.approx(spread.mean), name
            assert about["standard_deviation"] == pytest.approx(spread.deviation), name
            assert about["seeds"] == len(one["seeds"]) == len(spread.values)


def test_a_shipped_run_of_a_known_preset_is_one_of_its_seeds_or_near() -> None:
    run = runs.find("vae-elbo")
    assert seeds.of(run)["test_elbo"].mean == pytest.approx(-129.8, abs=1.5)


TWO = ("a", measured(frechet_distance=81.0, recall=0.5)), ("b", measured(frechet_distance=120.0, recall=0.5))
SPREAD = {"frechet_distance": Spread((80.0, 82.0, 84.0)), "recall": Spread((0.4, 0.5, 0.6))}


def test_two_runs_of_known_spread_are_sorted_into_chance_and_more() -> None:
    said = comparison.by_chance(MNIST, *TWO, {"a": SPREAD, "b": SPREAD})
    assert "for the settings of both, a and b" in said
    assert "Within chance: Recall. Larger than chance: Frechet distance." in said


def test_of_a_run_with_other_settings_no_spread_is_claimed() -> None:
    for place, name in enumerate("ab"):
        said = comparison.by_chance(MNIST, *TWO, {name: SPREAD})
        unknown = "ba"[place]
        assert f"known for the settings of {name}, not for those of {unknown}" in said
    assert "Larger than chance: Frechet distance." in comparison.by_chance(MNIST, *TWO, {"a": SPREAD})


def test_without_a_known_spread_nothing_is_said() -> None:
    assert comparison.by_chance(MNIST, *TWO, {"a": {}, "b": {}}) == ""
