"""A mixture of Gaussians over latents, and the bytes that it is kept as. NumPy only."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Floats
from genmod.inference import latent_space

COMPONENTS = 10
IMPOSSIBLE, NO_MEMORY = 3, 4  # exit codes of the process that fits one


@dataclass(frozen=True)
class Mixture:
    """Several normal distributions over latents, from each of which a share of the latents is drawn.

    Attributes:
        weights: the share of each, shape (components,); their sum is 1.
        means: shape (components, latent_dim).
        roots: a square root of each covariance, shape (components, latent_dim, latent_dim).
    """

    weights: Floats
    means: Floats
    roots: Floats

    def draw(self, count: int, seed: int, spread: float = 1.0) -> Floats:
        """`count` random latents, shape (count, latent_dim).

        The first n of a longer draw with the same seed are the same points.

        Args:
            spread: a factor on how far each lies from the mean of the component that it is drawn from.
        """
        normal = latent_space.prior_samples(count, self.means.shape[1], seed, spread)
        # A stream of its own, so that a longer draw changes no component.
        places = np.random.default_rng([seed, 1]).random(count)
        which = np.minimum(np.searchsorted(np.cumsum(self.weights), places, side="right"), len(self.weights) - 1)
        latents = np.empty_like(normal)
        for number, (mean, root) in enumerate(zip(self.means, self.roots, strict=True)):
            latents[which == number] = mean + normal[which == number] @ root.T
        return latents

    def log_density(self, latents: Floats) -> Floats:
        """The logarithm of its density at latents (n, latent_dim), in nats, shape (n,); -infinity where it is 0."""
        parts = []
        with np.errstate(divide="ignore"):
            shares = np.log(self.weights.astype(np.float64))
        for share, mean, root in zip(shares, self.means.astype(np.float64), self.roots.astype(np.float64), strict=True):
            covariance = root @ root.T
            away = latents - mean
            distances = (away * np.linalg.solve(covariance, away.T).T).sum(axis=1)
            parts.append(share - 0.5 * (distances + np.linalg.slogdet(2.0 * np.pi * covariance)[1]))
        density: Floats = np.logaddexp.reduce(parts).astype(np.float32)
        return density


def packed(mixture: Mixture) -> bytes:
    """The mixture as the content of an `.npz` file."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, weights=mixture.weights, means=mixture.means, roots=mixture.roots)
    return buffer.getvalue()


def unpacked(content: bytes, latent_dim: int) -> Mixture | None:
    """The mixture in the content of an `.npz` file; None if it holds none of `COMPONENTS` in so many dimensions."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            weights, means, roots = (np.asarray(arrays[name], np.float32) for name in ("weights", "means", "roots"))
    except Exception:  # damage makes NumPy and the decompressor raise nearly anything
        return None
    shapes = (COMPONENTS,), (COMPONENTS, latent_dim), (COMPONENTS, latent_dim, latent_dim)
    sound = (weights.shape, means.shape, roots.shape) == shapes and all(
        np.isfinite(array).all() for array in (weights, means, roots)
    )
    if not sound or weights.min() < 0.0 or abs(float(weights.sum()) - 1.0) > 1e-3:
        return None
    return Mixture(weights, means, roots)
