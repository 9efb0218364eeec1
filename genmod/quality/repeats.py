"""How many samples it takes until two are nearly the same image, and how many images a model draws from. NumPy only."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Doubles, Images, Indices
from genmod.quality.distances import ROWS, squared_distances

SEED = 3  # of the orders in which samples are gone through
ORDERS = 500  # enough for a median that is right to a few hundredths
FEWEST = 250  # samples that are compared first
ENOUGH = 1_000  # pairs found: more samples would hardly change the median
WHITE = np.float32(255.0)
CERTAIN = 2.0 * math.log(2.0)


@dataclass(frozen=True)
class Repeats:
    """How soon samples repeat themselves.

    Attributes:
        batch: of so many samples two are near-duplicates with probability 1/2; None if none of `samples` are.
        samples: how many were compared.
    """

    batch: int | None
    samples: int

    @property
    def different(self) -> float:
        """The estimated number of different images, to two digits; if no two were alike, one below which it is not.

        Among N equally likely images s draws hold two alike with probability 1/2 if s (s - 1) = 2 ln(2) N, which Arora
        and Zhang (2017, arXiv:1706.08224) round to N = s^2. If some images are likelier than others there are more.
        """
        return support(self.samples if self.batch is None else self.batch)


def support(batch: int) -> float:
    """How many equally likely images there are if two of `batch` are alike with probability 1/2; to two digits."""
    return float(f"{batch * (batch - 1) / CERTAIN:.2g}")


def repeats(
    images: Images, classes: Indices, closest: Doubles, progress: Callable[[float], None] = lambda share: None
) -> Repeats:
    """Look for near-duplicates among samples.

    Two samples count as one image if the classifier sees the same class in both and they lie nearer to each other in
    pixel space than any test image lies to a training image of that class. Among ten thousand real images there is
    hardly such a pair. Each class has its own limit, because real ones resemble each other far more than real eights.

    Args:
        images: uint8 (n, 28, 28), in no order.
        classes: what the classifier sees in them, (n,).
        closest: the limit for each class, (classes,), a distance over pixels in [0, 1].
    """
    count = min(FEWEST, len(images))
    while True:
        pairs = near_duplicates(images[:count], classes[:count], closest)
        progress((count / len(images)) ** 2)
        if len(pairs) >= ENOUGH or count == len(images):
            return Repeats(_median_batch(pairs, count), count)
        count = min(2 * count, len(images))  # a model with few images is known from few samples, and has too many pairs


def near_duplicates(images: Images, classes: Indices, closest: Doubles) -> Indices:
    """The pairs of images that count as one, (m, 2); see `repeats`."""
    found = [np.zeros((0, 2), np.int64)]
    for number, limit in enumerate(closest):
        members = np.flatnonzero(classes == number)
        points = images[members].reshape(len(members), math.prod(images.shape[1:])).astype(np.float32) / WHITE
        for first in range(0, len(members), ROWS):
            near = squared_distances(points[first : first + ROWS], points[first:]) < limit**2
            one, other = np.nonzero(np.triu(near, 1))
            found.append(np.stack([members[first + one], members[first + other]], axis=1))
    return np.concatenate(found)


def _median_batch(pairs: Indices, count: int) -> int | None:
    """After how many of `count` samples, in a random order, the first pair is complete: the median over many orders."""
    if not len(pairs):
        return None
    rng = np.random.default_rng(SEED)
    firsts = np.zeros(ORDERS, np.int64)
    for turn in range(ORDERS):
        places = rng.permutation(count)
        firsts[turn] = places[pairs].max(axis=1).min() + 1
    return int(np.median(firsts))
