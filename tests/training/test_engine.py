"""Engines: what a warm one gives is what a new one gives, bit for bit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from genmod.datasets import MNIST, DataSource
from genmod.kinds import Config, VAEConfig
from genmod.models.vae import VAE
from genmod.runs import Run
from genmod.training.engine import KerasEngine, WarmEngines

CONFIG = VAEConfig(epochs=2, images=300, hidden_units=(8,), latent_dim=2, optimizer="adam")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Config]]:
    """No XLA, few held-out images; yields the configs for which an engine was made."""
    whole = MNIST.load()
    few = dataclasses.replace(whole, test_images=whole.test_images[:200], test_labels=whole.test_labels[:200])
    made: list[Config] = []
    build = KerasEngine.__init__

    def noted(self: KerasEngine, config: Config, run: Run | None = None) -> None:
        made.append(config)
        build(self, config, run)

    monkeypatch.setattr(VAE, "compiles_with_xla", False)
    monkeypatch.setattr(DataSource, "load", lambda source: few)
    monkeypatch.setattr(KerasEngine, "__init__", noted)
    yield made


def trained(found: KerasEngine) -> list[bytes]:
    """All of its state after three steps, and its pictures."""
    found.start_epoch(1)
    found.run(0, 3)
    arrays: list[Any] = [np.asarray(variable.numpy()) for variable in found.state]
    return [*(array.tobytes() for array in arrays), *(picture or b"" for picture in found.pictures.render())]


def test_a_warm_engine_trains_bit_for_bit_as_a_new_one(quick: list[Config]) -> None:
    warm = WarmEngines()
    warm.prepare(CONFIG)
    assert quick == [CONFIG]
    wanted = CONFIG.replace(seed=7, learning_rate=0.02, beta=3, epochs=9)  # none of these is compiled in
    taken = warm.take(wanted)
    assert quick == [CONFIG]
    assert taken.config == wanted
    again = trained(taken)
    new = trained(KerasEngine(wanted))
    assert again == new
    assert trained(KerasEngine(CONFIG)) != new


@pytest.mark.parametrize(
    "other",
    [
        {"hidden_units": (9,)},
        {"images": 200},
        {"batch_size": 50},
        {"optimizer": "sgd"},
        {"latent_dim": 3},
        {"classes": (7,)},
    ],
    ids=str,
)
def test_what_is_compiled_in_makes_another_engine(quick: list[Config], other: dict[str, Any]) -> None:
    warm = WarmEngines()
    warm.prepare(CONFIG, hurry=lambda: True)
    wanted = CONFIG.replace(**other)
    assert warm.take(wanted).config == wanted
    assert quick == [CONFIG, wanted]


def test_the_length_is_compiled_into_a_gliding_learning_rate(quick: list[Config]) -> None:
    warm = WarmEngines()
    cosine = CONFIG.replace(learning_rate_schedule="cosine")
    warm.prepare(cosine, hurry=lambda: True)
    warm.take(cosine.replace(epochs=3))
    assert len(quick) == 2
    warm.take(cosine.replace(seed=3))
    assert len(quick) == 2


def test_the_oldest_engine_makes_room(quick: list[Config]) -> None:
    warm = WarmEngines(most=2)
    configs = [CONFIG.replace(hidden_units=(width,)) for width in (5, 6, 7)]
    for config in configs:
        warm.prepare(config, hurry=lambda: True)
    warm.prepare(configs[2], hurry=lambda: True)
    assert quick == configs
    warm.take(configs[1])
    warm.take(configs[2])
    assert quick == configs
    warm.take(configs[0])
    assert quick == [*configs, configs[0]]


def test_a_hurry_ends_the_warming_up_between_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(KerasEngine, "run", lambda self, first, steps: asked.append("run"))
    monkeypatch.setattr(KerasEngine, "held_out", lambda self: asked.append("held_out"))
    answers = iter([False, True])
    WarmEngines().prepare(CONFIG, hurry=lambda: next(answers))
    assert asked == ["run"]
