"""Clusters of training images that are alike, found without their labels: k-means in the directions they vary most."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from genmod.datasets import DATASETS, Doubles, Floats, Images, Indices, to_float

DIRECTIONS = 40  # principal ones, in which images are compared
ROUNDS = 30  # of k-means
SAMPLE = 10_000  # images that its centres are first chosen from


@dataclass(frozen=True)
class Clusters:
    """Clusters in an order in which neighbours are alike.

    Attributes:
        directions: principal directions of the images, (pixels, d).
        origin: the mean image along them, (d,).
        centres: of the clusters, along them and from the mean image, (k, d).
        thresholds: of a standard normal number: between two of them it falls as often as an image into that cluster,
            (k - 1,).
    """

    directions: Floats
    origin: Floats
    centres: Floats
    thresholds: Floats

    @property
    def bias(self) -> Floats:
        """Added to the products of a point with the centres it makes scores of them, highest for the nearest, (k,)."""
        # -|x - c|^2 / 2 without the part that all centres share: linear in x.
        bias: Floats = -0.5 * np.square(self.centres).sum(axis=1)
        return bias


@functools.lru_cache(maxsize=4)
def of(dataset: str, images: int, count: int, seed: int) -> Clusters:
    """The clusters of the first images of a data set."""
    return find(DATASETS[dataset].load().train_images[:images], count, seed)


def find(images: Images, count: int, seed: int) -> Clusters:
    """`count` clusters of uint8 images (n, height, width)."""
    pixels = to_float(images).reshape(len(images), -1)
    mean = pixels.mean(axis=0)
    # In single precision and by NumPy alone: the same on every run of one machine, as trainings here are.
    variances, vectors = np.linalg.eigh(np.cov(pixels, rowvar=False).astype(np.float64))
    directions = vectors[:, np.argsort(variances)[::-1][:DIRECTIONS]].astype(np.float32)
    points = (pixels - mean) @ directions
    centres = _k_means(points, count, np.random.default_rng(seed)).astype(np.float32)
    centres = centres[_chain(centres)]
    sizes = np.bincount(_nearest(points, centres), minlength=count)
    return Clusters(directions, mean @ directions, centres, _thresholds(sizes / sizes.sum()))


def _k_means(points: Floats, count: int, random: np.random.Generator) -> Floats:
    """The centres of k-means (Lloyd 1982), begun as in k-means++ (Arthur and Vassilvitskii 2007)."""
    some = points[random.permutation(len(points))[:SAMPLE]]
    centres = some[:1]
    far = np.square(some - centres[0]).sum(axis=1)
    while len(centres) < count:
        # Rounding may leave no distance at all, as where images are the same.
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
