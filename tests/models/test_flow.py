"""Flow matching: what its steps are given, its loss, and that what is exported moves as what was trained."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from genmod import kinds
from genmod.datasets import Floats
from genmod.inference.latent_space import prior_samples
from genmod.kinds.flow import ONE_NORMAL, TOLD, kept, scale, time_told
from genmod.models import flow, registry


@pytest.fixture(scope="module")
def vae() -> keras.Model:
    return registry.build(kinds.from_preset("vae", "map", hidden_units=(16,), images=100)).take_home()


def model_of(vae: keras.Model, **values: object) -> flow.FlowMatching:
    base = kinds.from_preset("vae", "map", hidden_units=(16,), images=100)
    config = kinds.from_preset("flow", "map", velocity_units=(8,), images=100, batch_size=50, **values).on(base)
    found = registry.build(config, vae)
    assert isinstance(found, flow.FlowMatching)
    return found


def test_the_frozen_networks_are_none_of_what_is_trained(vae: keras.Model) -> None:
    model = model_of(vae)
    parameters = sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)
    assert parameters == kinds.parameters(model.config)


def test_what_is_told_of_a_time_is_the_same_in_both_places() -> None:
    times = np.linspace(0, 1, 7, dtype=np.float32)
    assert len(time_told(0.5)) == TOLD
    np.testing.assert_allclose(
        np.asarray(flow.told(times[:, np.newaxis])), [time_told(float(time)) for time in times], atol=1e-5
    )


@pytest.mark.parametrize("conditional", [False, True])
def test_the_exported_network_moves_points_as_the_trained_one(vae: keras.Model, conditional: bool) -> None:
    model = model_of(vae, conditional=conditional)
    for network in (model.velocity, model.ema_velocity):  # which answers nothing before it is trained
        network.set_weights([np.full_like(weight, 0.1) for weight in network.get_weights()])
    rng = np.random.default_rng(0)
    # Codes far from the prior: their mean and their spread have to be multiplied into the weights.
    model.measure(np.concatenate([5 + 3 * rng.standard_normal((100, 2)), np.full((100, 2), 0.1)], axis=1))
    points, times = prior_samples(6, 2, 0), np.full((6, 1), 0.3, np.float32)
    classes: Floats | None = np.eye(10, dtype=np.float32)[:6] if conditional else None
    told = np.asarray(flow.told(times))
    given_classes = None if classes is None else keras.ops.convert_to_tensor(classes)
    expected = np.asarray(model.asked(model.ema_velocity, points, told, given_classes))
    given = np.concatenate([scale(0.3) * points, told], axis=1)
    found = np.asarray(model.exported_velocity()(given if classes is None else [given, classes]))
    np.testing.assert_allclose(kept(0.3) * points + scale(0.3) * found, expected, atol=1e-4)


def test_training_begins_at_the_answer_for_one_normal_distribution(vae: keras.Model) -> None:
    model = model_of(vae)
    codes = np.concatenate([prior_samples(20_000, 2, 0), np.zeros((20_000, 2), np.float32)], axis=1)
    model.measure(codes)
    noise = prior_samples(20_000, 2, 1)
    found = model.held_out_step(codes, keras.ops.convert_to_tensor(noise))["loss"]
    assert float(found) == pytest.approx(ONE_NORMAL, abs=0.01)
