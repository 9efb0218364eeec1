"""Where latents come from: the prior, one or many Gaussians fitted to the codes of training images, or those codes."""

from __future__ import annotations

from typing import get_args

import numpy as np

from genmod.datasets import Floats, Labels
from genmod.inference import ENCODER, codes, kept_mixtures, latent_space
from genmod.inference.latent_space import Gaussian
from genmod.kinds.kind import Prior
from genmod.runs import Run
from genmod.system.file_cache import FileCache

SOURCES: tuple[Prior, ...] = get_args(Prior)
_fitted: FileCache[Gaussian] = FileCache(8)
FITTED_TO = 10_000  # training images; their mean and covariance change little with more


def draw(
    run: Run,
    count: int,
    latent_dim: int,
    seed: int,
    spread: float = 1.0,
    source: Prior = "normal",
    labels: Labels | None = None,
) -> Floats:
    """`count` random latents for a run, shape (count, latent_dim).

    The first n of a longer draw with the same seed are the same points.

    Args:
        spread: a factor on how far they lie from their mean: that of the distribution, of the component of the mixture
            each is drawn from, or of what the encoder says of one image.
        source: where they come from: "normal" is the prior N(0, I); "fitted" a normal distribution and "mixture" a
            mixture of ten, both fitted to the run's codes; "codes" the codes of random training images themselves,
            with which a model rebuilds images and makes no new ones.
        labels: the class that each is to be decoded as, (count,); only "codes" asks: it takes an image of that class.

    Raises:
        RunError: if anything but the prior is asked of a run without an encoder, or no mixture can be fitted.
    """
    if source == "mixture":
        return kept_mixtures.of(run).draw(count, seed, spread)
    if source == "codes":
        codes.check_encodes(run)
        images = codes.random_images(run, count, seed, labels)
        return codes.sampled(*codes.encoded(run, images), seed, spread)
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
    codes.check_encodes(run)
    return _fitted.get(str(run.exported(ENCODER)), lambda _: _fit(run))


def _fit(run: Run) -> Gaussian:
    z_mean, _ = codes.encoded(run, codes.learned(run)[:FITTED_TO])
    return latent_space.fit(z_mean)
