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


def draw(run: Run, count: int, latent_dim: int, seed: int, spread: float = 1.0, source: Prior = "normal") -> Floats:
    """`count` random latents for a run, shape (count, latent_dim).

    Args:
        spread: a factor on how far they lie from their mean.
        source: where they come from: the prior N(0, I), or a normal distribution fitted to the run's codes.

    Raises:
        RunError: if a fitted distribution is asked of a run without an encoder.
    """
    normal = latent_space.prior_samples(count, latent_dim, seed, spread)
    return fitted(run).shape(normal) if source == "fitted" else normal


def code_scale(run: Run) -> tuple[Floats, Floats]:
    """The middle of a run's codes and how far they spread, shape (latent_dim,) each.

    Raises:
        RunError: if the run has no encoder.
    """
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
