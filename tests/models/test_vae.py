"""The VAE: its size, its layers and its loss against independent arithmetic."""

from __future__ import annotations

import keras
import numpy as np
import numpy.typing as npt
import pytest

from genmod import kinds
from genmod.datasets import MNIST, to_float
from genmod.errors import ConfigError
from genmod.kinds import Config, VAEConfig
from genmod.models import registry
from genmod.models.vae import VAE
from genmod.quality.likelihood import binary_crossentropy, kl_divergence

Floats = npt.NDArray[np.float64]

CONFIGS = [
    VAEConfig(),
    VAEConfig(latent_dim=2, hidden_units=(64, 32, 16)),
    VAEConfig(latent_dim=32, hidden_units=(4,), conditional=True, activation="gelu"),
    VAEConfig(architecture="conv", filters=(6, 4), hidden_units=(9, 7), activation="gelu"),
    VAEConfig(architecture="conv", filters=(5,), hidden_units=(8,), conditional=True),
    VAEConfig(decoder_layers="own", decoder_units=(6, 9, 8), latent_skips=True, conditional=True),
]
CONV = VAEConfig(architecture="conv", filters=(6, 4), hidden_units=(12,), activation="gelu", binarise=True)


@pytest.fixture(scope="module")
def article() -> VAE:
    return VAE(VAEConfig())


def sigmoid(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def dense(model: keras.Model, name: str, inputs: Floats) -> Floats:
    kernel, bias = (np.asarray(weight, np.float64) for weight in model.get_layer(name).get_weights())
    return inputs @ kernel + bias


def forward(vae: VAE, images: Floats, epsilon: Floats) -> tuple[Floats, Floats, Floats]:
    """The article's net in plain NumPy: pixels, z_mean and z_log_var."""
    hidden = np.maximum(dense(vae.encoder, "hidden_1", images), 0)
    z_mean, z_log_var = dense(vae.encoder, "z_mean", hidden), dense(vae.encoder, "z_log_var", hidden)
    hidden = np.maximum(dense(vae.decoder, "hidden_1", z_mean + np.exp(z_log_var / 2) * epsilon), 0)
    return sigmoid(dense(vae.decoder, "logits", hidden)), z_mean, z_log_var


def batch(count: int = 20) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    epsilon = np.random.default_rng(0).standard_normal((count, 4)).astype(np.float32)
    return to_float(MNIST.load().train_images[:count]), epsilon


def cross_entropy(x: Floats, p: Floats) -> Floats:
    return -(x * np.log(p) + (1 - x) * np.log(1 - p))


def test_the_article_has_203288_parameters(article: VAE) -> None:
    assert sum(int(np.prod(weight.shape)) for weight in article.trainable_variables) == 203_288
    assert article.take_home().count_params() == 203_288


@pytest.mark.parametrize("settings", CONFIGS, ids=kinds.describe)
def test_the_drawing_agrees_with_the_keras_model_layer_for_layer(settings: VAEConfig) -> None:
    vae = VAE(settings)
    drawn = {
        (layer.network, layer.name): (layer.units, layer.parameters) for layer in kinds.of(settings).layers(settings)
    }
    built = {
        (part.name, layer.name): (int(np.prod(layer.output.shape[1:])), layer.count_params())
        for part in (vae.encoder, vae.decoder)
        for layer in part.layers
        if layer.name
        not in (
            "flatten",
            "pixels",
            "image",
            "values_and_classes",
            "picture",
            "values_and_latents_2",
            "values_and_latents_3",
        )  # they change the shape or squash, and learn nothing
    }
    assert drawn == built
    assert kinds.parameters(settings) == vae.take_home().count_params()


def test_activations_and_optimizer_are_the_article_s(article: VAE) -> None:
    activations = {
        layer.name: layer.activation.__name__ for layer in article.encoder.layers if hasattr(layer, "activation")
    }
    assert activations == {"hidden_1": "relu", "z_mean": "linear", "z_log_var": "linear"}
    assert article.decoder.get_layer("hidden_1").activation.__name__ == "relu"
    assert article.decoder.get_layer("pixels").activation.__name__ == "sigmoid"
    assert isinstance(article.optimizer, keras.optimizers.RMSprop)
    assert float(article.optimizer.learning_rate) == pytest.approx(1e-3)


def test_the_loss_agrees_with_numpy(article: VAE) -> None:
    images, epsilon = batch()
    reconstruction, kl = (np.asarray(part) for part in article.loss_parts(images, epsilon))
    x = images.reshape(len(images), -1).astype(np.float64)
    p, mean, log_var = forward(article, x, epsilon.astype(np.float64))
    np.testing.assert_allclose(reconstruction, cross_entropy(x, p).sum(axis=1), rtol=1e-5)
    sigma = np.exp(log_var / 2)
    np.testing.assert_allclose(kl, (-np.log(sigma) + (sigma**2 + mean**2) / 2 - 0.5).sum(axis=1), rtol=1e-4, atol=1e-6)


def test_the_training_loss_is_784_times_the_article_s_formula() -> None:
    vae = VAE(VAEConfig())
    images, _ = batch()
    x = images.reshape(len(images), -1).astype(np.float64)
    # The same draw the step will make: the generator is read before the step moves it on.
    epsilon = keras.random.normal((len(images), 4), seed=keras.random.SeedGenerator(0))
    vae.noise.state.assign(keras.random.SeedGenerator(0).state)
    p, m, lv = forward(vae, x, np.asarray(epsilon, np.float64))
    expected = 784 * (cross_entropy(x, p).mean() - 1e-4 * (1 + lv - m**2 - np.exp(lv)).mean())
    metrics = {name: float(value) for name, value in vae.train_step(keras.ops.convert_to_tensor(images)).items()}
    assert metrics["loss"] == pytest.approx(expected, rel=1e-5)
    assert metrics["loss"] == pytest.approx(metrics["reconstruction_loss"] + 0.0392 * metrics["kl_loss"], rel=1e-6)


def test_the_loss_agrees_with_the_evaluation_without_tensorflow(article: VAE) -> None:
    images, epsilon = batch()
    reconstruction, kl = article.loss_parts(images, epsilon)
    z_mean, z_log_var = (np.asarray(output) for output in article.encoder(images))
    pixels = np.asarray(article.decoder(z_mean + np.exp(0.5 * z_log_var) * epsilon))
    np.testing.assert_allclose(reconstruction, binary_crossentropy(images, pixels), rtol=1e-4)
    np.testing.assert_allclose(kl, kl_divergence(z_mean, z_log_var), rtol=1e-4, atol=1e-6)


def test_extreme_logits_keep_the_loss_finite() -> None:
    vae = VAE(VAEConfig(hidden_units=(4,)))
    vae.decoder.get_layer("logits").bias.assign(np.where(np.arange(784) % 2, 500.0, -500.0))
    images = np.ones((2, 28, 28, 1), np.float32)
    reconstruction, _ = vae.loss_parts(images, np.zeros((2, 4), np.float32))
    np.testing.assert_allclose(np.asarray(reconstruction), 392 * 500, rtol=1e-2)


def test_held_out_loss_is_without_beta(article: VAE) -> None:
    images, epsilon = batch()
    values = {name: float(value) for name, value in article.held_out_step(images, epsilon).items()}
    assert list(values) == list(article.held_out_names)
    assert values["loss"] == pytest.approx(values["reconstruction_loss"] + values["kl_loss"], rel=1e-6)


def test_a_held_out_step_changes_nothing(article: VAE) -> None:
    before = [np.array(variable) for variable in article.state]
    article.held_out_step(*batch())
    for old, variable in zip(before, article.state, strict=True):
        np.testing.assert_array_equal(old, np.array(variable))


@pytest.mark.parametrize(
    ("config", "steps"),
    [(VAEConfig(), 5), (CONV.replace(learning_rate=0.01, optimizer="adam"), 8)],
    ids=["dense", "conv"],
)
def test_a_step_changes_every_weight_and_lowers_the_loss(config: VAEConfig, steps: int) -> None:
    vae = VAE(config)
    images, epsilon = batch(100)
    before = [np.array(weight) for weight in vae.trainable_variables]
    first = float(vae.held_out_step(images, epsilon)["loss"])
    for _ in range(steps):
        vae.train_step(keras.ops.convert_to_tensor(images))
    assert float(vae.held_out_step(images, epsilon)["loss"]) < 0.9 * first
    assert all(not np.array_equal(old, np.array(new)) for old, new in zip(before, vae.trainable_variables, strict=True))


def test_the_state_holds_all_that_training_changes() -> None:
    vae = VAE(VAEConfig(hidden_units=(4,)))
    paths = [variable.path for variable in vae.state]
    assert len(paths) == len({id(variable) for variable in vae.state})
    assert {
        id(variable)
        for variable in (
            vae.noise.state,
            vae.adjustable["beta"],
            vae.adjustable["learning_rate"],
            vae.optimizer.iterations,
        )
    } <= {id(variable) for variable in vae.state}


def test_weights_follow_the_seed_and_no_two_layers_start_alike() -> None:
    first, again, other = (VAE(VAEConfig(seed=seed, hidden_units=(4,))) for seed in (1, 1, 2))
    for a, b in zip(first.trainable_variables, again.trainable_variables, strict=True):
        np.testing.assert_array_equal(np.array(a), np.array(b))
    kernel = np.array(first.encoder.get_layer("z_mean").kernel)
    assert not np.array_equal(kernel, np.array(other.encoder.get_layer("z_mean").kernel))
    assert not np.array_equal(kernel, np.array(first.encoder.get_layer("z_log_var").kernel))


def test_beta_grows_over_its_warm_up() -> None:
    vae = VAE(VAEConfig(beta=2, beta_warm_up=2, images=1000, hidden_units=(4,)))
    weights = []
    for step in (0, 10, 20, 30):
        vae.optimizer.iterations.assign(step)
        weights.append(float(vae._beta()))
    assert weights == pytest.approx([0.0, 1.0, 2.0, 2.0])


def test_weight_decay_draws_every_weight_towards_zero_by_its_part_of_the_learning_rate() -> None:
    config = VAEConfig(hidden_units=(4,), images=1000, optimizer="adam", learning_rate=0.01)
    plain, decayed = VAE(config), VAE(config.replace(weight_decay=0.5))
    before = [np.asarray(variable) for variable in plain.trainable_variables]
    images = keras.ops.convert_to_tensor(to_float(MNIST.load().train_images[:20]))
    plain.train_step(images)
    decayed.train_step(images)
    for start, one, other in zip(before, plain.trainable_variables, decayed.trainable_variables, strict=True):
        np.testing.assert_allclose(np.asarray(other), np.asarray(one) - 0.005 * start, atol=1e-6)


def test_a_conditional_vae_is_told_the_class_on_both_sides() -> None:
    vae = VAE(VAEConfig(conditional=True))
    images, epsilon = batch()
    sevens, ones = (keras.ops.one_hot(np.full(20, digit), 10) for digit in (7, 1))
    given = keras.ops.convert_to_tensor(images)
    assert not np.allclose(vae.encoder([given, sevens])[0], vae.encoder([given, ones])[0])
    latents = keras.ops.convert_to_tensor(epsilon)
    assert not np.allclose(vae.generate(latents, sevens), vae.generate(latents, ones))
    assert set(vae.train_step(given, sevens)) == set(vae.metric_names)


def test_a_cosine_schedule_glides_from_the_learning_rate_to_zero() -> None:
    settings = VAEConfig(learning_rate_schedule="cosine", learning_rate=0.01, epochs=2, images=1000, hidden_units=(4,))
    vae = VAE(settings)
    rates = []
    for step in (0, 10, 20):
        vae.optimizer.iterations.assign(step)
        rates.append(float(vae.optimizer.learning_rate))
    assert rates == pytest.approx([0.01, 0.005, 0.0], abs=1e-8)


def test_another_kind_has_no_model() -> None:
    with pytest.raises(ConfigError, match="is not a kind of model"):
        registry.build(Config())


# Black and white at random


def test_black_and_white_is_drawn_anew_and_as_bright_as_the_image_on_the_mean() -> None:
    vae = VAE(VAEConfig(binarise=True))
    images = keras.ops.convert_to_tensor(batch()[0])
    drawn = np.stack([np.asarray(vae._binarised(images)) for _ in range(400)])
    assert set(np.unique(drawn)) == {0.0, 1.0}
    assert (drawn[0] != drawn[1]).any()
    assert np.abs(drawn.mean(0) - np.asarray(images)).max() < 0.13  # five standard deviations of a mean of 400


def test_black_and_white_is_for_the_encoder_alone_and_only_while_it_trains() -> None:
    plain, binarising = VAE(VAEConfig()), VAE(VAEConfig(binarise=True))
    images, epsilon = (keras.ops.convert_to_tensor(part) for part in batch())
    for one, other in zip(plain.loss_parts(images, epsilon), binarising.loss_parts(images, epsilon), strict=True):
        np.testing.assert_array_equal(one, other)  # the same weights, and the images as they are
    seen = binarising._binarised(images)
    reconstruction, _ = binarising.loss_parts(images, epsilon, seen=seen)
    z_mean, z_log_var = binarising.encoder(seen)
    logits = np.asarray(binarising.decoder_logits(z_mean + keras.ops.exp(0.5 * z_log_var) * epsilon), np.float64)
    grey = np.asarray(images, np.float64).reshape(len(logits), -1)
    expected = cross_entropy(grey, sigmoid(logits)).sum(axis=1)
    np.testing.assert_allclose(reconstruction, expected, rtol=1e-4)


def test_without_it_no_random_state_is_added() -> None:
    assert len(VAE(VAEConfig(binarise=True)).state) == len(VAE(VAEConfig()).state) + 1


# Convolutions


def convolution(picture: Floats, layer: keras.layers.Conv2D) -> Floats:
    """A 4 x 4 convolution with stride 2 and the padding "same" in plain NumPy."""
    kernel, bias = (np.asarray(weight, np.float64) for weight in layer.get_weights())
    padded = np.pad(picture, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), axis=(1, 2))[:, ::2, ::2]
    convolved: Floats = np.einsum("nhwcij,ijco->nhwo", windows, kernel) + bias
    return convolved


def test_a_convolutional_encoder_agrees_with_numpy() -> None:
    vae = VAE(CONV.replace(activation="relu"))
    images = batch()[0].reshape(20, 28, 28, 1)
    picture = images.astype(np.float64)
    for name in ("hidden_1", "hidden_2"):
        picture = np.maximum(convolution(picture, vae.encoder.get_layer(name)), 0)
    hidden = np.maximum(dense(vae.encoder, "hidden_3", picture.reshape(20, -1)), 0)
    z_mean, z_log_var = (np.asarray(output) for output in vae.encoder(images))
    np.testing.assert_allclose(z_mean, dense(vae.encoder, "z_mean", hidden), rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(z_log_var, dense(vae.encoder, "z_log_var", hidden), rtol=1e-3, atol=1e-5)


def test_with_convolutions_the_loss_is_that_of_the_images_drawn() -> None:
    vae = VAE(CONV)
    images, epsilon = batch()
    reconstruction, _ = vae.loss_parts(images, epsilon)
    z_mean, z_log_var = (np.asarray(output) for output in vae.encoder(images))
    pixels = np.asarray(vae.decoder(z_mean + np.exp(0.5 * z_log_var) * epsilon))
    assert pixels.shape == (20, 28, 28, 1)
    np.testing.assert_allclose(reconstruction, binary_crossentropy(images, pixels), rtol=1e-4)


def test_what_is_kept_of_a_convolutional_vae_is_keras_own_and_answers_alike() -> None:
    vae = VAE(CONV)
    images, _ = batch()
    kept = vae.take_home()
    answers = kept(images)
    np.testing.assert_allclose(answers["z_mean"], vae.encoder(images)[0], atol=1e-5)
    np.testing.assert_allclose(answers["reconstruction"], vae(images), atol=1e-5)
    inner = [layer for part in ("encoder", "decoder") for layer in kept.get_layer(part).layers]
    assert {type(layer).__module__.partition(".")[0] for layer in inner} == {"keras"}


# A decoder of its own


def test_the_latents_reach_every_dense_layer_of_the_decoder() -> None:
    settings = {"decoder_layers": "own", "decoder_units": (7, 6, 5), "latent_skips": True}
    vae = VAE(VAEConfig().replace(**settings))
    latents = np.random.default_rng(4).standard_normal((3, 4))
    hidden = np.maximum(dense(vae.decoder, "hidden_1", latents), 0)
    for name in ("hidden_2", "hidden_3"):
        hidden = np.maximum(dense(vae.decoder, name, np.concatenate([hidden, latents], axis=1)), 0)
    logits = dense(vae.decoder, "logits", hidden)
    np.testing.assert_allclose(vae.decoder_logits(latents.astype(np.float32)), logits, rtol=1e-3, atol=1e-5)
