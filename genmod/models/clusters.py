"""Clusters of images that are alike, found without their labels: k-means on histograms of oriented gradients."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from keras import ops

from genmod.datasets import DATASETS, Doubles, Floats, Images, Indices, Labels, to_float
from genmod.models.convolutions import Tensor

ORIENTATIONS = 8
CELL = 4  # pixels along each side that share a histogram
BLUR = np.array([1, 2, 1]) / 4  # once along each side; `BLURS` times over it reaches about two pixels far
BLURS = 6
SHARPNESS = 4  # of the orientations: the power of the cosine to the next one
DIRECTIONS = 40  # principal ones, in which histograms are compared
ROUNDS = 30  # of k-means
SAMPLE = 10_000  # images that its centres are first chosen from
BATCH = 5_000
OTHERS = 1e6  # taken from the scores of other classes' clusters; no distance is as large


@dataclass(frozen=True)
class Clusters:
    """Clusters of all images, or of those of each class, in an order in which neighbours are alike.

    Attributes:
        directions: principal directions of the histograms, (numbers, d).
        origin: the mean histogram along them, (d,).
        centres: of the clusters, along them and from the mean, those of one class after those of another, (g, d).
        thresholds: of a standard normal number, for each class or in one row for all: between two of them it falls as
            often as an image of that class into that cluster, (classes or 1, k - 1).
    """

    directions: Floats
    origin: Floats
    centres: Floats
    thresholds: Floats

    @property
    def count(self) -> int:
        """How many there are, of each class if they are of classes."""
        return int(self.thresholds.shape[1]) + 1

    def of_images(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """The cluster with the nearest centre of each of images (n, height, width, 1) in [0, 1], one-hot (n, g).

        Args:
            classes: one-hot (n, classes), where there are clusters of each class: only these are looked at.
        """
        points = ops.matmul(histograms(images), self.directions) - self.origin
        scores = ops.matmul(points, self.centres.T) - 0.5 * np.square(self.centres).sum(axis=1)
        if classes is not None:
            scores = scores + OTHERS * (ops.repeat(classes, self.count, axis=-1) - 1.0)
        return ops.one_hot(ops.argmax(scores, axis=-1), len(self.centres))


def histograms(images: Tensor) -> Tensor:
    """How strong strokes of each direction are in each part of an image (Dalal and Triggs 2005).

    A stroke that lies a pixel further is nearly the same here, and another image by its pixels: of 60,000 digits 93 %
    are of the class that is most frequent in their cluster, of a hundred, and by pixels 87 %.

    Args:
        images: (n, height, width, 1) in [0, 1].

    Returns:
        (n, numbers), each row of length 1.
    """
    pixels = images[..., 0]
    across = _slopes(pixels)
    down = ops.transpose(_slopes(ops.transpose(pixels, (0, 2, 1))), (0, 2, 1))
    size = ops.sqrt(ops.square(across) + ops.square(down) + 1e-12)
    angles = 2 * np.pi * np.arange(ORIENTATIONS) / ORIENTATIONS
    rows, columns = (_pooling(side) for side in pixels.shape[1:])
    found = []
    for angle in angles:
        along = ops.relu(np.float32(np.cos(angle)) * across + np.float32(np.sin(angle)) * down) / size
        strength = size * along**SHARPNESS
        found.append(ops.matmul(ops.matmul(rows.T, strength), columns))
    whole = ops.reshape(ops.stack(found, axis=1), (pixels.shape[0], -1))
    return whole / ops.sqrt(ops.sum(ops.square(whole), axis=-1, keepdims=True) + 1e-12)


def _slopes(pixels: Tensor) -> Tensor:
    """Half the difference of the two neighbours in a row, (n, height, width)."""
    wide = ops.pad(pixels, ((0, 0), (0, 0), (1, 1)))
    return 0.5 * (wide[..., 2:] - wide[..., :-2])


def _pooling(side: int) -> Floats:
    """Blurs a row of pixels and reads it in the middle of each cell, (side, cells)."""
    blur = sum(weight * np.eye(side, k=shift) for weight, shift in zip(BLUR, (-1, 0, 1), strict=True))
    whole = np.linalg.matrix_power(np.asarray(blur), BLURS)
    pooled: Floats = whole[:, CELL - 1 :: CELL].astype(np.float32)
    return pooled


@functools.lru_cache(maxsize=4)
def of(dataset: str, images: int, classes: tuple[int, ...], count: int, seed: int, by_class: bool) -> Clusters:
    """The clusters of the first images of a data set, or of those of each class.

    Args:
        classes: of which images are counted; all if none is named.
    """
    source = DATASETS[dataset]
    learned, labels = source.training(images, classes)
    return find(learned, count, seed, labels if by_class else None, source.classes if by_class else 1)


def find(images: Images, count: int, seed: int, labels: Labels | None = None, classes: int = 1) -> Clusters:
    """`count` clusters of uint8 images (n, height, width), or so many of each class.

    Args:
        labels: the class of each image, (n,); all are of one class if it is None.
    """
    parts = [images[first : first + BATCH] for first in range(0, len(images), BATCH)]
    numbers = np.concatenate([ops.convert_to_numpy(histograms(to_float(part))) for part in parts])
    mean = numbers.mean(axis=0)
    variances, vectors = np.linalg.eigh(np.cov(numbers, rowvar=False).astype(np.float64))
    directions = vectors[:, np.argsort(variances)[::-1][:DIRECTIONS]].astype(np.float32)
    points = (numbers - mean) @ directions
    random = np.random.default_rng(seed)
    centres, thresholds = [], []
    for number in range(classes):
        own = points if labels is None else points[labels == number]
        found = _k_means(own if len(own) else points, count, random).astype(np.float32)  # there may be none of a class
        found = found[_chain(found)]
        centres.append(found)
        sizes = np.bincount(_nearest(own, found), minlength=count)
        thresholds.append(_thresholds(sizes / max(sizes.sum(), 1)))
    return Clusters(directions, mean @ directions, np.concatenate(centres), np.array(thresholds))


def _k_means(points: Floats, count: int, random: np.random.Generator) -> Floats:
    """The centres of k-means (Lloyd 1982), begun as in k-means++ (Arthur and Vassilvitskii 2007).

    NumPy's, because a library that adds up on several threads would not give the same weights for a seed bit for bit.
    """
    some = points[random.permutation(len(points))[:SAMPLE]]
    centres = some[:1]
    far = np.square(some - centres[0]).sum(axis=1)
    while len(centres) < count:
        # There may be no distance left, as where images are the same or fewer than centres.
        chosen = random.choice(len(some), p=far / far.sum()) if far.sum() > 0 else random.integers(len(some))
        centres = np.concatenate([centres, some[chosen][np.newaxis]])
        far = np.minimum(far, np.square(some - centres[-1]).sum(axis=1))
    for _ in range(ROUNDS):
        labels = _nearest(points, centres)
        order = np.argsort(labels, kind="stable")
        found, first = np.unique(labels[order], return_index=True)
        sizes = np.diff(np.append(first, len(points)))
        centres = centres.copy()  # one without a point stays where it is
        centres[found] = np.add.reduceat(points[order], first) / sizes[:, np.newaxis]
    return centres


def _nearest(points: Floats, centres: Floats) -> Indices:
    nearest: Indices = (points @ centres.T - 0.5 * np.square(centres).sum(axis=1)).argmax(axis=1)
    return nearest


def _chain(centres: Floats) -> Indices:
    """An order in which each centre is followed by the nearest one that is left."""
    order, left = [0], list(range(1, len(centres)))
    while left:
        distances = np.square(centres[left] - centres[order[-1]]).sum(axis=1)
        order.append(left.pop(int(distances.argmin())))
    return np.array(order)


def _thresholds(shares: Doubles) -> Floats:
    """Where the standard normal distribution is cut into pieces of these shares."""
    normal = NormalDist()
    borders = np.cumsum(shares)[:-1].clip(1e-6, 1 - 1e-6)
    return np.array([normal.inv_cdf(float(border)) for border in borders], np.float32)
