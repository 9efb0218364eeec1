"""Drawing images: in one step, and by class for every data set."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.errors import ConfigError
from genmod.inference import Sampler, turns
from genmod.inference.latent_space import prior_samples
from genmod.runs import Run


def test_a_kind_that_draws_in_one_step_leaves_nothing_to_choose(tiny_run: Run) -> None:
    sampler = Sampler(tiny_run)
    assert sampler.choices == ()
    with pytest.raises(
        ConfigError, match="^steps cannot be chosen when this run draws; there is nothing to choose\\.$"
    ):
        sampler.decode(prior_samples(1, 4, 0), steps=2)


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
