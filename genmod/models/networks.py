"""Dense encoder and decoder networks with their own seeds, and optimizers from a config."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from genmod.config import IMAGE_SHAPE, PIXELS, Config, GANConfig
from genmod.datasets import CLASSES


def layer_seeds(seed: int) -> Iterator[int]:
    """Independent seeds, one for each layer: no two layers start with the same numbers."""
    for child in np.random.SeedSequence(seed).spawn(64):
        yield int(child.generate_state(1)[0] & 0x7FFF_FFFF)


def dense(
    units: int, seeds: Iterator[int], name: str, activation: str | None = None, use_bias: bool = True
) -> keras.layers.Layer:
    """A dense layer, Glorot uniform from its own seed."""
    initializer = keras.initializers.GlorotUniform(seed=next(seeds))
    return keras.layers.Dense(
        units, activation=activation, use_bias=use_bias, kernel_initializer=initializer, name=name
    )


def class_input() -> keras.KerasTensor:
    """The input of models that are told the class: one-hot rows (n, 10)."""
    return keras.Input((CLASSES,), name="classes")


def inputs(values: keras.KerasTensor, classes: keras.KerasTensor | None) -> Any:
    """What a network is called with: the values, or a list of them and their classes."""
    return values if classes is None else [values, classes]


def joined(values: keras.KerasTensor, classes: keras.KerasTensor | None) -> keras.KerasTensor:
    """Rows of values, followed by their classes if there are any."""
    return values if classes is None else keras.layers.Concatenate(name="values_and_classes")([values, classes])


def dense_encoder(
    hidden_units: tuple[int, ...],
    latent_dim: int,
    seeds: Iterator[int],
    activation: str = "relu",
    variational: bool = True,
    conditional: bool = False,
) -> keras.Model:
    """Images (n, 28, 28, 1) in [0, 1] to `z_mean` and `z_log_var`, each (n, latent_dim).

    Without `variational` only to `z_mean`, with the same initial weights. A conditional one takes the
    images and their classes, one-hot (n, 10).
    """
    images = keras.Input(IMAGE_SHAPE, name="images")
    classes = class_input() if conditional else None
    hidden = joined(keras.layers.Flatten(name="flatten")(images), classes)
    for number, units in enumerate(hidden_units, 1):
        hidden = dense(units, seeds, f"hidden_{number}", activation)(hidden)
    outputs = z_mean = dense(latent_dim, seeds, "z_mean")(hidden)
    if variational:
        outputs = [z_mean, dense(latent_dim, seeds, "z_log_var")(hidden)]
    else:
        next(seeds)  # the one of z_log_var: the decoder starts with the same weights as beside a VAE's encoder
    return keras.Model(inputs(images, classes), outputs, name="encoder")


def dense_decoder(
    hidden_units: tuple[int, ...],
    latent_dim: int,
    seeds: Iterator[int],
    activation: str = "relu",
    conditional: bool = False,
) -> tuple[keras.Model, keras.Model]:
    """Latents (n, latent_dim), with their classes if conditional, to images (n, 28, 28, 1).

    Returns:
        The decoder, whose pixels are in [0, 1], and the same net up to its logits, from which the
        cross-entropy is computed without losing precision. They share their weights.
    """
    latents = keras.Input((latent_dim,), name="latents")
    classes = class_input() if conditional else None
    given = inputs(latents, classes)
    hidden = joined(latents, classes)
    for number, units in enumerate(reversed(hidden_units), 1):
        hidden = dense(units, seeds, f"hidden_{number}", activation)(hidden)
    logits = dense(PIXELS, seeds, "logits")(hidden)
    pixels = keras.layers.Activation("sigmoid", name="pixels")(logits)
    images = keras.layers.Reshape(IMAGE_SHAPE, name="image")(pixels)
    return keras.Model(given, images, name="decoder"), keras.Model(given, logits, name="decoder_logits")


def reconstruction_losses(images: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Cross-entropy in nats of each image (n, 28, 28, 1), summed over its pixels, from logits (n, 784); shape (n,)."""
    pixels = keras.ops.reshape(images, (-1, logits.shape[-1]))
    # Binary cross-entropy from logits: max(l, 0) - l x + log(1 + exp(-|l|)).
    entropies = keras.ops.relu(logits) - logits * pixels + keras.ops.log1p(keras.ops.exp(-keras.ops.abs(logits)))
    return keras.ops.sum(entropies, axis=-1)


class Knobs:
    """Numbers the compiled loop reads at every step and a person may change between two steps."""

    def __init__(self, **values: float) -> None:
        self.variables = {name: keras.Variable(value, trainable=False, name=name) for name, value in values.items()}

    def __getitem__(self, name: str) -> keras.Variable:
        """The variable behind a knob."""
        return self.variables[name]


class AdjustableRate(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that may glide to zero, and whose height is a knob."""

    def __init__(self, height: keras.Variable, schedule: str, total_steps: int) -> None:
        self.height = height
        self.schedule = schedule
        self.total_steps = total_steps

    def __call__(self, step: keras.KerasTensor) -> keras.KerasTensor:
        """The learning rate at `step`."""
        if self.schedule == "constant":
            return keras.ops.convert_to_tensor(self.height)
        done = keras.ops.minimum(keras.ops.cast(step, "float32") / self.total_steps, 1.0)
        return self.height * 0.5 * (1.0 + keras.ops.cos(np.float32(np.pi) * done))

    def get_config(self) -> dict[str, object]:
        """Keras' way to copy a schedule."""
        return {"height": self.height, "schedule": self.schedule, "total_steps": self.total_steps}


OPTIMIZERS = {"rmsprop": keras.optimizers.RMSprop, "adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}


def optimizer(config: Config, learning_rate: keras.Variable, steps_per_batch: int = 1) -> keras.optimizers.Optimizer:
    """The config's optimizer, with Keras' defaults for all but the learning rate and, if it has one, beta 1."""
    total_steps = config.epochs * config.steps_per_epoch * steps_per_batch
    rate = AdjustableRate(learning_rate, config.learning_rate_schedule, total_steps)
    own = {"beta_1": config.beta_1} if isinstance(config, GANConfig) and config.optimizer == "adam" else {}
    return OPTIMIZERS[config.optimizer](learning_rate=rate, **own)
