"""Keras networks built from their layers as plain data, each layer with its own seed; and optimizers from a config."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import ops

from genmod.kinds import Config
from genmod.kinds.layers import KERNEL, Layer
from genmod.models import convolutions
from genmod.models.minibatch_std import MinibatchStandardDeviation

Tensor: TypeAlias = keras.KerasTensor
MakeDropout: TypeAlias = Callable[[float, int, str], keras.layers.Layer]
EMA_START = 10.0  # steps until an average of weights forgets as slowly as its setting says
LEAK = 0.2  # of the leaky ReLU: units that are off still pass a gradient on (Radford et al. 2016)


def layer_seeds(seed: int) -> Iterator[int]:
    """Independent seeds, one for each layer: no two layers start with the same numbers."""
    for child in np.random.SeedSequence(seed).spawn(64):
        yield int(child.generate_state(1)[0] & 0x7FFF_FFFF)


def class_input(count: int) -> Tensor:
    """The input of models that are told the class: one-hot rows (n, count)."""
    return keras.Input((count,), name="classes")


def inputs(values: Tensor, classes: Tensor | None) -> Any:
    """What a network is called with: the values, or a list of them and their classes."""
    return values if classes is None else [values, classes]


def given(layers: Sequence[Layer]) -> tuple[Tensor, Tensor | None]:
    """The inputs of a network: what it looks at or draws from, and the class if it is told."""
    found = {layer.name: layer for layer in layers if layer.operation == "input"}
    told = class_input(found.pop("classes").units) if "classes" in found else None
    (first,) = found.values()
    return keras.Input(first.shape, name=first.name), told


def joined(values: Tensor, classes: Tensor | None) -> Tensor:
    """Rows of values, followed by their classes if there are any."""
    return values if classes is None else keras.layers.Concatenate(name="values_and_classes")([values, classes])


def stacked(
    values: Tensor,
    layers: Sequence[Layer],
    seeds: Iterator[int],
    make_dropout: MakeDropout | None = None,
    to_train: bool = False,
    latents: Tensor | None = None,
) -> Tensor:
    """What comes out of `layers`, one after another.

    Args:
        make_dropout: from rate, seed and name to a dropout layer; asked for each layer that has a place for one.
        to_train: with this project's own convolutions, which are quick to train. The same network with those of Keras
            can be exported, and read without this project.
        latents: what some layers take besides what comes out of the layer before them.
    """
    for layer in layers:
        if layer.with_latents:
            values = keras.layers.Concatenate(name=f"values_and_latents_{suffix(layer)}")([values, latents])
        values = _applied(layer, values, seeds, to_train)
        if make_dropout is not None:
            values = make_dropout(layer.dropout, next(seeds), f"dropout_{suffix(layer)}")(values)
    return values


def _applied(layer: Layer, values: Tensor, seeds: Iterator[int], to_train: bool) -> Tensor:
    """One layer with its normalisation and its activation."""
    if layer.operation == "fixed":  # a constant where nothing is trained, which is part of the next layer's bias
        return MinibatchStandardDeviation(layer.name)(values) if to_train else values
    values = weighted(layer, seeds, to_train)(values)
    picture = layer.operation == "dense" and len(layer.shape) == 3
    if picture and layer.normalised != layer.units:  # normalised by channel, if at all
        return _activated(layer, keras.layers.Reshape(layer.shape, name="picture")(values))
    values = _activated(layer, values)
    return keras.layers.Reshape(layer.shape, name="picture")(values) if picture else values


def weighted(layer: Layer, seeds: Iterator[int], to_train: bool = False) -> keras.layers.Layer:
    """The Keras layer with its weights alone, Glorot uniform from its own seed."""
    initializer = keras.initializers.GlorotUniform(seed=next(seeds))
    same: dict[str, Any] = {"kernel_initializer": initializer, "use_bias": layer.bias, "name": layer.name}
    # An activation inside a layer is the same sum and one layer less; a leaky ReLU has a slope to set.
    same["activation"] = layer.activation if layer.activation in ("relu", "gelu") else None
    if layer.operation == "dense":
        return keras.layers.Dense(layer.units, **same)
    build = (convolutions.QUICK if to_train else convolutions.PLAIN)[layer.operation]
    return build(layer.shape[-1], KERNEL, layer.stride, padding="same", **same)


def _activated(layer: Layer, values: Tensor) -> Tensor:
    """What follows a layer's weights: a normalisation if it has one, and a leaky ReLU. A sigmoid is left out.

    A sigmoid stands at the end of a network only, and losses are computed more exactly from what is before it.
    """
    if layer.normalised:
        values = keras.layers.BatchNormalization(momentum=0.9, name=f"norm_{suffix(layer)}")(values)
    if layer.activation == "leaky_relu":
        values = keras.layers.LeakyReLU(LEAK, name=f"relu_{suffix(layer)}")(values)
    return values


def suffix(layer: Layer) -> str:
    """What tells a hidden layer's companions apart, such as "1" of "hidden_1"."""
    return layer.name.rpartition("_")[2]


def reconstruction_losses(images: Tensor, logits: Tensor) -> Tensor:
    """Cross-entropy in nats of each image (n, height, width, 1), summed over its pixels, from logits (n, pixels).

    Returns:
        Shape (n,).
    """
    pixels = keras.ops.reshape(images, (-1, logits.shape[-1]))
    # Binary cross-entropy from logits: max(l, 0) - l x + log(1 + exp(-|l|)).
    entropies = keras.ops.relu(logits) - logits * pixels + keras.ops.log1p(keras.ops.exp(-keras.ops.abs(logits)))
    return keras.ops.sum(entropies, axis=-1)


def follow(kept: keras.Model, now: keras.Model, average: float, steps: Tensor) -> None:
    """Move averaged weights towards the present ones after a step (an exponential moving average).

    Args:
        average: how much of the earlier weights is kept at each step.
        steps: taken so far. The first count more, or the start's random weights would be seen for long.
    """
    taken = ops.cast(steps, "float32")
    keep = ops.minimum(average, (1.0 + taken) / (EMA_START + taken))
    for old, new in zip(kept.variables, now.variables, strict=True):
        old.assign(keep * old + (1.0 - keep) * new)


class Adjustable:
    """Numbers the compiled loop reads at every step and a person may change between two steps."""

    def __init__(self, **values: float) -> None:
        self.variables = {name: keras.Variable(value, trainable=False, name=name) for name, value in values.items()}

    def __getitem__(self, name: str) -> keras.Variable:
        """The variable behind a number."""
        return self.variables[name]


class AdjustableRate(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that may glide to zero, and whose height can be changed."""

    def __init__(self, height: keras.Variable, schedule: str, total_steps: int) -> None:
        self.height = height
        self.schedule = schedule
        self.total_steps = total_steps

    def __call__(self, step: Tensor) -> Tensor:
        """The learning rate at `step`."""
        if self.schedule == "constant":
            return keras.ops.convert_to_tensor(self.height)
        done = keras.ops.minimum(keras.ops.cast(step, "float32") / self.total_steps, 1.0)
        return self.height * 0.5 * (1.0 + keras.ops.cos(np.float32(np.pi) * done))

    def get_config(self) -> dict[str, object]:
        """Keras' way to copy a schedule."""
        return {"height": self.height, "schedule": self.schedule, "total_steps": self.total_steps}


OPTIMIZERS = {"rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}


def optimizer(
    config: Config, learning_rate: keras.Variable, steps_per_batch: int = 1, **own: float | None
) -> keras.optimizers.Optimizer:
    """The config's optimizer, with Keras' defaults for all but the learning rate and what is in `own`."""
    total_steps = config.epochs * config.steps_per_epoch * steps_per_batch
    rate = AdjustableRate(learning_rate, config.learning_rate_schedule, total_steps)
    return OPTIMIZERS[config.optimizer](learning_rate=rate, **own)
