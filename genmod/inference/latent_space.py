"""Points in latent space: samples of the prior, grids, paths and projections. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from genmod.datasets import Floats

NOISE_SEED = 0  # of the noise for held-out images, while training and afterwards: the two agree


def prior_samples(count: int, latent_dim: int, seed: int, spread: float = 1.0) -> Floats:
    """`count` draws from N(0, spread^2 I), shape (count, latent_dim).

    The first n of a longer draw with the same seed are the same points.
    """
    draws = np.random.default_rng(seed).standard_normal((count, latent_dim))
    return (spread * draws).astype(np.float32)


def noise_for(count: int, latent_dim: int) -> Floats:
    """The fixed noise with which held-out images are encoded, shape (count, latent_dim)."""
    return prior_samples(count, latent_dim, NOISE_SEED)


@dataclass(frozen=True)
class Gaussian:
    """A normal distribution over latents.

    Attributes:
        mean: shape (latent_dim,).
        root: a square root of the covariance, shape (latent_dim, latent_dim).
    """

    mean: Floats
    root: Floats

    @property
    def spread(self) -> Floats:
        """The standard deviation of each latent number, shape (latent_dim,)."""
        return np.asarray(np.sqrt((self.root**2).sum(axis=1)), np.float32)

    def shape(self, normal: Floats) -> Floats:
        """Turn draws from N(0, I), shape (n, latent_dim), into draws from this distribution."""
        return np.asarray(self.mean + normal @ self.root.T, np.float32)


def fit(points: Floats) -> Gaussian:
    """The normal distribution with the mean and covariance of points (n, latent_dim)."""
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    # By eigenvalues, not by Cholesky: a code that never changes has variance 0.
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return Gaussian(points.mean(axis=0).astype(np.float32), root.astype(np.float32))


def quantiles(count: int) -> Floats:
    """`count` values that cut N(0, 1) into equally likely parts, rising; shape (count,)."""
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / count) for i in range(count)], np.float32)


def manifold_grid(side: int, latent_dim: int, axes: tuple[int, int] = (0, 1), fixed: Floats | None = None) -> Floats:
    """A square grid over two latent coordinates through the inverse normal CDF (Kingma and Welling 2014).

    Args:
        side: points along each axis.
        latent_dim: length of a latent vector.
        axes: which coordinate runs to the right and which runs upwards.
        fixed: the values of the other coordinates, shape (latent_dim,); zeros if not given.

    Returns:
        Shape (side * side, latent_dim), row by row from the top left, as the picture is read.
    """
    values = quantiles(side)
    across, up = np.meshgrid(values, values[::-1])
    base = np.zeros(latent_dim, np.float32) if fixed is None else fixed
    points = np.tile(base.astype(np.float32), (side * side, 1))
    points[:, axes[0]] = across.ravel()
    points[:, axes[1]] = up.ravel()
    return points


@dataclass(frozen=True)
class Projection:
    """A linear view of latent space in two dimensions.

    Attributes:
        mean: the centre, shape (latent_dim,).
        components: two orthonormal directions, shape (2, latent_dim).
        explained: the share of the variance each direction carries, shape (2,), each in [0, 1].
    """

    mean: Floats
    components: Floats
    explained: Floats

    def apply(self, points: Floats) -> Floats:
        """Project points of shape (n, latent_dim) to shape (n, 2)."""
        return np.asarray((points - self.mean) @ self.components.T, np.float32)


def pca(points: Floats) -> Projection:
    """The two directions along which `points`, shape (n, latent_dim), vary most.

    Each direction's sign is fixed so that its largest entry is positive: the same data, the same picture.
    """
    mean = points.mean(axis=0)
    _, singular, directions = np.linalg.svd(points - mean, full_matrices=False)
    total = float((singular**2).sum()) or 1.0
    components = directions[:2]
    signs = np.sign(components[np.arange(2), np.abs(components).argmax(axis=1)])
    return Projection(
        mean.astype(np.float32),
        (components * signs[:, np.newaxis]).astype(np.float32),
        (singular[:2] ** 2 / total).astype(np.float32),
    )
