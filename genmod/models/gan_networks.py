"""Generators and discriminators in Keras, from their layers as plain data."""

from __future__ import annotations

from collections.abc import Iterator

import keras
import numpy as np

from genmod.kinds import KINDS, gan_layers
from genmod.kinds.gan import GANConfig
from genmod.kinds.gan_layers import DISCRIMINATOR, GENERATOR
from genmod.kinds.layers import Layer, of_network
from genmod.models import networks
from genmod.models.clusters import Clusters
from genmod.models.minibatch_std import MinibatchStandardDeviation
from genmod.models.networks import layer_seeds
from genmod.models.randomness import QuickDropout

STEPS, CLUSTER, OF_ANY, OF_CLASS = "cluster_steps", "cluster", "cluster_of_any_class", "clusters_of_class"
# How steep a step at a threshold is: one in a hundred latents falls on the slope between two clusters, and half
# precision still holds the weights.
STEEP = 20_000.0
ONLY = 1_000.0  # added to the fit of a class's own clusters: no other's is considered
CERTAIN = 4.0  # by which the fit of clusters is multiplied, so that the best gets nearly all


def _layers(config: GANConfig, network: str) -> list[Layer]:
    return of_network(KINDS[config.kind].layers(config), network)


def generator(config: GANConfig, seeds: Iterator[int], name: str = GENERATOR, to_train: bool = False) -> keras.Model:
    """Latents (n, latent_dim), with classes (n, classes) if conditional, to images (n, height, width, 1) in [0, 1].

    Args:
        to_train: with this project's own convolutions. The same net with Keras' can be saved and read without it.
    """
    layers = _layers(config, GENERATOR)
    latents, classes = networks.given(layers)
    body = [layer for layer in layers if layer.operation != "input" and not layer.beside]
    count = gan_layers.clusters(config)
    given = networks.joined(latents, classes)
    if count:
        cluster = _cluster_of_latents(given, classes, count)
        given = keras.layers.Concatenate(name="values_and_cluster")([latents, cluster])
    logits = networks.stacked(given, body, seeds, to_train=to_train)
    image = keras.layers.Reshape(config.source.image_shape, name="image")(logits)
    pixels = keras.layers.Activation("sigmoid", name="pixels")(image)
    return keras.Model(networks.inputs(latents, classes), pixels, name=name)


def _cluster_of_latents(given: keras.KerasTensor, classes: keras.KerasTensor | None, count: int) -> keras.KerasTensor:
    """The cluster that the first latent number falls into, one of the class if it is told, one-hot (n, groups).

    Dense layers with fixed weights, which any program that runs the generator knows: steep steps at the thresholds, and
    the differences between neighbouring steps. With classes there are those of each class, and those of one are left: a
    network that was told class and cluster apart would have to learn what they mean together.
    """
    fixed = {"trainable": False}
    steps = keras.layers.Dense(count - 1, activation="sigmoid", name=STEPS, **fixed)(given)
    if classes is None:
        return keras.layers.Dense(count, name=CLUSTER, **fixed)(steps)
    groups = count * classes.shape[-1]
    of_any = keras.layers.Dense(groups, name=OF_ANY, **fixed)(steps)
    of_class = keras.layers.Dense(groups, use_bias=False, name=OF_CLASS, **fixed)(classes)
    return keras.layers.Multiply(name=CLUSTER)([of_any, of_class])


def set_clusters(network: keras.Model, found: Clusters) -> None:
    """Give a generator's fixed layers the thresholds between its clusters."""
    steps, count = network.get_layer(STEPS), found.count - 1
    steep = np.zeros(steps.kernel.shape, np.float32)
    steep[0] = STEEP
    bias = np.zeros(count, np.float32)
    if len(found.thresholds) > 1:  # each class has its own: its row, the last ones being those of classes
        steep[-len(found.thresholds) :] = -STEEP * found.thresholds
    else:
        bias = -STEEP * found.thresholds[0]
    steps.set_weights([steep, bias])
    # Below the first threshold lies the first cluster; each step leaves one and enters the next.
    differences, first = np.eye(count, count + 1, 1) - np.eye(count, count + 1), np.eye(count + 1)[0]
    classes = len(found.thresholds)
    if classes == 1:
        network.get_layer(CLUSTER).set_weights([differences, first])
    else:
        network.get_layer(OF_ANY).set_weights([np.tile(differences, classes), np.tile(first, classes)])
        network.get_layer(OF_CLASS).set_weights([np.repeat(np.eye(classes), count + 1, axis=1)])


def discriminator(config: GANConfig, seeds: Iterator[int], to_train: bool = True) -> tuple[keras.Model, keras.Model]:
    """Images (n, height, width, 1), with classes (n, classes) if conditional, to one number each, shape (n, 1).

    Args:
        to_train: with this project's own layers. The same net with those of Keras can be saved and read without it, and
            finds out by itself which cluster an image is in.

    Returns:
        The discriminator, which answers with the probability that an image is real, and the same net up
        to its logits, from which it learns. They share their weights.
    """
    layers = _layers(config, DISCRIMINATOR)
    images, _ = networks.given(layers)
    *body, last = [layer for layer in layers if layer.operation != "input"]
    hidden_layers = [layer for layer in body if not layer.beside]
    fitting = [layer for layer in body if layer.beside]

    def dropout(rate: float, seed: int, name: str) -> keras.layers.Layer:
        if to_train:
            return QuickDropout(rate, seed, name)
        return keras.layers.Dropout(rate, seed=seed, name=name)

    hidden = _hidden(images, hidden_layers, seeds, dropout, to_train)
    logits = networks.weighted(last, seeds)(hidden)
    classes = None
    for layer in fitting:
        # The class is not shown to the layers: it is compared with what they found (Miyato and Koyama 2018).
        alone = not to_train and bool(gan_layers.clusters(config))
        classes = networks.class_input(config.source.classes if alone else layer.inputs)
        told = classes
        if alone:
            told = _cluster_of_hidden(hidden, classes if config.conditional else None, layer.inputs)
            classes = classes if config.conditional else None
        agreement = keras.layers.Dot(axes=1, name="agreement")([hidden, networks.weighted(layer, seeds)(told)])
        logits = keras.layers.Add(name="logits_and_agreement")([logits, agreement])
    answer = keras.layers.Activation("sigmoid", name="probability")(logits)
    given = networks.inputs(images, classes)
    return keras.Model(given, answer, name=DISCRIMINATOR), keras.Model(given, logits, name="discriminator_logits")


def _cluster_of_hidden(hidden: keras.KerasTensor, classes: keras.KerasTensor | None, count: int) -> keras.KerasTensor:
    """The cluster, of the class if it is told, that fits best what the hidden layers found, (n, count)."""
    same = {"use_bias": False, "trainable": False}
    fit = keras.layers.Dense(count, name=CLUSTER, **same)(hidden)
    if classes is not None:
        of_class = keras.layers.Dense(count, name=OF_CLASS, **same)(classes)
        fit = keras.layers.Add(name="fit_of_class")([fit, of_class])
    return keras.layers.Activation("softmax", name="best_fit")(fit)


def _hidden(
    images: keras.KerasTensor,
    layers: list[Layer],
    seeds: Iterator[int],
    dropout: networks.MakeDropout,
    to_train: bool,
) -> keras.KerasTensor:
    """What the hidden layers find: convolutions first, if there are any, then rows of numbers."""
    convolutions = [layer for layer in layers if layer.operation == "convolution"]
    found = networks.stacked(images, convolutions, seeds, dropout, to_train)
    flat = keras.layers.Flatten(name="flatten")(found)
    return networks.stacked(flat, layers[len(convolutions) :], seeds, dropout, to_train)


def plain_generator(config: GANConfig, trained: keras.Model) -> keras.Model:
    """A trained generator in layers of Keras alone, to be exported and read without this project."""
    plain = generator(config, layer_seeds(0))
    plain.set_weights(trained.get_weights())
    return plain


def plain_discriminator(config: GANConfig, trained: keras.Model, middle: float) -> keras.Model:
    """A trained discriminator in layers of Keras alone.

    Args:
        middle: the score that means that it cannot tell.
    """
    plain, _ = discriminator(config, layer_seeds(0), to_train=False)
    statistics = [layer for layer in trained.layers if isinstance(layer, MinibatchStandardDeviation)]
    for layer in plain.layers:
        if not layer.weights:
            continue
        if layer.name == CLUSTER:
            layer.set_weights([CERTAIN * trained.get_layer("class_weights").get_weights()[0].T])
            continue
        if layer.name == OF_CLASS:
            classes, count = layer.kernel.shape
            layer.set_weights([ONLY * np.repeat(np.eye(classes), count // classes, axis=1)])
            continue
        kernel, *bias = trained.get_layer(layer.name).get_weights()
        if layer.kernel.shape != kernel.shape:  # its last input is a constant now
            (statistic,) = statistics
            kernel, bias = kernel[:-1], [bias[0] + float(statistic.usual) * kernel[-1]]
        if layer.name == "logits":
            bias = [bias[0] - middle]
        layer.set_weights([kernel, *bias])
    return plain


def without_norms(config: GANConfig, trained: keras.Model) -> keras.Model:
    """The same generator with its batch normalisation folded into the layers before it, for use, not for training."""
    plain = generator(config.replace(batch_norm=False), layer_seeds(0))
    norms = {layer.name: layer for layer in trained.layers if isinstance(layer, keras.layers.BatchNormalization)}
    for layer in plain.layers:
        if not layer.weights:
            continue
        kernel, *rest = trained.get_layer(layer.name).get_weights()
        if not rest:
            layer.set_weights([kernel])
            continue
        (bias,) = rest
        norm = norms.get(f"norm_{layer.name.rpartition('_')[2]}")
        if norm is not None:
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + norm.epsilon)
            # A dense layer that makes a picture has each channel once for every pixel.
            times = len(bias) // len(scale)
            scale, shift = np.tile(scale, times), np.tile(beta - mean * scale, times)
            transposed = kernel.ndim == 4  # whose kernel has the channels that come out before those that go in
            kernel, bias = kernel * (scale[:, np.newaxis] if transposed else scale), bias * scale + shift
        layer.set_weights([kernel, bias])
    return plain


def together(drawing: keras.Model, judging: keras.Model) -> keras.Model:
    """One plain Keras model with layers `generator` and `discriminator`, from latents to images and their answers."""
    latents = keras.Input((drawing.get_layer("latents").batch_shape[1],), name="latents")
    classes = networks.class_input(drawing.inputs[1].shape[1]) if len(drawing.inputs) > 1 else None
    images = drawing(networks.inputs(latents, classes))
    outputs = {"images": images, "probability": judging(networks.inputs(images, classes))}
    return keras.Model(networks.inputs(latents, classes), outputs, name="gan")
