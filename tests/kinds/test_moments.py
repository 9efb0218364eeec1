"""What a step does, told with its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from genmod import kinds
from genmod.drawing import images
from genmod.kinds import Config
from genmod.models import registry
from genmod.runs import Store
from genmod.training.engine import KerasEngine

FACTS = {
    "z_mean": [[1.0, -2.0]], "sigma": [[0.5, 0.25]], "epsilon": [[2.0, -1.0]], "latents": [[2.0, -2.25]],
    "reconstruction_loss": [120.5], "kl_loss": [10.0], "beta": 0.5,
}  # fmt: skip


def test_a_vae_s_step_is_one_image_its_code_its_draw_and_its_two_losses() -> None:
    config = kinds.from_preset("vae", "article", latent_dim=2)
    first, draw, _, losses = kinds.of(config).moments(config, FACTS)
    assert first.table == {"mean": [1.0, -2.0], "sigma": [0.5, 0.25]}
    assert draw.table == {"epsilon": [2.0, -1.0], "latent": [2.0, -2.25]}
    assert "120.5 + 0.5 x 10.0 = 125.5 nats" in losses.sentence


def test_a_gan_s_step_counts_what_the_discriminator_takes_for_real() -> None:
    config = kinds.from_preset("gan", "dense", discriminator_steps=3)
    facts = {"real": [0.9, 0.4, 0.5], "generated": [0.1, 0.6, 0.2]}
    _, verdict, learns, _ = kinds.of(config).moments(config, facts)
    assert "takes 2 of 3 real images and 1 of 3 forgeries for real" in verdict.sentence
    assert "mean answers are 0.60 and 0.30" in verdict.sentence
    assert "3 times" in learns.sentence


@pytest.mark.parametrize("facts", [{}, {"real": []}, {"real": "x", "generated": [1.0]}, {"latents": []}])
@pytest.mark.parametrize("kind", kinds.KINDS)
def test_facts_that_lack_something_are_not_told(kind: str, facts: dict[str, object]) -> None:
    config = kinds.from_preset(kind)
    assert kinds.of(config).moments(config, facts) == []


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "config",
    [
        kinds.from_preset("ae", "article", images=200),
        kinds.from_preset("vae", "conditional", images=200),
        kinds.from_preset("flow", "map", images=200, velocity_units=(8,)),
        kinds.from_preset("gan", "conditional", images=200, generator_units=(8,), discriminator_units=(8,)),
        kinds.from_preset("gan", "wgan-gp", images=200, generator_units=(8,), discriminator_units=(8,)),
    ],
    ids=lambda config: f"{config.kind}-{config.preset}",
)
def test_every_kind_tells_of_a_step_that_was_taken(config: Config, tmp_path: Path) -> None:
    run = Store(tmp_path).create(config)
    base = None if config.base is None else registry.build(config.base).take_home()
    engine = KerasEngine(config, base=base)
    engine.start_epoch(1)
    engine.run(0, 1)
    engine.explain(run, 0)
    picture = run.step_picture()
    assert picture is not None
    facts = images.notes_of(picture)
    assert facts["step"] == 0
    # "On the right" for a single image, "the lower row" for several.
    height, width = images.pixels(picture).shape
    assert (height, width) == ((57, 289) if config.kind == "gan" else (28, 57))
    moments = kinds.of(config).moments(config, facts)
    assert len(moments) >= 3
    if "sigma" in facts:
        for mean, sigma, epsilon, latent in zip(
            *(facts[name][0] for name in ("z_mean", "sigma", "epsilon", "latents")), strict=True
        ):
            assert latent == pytest.approx(mean + sigma * epsilon, abs=2e-3)
