"""How much the images of a batch differ, as one more number for a discriminator."""

from __future__ import annotations

import keras
from keras import ops

from genmod.models.convolutions import Tensor

GROUP = 8  # rows, at most, that are compared with each other
MOMENTUM = 0.99


class MinibatchStandardDeviation(keras.layers.Layer):
    """One number more in each row: how much the values of a small group of rows differ (Karras et al. 2018).

    In training it is the standard deviation over the group, averaged over the values (arXiv:1710.10196, section 3). A
    single image has none: outside training each row gets the mean of what training saw, a constant.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.usual = self.add_weight(name="usual", shape=(), initializer="zeros", trainable=False)

    def call(self, rows: Tensor, training: bool = False) -> Tensor:
        """Rows (n, d) to rows (n, d + 1)."""
        if not training:
            column = ops.zeros_like(rows[:, :1]) + self.usual
            return ops.concatenate([rows, column], axis=-1)
        count, width = rows.shape
        size = group(count)
        groups = ops.reshape(rows, (count // size, size, width))
        # Not `ops.std`, whose slope is no number where all rows are the same.
        deviations = ops.sqrt(ops.var(groups, axis=1) + 1e-8)
        column = ops.mean(deviations, axis=-1, keepdims=True)
        self.usual.assign(MOMENTUM * self.usual + (1.0 - MOMENTUM) * ops.mean(ops.stop_gradient(column)))
        return ops.concatenate([rows, ops.repeat(column, size, axis=0)], axis=-1)


def group(count: int) -> int:
    """How many of `count` rows are compared with each other.

    A batch holds real images and then as many generated ones; no group may hold some of both.
    """
    half = count // 2 if count % 2 == 0 else count
    return max(size for size in range(1, min(GROUP, half) + 1) if half % size == 0)
