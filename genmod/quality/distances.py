"""How far two sets of images lie apart: Frechet distance, precision and recall, nearest neighbours. NumPy only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genmod.datasets import Doubles, Floats, Images, Indices

Progress = Callable[[float], None]  # takes the share that is done, in [0, 1]

ROWS = 1_000  # of one block of distances: small enough to stay in memory, large enough to be fast


def moments(features: Floats) -> tuple[Doubles, Doubles]:
    """Mean (d,) and unbiased covariance (d, d) of features (n, d), n at least 2."""
    exact = features.astype(np.float64)
    return exact.mean(axis=0), np.cov(exact, rowvar=False)


def frechet_distance(first: tuple[Doubles, Doubles], second: tuple[Doubles, Doubles]) -> float:
    """The squared Frechet distance of two normal distributions, given as (mean, covariance).

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), as Heusel et al. (2017, arXiv:1706.08500) compare sets of
    images. The last trace is that of the root of the symmetric C1^(1/2) C2 C1^(1/2), which has the same
    eigenvalues: nothing is inverted, so features that never vary do no harm.
    """
    (mean, covariance), (other_mean, other_covariance) = first, second
    root = _root(covariance)
    shared = np.linalg.eigvalsh(root @ other_covariance @ root)
    trace = np.sqrt(np.maximum(shared, 0.0)).sum()
    apart = np.square(mean - other_mean).sum()
    return float(max(0.0, apart + np.trace(covariance) + np.trace(other_covariance) - 2.0 * trace))


def _root(matrix: Doubles) -> Doubles:
    """The symmetric square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = np.linalg.eigh(matrix)
    root: Doubles = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root


def squared_distances(points: Floats, others: Floats) -> Floats:
    """All squared Euclidean distances, shape (n, m), of points (n, d) and others (m, d)."""
    sums = np.square(points).sum(axis=1)[:, np.newaxis] + np.square(others).sum(axis=1)
    distances: Floats = np.maximum(sums - 2.0 * (points @ others.T), 0.0)
    return distances


def directions(features: Floats) -> Floats:
    """Features (n, d) at length 1.

    How long they are says mostly how bold an image is. What resembles no digit has short features, and near the
    origin the few real images there have balls so large that even noise would lie in them.
    """
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    scaled: Floats = features / np.maximum(lengths, 1e-6)
    return scaled


def radii(points: Floats, neighbours: int) -> Floats:
    """The squared distance of each point to its `neighbours`-th nearest other point, shape (n,)."""
    rank = min(neighbours, len(points) - 1)  # rank 0 is the point itself
    return np.concatenate(
        [np.partition(squared_distances(block, points), rank, axis=1)[:, rank] for block in _blocks(points)]
    )


def precision_recall(
    real: Floats, generated: Floats, neighbours: int = 3, progress: Progress = lambda share: None
) -> tuple[float, float]:
    """Improved precision and recall (Kynkaanniemi et al. 2019, arXiv:1904.06991).

    Around each point of a set lies a ball that reaches to its `neighbours`-th nearest; together the balls
    stand for what the set covers. Precision is the share of generated points inside the balls of the real
    ones, recall the share of real points inside the balls of the generated ones.

    Args:
        real: features of real images, (n, d).
        generated: features of generated images, (m, d); m near n, for the balls shrink as a set grows.
    """
    real_radii = radii(real, neighbours)
    progress(0.3)
    generated_radii = radii(generated, neighbours)
    progress(0.6)
    inside = np.zeros(len(generated), np.bool_)
    covered = np.zeros(len(real), np.bool_)
    for first in range(0, len(generated), ROWS):
        rows = slice(first, first + ROWS)
        distances = squared_distances(generated[rows], real)
        inside[rows] = (distances <= real_radii).any(axis=1)
        covered |= (distances <= generated_radii[rows, np.newaxis]).any(axis=0)
        progress(0.6 + 0.4 * min(1.0, (first + ROWS) / len(generated)))
    return float(inside.mean()), float(covered.mean())


def nearest(images: Images, among: Images, progress: Progress = lambda share: None) -> tuple[Indices, Floats]:
    """The most similar image of `among` for each of `images`, both uint8 (n, 28, 28).

    Returns:
        Its index and its Euclidean distance over pixels in [0, 1], each (n,).
    """
    points = _rows(images)
    best = np.full(len(points), np.inf, np.float32)
    index = np.zeros(len(points), np.int64)
    block = 4 * ROWS
    for first in range(0, len(among), block):
        distances = squared_distances(points, _rows(among[first : first + block]))
        closest = distances.argmin(axis=1)
        found = distances[np.arange(len(points)), closest]
        index = np.where(found < best, closest + first, index)
        best = np.minimum(found, best)
        progress(min(1.0, (first + block) / len(among)))
    # Once more and exactly: sums of squares that almost cancel would not give 0 for a copy.
    apart = images.astype(np.float64) - among[index].astype(np.float64)
    exact = np.sqrt(np.square(apart / 255.0).sum(axis=(1, 2)))
    return index, exact.astype(np.float32)


def _rows(images: Images) -> Floats:
    return images.reshape(len(images), -1).astype(np.float32) / np.float32(255.0)


def _blocks(points: Floats) -> list[Floats]:
    return [points[first : first + ROWS] for first in range(0, len(points), ROWS)]


def nearest_distance(images: Floats) -> float:
    """The mean Euclidean distance from each image (n, ...) to the nearest other one."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    lengths = (flat**2).sum(axis=1)
    squares = lengths[:, np.newaxis] + lengths - 2.0 * flat @ flat.T
    np.fill_diagonal(squares, np.inf)
    return float(np.sqrt(np.maximum(squares.min(axis=1), 0.0)).mean())
