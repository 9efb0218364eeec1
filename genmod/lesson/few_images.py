"""A few real images of each class, and the same shifted and turned a little: classical data augmentation."""

from __future__ import annotations

import numpy as np

from genmod.datasets import Images, Indices, Labels

DEGREES = 12.0  # how far an image is turned at most, either way
PIXELS = 2.0  # and shifted, along each axis

_CHOOSING = 20_190  # keeps these random numbers apart from others that begin with the same seed


def chosen(labels: Labels, classes: int, count: int, seed: int) -> Indices:
    """Which images a classifier may learn from: `count` of each class, in order of the class.

    With the same seed fewer images are the first of more.

    Args:
        labels: of all training images, (n,).
        classes: how many there are.

    Returns:
        Indices of shape (classes * count,).
    """
    order = np.random.default_rng([_CHOOSING, seed]).permutation(len(labels))
    shuffled = labels[order]
    found: Indices = np.concatenate([order[shuffled == number][:count] for number in range(classes)])
    return found


def moved(images: Images, generator: np.random.Generator, degrees: float = DEGREES, pixels: float = PIXELS) -> Images:
    """Each image shifted and turned about its middle by amounts drawn evenly, black where nothing comes in.

    Args:
        images: uint8 (n, height, width).
        degrees: turned at most so far, either way.
        pixels: shifted at most so far along each axis.

    Returns:
        The same shape; grey values between pixels are interpolated from the four around.
    """
    count, height, width = images.shape
    angles = np.deg2rad(generator.uniform(-degrees, degrees, count)).astype(np.float32)[:, np.newaxis, np.newaxis]
    right, down = generator.uniform(-pixels, pixels, (2, count, 1, 1)).astype(np.float32)
    middle_x, middle_y = np.float32((width - 1) / 2), np.float32((height - 1) / 2)
    x = np.arange(width, dtype=np.float32) - middle_x - right
    y = np.arange(height, dtype=np.float32)[:, np.newaxis] - middle_y - down
    # Where in the old image each pixel of the new one comes from; one more pixel of black all around.
    column = np.clip(np.cos(angles) * x + np.sin(angles) * y + middle_x + 1, 0, width + 0.999)
    row = np.clip(np.cos(angles) * y - np.sin(angles) * x + middle_y + 1, 0, height + 0.999)
    left, top = column.astype(np.int32), row.astype(np.int32)
    beyond, below = column - left, row - top
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1))).reshape(-1)
    corner = (np.arange(count, dtype=np.int32)[:, np.newaxis, np.newaxis] * (height + 2) + top) * (width + 2) + left
    upper = framed[corner] * (1 - beyond) + framed[corner + 1] * beyond
    lower = framed[corner + width + 2] * (1 - beyond) + framed[corner + width + 3] * beyond
    found: Images = np.rint(upper * (1 - below) + lower * below).astype(np.uint8)
    return found


def in_columns(images: Images, classes: int, rows: int) -> Images:
    """The first images of each class, row by row with one class a column, ready for a contact sheet.

    Args:
        images: uint8 (classes * count, height, width) in order of the class, at least `rows` of each.

    Returns:
        Shape (rows * classes, height, width).
    """
    by_class = images.reshape(classes, -1, *images.shape[1:])[:, :rows]
    found: Images = by_class.swapaxes(0, 1).reshape(-1, *images.shape[1:])
    return found
