"""Generators and discriminators, dense and convolutional."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import keras
import numpy as np

from genmod.architecture import KERNEL, SIDE, enlargements
from genmod.config import IMAGE_SHAPE, PIXELS, GANConfig
from genmod.models.networks import class_input, dense, inputs, joined, layer_seeds
from genmod.models.randomness import QuickDropout

LEAK = 0.2  # of the leaky ReLU: units that are off still pass a gradient on (Radford et al. 2016)
Doubt: TypeAlias = Callable[[GANConfig, int, str], keras.layers.Layer]


def generator(config: GANConfig, seeds: Iterator[int], name: str = "generator") -> keras.Model:
    """Latents (n, latent_dim), with classes (n, 10) if conditional, to images (n, 28, 28, 1) in [0, 1]."""
    latents = keras.Input((config.latent_dim,), name="latents")
    classes = class_input() if config.conditional else None
    hidden = joined(latents, classes)
    draw = _dense_drawing if config.architecture == "dense" else _convolutional_drawing
    logits = keras.layers.Reshape(IMAGE_SHAPE, name="image")(draw(config, hidden, seeds))
    pixels = keras.layers.Activation("sigmoid", name="pixels")(logits)
    return keras.Model(inputs(latents, classes), pixels, name=name)


def _dense_drawing(config: GANConfig, hidden: keras.KerasTensor, seeds: Iterator[int]) -> keras.KerasTensor:
    for number, units in enumerate(config.generator_units, 1):
        hidden = dense(units, seeds, f"hidden_{number}")(hidden)
        hidden = _activated(config, hidden, str(number))
    return dense(PIXELS, seeds, "logits")(hidden)


def _convolutional_drawing(config: GANConfig, hidden: keras.KerasTensor, seeds: Iterator[int]) -> keras.KerasTensor:
    first, *filters = config.generator_filters
    picture = keras.layers.Reshape((SIDE, SIDE, first), name="picture")
    if config.generator_start:
        hidden = _activated(config, dense(config.generator_start, seeds, "hidden_start")(hidden), "start")
        # Each pixel is normalised by itself: leaky ReLUs do not average 0, and normalised channel by channel their
        # mean would stay in every picture, all pictures alike and the generator collapsed in its first epoch.
        hidden = picture(_activated(config, dense(SIDE * SIDE * first, seeds, "hidden_1")(hidden), "1"))
    else:
        hidden = _activated(config, picture(dense(SIDE * SIDE * first, seeds, "hidden_1")(hidden)), "1")
    strides = enlargements(len(config.generator_filters))
    for number, (units, stride) in enumerate(zip(filters, strides, strict=False), 2):
        hidden = _enlarging(units, stride, seeds, f"hidden_{number}")(hidden)
        hidden = _activated(config, hidden, str(number))
    return _enlarging(1, strides[-1], seeds, "logits")(hidden)


def _activated(config: GANConfig, values: keras.KerasTensor, name: str) -> keras.KerasTensor:
    if config.batch_norm:
        values = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{name}")(values)
    return keras.layers.LeakyReLU(LEAK, name=f"relu_{name}")(values)


def _enlarging(filters: int, stride: int, seeds: Iterator[int], name: str) -> keras.layers.Layer:
    initializer = keras.initializers.GlorotUniform(seed=next(seeds))
    return keras.layers.Conv2DTranspose(
        filters, KERNEL, stride, padding="same", kernel_initializer=initializer, name=name
    )


def without_norms(config: GANConfig, trained: keras.Model) -> keras.Model:
    """The same generator with its batch normalisation folded into the layers before it, for use, not for training."""
    plain = generator(config.replace(batch_norm=False), layer_seeds(0))
    norms = {layer.name: layer for layer in trained.layers if isinstance(layer, keras.layers.BatchNormalization)}
    for layer in plain.layers:
        if not layer.weights:
            continue
        kernel, bias = trained.get_layer(layer.name).get_weights()
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
    classes = class_input() if len(drawing.inputs) > 1 else None
    images = drawing(inputs(latents, classes))
    outputs = {"images": images, "probability": judging(inputs(images, classes))}
    return keras.Model(inputs(latents, classes), outputs, name="gan")


def discriminator(config: GANConfig, seeds: Iterator[int], to_train: bool = True) -> tuple[keras.Model, keras.Model]:
    """Images (n, 28, 28, 1), with classes (n, 10) if conditional, to one number each, shape (n, 1).

    Args:
        to_train: with this project's own dropout. The same net with Keras' can be saved and read without it.

    Returns:
        The discriminator, which answers with the probability that an image is real, and the same net up
        to its logits, from which it learns. They share their weights.
    """
    images = keras.Input(IMAGE_SHAPE, name="images")
    classes = class_input() if config.conditional else None
    look = _dense_look if config.architecture == "dense" else _convolutional_look
    doubt = _own_dropout if to_train else _plain_dropout
    hidden = look(config, images, seeds, doubt)
    logits = dense(1, seeds, "logits")(hidden)
    if classes is not None:
        # The class is not shown to the layers: it is compared with what they found (Miyato and Koyama 2018).
        fitting = dense(hidden.shape[-1], seeds, "class_weights", use_bias=False)(classes)
        agreement = keras.layers.Dot(axes=1, name="agreement")([hidden, fitting])
        logits = keras.layers.Add(name="logits_and_agreement")([logits, agreement])
    answer = keras.layers.Activation("sigmoid", name="probability")(logits)
    given = inputs(images, classes)
    return keras.Model(given, answer, name="discriminator"), keras.Model(given, logits, name="discriminator_logits")


def _dense_look(
    config: GANConfig,
    images: keras.KerasTensor,
    seeds: Iterator[int],
    doubt: Doubt,
) -> keras.KerasTensor:
    hidden = keras.layers.Flatten(name="flatten")(images)
    for number, units in enumerate(config.discriminator_units, 1):
        hidden = _doubting(config, hidden, units, str(number), seeds, doubt)
    return hidden


def _convolutional_look(
    config: GANConfig,
    images: keras.KerasTensor,
    seeds: Iterator[int],
    doubt: Doubt,
) -> keras.KerasTensor:
    hidden = images
    for number, filters in enumerate(config.discriminator_filters, 1):
        initializer = keras.initializers.GlorotUniform(seed=next(seeds))
        hidden = keras.layers.Conv2D(
            filters, KERNEL, 2, padding="same", kernel_initializer=initializer, name=f"hidden_{number}"
        )(hidden)
        hidden = keras.layers.LeakyReLU(LEAK, name=f"relu_{number}")(hidden)
        hidden = doubt(config, next(seeds), f"dropout_{number}")(hidden)
    hidden = keras.layers.Flatten(name="flatten")(hidden)
    if not config.discriminator_head:
        return hidden
    return _doubting(config, hidden, config.discriminator_head, "head", seeds, doubt)


def _doubting(
    config: GANConfig, hidden: keras.KerasTensor, units: int, name: str, seeds: Iterator[int], doubt: Doubt
) -> keras.KerasTensor:
    hidden = dense(units, seeds, f"hidden_{name}")(hidden)
    hidden = keras.layers.LeakyReLU(LEAK, name=f"relu_{name}")(hidden)
    return doubt(config, next(seeds), f"dropout_{name}")(hidden)


def _own_dropout(config: GANConfig, seed: int, name: str) -> keras.layers.Layer:
    return QuickDropout(config.dropout, seed, config.architecture == "dense", name)


def _plain_dropout(config: GANConfig, seed: int, name: str) -> keras.layers.Layer:
    return keras.layers.Dropout(config.dropout, seed=seed, name=name)
