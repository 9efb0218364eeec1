"""Random numbers and dropout for training steps, drawn the way the compiler at hand is quick with."""

from __future__ import annotations

import keras
import tensorflow as tf
from keras import ops


def _algorithm(xla: bool) -> str:
    # XLA on a CPU takes 60 times as long for the default generator as without XLA, and threefry, which is
    # quick there, exists nowhere else. Eager calls are never compiled.
    return "threefry" if xla and not tf.executing_eagerly() else "auto_select"


def normal(shape: tuple[int, ...], generator: keras.random.SeedGenerator, xla: bool) -> keras.KerasTensor:
    """Draws from N(0, 1); `xla` says whether the step is compiled with XLA."""
    return tf.random.stateless_normal(shape, generator.next(), alg=_algorithm(xla))


def uniform(shape: tuple[int, ...], generator: keras.random.SeedGenerator, xla: bool) -> keras.KerasTensor:
    """Draws from between 0 and 1."""
    return tf.random.stateless_uniform(shape, generator.next(), alg=_algorithm(xla))


class QuickDropout(keras.layers.Layer):
    """As Keras' Dropout, but quick under XLA on a CPU as well."""

    def __init__(self, rate: float, seed: int, name: str) -> None:
        super().__init__(name=name)
        self.rate = rate
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, values: keras.KerasTensor, training: bool = False) -> keras.KerasTensor:
        """The values, a share of them 0 and the others larger for it while training."""
        if not training or self.rate == 0.0:
            return values
        kept = uniform(tuple(values.shape), self.generator, xla=True) >= self.rate
        return ops.where(kept, values / (1.0 - self.rate), 0.0)
