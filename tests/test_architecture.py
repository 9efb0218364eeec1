"""Layers counted from the config alone; that they are Keras' own is tested with the models."""

from __future__ import annotations

import pytest

from genmod import architecture
from genmod.config import Config, VAEConfig
from genmod.errors import ConfigError


def test_the_article_has_203288_parameters() -> None:
    assert architecture.parameters(VAEConfig()) == 203_288


def test_layers_stand_in_the_order_of_the_data() -> None:
    layers = architecture.layers(VAEConfig(hidden_units=(64, 32), latent_dim=3))
    assert [(layer.part, layer.name, layer.units) for layer in layers] == [
        ("encoder", "images", 784),
        ("encoder", "hidden_1", 64),
        ("encoder", "hidden_2", 32),
        ("encoder", "z_mean", 3),
        ("encoder", "z_log_var", 3),
        ("decoder", "latents", 3),
        ("decoder", "hidden_1", 32),
        ("decoder", "hidden_2", 64),
        ("decoder", "logits", 784),
    ]


def test_parameters_are_weights_and_biases() -> None:
    layers = architecture.layers(VAEConfig(hidden_units=(10,), latent_dim=2))
    expected = [0, 785 * 10, 11 * 2, 11 * 2, 0, 3 * 10, 11 * 784]
    assert [layer.parameters for layer in layers] == expected


def test_another_kind_is_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError, match="There is no drawing for the kind"):
        architecture.layers(Config())
