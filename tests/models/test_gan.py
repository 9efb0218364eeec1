"""GANs: their size, their losses against independent arithmetic, their steps, and what they leave."""

from __future__ import annotations

import math
from pathlib import Path

import keras
import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from genmod import kinds
from genmod.datasets import MNIST, to_float
from genmod.kinds import GANConfig
from genmod.kinds.gan import LOSSES
from genmod.models import registry
from genmod.models.gan import GAN, HingeGAN, RelativisticGAN, WassersteinGAN
from genmod.models.minibatch_std import MinibatchStandardDeviation, group
from genmod.training.loop import Loop

Weights = list[npt.NDArray[np.float32]]

DENSE = GANConfig(generator_units=(8, 12), discriminator_units=(12, 8), latent_dim=5)
CONV = GANConfig(architecture="conv", generator_filters=(4, 3), discriminator_filters=(2, 4), latent_dim=5)
RELATIVISTIC = DENSE.replace(loss="relativistic", gradient_penalty=0.1, beta_1=0.0, dropout=0.0)
CONFIGS = [
    DENSE,
    CONV,
    DENSE.replace(conditional=True, batch_norm=False),
    CONV.replace(conditional=True, batch_norm=False, generator_filters=(4,)),
    CONV.replace(generator_filters=(4, 3, 2), discriminator_filters=(2, 3, 4)),
    CONV.replace(conditional=True, discriminator_head=6),
    CONV.replace(generator_start=7, discriminator_head=6),
    CONV.replace(generator_start=7, conditional=True, batch_norm=False),
    DENSE.replace(minibatch_std=True),
    DENSE.replace(minibatch_std=True, conditional=True, discriminator_units=(12,)),
    CONV.replace(minibatch_std=True, discriminator_head=6),
    DENSE.replace(clusters=7, images=500),
    CONV.replace(clusters=2, images=500),
    DENSE.replace(clusters=3, conditional=True, images=500),
]


def name(config: GANConfig) -> str:
    return kinds.describe(config)


def build(config: GANConfig) -> GAN:
    gan = registry.build(config)
    assert isinstance(gan, GAN)
    return gan


def taught(config: GANConfig, steps: int) -> GAN:
    """A GAN after so many steps on the same images."""
    gan, images = build(config), batch()
    step = tf.function(lambda: gan.train_step(images), jit_compile=True)
    for _ in range(steps):
        step()
    return gan


def batch(count: int = 20) -> keras.KerasTensor:
    return keras.ops.convert_to_tensor(to_float(MNIST.load().train_images[:count]))


def classes(config: GANConfig, count: int = 20) -> list[keras.KerasTensor]:
    return [keras.ops.one_hot(np.arange(count) % 10, 10)] if config.conditional else []


def noise(count: int = 20) -> keras.KerasTensor:
    return keras.ops.convert_to_tensor(np.random.default_rng(0).standard_normal((count, 5)).astype(np.float32))


def learned(model: keras.Model) -> int:
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_variables)


# Their size


def test_the_default_sizes_are_pinned() -> None:
    gan = build(GANConfig())
    assert (learned(gan.generator), learned(gan.discriminator)) == (418_448, 533_505)


@pytest.mark.parametrize("config", CONFIGS, ids=name)
def test_the_drawing_counts_what_keras_counts(config: GANConfig) -> None:
    gan = build(config)
    for part in (gan.generator, gan.discriminator):
        drawn = [layer for layer in kinds.of(config).layers(config) if layer.network == part.name]
        assert sum(layer.parameters for layer in drawn) == learned(part)
        for layer in drawn:
            assert int(np.prod(part.get_layer(layer.name).output.shape[1:])) == layer.units, layer.name
    assert kinds.parameters(config) == learned(gan.generator) + learned(gan.discriminator)


@pytest.mark.parametrize("config", CONFIGS, ids=name)
def test_images_go_out_and_in(config: GANConfig) -> None:
    gan = build(config)
    latents = noise()
    images = np.asarray(gan.generate(latents, *classes(config)))
    assert images.shape == (20, 28, 28, 1)
    assert 0.0 <= images.min() < images.max() <= 1.0
    answers = np.asarray(gan(images, *classes(config)))
    assert answers.shape == (20, 1)
    assert 0.0 < answers.min() < answers.max() < 1.0


# Their losses


def test_the_standard_loss_is_the_cross_entropy_with_its_equilibrium_at_ln_2() -> None:
    real, fake = np.array([[2.0], [-1.0]], np.float32), np.array([[0.5], [-3.0]], np.float32)

    def sigmoid(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        return np.asarray(1 / (1 + np.exp(-x)), np.float32)

    gan = build(DENSE.replace(label_smoothing=0.0))
    d_loss, g_loss = gan.adversarial_loss(real, fake)
    np.testing.assert_allclose(d_loss, -np.log(sigmoid(real)) - np.log(1 - sigmoid(fake)), rtol=1e-5)
    np.testing.assert_allclose(g_loss, -np.log(sigmoid(fake)), rtol=1e-5)
    undecided = np.zeros((1, 1), np.float32)
    d_loss, g_loss = gan.adversarial_loss(undecided, undecided)
    assert float(d_loss[0, 0]) == pytest.approx(2 * math.log(2))
    assert float(g_loss[0, 0]) == pytest.approx(math.log(2))


def test_smoothing_asks_for_less_than_certainty() -> None:
    gan = build(DENSE.replace(label_smoothing=0.1))
    sure, right = np.full((1, 1), 9.0, np.float32), np.full((1, 1), math.log(9.0), np.float32)
    nothing = np.full((1, 1), -30.0, np.float32)
    assert float(gan.adversarial_loss(right, nothing)[0][0, 0]) < float(gan.adversarial_loss(sure, nothing)[0][0, 0])


def test_each_loss_is_a_class_of_its_own_that_differs_in_one_method() -> None:
    kinds = {loss: type(build(DENSE.replace(loss=loss))) for loss in LOSSES}
    assert kinds == {
        "non-saturating": GAN, "wgan-gp": WassersteinGAN, "hinge": HingeGAN, "relativistic": RelativisticGAN,
    }  # fmt: skip
    for kind in (WassersteinGAN, HingeGAN, RelativisticGAN):
        assert [name for name, part in vars(kind).items() if callable(part)] == ["adversarial_loss"]


def test_hinge_and_wasserstein_losses_are_the_papers() -> None:
    real, fake = np.array([[2.0], [0.25]], np.float32), np.array([[0.5], [-3.0]], np.float32)
    d_loss, g_loss = build(DENSE.replace(loss="hinge")).adversarial_loss(real, fake)
    np.testing.assert_allclose(d_loss, [[1.5], [0.75]])
    np.testing.assert_allclose(g_loss, -fake)
    d_loss, g_loss = build(DENSE.replace(loss="wgan-gp")).adversarial_loss(real, fake)
    np.testing.assert_allclose(d_loss, fake - real)
    np.testing.assert_allclose(g_loss, -fake)


def test_the_relativistic_loss_is_the_paper_s_and_pairs_images() -> None:
    real, fake = np.array([[2.0], [0.25]], np.float32), np.array([[0.5], [-3.0]], np.float32)
    d_loss, g_loss = build(RELATIVISTIC).adversarial_loss(real, fake)
    np.testing.assert_allclose(d_loss, np.log1p(np.exp(-(real - fake))), rtol=1e-5)
    np.testing.assert_allclose(g_loss, np.log1p(np.exp(-(fake - real))), rtol=1e-5)


def test_the_relativistic_penalty_holds_slopes_at_zero_on_both_sorts_of_images() -> None:
    gan = build(RELATIVISTIC.replace(discriminator_units=(4,)))
    hidden, logits = gan.discriminator.get_layer("hidden_1"), gan.discriminator.get_layer("logits")
    kernel = np.zeros((784, 4), np.float32)
    kernel[0, 0] = 1.0
    hidden.kernel.assign(kernel)
    hidden.bias.assign(np.full(4, 5.0))  # the leaky ReLU is the identity there
    for slope in (0.0, 3.0):
        logits.kernel.assign(np.array([[slope], [0], [0], [0]], np.float32))
        scores, penalty = gan._judged_with_penalty(batch(), None)
        assert scores.shape == (20, 1)
        assert float(penalty) == pytest.approx(slope**2, abs=1e-5)


def test_the_penalty_s_weight_changes_the_step_and_not_the_loss_that_is_shown() -> None:
    weak, strong = (build(RELATIVISTIC.replace(gradient_penalty=weight)) for weight in (0.0, 50.0))
    assert float(weak.train_step(batch())["d_loss"]) == pytest.approx(float(strong.train_step(batch())["d_loss"]))
    kernels = [np.asarray(gan.discriminator.get_layer("hidden_1").kernel) for gan in (weak, strong)]
    assert not np.array_equal(kernels[0], kernels[1])


def test_scores_without_a_zero_get_one_that_single_images_are_judged_by() -> None:
    gan = taught(RELATIVISTIC, 300)
    scores = gan.discriminator_logits(batch(), training=False)
    shifted = np.asarray(scores) - float(gan.middle)
    np.testing.assert_allclose(gan(batch()), 1 / (1 + np.exp(-shifted)), rtol=1e-5)
    answers = np.asarray(gan(batch()))
    assert answers.mean() > 0.5 > np.asarray(gan(gan.generate(noise()))).mean()


def test_the_minibatch_standard_deviation_compares_within_groups_and_never_real_with_generated() -> None:
    layer = MinibatchStandardDeviation("minibatch_std")
    rows = np.concatenate([np.zeros((8, 3)), np.arange(24.0).reshape(8, 3)]).astype(np.float32)
    found = np.asarray(layer(rows, training=True))
    np.testing.assert_array_equal(found[:, :3], rows)
    np.testing.assert_allclose(found[:8, 3], 0.0, atol=2e-4)
    np.testing.assert_allclose(found[8:, 3], rows[8:].std(axis=0).mean(), rtol=1e-5)
    single = np.asarray(layer(rows[:1]))
    assert single[0, 3] == pytest.approx(0.01 * found[:, 3].mean(), rel=1e-5)
    for half in range(1, 130):
        assert half % group(2 * half) == 0


def test_the_slope_penalty_is_zero_where_the_slope_is_one() -> None:
    gan = build(DENSE.replace(loss="wgan-gp", discriminator_units=(4,), dropout=0.0))
    hidden, logits = gan.discriminator.get_layer("hidden_1"), gan.discriminator.get_layer("logits")
    kernel = np.zeros((784, 4), np.float32)
    kernel[0, 0] = 1.0
    hidden.kernel.assign(kernel)
    hidden.bias.assign(np.full(4, 5.0))  # the leaky ReLU is the identity there
    for slope, penalty in ((1.0, 0.0), (3.0, 4.0)):
        logits.kernel.assign(np.array([[slope], [0], [0], [0]], np.float32))
        assert float(gan._gradient_penalty(batch(), batch(), None)) == pytest.approx(penalty, abs=1e-5)


# Their steps


@pytest.mark.parametrize(
    "config", [*CONFIGS, DENSE.replace(loss="wgan-gp"), DENSE.replace(loss="hinge"), RELATIVISTIC], ids=name
)
def test_a_step_moves_both_networks_and_reports_every_metric(config: GANConfig) -> None:
    gan = build(config)
    before = {v.path: np.array(v) for part in (gan.generator, gan.discriminator) for v in part.trainable_variables}
    metrics = {name: float(value) for name, value in gan.train_step(batch(), *classes(config)).items()}
    assert set(metrics) == set(gan.metric_names)
    assert all(math.isfinite(value) for value in metrics.values())
    assert all(0.0 <= metrics[name] <= 1.0 for name in gan.metric_names[2:])
    after = {v.path: np.array(v) for part in (gan.generator, gan.discriminator) for v in part.trainable_variables}
    moved = [path for path in before if not np.array_equal(before[path], after[path])]
    # A bias before batch normalisation is taken out again by its mean.
    assert len(moved) >= len(before) - (4 if config.batch_norm else 0)


def test_the_metrics_are_the_discriminator_s_answers() -> None:
    config = DENSE.replace(dropout=0.0, discriminator_learning_rate=1e-6)
    gan = build(config)
    answers = np.asarray(gan(batch()))
    metrics = gan.train_step(batch())
    assert float(metrics["d_real"]) == pytest.approx(answers.mean(), abs=1e-5)
    assert float(metrics["real_accuracy"]) == pytest.approx((answers > 0.5).mean(), abs=1e-6)


def test_more_discriminator_steps_are_taken() -> None:
    gan = build(DENSE.replace(discriminator_steps=3))
    gan.train_step(batch())
    assert (int(gan.discriminator_optimizer.iterations), int(gan.generator_optimizer.iterations)) == (3, 1)


def test_the_two_learning_rates_are_knobs() -> None:
    gan = build(DENSE.replace(learning_rate=1e-3, discriminator_learning_rate=2e-3))
    assert set(gan.adjustable.variables) == set(GANConfig.adjustable)
    for knob, part in (("learning_rate", gan.generator), ("discriminator_learning_rate", gan.discriminator)):
        gan.adjustable[knob].assign(0.0)
        before = [np.array(v) for v in part.trainable_variables]
        gan.train_step(batch())
        assert all(np.array_equal(a, np.array(b)) for a, b in zip(before, part.trainable_variables, strict=True))
        gan.adjustable[knob].assign(1e-3)


def test_the_average_follows_the_generator_slowly_and_is_what_is_shown() -> None:
    gan = build(DENSE.replace(average=0.9, learning_rate=0.05))
    for _ in range(12):
        gan.train_step(batch())
    kernel, kept = (np.array(model.get_layer("logits").kernel) for model in (gan.generator, gan.ema_generator))
    assert not np.array_equal(kernel, kept)
    assert np.abs(kernel - kept).mean() < np.abs(kernel).mean()
    latents = np.ones((2, 5), np.float32)
    np.testing.assert_array_equal(gan.generate(latents), gan.ema_generator(latents, training=False))
    plain = build(DENSE.replace(average=0.0))
    assert plain.ema_generator is plain.generator


def test_the_drop_of_values_is_random_while_training_only() -> None:
    gan = build(DENSE.replace(dropout=0.5))
    first, second = (np.asarray(gan.discriminator(batch(), training=True)) for _ in range(2))
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(gan.discriminator(batch()), gan.discriminator(batch()))


def weights_after(config: GANConfig, chunks: list[int]) -> Weights:
    gan = build(config)
    data = MNIST.load()
    loop = Loop(gan, data.train_images[: config.images], config.batch_size, data.train_labels, 10)
    loop.start_epoch(config.seed, 1)
    step = 0
    for size in chunks:
        loop.run(step, size)
        step += size
    return [np.array(variable) for variable in gan.state]


@pytest.mark.long  # so does tests/training/test_loop.py, with a VAE
@pytest.mark.parametrize("config", [DENSE.replace(conditional=True), CONV], ids=name)
def test_weights_follow_the_seed_and_not_the_chunks(config: GANConfig) -> None:
    config = config.replace(images=250, batch_size=50)
    whole = weights_after(config, [5])
    for other in (weights_after(config, [5]), weights_after(config, [2, 3])):
        assert all(a.tobytes() == b.tobytes() for a, b in zip(whole, other, strict=True))
    elsewhere = weights_after(config.replace(seed=1), [5])
    assert not any(np.array_equal(a, b) for a, b in zip(whole, elsewhere, strict=True) if a.ndim == 2)


def test_the_state_holds_all_that_a_step_changes() -> None:
    gan = build(CONV)
    paths = [id(variable) for variable in gan.state]
    assert len(paths) == len(set(paths))
    everything = [
        *gan.variables, *gan.generator_optimizer.variables, *gan.discriminator_optimizer.variables, gan.noise.state,
    ]  # fmt: skip
    assert {id(variable) for variable in everything} <= set(paths)
    statistics = [v for v in gan.state if "moving_mean" in v.path]
    assert len(statistics) == 4  # of two layers, and of their average


# Clusters


def test_the_first_latent_number_chooses_the_cluster_and_the_discriminator_is_told_it() -> None:
    gan = build(DENSE.replace(clusters=5, images=500))
    found = gan.clusters
    assert found is not None
    borders = [-9.0, *found.thresholds[0].tolist(), 9.0]
    for number in range(5):
        latents = np.random.default_rng(number).standard_normal((6, 5)).astype(np.float32)
        latents[:, 0] = (borders[number] + borders[number + 1]) / 2
        told = np.asarray(gan.cluster_of_latents(latents))
        np.testing.assert_allclose(told, np.eye(5)[[number] * 6], atol=1e-4)
    np.testing.assert_array_equal(gan._told(batch(40), None), found.of_images(batch(40)))
    assert build(DENSE.replace(clusters=1)).clusters is None, "one cluster tells nothing"


def test_clusters_of_each_class_are_told_beside_the_class() -> None:
    config = DENSE.replace(clusters=3, images=500, conditional=True)
    gan = build(config)
    (asked,) = classes(config)
    data = MNIST.load()
    told = np.asarray(gan._told(batch(), keras.ops.one_hot(data.train_labels[:20], 10)))
    assert told.shape == (20, 30)
    np.testing.assert_array_equal(told.argmax(axis=1) // 3, data.train_labels[:20])
    drawn = np.asarray(gan._asked(noise(), asked))
    np.testing.assert_allclose(drawn.sum(axis=1), 1.0, atol=1e-4)
    np.testing.assert_array_equal(drawn.argmax(axis=1) // 3, np.arange(20) % 10)
    assert gan.clusters is not None and gan.clusters.thresholds.shape == (10, 2)
    for number, row in enumerate(gan.clusters.thresholds):  # each class is cut where its own clusters meet
        latents = np.zeros((1, 5), np.float32)
        latents[0, 0] = row[0] - 0.01
        given = [latents, np.eye(10, dtype=np.float32)[[number]]]
        assert np.asarray(gan.cluster_of_latents(given))[0, 3 * number] == pytest.approx(1.0, abs=1e-4)


def test_an_exported_discriminator_finds_the_cluster_by_itself() -> None:
    gan = taught(RELATIVISTIC.replace(clusters=5, images=500), 150)
    plain, _ = gan.exports()["discriminator"]
    assert len(plain.inputs) == 1
    answers = np.asarray(gan(batch()))
    np.testing.assert_allclose(plain(batch()), answers, atol=1e-4)
    assert answers.mean() > 0.5 > np.asarray(gan(gan.generate(noise()))).mean()


# What they leave


@pytest.mark.parametrize(
    "config",
    [
        CONFIGS[2],
        CONV,
        RELATIVISTIC.replace(minibatch_std=True),
        CONV.replace(minibatch_std=True, discriminator_head=6),
        RELATIVISTIC.replace(clusters=6, images=500, minibatch_std=True),
        RELATIVISTIC.replace(clusters=3, images=500, conditional=True),
    ],
    ids=name,
)
def test_the_take_home_model_says_the_same_without_this_project(config: GANConfig, tmp_path: Path) -> None:
    gan = build(config)
    gan.train_step(batch(), *classes(config))
    gan.take_home().save(tmp_path / "model.keras")
    loaded = registry.load_keras(tmp_path / "model.keras")
    assert {layer.name for layer in loaded.layers} >= {"generator", "discriminator"}
    assert not any("Quick" in type(layer).__name__ for layer in loaded.get_layer("discriminator").layers)
    latents = noise()
    given = [latents, *classes(config)]
    outputs = loaded(given if len(given) > 1 else latents)
    images = gan.generate(latents, *classes(config))
    np.testing.assert_allclose(outputs["images"], images, atol=2e-6)
    np.testing.assert_allclose(outputs["probability"], gan(images, *classes(config)), atol=1e-5)
