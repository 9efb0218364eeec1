"""Layers counted from the config alone; that they are Keras' own is tested with the models."""

from __future__ import annotations

import pytest

from genmod import kinds
from genmod.kinds import AEConfig, Config, GANConfig, Layer, VAEConfig


def layers_of(config: Config) -> list[Layer]:
    return kinds.of(config).layers(config)


def test_the_article_has_203288_parameters() -> None:
    assert kinds.parameters(VAEConfig()) == 203_288


def test_layers_stand_in_the_order_of_the_data() -> None:
    layers = layers_of(VAEConfig(hidden_units=(64, 32), latent_dim=3))
    assert [(layer.network, layer.name, layer.units) for layer in layers] == [
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
    layers = layers_of(VAEConfig(hidden_units=(10,), latent_dim=2))
    expected = [0, 785 * 10, 11 * 2, 11 * 2, 0, 3 * 10, 11 * 784]
    assert [layer.parameters for layer in layers] == expected


def test_an_autoencoder_is_the_vae_without_its_log_variance() -> None:
    ae = {(layer.network, layer.name) for layer in layers_of(AEConfig())}
    vae = {(layer.network, layer.name) for layer in layers_of(VAEConfig())}
    assert vae - ae == {("encoder", "z_log_var")}
    assert kinds.parameters(VAEConfig()) - kinds.parameters(AEConfig()) == 129 * 4


def test_a_convolutional_generator_doubles_its_picture_twice() -> None:
    config = GANConfig(architecture="conv", generator_filters=(8, 4), latent_dim=16, batch_norm=False)
    drawn = [layer for layer in layers_of(config) if layer.network == "generator"]
    assert [layer.units for layer in drawn] == [16, 7 * 7 * 8, 14 * 14 * 4, 784]
    assert [layer.parameters for layer in drawn] == [0, 17 * 7 * 7 * 8, (16 * 8 + 1) * 4, 16 * 4 + 1]


@pytest.mark.parametrize("config", [VAEConfig(), AEConfig()], ids=lambda config: config.kind)
def test_a_convolutional_decoder_mirrors_its_encoder(config: Config) -> None:
    found = layers_of(config.replace(architecture="conv", filters=(6, 8), hidden_units=(20, 10), latent_dim=3))
    sizes = [(layer.network, layer.operation, layer.shape) for layer in found if layer.name != "z_log_var"]
    assert sizes == [
        ("encoder", "input", (28, 28, 1)),
        ("encoder", "convolution", (14, 14, 6)),
        ("encoder", "convolution", (7, 7, 8)),
        ("encoder", "dense", (20,)),
        ("encoder", "dense", (10,)),
        ("encoder", "dense", (3,)),
        ("decoder", "input", (3,)),
        ("decoder", "dense", (10,)),
        ("decoder", "dense", (20,)),
        ("decoder", "dense", (7, 7, 8)),
        ("decoder", "transposed convolution", (14, 14, 6)),
        ("decoder", "transposed convolution", (28, 28, 1)),
    ]
    names = [layer.name for layer in found if layer.network == "decoder"]
    assert names == ["latents", "hidden_1", "hidden_2", "hidden_3", "hidden_4", "logits"]


def test_the_class_is_told_behind_the_convolutions() -> None:
    config = VAEConfig(architecture="conv", filters=(4,), hidden_units=(9,), conditional=True)
    by_name = {(layer.network, layer.name): layer for layer in layers_of(config)}
    assert by_name["encoder", "hidden_1"].parameters == (16 * 1 + 1) * 4
    assert by_name["encoder", "hidden_2"].inputs == 14 * 14 * 4 + 10
    assert by_name["decoder", "hidden_1"].inputs == config.latent_dim + 10


def test_a_story_says_that_an_encoder_has_convolutions() -> None:
    for config in (VAEConfig(), AEConfig()):
        kind = kinds.of(config)
        assert "convolutions" in kind.story(config.replace(architecture="conv"))
        assert "convolutions" not in kind.story(config)


def test_a_decoder_mirrors_its_encoder_unless_it_has_layers_of_its_own() -> None:
    config = VAEConfig(hidden_units=(9, 8), decoder_units=(7, 6, 5))
    assert [layer.units for layer in layers_of(config) if layer.network == "decoder"] == [4, 8, 9, 784]
    own = [layer for layer in layers_of(config.replace(decoder_layers="own")) if layer.network == "decoder"]
    assert [layer.units for layer in own] == [4, 7, 6, 5, 784]


def test_latents_to_every_layer_are_weights_of_the_hidden_ones() -> None:
    config = VAEConfig(hidden_units=(9, 8), latent_skips=True, conditional=True)
    drawn = [layer for layer in layers_of(config) if layer.network == "decoder" and layer.operation == "dense"]
    assert [(layer.inputs, layer.with_latents) for layer in drawn] == [(4 + 10, False), (8 + 4, True), (9, False)]
