"""The layers of a model, computed from its config alone: no Keras needed to draw or count them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from genmod.config import IMAGE_SHAPE, PIXELS, AEConfig, Config, GANConfig, VAEConfig
from genmod.datasets import CLASSES
from genmod.errors import ConfigError

KERNEL = 4  # pixels along each side that a convolution looks at; a multiple of every stride
SIDE = 7  # of the smallest picture inside a convolutional generator


@dataclass(frozen=True)
class Layer:
    """One layer as a person reads it.

    Attributes:
        part: the network it belongs to, such as "encoder".
        name: as in the Keras model.
        does: what it does, in two or three words.
        units: how many numbers come out of it.
        parameters: how many weights it learns.
        beside: whether it stands beside the one before it rather than after it.
    """

    part: str
    name: str
    does: str
    units: int
    parameters: int
    beside: bool = False


def layers(config: Config) -> list[Layer]:
    """All layers in the order of the data: from the image to the remade one, or from noise to the judgement."""
    if isinstance(config, VAEConfig):
        return _encoder(config, variational=True) + _decoder(config, "one random draw")
    if isinstance(config, AEConfig):
        return _encoder(config, variational=False) + _decoder(config, "the code itself")
    if isinstance(config, GANConfig):
        return _generator(config) + _discriminator(config)
    raise ConfigError(f"There is no drawing for the kind {config.kind!r}.")


def parameters(config: Config) -> int:
    """How many weights the whole model learns."""
    return sum(layer.parameters for layer in layers(config))


def story(config: Config) -> str:
    """What happens from the first layer to the last, in a sentence."""
    size = getattr(config, "latent_dim", 0)
    told = ", told which digit it is," if config.by_class else ""
    if isinstance(config, GANConfig):
        return (
            f"the generator{told} turns {size} random numbers into an image; the discriminator{told} looks at that "
            "image or at a real one and says how likely it is real."
        )
    if isinstance(config, AEConfig):
        return f"the encoder squeezes an image into {size} latent numbers, and the decoder draws the image again."
    return (
        f"the encoder{told} squeezes an image into the mean and the log-variance of {size} latent numbers; one random "
        f"draw from them goes into the decoder, which{told} draws the image again."
    )


# Autoencoders


def _encoder(config: VAEConfig | AEConfig, variational: bool) -> list[Layer]:
    found = [Layer("encoder", "images", "28 x 28 pixels", PIXELS, 0), *_classes(config, "encoder")]
    found += _dense_row("encoder", PIXELS + _told(config), config.hidden_units, _does(config))
    width = config.hidden_units[-1]
    found.append(_dense("encoder", "z_mean", "dense", width, config.latent_dim))
    if variational:
        found.append(_dense("encoder", "z_log_var", "dense", width, config.latent_dim, beside=True))
    return found


def _decoder(config: VAEConfig | AEConfig, draw: str) -> list[Layer]:
    units = config.hidden_units[::-1]
    return [
        Layer("decoder", "latents", draw, config.latent_dim, 0),
        *_classes(config, "decoder"),
        *_dense_row("decoder", config.latent_dim + _told(config), units, _does(config)),
        _dense("decoder", "logits", "dense, sigmoid", units[-1], PIXELS),
    ]


def _does(config: VAEConfig | AEConfig) -> str:
    return "dense, " + {"relu": "ReLU", "gelu": "GELU"}[config.activation]


# The two networks of a GAN


def _generator(config: GANConfig) -> list[Layer]:
    start = [Layer("generator", "latents", "random numbers", config.latent_dim, 0), *_classes(config, "generator")]
    width = config.latent_dim + _told(config)
    if config.architecture == "conv":
        return start + _enlarging(config, width)
    return [
        *start,
        *_normalised(
            _dense_row("generator", width, config.generator_units, "dense, leaky ReLU"), config.generator_units, config
        ),
        _dense("generator", "logits", "dense, sigmoid", config.generator_units[-1], PIXELS),
    ]


def _enlarging(config: GANConfig, width: int) -> list[Layer]:
    """From rows of numbers to a picture of 7 x 7, and by transposed convolutions up to 28 x 28."""
    filters = config.generator_filters
    side = SIDE
    start = config.generator_start
    found = [_dense("generator", "hidden_start", "dense, leaky ReLU", width, start)] if start else []
    first = side * side * filters[0]
    found.append(_dense("generator", "hidden_1", f"dense, leaky ReLU, {side} x {side}", start or width, first))
    strides = enlargements(len(filters))
    for number, ((before, after), stride) in enumerate(zip(itertools.pairwise((*filters, 1)), strides, strict=True), 2):
        side *= stride
        last = number == len(filters) + 1
        name, does = ("logits", "convolution, sigmoid") if last else (f"hidden_{number}", "convolution, leaky ReLU")
        found.append(Layer("generator", name, f"{does}, {side} x {side}", side * side * after, _weights(before, after)))
    channels = (start, first, *filters[1:]) if start else filters
    return [*_normalised(found[:-1], channels, config), found[-1]]


def enlargements(count: int) -> tuple[int, ...]:
    """How much each of `count` transposed convolutions enlarges a picture, from 7 x 7 to 28 x 28 in all."""
    return (4,) if count == 1 else (2, 2, *[1] * (count - 2))


def _normalised(found: list[Layer], channels: Sequence[int], config: GANConfig) -> list[Layer]:
    """The layers with what batch normalisation learns counted in: a scale and a shift for each channel."""
    extra = 2 if config.batch_norm else 0
    return [
        Layer(layer.part, layer.name, layer.does, layer.units, layer.parameters + extra * count)
        for layer, count in zip(found, channels, strict=True)
    ]


def _discriminator(config: GANConfig) -> list[Layer]:
    found = [Layer("discriminator", "images", "28 x 28 pixels", PIXELS, 0)]
    found += _dense_look(config) if config.architecture == "dense" else _convolutional_look(config)
    width = found[-1].units
    if config.conditional:
        # The class is compared with what the last hidden layer has found.
        found.append(Layer("discriminator", "class_weights", "what fits the class", width, CLASSES * width, True))
    return [*found, _dense("discriminator", "logits", "dense, sigmoid", width, 1)]


def _dense_look(config: GANConfig) -> list[Layer]:
    return _dense_row("discriminator", PIXELS, config.discriminator_units, "dense, leaky ReLU")


def _convolutional_look(config: GANConfig) -> list[Layer]:
    found = []
    side, before = IMAGE_SHAPE[0], 1
    for number, filters in enumerate(config.discriminator_filters, 1):
        side = math.ceil(side / 2)
        does = f"convolution, leaky ReLU, {side} x {side}"
        found.append(Layer("discriminator", f"hidden_{number}", does, side * side * filters, _weights(before, filters)))
        before = filters
    if config.discriminator_head:
        width = found[-1].units
        found.append(_dense("discriminator", "hidden_head", "dense, leaky ReLU", width, config.discriminator_head))
    return found


# Single layers


def _told(config: Config) -> int:
    return CLASSES if config.by_class else 0


def _classes(config: Config, part: str) -> list[Layer]:
    return [Layer(part, "classes", "which digit", CLASSES, 0, beside=True)] if config.by_class else []


def _dense_row(part: str, width: int, units: Sequence[int], does: str = "dense, ReLU") -> list[Layer]:
    return [
        _dense(part, f"hidden_{number}", does, before, after)
        for number, (before, after) in enumerate(itertools.pairwise((width, *units)), 1)
    ]


def _dense(part: str, name: str, does: str, inputs: int, units: int, beside: bool = False) -> Layer:
    return Layer(part, name, does, units, (inputs + 1) * units, beside)


def _weights(channels: int, filters: int) -> int:
    return (KERNEL * KERNEL * channels + 1) * filters
