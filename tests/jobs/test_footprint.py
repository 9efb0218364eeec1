"""The estimate of a training's memory."""

from __future__ import annotations

import pytest

from genmod import kinds
from genmod.jobs import footprint
from genmod.kinds import Config, GANConfig, VAEConfig

MB = 10**6
WIDE, MANY = (1024,) * 4, (128,) * 3
GAN = GANConfig(generator_units=WIDE, discriminator_units=WIDE)
CONV_VAE = VAEConfig(architecture="conv", latent_dim=16, activation="gelu", optimizer="adam")
CONV = GANConfig(architecture="conv", generator_filters=MANY, discriminator_filters=MANY)


@pytest.mark.parametrize(
    ("config", "seen"),
    [
        (VAEConfig(images=1000), 941),
        (VAEConfig(batch_size=10_000), 1106),
        (VAEConfig(hidden_units=WIDE, conditional=True, optimizer="adam", batch_size=10_000), 2190),
        (CONV_VAE.replace(batch_size=2000), 1842),
        (CONV_VAE.replace(batch_size=500, filters=(128, 128)), 2143),
        (GANConfig(), 1075),
        (GAN, 1415),
        (GAN.replace(batch_size=5000), 2242),
        (GAN.replace(batch_size=10_000, loss="wgan-gp"), 3348),
        (kinds.from_preset("gan", "dcgan"), 1450),
        (GANConfig(preset="dcgan", architecture="conv", batch_size=3000), 3855),
        (CONV.replace(batch_size=200), 2410),
        (CONV.replace(batch_size=600), 4780),
        (CONV.replace(batch_size=400, loss="wgan-gp"), 4213),
    ],
)
def test_the_estimate_is_on_the_safe_side_but_not_twice_too_much(config: Config, seen: int) -> None:
    """Peaks in megabytes as `benchmarks/memory_estimate.py` has measured them."""
    assert seen * MB < footprint.needed(config) < 2 * seen * MB


def test_more_needs_more() -> None:
    sizes = [footprint.needed(CONV.replace(batch_size=batch)) for batch in (1, 50, 500, 5000, 10_000)]
    assert sizes == sorted(set(sizes))
    assert footprint.needed(CONV.replace(loss="wgan-gp")) > footprint.needed(CONV)
    assert footprint.needed(CONV.replace(images=60, batch_size=9000)) == footprint.needed(CONV.replace(batch_size=60))
