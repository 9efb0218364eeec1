"""Where latents come from: the normal distribution, or one fitted to the codes of training images."""

from __future__ import annotations

from typing import get_args

import numpy as np

from genmod import kinds
from genmod.datasets import Floats
from genmod.errors import RunError
from genmod.inference import ENCODER, Encoder, latent_space
from genmod.inference.latent_space import Gaussian
from genmod.kinds.kind import Prior
from genmod.runs import Run
from genmod.system.file_cache import FileCache

SOURCES: tuple[Prior, ...] = get_args(Prior)
_fitted: FileCache[Gaussian] = FileCache(8)
FITTED_TO = 10_000  # training images; their mean and covariance change little with more


def default_source(run: Run) -> Prior:
    """Where the latents of this kind of model come from when nothing else is asked for."""
    return kinds.of(run.config()).latents


def draw(run: Run, count: int, latent_dim: int, seed: int, spread: float = 1.0, source: Prior | None = None) -> Floats:
    """`count` random latents for a run, shape (count, latent_dim).

    Args:
        spread: a factor on how far they lie from their mean.
        source: where they come from; if not given, what the kind of model asks for.

    Raises:
        RunError: if a fitted distribution is asked of a run without an encoder.
    """
    normal = latent_space.prior_samples(count, latent_dim, seed, spread)
    return fitted(run).shape(normal) if (source or default_source(run)) == "fitted" else normal


def scale(run: Run, latent_dim: int) -> tuple[Floats, Floats]:
    """The middle of a run's latents and how far they spread, shape (latent_dim,) each: 0 and 1 but for a plain
    autoencoder, whose codes lie wherever its training has put them."""
    if default_source(run) == "normal":
        return np.zeros(latent_dim, np.float32), np.ones(latent_dim, np.float32)
    found = fitted(run)
    return found.mean, np.maximum(found.spread, np.float32(1e-6))


def fitted(run: Run) -> Gaussian:
    """The normal distribution with the mean and the covariance of the codes of training images.

    Raises:
        RunError: if the run has no encoder.
    """
    if not kinds.of(run.config()).encodes:
        raise RunError(f"The run {run.id} has no encoder, so no codes to fit a distribution to; use --latents normal.")
    return _fitted.get(str(run.exported(ENCODER)), lambda _: _fit(run))


def _fit(run: Run) -> Gaussian:
    config = run.config()
    data = config.source.load()
    images = data.train_images[: min(FITTED_TO, config.images)]
    classes = data.train_labels[: len(images)] if config.conditional else None
    z_mean, _ = Encoder(run).encode(images, classes)
    return latent_space.fit(z_mean)
