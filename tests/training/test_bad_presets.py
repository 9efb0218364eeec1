"""The presets that are bad on purpose, trained for real and short: they show what they claim."""

from __future__ import annotations

import numpy as np
import pytest

from genmod import kinds
from genmod.kinds import DIVERGED, Config, Diagnosis
from genmod.training.engine import WarmEngines

IMAGES = 12_000
WARM = WarmEngines()


def after(config: Config, epochs: int) -> Diagnosis | None:
    """The state after a few epochs, as the page reads it from the history."""
    WARM.prepare(config)  # presets that differ in what may be changed while training are compiled once
    engine = WARM.take(config)
    history: list[dict[str, float]] = []
    for epoch in range(1, epochs + 1):
        engine.start_epoch(epoch)
        means = engine.run(0, engine.steps_per_epoch) / engine.steps_per_epoch
        row: dict[str, float] = {"epoch": epoch, **dict(zip(engine.metric_names, means.tolist(), strict=True))}
        if not np.isfinite(means).all():
            return DIVERGED
        row |= {f"val_{name}": value for name, value in engine.held_out().items()}
        history.append(row | engine.measures())
    return kinds.of(config).diagnose(config, history, {})


@pytest.mark.sampled(2)
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize(
    ("preset", "state"),
    [
        ("discriminator-wins", "discriminator winning"),
        ("generator-wins", "generator winning"),
        ("mode-collapse", "collapsing"),
        ("learning-rate-too-high", "diverged"),
    ],
)
def test_a_gan_that_is_bad_on_purpose_shows_it(preset: str, state: str, seed: int) -> None:
    found = after(kinds.from_preset("gan", preset, images=IMAGES, seed=seed), epochs=2)
    assert found is not None
    assert found.state == state, found.sentence


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "preset", "seed", "state"),
    [
        *(("gan", "discriminator-wins", seed, "discriminator winning") for seed in (0, 1, 2)),
        *(("gan", "generator-wins", seed, "generator winning") for seed in (0, 1, 2)),
        *(("gan", "mode-collapse", seed, "collapsing") for seed in (0, 1, 2)),
        *(("gan", "learning-rate-too-high", seed, "diverged") for seed in (0, 1, 2)),
        ("vae", "no-kl", 0, "holes"),
        ("vae", "kl-too-strong", 0, "posterior collapse"),
    ],
)
def test_a_preset_that_is_bad_on_purpose_shows_it_to_its_end(kind: str, preset: str, seed: int, state: str) -> None:
    config = kinds.from_preset(kind, preset, seed=seed)
    found = after(config, epochs=config.epochs)
    assert found is not None
    assert found.state == state and not found.sound, found.sentence


@pytest.mark.parametrize(("preset", "state"), [("no-kl", "holes"), ("kl-too-strong", "posterior collapse")])
def test_a_vae_that_is_bad_on_purpose_shows_it(preset: str, state: str) -> None:
    found = after(kinds.from_preset("vae", preset, images=30_000), epochs=2)
    assert found is not None
    assert found.state == state, found.sentence


@pytest.mark.long
def test_sound_presets_are_not_blamed() -> None:
    found = after(kinds.from_preset("gan", "dense", images=IMAGES, average=0.99), epochs=3)
    assert found is not None
    assert found.state in ("balanced", "discriminator ahead"), found.sentence
    assert after(kinds.from_preset("vae", "elbo", images=IMAGES), epochs=2) is None
