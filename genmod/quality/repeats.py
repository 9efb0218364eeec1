"""How many samples it takes until two are nearly the same image, and how many images a model draws from. NumPy only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Doubles, Floats, Images, Indices, Labels
from genmod.quality.distances import ROWS, squared_distances

SEED = 3  # of the orders in which samples are gone through
ORDERS = 2_000  # enough for a median that is right to three hundredths
FEWEST = 250  # samples that are compared first
ENOUGH = 1_000  # pairs found: more samples would hardly change the median
FEWEST_PAIRS = 3  # found: fewer tell hardly more than that there are many images
RARE = 1e-6  # the share of pairs of training images of one class that would count as one image
WHITE = np.float32(255.0)
CERTAIN = 2.0 * math.log(2.0)


@dataclass(frozen=True)
class Repeats:
    """How soon samples repeat themselves.

    Attributes:
        batch: of so many samples two are near-duplicates with probability 1/2; None if fewer than three pairs of
            `samples` are.
        samples: how many were compared.
    """

    batch: int | None
    samples: int

    @property
    def different(self) -> float:
        """The estimated number of different images, to two digits, at most `limit`, which stands for "more than that".

        Among N equally likely images s draws hold two alike with probability 1/2 if s (s - 1) = 2 ln(2) N, which Arora
        and Zhang (2017, arXiv:1706.08224) round to N = s^2. If some images are likelier than others there are more.
        """
        return limit(self.samples) if self.batch is None else min(support(self.batch), limit(self.samples))


def support(batch: int) -> float:
    """How many equally likely images there are if two of `batch` are alike with probability 1/2; to two digits."""
    return float(f"{batch * (batch - 1) / CERTAIN:.2g}")


def limit(samples: int) -> float:
    """The most equally likely images that so many samples can tell, to two digits, rounded down.

    With N = s (s - 1) / 6 three of the s (s - 1) / 2 pairs are alike on average, and in 5 % of the cases none is.
    """
    most = samples * (samples - 1) // 6
    unit = 10 ** max(0, len(str(most)) - 2)
    return float(most // unit * unit)


def repeats(
    images: Images, classes: Indices, alike: Doubles, progress: Callable[[float], None] = lambda share: None
) -> Repeats:
    """Look for near-duplicates among samples.

    Two samples count as one image if the classifier sees the same class in both and they lie nearer to each other in
    pixel space than `alike`, which all but one in a million pairs of training images of that class exceed. Among ten
    thousand real images there are a handful of such pairs. Each class has its own limit, because ones resemble each
    other far more than eights; and a share of pairs rather than the nearest pair of all, because that may be one image
    that a data set holds twice.

    Args:
        images: uint8 (n, 28, 28), in no order.
        classes: what the classifier sees in them, (n,).
        alike: the limit for each class, (classes,), a distance over pixels in [0, 1]; see `near_duplicate_distances`.
    """
    count = min(FEWEST, len(images))
    while True:
        pairs = near_duplicates(images[:count], classes[:count], alike)
        progress((count / len(images)) ** 2)
        if len(pairs) >= ENOUGH or count == len(images):
            return Repeats(_median_batch(pairs, count), count)
        count = min(2 * count, len(images))  # a model with few images is known from few samples, and has too many pairs


def near_duplicate_distances(images: Images, labels: Labels, classes: int) -> Doubles:
    """For each class the distance that all but one in a million pairs of its images exceed, (classes,).

    It is that of the nearest pair if there are fewer than a million, and 0 if there is none.

    Args:
        images: training images, uint8 (n, 28, 28).
        labels: what they show, (n,).
    """
    return np.array([_rare_distance(_points(images[labels == number])) for number in range(classes)], np.float64)


def _rare_distance(points: Floats) -> float:
    pairs = math.comb(len(points), 2)
    if not pairs:
        return 0.0
    rank = max(1, int(pairs * RARE))
    smallest = np.zeros(0, np.float32)
    for first in range(0, len(points) - 1, ROWS):
        squares = squared_distances(points[first : first + ROWS], points[first:])
        later = squares[np.triu_indices(len(squares), 1, squares.shape[1])]
        smallest = np.sort(np.concatenate([smallest, np.partition(later, min(rank, len(later)) - 1)[:rank]]))[:rank]
    return float(np.sqrt(smallest[-1]))


def near_duplicates(images: Images, classes: Indices, alike: Doubles) -> Indices:
    """The pairs of images that count as one, (m, 2); see `repeats`."""
    found = [np.zeros((0, 2), np.int64)]
    for number, distance in enumerate(alike):
        members = np.flatnonzero(classes == number)
        points = _points(images[members])
        for first in range(0, len(members), ROWS):
            near = squared_distances(points[first : first + ROWS], points[first:]) < distance**2
            one, other = np.nonzero(np.triu(near, 1))
            found.append(np.stack([members[first + one], members[first + other]], axis=1))
    return np.concatenate(found)


def _points(images: Images) -> Floats:
    """Images (n, ...) as points in pixel space, (n, pixels), in [0, 1]."""
    return images.reshape(len(images), math.prod(images.shape[1:])).astype(np.float32) / WHITE


def _median_batch(pairs: Indices, count: int) -> int | None:
    """After how many of `count` samples, in a random order, the first pair is complete: the median over many orders."""
    if len(pairs) < FEWEST_PAIRS:
        return None
    rng = np.random.default_rng(SEED)
    firsts = np.zeros(ORDERS, np.int64)
    for turn in range(ORDERS):
        places = rng.permutation(count)
        firsts[turn] = places[pairs].max(axis=1).min() + 1
    return int(np.median(firsts))
