"""Points in latent space: samples of the prior, grids, paths and projections. NumPy only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from genmod.datasets import Doubles, Floats

NOISE_SEED = 0  # of the noise for held-out images, while training and afterwards: the two agree
SPHERICAL_FROM = 8  # dimensions, in which 12 % of latents are as short as the middle of a straight path; in 16, 4 %
SAME_DIRECTION = 1e-6  # the sine of the angle between two directions below which no plane is spanned by them


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


def path(start: Floats, end: Floats, steps: int, spherical: bool) -> Floats:
    """Evenly spaced points from one latent vector to another, both included; shape (steps, latent_dim).

    A spherical path turns the direction evenly (slerp, Shoemake 1985; White 2016, arXiv:1609.04468) and changes the
    length evenly. Where one end is zero and has no direction, it is the straight path. Between opposite directions,
    where every half turn is as short, it goes by the coordinate in which they are least far from zero.

    Args:
        start: shape (latent_dim,).
        end: shape (latent_dim,).
        steps: at least 2.
        spherical: along the sphere instead of straight.

    Raises:
        ValueError: if there are fewer than two steps.
    """
    if steps < 2:
        raise ValueError(f"A path has both its ends, so at least 2 steps; it was asked for {steps}.")
    shares = np.linspace(0.0, 1.0, steps)[:, np.newaxis]
    first, last = start.astype(np.float64), end.astype(np.float64)
    points = _slerp(first, last, shares) if spherical else (1.0 - shares) * first + shares * last
    points[0], points[-1] = start, end  # to the last bit: they are shown as the images that were chosen
    return points.astype(np.float32)


def _slerp(start: Doubles, end: Doubles, shares: Doubles) -> Doubles:
    """The points at some shares, (n, 1), of the way along the sphere, the length changing evenly."""
    straight: Doubles = (1.0 - shares) * start + shares * end
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if len(start) < 2 or 0.0 in lengths:
        return straight
    first, last = start / lengths[0], end / lengths[1]
    # Written as a turn in the plane of the two, which needs no division by a sine near zero.
    angle = 2.0 * math.atan2(np.linalg.norm(first - last), np.linalg.norm(first + last))
    across = last - (first @ last) * first
    if np.linalg.norm(across) < SAME_DIRECTION:
        if angle < math.pi / 2:
            return straight
        across = np.eye(len(first))[np.abs(first).argmin()]
        across -= (across @ first) * first
    across /= np.linalg.norm(across)
    turned: Doubles = np.cos(shares * angle) * first + np.sin(shares * angle) * across
    return ((1.0 - shares) * lengths[0] + shares * lengths[1]) * turned


def is_spherical(latent_dim: int) -> bool:
    """Whether a path between random latents should follow the sphere, because a straight one leaves them."""
    return latent_dim >= SPHERICAL_FROM


def why_spherical(latent_dim: int) -> str:
    """Why a path between random latents follows the sphere, or does not have to, in that many dimensions; one line."""
    length = typical_length(latent_dim)
    middle = length / math.sqrt(2.0)
    share = share_shorter(middle, latent_dim)
    told = f"{share:.0%}" if share >= 0.01 else f"{share:.1%}" if share >= 0.001 else "fewer than 0.1%"
    only = "only " if share >= 0.001 and is_spherical(latent_dim) else ""
    line = (
        f"Random latents of {latent_dim} number{'' if latent_dim == 1 else 's'} are about {length:.1f} long; halfway "
        f"along a straight path it is about {middle:.1f}, and {only}{told} of them are that short"
    )
    return f"{line}." if is_spherical(latent_dim) else f"{line}, so the path may be straight."


def typical_length(latent_dim: int) -> float:
    """The mean length of a draw from N(0, I), which is near sqrt(latent_dim)."""
    return math.sqrt(2.0) * math.exp(math.lgamma((latent_dim + 1) / 2) - math.lgamma(latent_dim / 2))


def share_shorter(length: float, latent_dim: int) -> float:
    """The share of draws from N(0, I) that are shorter: the chi distribution, by the series of the incomplete gamma."""
    half, value = latent_dim / 2, length**2 / 2
    if value == 0.0:
        return 0.0
    term = total = 1.0
    number = 1
    while term > 1e-17 * total:
        term *= value / (half + number)
        total += term
        number += 1
    return math.exp(half * math.log(value) - value - math.lgamma(half + 1)) * total
