"""The training image nearest to an image, found exactly without looking at all of them. NumPy only.

Images are projected on the directions in which they vary most, and what a projection leaves out is kept as one length.
By the triangle inequality two images lie at least as far apart as their projections and these lengths say. So only
those images are compared pixel by pixel whose bound is below the best distance found.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from genmod.datasets.arrays import Doubles, Floats, Images, Indices
from genmod.datasets.dataset import release

COMPONENTS = 40  # kept of each image, in float32: with the length of the rest about 10 MB for 60,000 images
FITTED_TO = 3_000  # images that the directions are computed from; any directions give exact answers, better ones faster
ROWS = 500  # projected at once while building: the 3 MB of floats are given back, not kept for the next
FIRST = 32  # images compared first; then twice as many each time, up to MOST
MOST = 2_048
QUERIES = 16  # images looked for at once: their bounds are 4 MB
# How far a squared bound may be off through rounding. No image is farther than 28 from the mean, so that float32 is off
# by at most 2 x 41 products x 28^2 x 2^-24 = 0.004 in the product and by less than that in all that is added to it.
ROUNDING = np.float32(0.01)
BUILDING = threading.Lock()  # held while one data set is made ready: all at once would crowd out the visitors


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Training images made ready to be searched.

    Attributes:
        images: the training images, uint8 (n, 28, 28).
        mean: of their pixels in [0, 1], shape (784,).
        directions: orthonormal, shape (784, components).
        points: each image's projection and the length of the rest, float32 (n, components + 1).
        lengths: the squared distance of each image from the mean, float32 (n,).
    """

    images: Images
    mean: Doubles
    directions: Doubles
    points: Floats
    lengths: Floats

    @property
    def size(self) -> int:
        """Bytes kept besides the images themselves."""
        return sum(array.nbytes for array in (self.mean, self.directions, self.points, self.lengths))

    def nearest(self, images: Images) -> tuple[Indices, Floats]:
        """The most similar training image for each of `images`, uint8 (m, 28, 28).

        Returns:
            Its index, the lowest of those equally near, and its Euclidean distance over pixels in [0, 1], each (m,).
        """
        index, squared = np.zeros(len(images), np.int64), np.zeros(len(images), np.int64)
        for first in range(0, len(images), QUERIES):
            asked = images[first : first + QUERIES]
            for number, bounds in enumerate(self._bounds(asked), first):
                index[number], squared[number] = self._search(images[number], bounds)
        release(self.images)  # else what searches have looked at, here and there, would soon be all of it
        return index, (np.sqrt(squared) / 255.0).astype(np.float32)

    def _bounds(self, images: Images) -> Floats:
        """What the squared distances to all training images are at least, shape (m, n)."""
        points, lengths = _projected(images, self.mean, self.directions)
        # Not by `@`: its library would take all cores for one thin product, and keep them busy waiting for the next.
        bounds: Floats = np.einsum("ij,kj->ik", points, self.points)
        bounds *= np.float32(-2)
        bounds += self.lengths
        bounds += (lengths - ROUNDING)[:, np.newaxis]
        return bounds

    def _search(self, image: Images, bounds: Floats) -> tuple[int, int]:
        """The index of the nearest training image and its squared distance in grey values from 0 to 255."""
        wanted = image.reshape(-1).astype(np.int32)
        count = min(FIRST, len(bounds))
        best = self._best(np.argpartition(bounds, count - 1)[:count], wanted)
        near = np.flatnonzero(bounds <= best[0] / 255**2)
        near = near[np.argsort(bounds[near])]
        start, count = 0, FIRST
        while start < len(near) and bounds[near[start]] <= best[0] / 255**2:
            best = min(best, self._best(near[start : start + count], wanted))
            start, count = start + count, min(2 * count, MOST)
        return best[1], best[0]

    def _best(self, candidates: Indices, wanted: npt.NDArray[np.int32]) -> tuple[int, int]:
        """The least squared distance to some training images and the lowest index that has it."""
        apart = self.images[candidates].reshape(len(candidates), -1) - wanted
        squared = np.einsum("ij,ij->i", apart, apart)  # whole numbers of at most 784 * 255^2, which int32 holds
        least = squared.min()
        return int(least), int(candidates[squared == least].min())


def build(images: Images) -> Neighbours:
    """Make training images, uint8 (n, 28, 28), ready to be searched."""
    some = images[:: max(1, len(images) // FITTED_TO)].reshape(-1, images[0].size) / np.float32(255)
    mean = some.mean(axis=0, dtype=np.float64)
    some -= mean.astype(np.float32)
    _, vectors = np.linalg.eigh((some.T @ some).astype(np.float64))
    directions = np.ascontiguousarray(vectors[:, : -COMPONENTS - 1 : -1])
    blocks = [_projected(images[first : first + ROWS], mean, directions) for first in range(0, len(images), ROWS)]
    points, lengths = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    release(images)
    return Neighbours(images, mean, directions, points, lengths)


def _projected(images: Images, mean: Doubles, directions: Doubles) -> tuple[Floats, Floats]:
    """Each image's projection and the length of the rest, (n, components + 1), and its squared distance from the mean.

    In float64, so that the rest, a difference of two numbers that may be nearly equal, is right before it is rounded.
    """
    pixels = images.reshape(len(images), -1) / 255.0
    pixels -= mean
    found = pixels @ directions
    lengths = np.einsum("ij,ij->i", pixels, pixels)
    rest = np.sqrt(np.maximum(lengths - np.einsum("ij,ij->i", found, found), 0.0))
    return np.column_stack([found, rest]).astype(np.float32), lengths.astype(np.float32)
