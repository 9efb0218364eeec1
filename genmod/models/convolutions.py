"""Convolutions of 4 x 4 pixels as matrix products: the weights and sums of Keras' layers, quick under XLA on a CPU.

XLA has a slow way with convolutions in a loop on a CPU, and a quick one with matrix products. The sum over the products
of each place in a window with its part of the kernel makes one out of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import keras
from keras import ops

from genmod.kinds.layers import KERNEL

Tensor: TypeAlias = keras.KerasTensor
FEW = 16  # channels up to which a window is laid out in a row: one product is quicker than many small ones
FEWER = 4  # times fewer outputs than channels, for which these are summed up before they are moved


def from_blocks(values: Tensor, size: int) -> Tensor:
    """Blocks of `size` x `size` pixels laid out: (n, h, w, size * size * c) to (n, h * size, w * size, c)."""
    count, height, width, channels = values.shape
    split = ops.reshape(values, (count, height, width, size, size, channels // size**2))
    return ops.reshape(ops.transpose(split, (0, 1, 3, 2, 4, 5)), (count, height * size, width * size, -1))


def to_blocks(values: Tensor) -> Tensor:
    """Blocks of 2 x 2 pixels made one: (n, h, w, c) to (n, h / 2, w / 2, 4 c)."""
    count, height, width, channels = values.shape
    split = ops.reshape(values, (count, height // 2, 2, width // 2, 2, channels))
    return ops.reshape(ops.transpose(split, (0, 1, 3, 2, 4, 5)), (count, height // 2, width // 2, 4 * channels))


def padded(values: Tensor, before: int, after: int) -> Tensor:
    """A frame of zeros around the pictures (n, h, w, c)."""
    return ops.pad(values, ((0, 0), (before, after), (before, after), (0, 0)))


def over_windows(values: Tensor, size: int, kernel: Tensor) -> Tensor:
    """What a kernel makes of each window of `size` x `size`: (n, h, w, c) to (n, h - size + 1, w - size + 1, m).

    Args:
        kernel: (size * size * c, m), the rows of a window's first line first.
    """
    channels, outputs = values.shape[-1], kernel.shape[-1]
    height, width = values.shape[1] - size + 1, values.shape[2] - size + 1
    places = [(slice(y, y + height), slice(x, x + width)) for y in range(size) for x in range(size)]
    if channels <= FEW:
        return _product(ops.concatenate([values[:, y, x] for y, x in places], axis=-1), kernel)
    # Windows lie over each other: laid out in rows they take size * size times the memory of the picture.
    if outputs < channels // FEWER:
        apart = ops.reshape(kernel, (len(places), channels, outputs))
        parts = ops.reshape(ops.transpose(apart, (1, 0, 2)), (channels, -1))
        made = ops.split(_product(values, parts), len(places), axis=-1)
        found = [part[:, y, x] for part, (y, x) in zip(made, places, strict=True)]
    else:
        kernels = ops.split(kernel, len(places), axis=0)
        found = [_product(values[:, y, x], part) for part, (y, x) in zip(kernels, places, strict=True)]
    return sum(found[1:], found[0])


def _product(rows: Tensor, matrix: Tensor) -> Tensor:
    """Every row (n, h, w, k) times a matrix (k, m): (n, h, w, m)."""
    count, height, width, inputs = rows.shape
    return ops.reshape(ops.matmul(ops.reshape(rows, (-1, inputs)), matrix), (count, height, width, -1))


class Convolution(keras.layers.Conv2D):
    """Keras' convolution of 4 x 4 pixels with a stride of 2 and padding "same", as one matrix product.

    It knows how many images there are when it is traced, which the compiled loop does.
    """

    def call(self, inputs: Tensor) -> Tensor:
        """Pictures (n, h, w, c) to (n, ceil(h / 2), ceil(w / 2), filters)."""
        if inputs.shape[0] is None:
            return super().call(inputs)
        missing = KERNEL - 2 + inputs.shape[1] % 2
        blocks = to_blocks(padded(inputs, missing // 2, missing - missing // 2))
        channels = inputs.shape[-1]
        # A window is 2 x 2 blocks of 2 x 2 pixels: row 2 * block + pixel of the kernel.
        kernel = ops.reshape(self.kernel, (2, 2, 2, 2, channels, self.filters))
        matrix = ops.reshape(ops.transpose(kernel, (0, 2, 1, 3, 4, 5)), (-1, self.filters))
        return self.activation(over_windows(blocks, 2, matrix) + self.bias)


class TransposedConvolution(keras.layers.Conv2DTranspose):
    """Keras' transposed convolution of 4 x 4 pixels with a stride of 1, 2 or 4 and padding "same", as one product."""

    def call(self, inputs: Tensor) -> Tensor:
        """Pictures (n, h, w, c) to (n, h * stride, w * stride, filters)."""
        if inputs.shape[0] is None:
            return super().call(inputs)
        stride = self.strides[0]
        reach = KERNEL // stride  # how many pixels on each side of the input one output pixel is made of
        # Reading the outputs in blocks of stride x stride, each block depends on reach x reach inputs, and the kernel
        # lies over them the other way round.
        kernel = ops.reshape(self.kernel, (reach, stride, reach, stride, self.filters, inputs.shape[-1]))
        kernel = ops.flip(ops.flip(kernel, 0), 2)
        matrix = ops.reshape(ops.transpose(kernel, (0, 2, 5, 1, 3, 4)), (-1, stride * stride * self.filters))
        made = from_blocks(over_windows(padded(inputs, reach - 1, reach - 1), reach, matrix), stride)
        first = (KERNEL - stride) // 2  # of the outputs at the edge, which padding "same" cuts off
        height, width = inputs.shape[1] * stride, inputs.shape[2] * stride
        return self.activation(made[:, first : first + height, first : first + width] + self.bias)


PLAIN: Mapping[str, type[keras.layers.Layer]] = {
    "convolution": keras.layers.Conv2D,
    "transposed convolution": keras.layers.Conv2DTranspose,
}
QUICK: Mapping[str, type[keras.layers.Layer]] = {
    "convolution": Convolution,
    "transposed convolution": TransposedConvolution,
}
