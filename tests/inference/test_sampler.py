"""Drawing images: in one step, in several, and by class for every data set."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from genmod.datasets import Floats
from genmod.errors import ConfigError
from genmod.inference import Sampler, turns
from genmod.inference.latent_space import prior_samples
from genmod.kinds import KINDS, VAEConfig
from genmod.kinds.kind import Network
from genmod.runs import Run


class Refining(type(KINDS["vae"])):  # type: ignore[misc]
    """A kind that calls its network several times, each time on latents moved by what came out."""

    sampling_steps = 3
    most_sampling_steps = 10

    def draw(self, network: Network, latents: Floats, steps: int) -> Floats:
        for _ in range(steps - 1):
            latents = latents + network(latents).mean(axis=(1, 2, 3))[:, np.newaxis]
        return network(latents)


@pytest.fixture
def refining(monkeypatch: pytest.MonkeyPatch) -> None:
    """VAEs that draw in several steps."""
    changed: dict[str, Any] = {**KINDS, VAEConfig.kind: Refining()}
    monkeypatch.setattr("genmod.kinds.KINDS", changed)


def test_other_kinds_draw_in_one_step(tiny_run: Run) -> None:
    sampler = Sampler(tiny_run)
    assert sampler.steps == 1
    with pytest.raises(ConfigError, match="^steps is 2; it must be a whole number from 1 to 1\\.$"):
        sampler.decode(prior_samples(1, 4, 0), steps=2)


@pytest.mark.usefixtures("refining")
def test_a_kind_may_draw_in_several_steps(tiny_run: Run) -> None:
    sampler, latents = Sampler(tiny_run), prior_samples(5, 4, 0)
    assert sampler.steps == 3
    once, thrice = sampler.decode(latents, steps=1), sampler.decode(latents)
    moved = latents
    for _ in range(2):
        moved = moved + sampler.decode(moved, steps=1).mean(axis=(1, 2))[:, np.newaxis]
    assert not np.array_equal(once, thrice)
    np.testing.assert_allclose(sampler.decode(moved, steps=1), thrice, atol=1e-6)


def test_classes_take_turns_and_none_beyond_is_drawn(tiny_gan: Run) -> None:
    sampler = Sampler(tiny_gan)
    latents = prior_samples(12, sampler.latent_dim, 0)
    assert sampler.classes == 10
    np.testing.assert_array_equal(sampler.decode(latents), sampler.decode(latents, turns(12, 10)))
    with pytest.raises(ValueError, match="labels go from 3 to 10; this model's from 0 to 9"):
        sampler.decode(latents[:2], np.array([3, 10]))


def test_a_data_set_with_three_classes_has_three_turns(tiny_shapes: Run) -> None:
    sampler = Sampler(tiny_shapes)
    latents = prior_samples(7, sampler.latent_dim, 0)
    assert sampler.classes == 3
    np.testing.assert_array_equal(sampler.decode(latents), sampler.decode(latents, turns(7, 3)))
