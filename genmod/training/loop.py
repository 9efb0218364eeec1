"""The compiled loop: many training steps in one call, with the images resident in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

import numpy as np
import tensorflow as tf

from genmod.datasets import Doubles, Floats, Images, Labels

# XLA adds a batch's losses up one after the other in single precision: the mean over 2,500 images of 200 nats each came
# out 0.026 nats too low. Over so few the error lies below the digits that are kept.
HELD_OUT_BATCH = 250


class Trainable(Protocol):
    """What the loop needs of a model; it knows nothing else about it.

    `classes`, one-hot (n, number of classes), are gathered for a conditional model only.
    """

    metric_names: ClassVar[tuple[str, ...]]
    held_out_names: ClassVar[tuple[str, ...]]

    @property
    def compiles_with_xla(self) -> bool:
        """Whether XLA makes its steps faster."""

    @property
    def conditional(self) -> bool:
        """Whether it wants each image's class."""

    def train_step(self, images: tf.Tensor, classes: tf.Tensor | None = None) -> Mapping[str, tf.Tensor]:
        """One step on images (n, height, width, 1) in [0, 1]; returns scalars by name."""

    def held_out_step(
        self, images: tf.Tensor, epsilon: tf.Tensor, classes: tf.Tensor | None = None
    ) -> Mapping[str, tf.Tensor]:
        """Scalars by name over images (n, height, width, 1) with the given noise, changing nothing."""


class Loop:
    """Runs a model's train step over batches of shuffled images.

    The whole chunk of steps is one compiled call; the batches are gathered inside it. Weights do not
    depend on how an epoch is cut into chunks.
    """

    def __init__(
        self,
        model: Trainable,
        images: Images,
        batch_size: int,
        labels: Labels | None = None,
        classes: int = 0,
        prepared: Floats | None = None,
    ) -> None:
        """Make ready.

        Args:
            images: uint8 (n, height, width).
            labels: what they show, (n,), for a conditional model.
            classes: how many classes there are.
            prepared: what the steps are given instead of the images, (n, numbers).
        """
        self.model = model
        self.classes = classes
        self.batch_size = min(batch_size, len(images))
        self.steps_per_epoch = -(-len(images) // self.batch_size)
        self._shape = (self.batch_size, *images.shape[1:], 1)
        # As rows of bytes: gathering whole rows is a sixth faster than gathering (28, 28, 1) arrays, and
        # 188 MB of floats would miss the caches.
        self._images = tf.constant(images.reshape(len(images), -1))
        # What the steps are given: rows of numbers as they are, or bytes that become images.
        self._rows = self._images if prepared is None else tf.constant(prepared)
        self._given_shape = self._shape if prepared is None else (self.batch_size, prepared.shape[1])
        known = labels if labels is not None and model.conditional else np.zeros(0, np.uint8)
        self._labels = tf.constant(known.astype(np.int32))
        self._order = tf.zeros((self.steps_per_epoch * self.batch_size,), tf.int32)
        # XLA fuses dense models into one kernel, but is ruinous for convolutions inside a loop on a CPU.
        self._chunk = tf.function(self._steps, jit_compile=model.compiles_with_xla)
        self._held_out = tf.function(self._held_out_means, jit_compile=model.compiles_with_xla)

    def start_epoch(self, seed: int, epoch: int) -> None:
        """Shuffle for `epoch`: a function of seed and epoch alone, so that any epoch can be repeated."""
        permutation = np.random.default_rng([seed, epoch]).permutation(len(self._images))
        # The last batch is filled up from the front: every image is seen, and all batches have one shape.
        filled = np.resize(permutation, self.steps_per_epoch * self.batch_size)
        self._order = tf.constant(filled.astype(np.int32))

    def batch(self, step: int, count: int) -> tuple[Floats, Labels]:
        """The first `count` images of the batch of a step of this epoch, (count, height, width, 1), and their labels.

        The labels are empty for a model that is not told them.
        """
        first = step * self.batch_size
        indices = self._order[first : first + min(count, self.batch_size)]
        images: Floats = tf.reshape(_scaled(tf.gather(self._images, indices)), (-1, *self._shape[1:])).numpy()
        known = tf.gather(self._labels, indices) if self.model.conditional else self._labels
        return images, known.numpy()

    def run(self, first: int, steps: int) -> Doubles:
        """Take `steps` steps of the epoch from step `first` on.

        Returns:
            The sum over the steps of each of the model's metrics, in the order of `metric_names`.
        """
        totals = self._chunk(self._rows, self._labels, self._order, tf.constant(first), tf.constant(steps))
        sums: Doubles = totals.numpy().astype(np.float64)
        return sums

    def held_out(
        self,
        images: Images,
        noise: Floats,
        batch_size: int = HELD_OUT_BATCH,
        labels: Labels | None = None,
        prepared: Floats | None = None,
    ) -> dict[str, float]:
        """The model's held-out values averaged over `images`, one row of `noise` for each; empty if it has none.

        Args:
            prepared: what steps are given instead of the images, (n, numbers).
        """
        totals = np.zeros(len(self.model.held_out_names))
        for first in range(0, len(images) if self.model.held_out_names else 0, batch_size):
            part = slice(first, first + batch_size)
            batch = tf.constant(images[part, ..., np.newaxis] if prepared is None else prepared[part])
            known = labels[part] if labels is not None and self.model.conditional else np.zeros(0, np.uint8)
            means = self._held_out(batch, tf.constant(noise[part]), tf.constant(known.astype(np.int32))).numpy()
            totals += means.astype(np.float64) * batch.shape[0]
        return dict(zip(self.model.held_out_names, (totals / len(images)).tolist(), strict=True))

    def _steps(
        self, images: tf.Tensor, labels: tf.Tensor, order: tf.Tensor, first: tf.Tensor, steps: tf.Tensor
    ) -> tf.Tensor:
        # In double precision: the sums then hardly depend on how the epoch is cut, and a resumed history is the same.
        totals = tf.zeros((len(self.model.metric_names),), tf.float64)
        # Not `for step in tf.range(...)`: XLA would compile anew for every pair of bounds.
        step, last = first, first + steps
        while step < last:
            indices = tf.slice(order, [step * self.batch_size], [self.batch_size])
            batch = tf.reshape(_scaled(tf.gather(images, indices)), self._given_shape)
            if self.model.conditional:
                classes = tf.ensure_shape(
                    tf.one_hot(tf.gather(labels, indices), self.classes), (self.batch_size, self.classes)
                )
                metrics = self.model.train_step(batch, classes)
            else:
                metrics = self.model.train_step(batch)
            totals += tf.cast(_stacked(metrics, self.model.metric_names), tf.float64)
            step += 1
        return totals

    def _held_out_means(self, images: tf.Tensor, noise: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        if self.model.conditional:
            found = self.model.held_out_step(_scaled(images), noise, tf.one_hot(labels, self.classes))
        else:
            found = self.model.held_out_step(_scaled(images), noise)
        return _stacked(found, self.model.held_out_names)


def _scaled(images: tf.Tensor) -> tf.Tensor:
    """Bytes as numbers in [0, 1]; numbers as they are."""
    if images.dtype != tf.uint8:
        return images
    return tf.cast(images, tf.float32) / 255.0


def _stacked(metrics: Mapping[str, tf.Tensor], names: Sequence[str]) -> tf.Tensor:
    return tf.stack([tf.cast(metrics[name], tf.float32) for name in names])
