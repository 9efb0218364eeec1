"""How good a run is: the parts of the evidence lower bound on held-out images. No TensorFlow."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Sequence

import numpy as np

from genmod.datasets import Floats, Images, Labels, to_float
from genmod.errors import RunError
from genmod.inference import Encoder, Sampler
from genmod.inference.latent_space import NOISE_SEED, noise_for
from genmod.runs import Run

# Probabilities nearer to 0 or to 1 than float32 can tell apart are moved here. It is far finer near 0: with
# one bound for both, the cross-entropy would come out below that of the logits, which training uses.
SMALLEST, LARGEST = np.float32(1e-37), np.float32(1.0 - 1e-7)


def binary_crossentropy(images: Floats, pixels: Floats) -> Floats:
    """Cross-entropy in nats of each image, summed over its pixels.

    Args:
        images: targets in [0, 1], shape (n, ...).
        pixels: probabilities in [0, 1], the same shape.

    Returns:
        Shape (n,).
    """
    targets, p = images.reshape(len(images), -1), pixels.reshape(len(images), -1)
    p = np.clip(p, SMALLEST, LARGEST)
    entropies: Floats = -(targets * np.log(p) + (1.0 - targets) * np.log1p(-p)).sum(axis=1)
    return entropies


def kl_divergence(z_mean: Floats, z_log_var: Floats) -> Floats:
    """KL(N(z_mean, exp(z_log_var)) || N(0, I)) in nats, shape (n,), of arrays (n, latent_dim)."""
    divergence: Floats = -0.5 * (1.0 + z_log_var - z_mean**2 - np.exp(z_log_var)).sum(axis=1)
    return divergence


def log_density(points: Floats, mean: Floats | float = 0.0, log_var: Floats | float = 0.0) -> Floats:
    """log N(points; mean, exp(log_var)) in nats, summed over the last axis."""
    terms = math.log(2.0 * math.pi) + log_var + np.square(points - mean) * np.exp(-np.asarray(log_var, np.float32))
    density: Floats = -0.5 * np.asarray(terms, np.float32).sum(axis=-1)
    return density


def importance_weighted_bound(
    decode: Sequence[Callable[[Floats], Floats]],
    images: Floats,
    z_mean: Floats,
    z_log_var: Floats,
    draws: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Floats:
    """A lower bound on the log-likelihood of each image, after Burda et al. (2016, arXiv:1509.00519).

    log 1/K sum_k p(x | z_k) p(z_k) / q(z_k | x) with K draws z_k from q. With K = 1 its mean is the evidence
    lower bound; more draws bring it nearer to the log-likelihood.

    Args:
        decode: for each image what turns latents (m, latent_dim) to pixels in [0, 1], (m, 28, 28).
        images: in [0, 1], (n, ...).
        z_mean: (n, latent_dim), as is `z_log_var`.
        draws: K.
        progress: takes the share that is done, in [0, 1].

    Returns:
        Shape (n,), in nats.
    """
    rng = np.random.default_rng(NOISE_SEED)
    sigma = np.exp(0.5 * z_log_var)
    bounds = np.zeros(len(images), np.float32)
    for index in range(len(images)):
        noise = rng.standard_normal((draws, z_mean.shape[1]), np.float32)
        latents = z_mean[index] + sigma[index] * noise
        likelihood = -binary_crossentropy(
            np.broadcast_to(images[index], (draws, *images.shape[1:])), decode[index](latents)
        )
        weights = likelihood + log_density(latents) - log_density(latents, z_mean[index], z_log_var[index])
        largest = weights.max()
        bounds[index] = largest + np.log(np.mean(np.exp(weights - largest, dtype=np.float64)))
        if index % 20 == 0:
            progress(index / len(images))
    return bounds


def evaluate(run: Run, images: Images | None = None, labels: Labels | None = None) -> dict[str, float]:
    """The run's losses on held-out images (the test images of its data set if none are given).

    Args:
        images: uint8 (n, 28, 28).
        labels: what they show, (n,); a model trained by class must be told.

    Returns:
        `test_reconstruction_loss`, `test_kl_loss`, their sum `test_loss` and its negative `test_elbo`, in nats
        per image and whatever beta the model was trained with. One latent sample an image, always the same
        noise. A plain autoencoder draws no sample and has no KL: then `test_loss` is the reconstruction.

    Raises:
        RunError: if the run has no exported models.
    """
    if images is None:
        data = run.config().source.load()
        images, labels = data.test_images, data.test_labels
    coder = Coder(run, labels)
    z_mean, z_log_var = coder.encode(images)
    noise = noise_for(len(images), z_mean.shape[1])
    pixels = coder.decode(z_mean + np.exp(0.5 * z_log_var) * noise)
    reconstruction = float(binary_crossentropy(to_float(images), pixels).mean(dtype=np.float64))
    if not random_codes(z_log_var):
        return {"test_loss": reconstruction, "test_reconstruction_loss": reconstruction}
    kl = float(kl_divergence(z_mean, z_log_var).mean(dtype=np.float64))
    return {
        "test_loss": reconstruction + kl,
        "test_reconstruction_loss": reconstruction,
        "test_kl_loss": kl,
        "test_elbo": -(reconstruction + kl),
    }


def log_likelihood_bounds(
    run: Run,
    images: Images,
    labels: Labels,
    draws: int,
    progress: Callable[[float], None] = lambda share: None,
) -> Floats | None:
    """`importance_weighted_bound` of uint8 images (n, 28, 28) with their labels (n,); None without random codes.

    Raises:
        RunError: if the run has no exported models.
    """
    coder = Coder(run, labels)
    z_mean, z_log_var = coder.encode(images)
    if not random_codes(z_log_var):
        return None
    decode = [functools.partial(coder.decode, index=index) for index in range(len(images))]
    return importance_weighted_bound(decode, to_float(images), z_mean, z_log_var, draws, progress)


def random_codes(z_log_var: Floats) -> bool:
    """Whether an encoder gives distributions; a plain autoencoder's codes are points, of log-variance -infinity."""
    return bool(np.isfinite(z_log_var).all())


class Coder:
    """A run's encoder and decoder, which are told the labels if they were trained by class."""

    def __init__(self, run: Run, labels: Labels | None) -> None:
        threads = os.cpu_count() or 1
        self._encoder, self._sampler = Encoder(run, threads), Sampler(run, threads)
        conditional = self._sampler.conditional
        if self._encoder.conditional != conditional or self._encoder.latent_dim != self._sampler.latent_dim:
            raise RunError(f"The encoder and the decoder of run {run.id} do not belong together; train it again.")
        if conditional and labels is None:
            raise RunError(f"The run {run.id} was trained by class: it must be told what the images show.")
        self._labels = labels if conditional else None

    def encode(self, images: Images) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, each (n, latent_dim), of all images (n, 28, 28)."""
        return self._encoder.encode(images, self._labels)

    def decode(self, latents: Floats, index: int | None = None) -> Floats:
        """Pixels in [0, 1], (n, 28, 28), of one latent vector for each image, or of many for the image `index`."""
        known = self._labels
        if known is not None and index is not None:
            known = np.full(len(latents), known[index])
        return self._sampler.decode(latents, known)
