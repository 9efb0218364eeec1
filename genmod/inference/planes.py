"""Planes through latent space that a map can show: which two numbers or directions span it. NumPy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Doubles, Floats
from genmod.inference import latent_space

SILENT = 0.05  # nats (of an autoencoder: variance) below which a latent number says nothing
LIMITS = (4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0, 192.0, 256.0)
HELD = 0.97  # share of the codes that lie within a map's limit
SMALLEST = 1e-9  # length of a direction
PROBES = 500  # images from which the principal directions of a generator are found


@dataclass(frozen=True)
class Plane:
    """A plane in latent space. Only its directions are fixed: a map shows the one that passes through its point.

    Attributes:
        middle: what counts as 0 on both axes, shape (latent_dim,).
        across: the direction to the right, of length 1, shape (latent_dim,).
        up: the direction upwards, of length 1 and at a right angle to the other.
        names: of both axes.
        axes: the numbers of the two coordinates that span it; None if directions do.
    """

    middle: Floats
    across: Floats
    up: Floats
    names: tuple[str, str]
    axes: tuple[int, int] | None = None

    def places(self, points: Floats) -> Floats:
        """Where points (n, latent_dim) stand on the plane, shape (n, 2)."""
        return np.asarray((points - self.middle) @ np.stack([self.across, self.up], axis=1), np.float32)


def coordinates(latent_dim: int, axes: tuple[int, int]) -> Plane:
    """The plane of two latent numbers."""
    unit = np.eye(latent_dim, dtype=np.float32)
    names = (f"z{axes[0] + 1}", f"z{axes[1] + 1}")
    return Plane(np.zeros(latent_dim, np.float32), unit[axes[0]], unit[axes[1]], names, axes)


def principal(codes: Floats) -> Plane:
    """The plane of the two directions in which codes (n, latent_dim) vary most."""
    found = latent_space.pca(codes)
    names = [
        f"principal component {number} ({share:.0%} of the variance)" for number, share in enumerate(found.explained, 1)
    ]
    return Plane(found.mean, found.components[0], found.components[1], (names[0], names[1]))


def random(latent_dim: int, seed: int) -> Plane:
    """The plane of two directions drawn at random."""
    drawn = np.random.default_rng(seed).standard_normal((2, latent_dim))
    return _through_the_middle(drawn, ("random direction 1", "random direction 2"))


def of_generator(decode: Callable[[Floats], Floats], latent_dim: int, seed: int = 0) -> Plane:
    """The plane of the two directions along which a generator's images change most.

    The principal components of its images are regressed on the latents that made them, as GANSpace does with a layer's
    activations (Härkönen et al. 2020, arXiv:2004.02546).

    Args:
        decode: from latents (n, latent_dim) to images (n, ...).
    """
    latents = latent_space.prior_samples(PROBES, latent_dim, seed)
    pictures = decode(latents).reshape(PROBES, -1)
    scores = latent_space.pca(pictures).apply(pictures)
    return _through_the_middle(scores.T @ latents, ("principal direction 1", "principal direction 2"))


def _through_the_middle(directions: Floats | Doubles, names: tuple[str, str]) -> Plane:
    """The plane of two directions, the second put at a right angle to the first; of coordinates if they span none."""
    length = float(np.linalg.norm(directions[0]))
    across = directions[0] / max(length, SMALLEST)
    up = directions[1] - (directions[1] @ across) * across
    beside = float(np.linalg.norm(up))
    if not (length > SMALLEST and beside > SMALLEST):  # as of a generator that draws one image, whatever it is given
        return coordinates(directions.shape[1], (0, 1))
    up = up / beside
    middle = np.zeros(len(across), np.float32)
    return Plane(middle, across.astype(np.float32), up.astype(np.float32), names)


def information(z_mean: Floats, z_log_var: Floats) -> Doubles:
    """How much each latent number says about an image, shape (latent_dim,), of codes (n, latent_dim).

    In nats: the mean KL divergence of its distribution from N(0, 1). A plain autoencoder's codes are points, whose
    divergence is infinite; there it is the variance of the number.
    """
    if not np.isfinite(z_log_var).all():
        return np.asarray(z_mean.var(axis=0, dtype=np.float64))
    divergence = -0.5 * (1.0 + z_log_var - z_mean**2 - np.exp(z_log_var))
    return np.asarray(np.maximum(divergence.mean(axis=0, dtype=np.float64), 0.0))


def limit(places: Floats) -> float:
    """How far a map has to reach from its middle, in either direction, to hold nearly all places (n, 2)."""
    reach = float(np.quantile(np.abs(places).max(axis=1), HELD))
    return next((one for one in LIMITS if one >= reach), LIMITS[-1])
