"""The two networks of a GAN as plain data, dense or convolutional: one entry for each sort of layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from genmod.kinds import layers as parts
from genmod.kinds.layers import Layer

GENERATOR, DISCRIMINATOR = "generator", "discriminator"
SMALLEST = 4  # how many times a convolutional generator's first picture is smaller than the last, along each side


@dataclass(frozen=True)
class Layout:
    """One sort of layers.

    Attributes:
        generator: from a config and the width of its input to the layers that draw, the last of them "logits".
        discriminator: from a config to the hidden layers that look at an image.
    """

    generator: Callable[[Any, int], list[Layer]]
    discriminator: Callable[[Any], list[Layer]]


def layers(config: Any) -> list[Layer]:
    """All layers of both networks, from the noise to the probability."""
    return [*_generator(config), *_discriminator(config)]


def _generator(config: Any) -> list[Layer]:
    source, found = config.source, [parts.latents(GENERATOR, config.latent_dim, "random numbers")]
    if config.conditional:
        found.append(parts.classes(GENERATOR, source.classes, source.noun))
    if count := clusters(config):
        says = f"which of {count} clusters" + " of the class" * config.conditional
        found.append(Layer(GENERATOR, "cluster", "fixed", (groups(config),), beside=True, says=says))
    return [*found, *LAYOUTS[config.architecture].generator(config, config.latent_dim + groups(config))]


def clusters(config: Any) -> int:
    """How many clusters there are, of all images or of each class; 0 if there are none."""
    return int(config.clusters) if config.clusters > 1 else 0


def groups(config: Any) -> int:
    """How many groups of images both networks are told: classes, clusters, clusters of each class, or none."""
    classes = int(config.source.classes) if config.conditional else 1
    return classes * (clusters(config) or 1) if config.conditional or clusters(config) else 0


def _discriminator(config: Any) -> list[Layer]:
    source = config.source
    hidden = LAYOUTS[config.architecture].discriminator(config)
    if config.minibatch_std:
        hidden = _with_minibatch_std(hidden, source.pixels)
    found = [parts.images(DISCRIMINATOR, source.image_shape), *hidden]
    width = found[-1].units
    if told := groups(config):
        # The class is not shown to the layers: it is compared with what the last hidden one has found.
        says = "what fits the cluster" if clusters(config) else "what fits the class"
        found.append(Layer(DISCRIMINATOR, "class_weights", "dense", (width,), told, bias=False, beside=True, says=says))
    return [*found, parts.dense(DISCRIMINATOR, "logits", width, 1, "sigmoid")]


def _with_minibatch_std(hidden: list[Layer], pixels: int) -> list[Layer]:
    """The hidden layers with one number more before the last of them, if that is a dense one."""
    *before, last = hidden
    if last.operation != "dense":
        return hidden
    width = before[-1].units if before else pixels
    statistic = Layer(DISCRIMINATOR, "minibatch_std", "fixed", (width + 1,), says="how much the batch varies")
    return [*before, statistic, replace(last, inputs=width + 1)]


# Dense


def _dense_generator(config: Any, width: int) -> list[Layer]:
    return [
        *parts.dense_row(GENERATOR, width, config.generator_units, "leaky_relu", normalised=config.batch_norm),
        parts.dense(GENERATOR, "logits", config.generator_units[-1], config.source.pixels, "sigmoid"),
    ]


def _dense_discriminator(config: Any) -> list[Layer]:
    return parts.dense_row(
        DISCRIMINATOR, config.source.pixels, config.discriminator_units, "leaky_relu", dropout=config.dropout
    )


# Convolutional


def _convolutional_generator(config: Any, width: int) -> list[Layer]:
    """From rows of numbers to a small picture, and by transposed convolutions up to the whole one."""
    filters, start = config.generator_filters, config.generator_start
    side = config.source.image_shape[0] // SMALLEST
    found = [parts.dense(GENERATOR, "hidden_start", width, start, "leaky_relu")] if start else []
    found.append(Layer(GENERATOR, "hidden_1", "dense", (side, side, filters[0]), start or width, "leaky_relu"))
    for number, (before, after, stride) in enumerate(_enlargements((*filters, config.source.image_shape[2])), 2):
        side *= stride
        name, activation = ("logits", "sigmoid") if number == len(filters) + 1 else (f"hidden_{number}", "leaky_relu")
        found.append(Layer(GENERATOR, name, "transposed convolution", (side, side, after), before, activation, stride))
    return [_normalised(layer, bool(start)) for layer in found] if config.batch_norm else found


def _normalised(layer: Layer, each_pixel: bool) -> Layer:
    """The layer with batch normalisation.

    Args:
        each_pixel: normalise the first picture pixel by pixel: behind a dense layer whose leaky ReLUs do not average
            0 their mean would otherwise stay in every picture, all pictures would be alike and the generator would
            collapse in its first epoch.
    """
    if layer.name == "logits":
        return layer
    whole = layer.operation == "dense" and each_pixel
    return replace(layer, normalised=layer.units if whole else layer.shape[-1])


def _enlargements(channels: Sequence[int]) -> list[tuple[int, int, int]]:
    """For each transposed convolution its channels before and after, and how much it enlarges: `SMALLEST` in all."""
    count = len(channels) - 1
    strides = (SMALLEST,) if count == 1 else (2, 2, *[1] * (count - 2))
    return [(*pair, stride) for pair, stride in zip(itertools.pairwise(channels), strides, strict=True)]


def _convolutional_discriminator(config: Any) -> list[Layer]:
    found = []
    side, _, before = config.source.image_shape
    for number, filters in enumerate(config.discriminator_filters, 1):
        side = math.ceil(side / 2)
        shape = (side, side, filters)
        found.append(
            Layer(
                DISCRIMINATOR, f"hidden_{number}", "convolution", shape, before, "leaky_relu",
                stride=2, dropout=config.dropout,
            )
        )  # fmt: skip
        before = filters
    if config.discriminator_head:
        head = parts.dense(DISCRIMINATOR, "hidden_head", found[-1].units, config.discriminator_head, "leaky_relu")
        found.append(replace(head, dropout=config.dropout))
    return found


LAYOUTS: Mapping[str, Layout] = {
    "dense": Layout(_dense_generator, _dense_discriminator),
    "conv": Layout(_convolutional_generator, _convolutional_discriminator),
}
