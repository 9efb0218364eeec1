"""How good a run is: the parts of the evidence lower bound on held-out images. No TensorFlow."""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable

import numpy as np

from genmod.datasets import Floats, Images, Indices, Labels, to_float
from genmod.errors import RunError
from genmod.inference import BATCH, Encoder, Sampler, kept_mixtures
from genmod.inference.latent_space import NOISE_SEED, noise_for
from genmod.inference.mixture import Mixture
from genmod.runs import Run

# Probabilities nearer to 0 or to 1 than float32 can tell apart are moved here. It is far finer near 0: with
# one bound for both, the cross-entropy would come out below that of the logits, which training uses.
SMALLEST, LARGEST = np.float32(1e-37), np.float32(1.0 - 1e-7)
BINARISED_SEED = 10_000  # of the draw that makes each test image black and white

Decode = Callable[[Floats, Indices], Floats]


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


def binary_log_likelihood(images: Floats, pixels: Floats) -> Floats:
    """log p(image) in nats of images of black and white pixels: minus `binary_crossentropy`, with half the logarithms.

    Args:
        images: 0 or 1, shape (n, ...).
        pixels: the probabilities of 1, the same shape.

    Returns:
        Shape (n,).
    """
    targets, p = images.reshape(len(images), -1) > 0.5, pixels.reshape(len(images), -1)
    # 1 - p is exact to 6e-8, which changes the sum over an image by less than 0.0001 nats.
    likelihoods: Floats = np.log(np.clip(np.where(targets, p, 1.0 - p), SMALLEST, 1.0)).sum(axis=1)
    return likelihoods


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
    decode: Decode,
    images: Floats,
    z_mean: Floats,
    z_log_var: Floats,
    draws: int,
    progress: Callable[[float], None] = lambda share: None,
    binary: bool = False,
) -> Floats:
    """A lower bound on the log-likelihood of each image, after Burda et al. (2016, arXiv:1509.00519).

    log 1/K sum_k p(x | z_k) p(z_k) / q(z_k | x) with K draws z_k from q. With K = 1 its mean is the evidence
    lower bound; more draws bring it nearer to the log-likelihood.

    Args:
        decode: turns latents (m, latent_dim), with the index of the image that each is for (m,), to pixels in [0, 1],
            (m, 28, 28).
        images: in [0, 1], (n, ...).
        z_mean: (n, latent_dim), as is `z_log_var`.
        draws: K.
        progress: takes the share that is done, in [0, 1].
        binary: whether the images hold nothing but 0 and 1, which is faster.

    Returns:
        Shape (n,), in nats.
    """
    rng = np.random.default_rng(NOISE_SEED)
    sigma = np.exp(0.5 * z_log_var)
    bounds = np.zeros(len(images), np.float32)
    together = max(1, BATCH // draws)  # images whose draws fill one call of the decoder
    for first in range(0, len(images), together):
        progress(first / len(images))
        rows = np.arange(first, min(first + together, len(images)))
        each = np.repeat(rows, draws)
        noise = rng.standard_normal((len(each), z_mean.shape[1]), np.float32)
        latents = z_mean[each] + sigma[each] * noise
        ratio = log_density(latents) - log_density(latents, z_mean[each], z_log_var[each])
        # A batch at a time: a thousand draws for one image would be many megabytes of pixels.
        likelihood = np.concatenate(
            [
                _log_likelihood(images[each[some]], decode(latents[some], each[some]), binary)
                for some in (slice(start, start + BATCH) for start in range(0, len(each), BATCH))
            ]
        )
        bounds[rows] = log_mean_exp((likelihood + ratio).reshape(len(rows), draws))
    return bounds


def _log_likelihood(images: Floats, pixels: Floats, binary: bool) -> Floats:
    return binary_log_likelihood(images, pixels) if binary else -binary_crossentropy(images, pixels)


def log_mean_exp(weights: Floats) -> Floats:
    """log of the mean of exp(weights) over the last axis, computed relative to the largest so that none overflows."""
    largest = weights.max(axis=-1, keepdims=True)
    means = np.exp(weights.astype(np.float64) - largest).mean(axis=-1)
    return np.asarray(largest[..., 0] + np.log(means), np.float32)


def binarised(images: Images, seed: int = BINARISED_SEED) -> Images:
    """Each pixel drawn once as black (0) or white (255), white with its grey value as probability: *dynamically*.

    Most papers on MNIST measure likelihoods of such images. A fixed threshold at 0.5 gives others, whose
    likelihoods are much higher and comparable with none of these.

    Args:
        images: uint8 (n, 28, 28).

    Returns:
        The same type and shape.
    """
    rng = np.random.default_rng(seed)
    white = rng.random(images.shape, np.float32) < images.astype(np.float32) / np.float32(255.0)
    return np.where(white, np.uint8(255), np.uint8(0))


def evaluate(run: Run, images: Images | None = None, labels: Labels | None = None) -> dict[str, float]:
    """The run's losses on held-out images (the test images of its data set if none are given).

    Args:
        images: uint8 (n, 28, 28).
        labels: what they show, (n,); a model trained by class must be told.

    Returns:
        `test_reconstruction_loss`, `test_kl_loss`, their sum `test_loss` and its negative `test_elbo`, in nats
        per image and whatever beta the model was trained with. One latent sample an image, always the same
        noise. `test_mixture_elbo` is `test_elbo` with a mixture of Gaussians, fitted to codes of training images, in
        the place of the prior N(0, I), if one can be fitted. A plain autoencoder draws no sample and has no KL: then
        `test_loss` is the reconstruction.

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
    values = {
        "test_loss": reconstruction + kl,
        "test_reconstruction_loss": reconstruction,
        "test_kl_loss": kl,
        "test_elbo": -(reconstruction + kl),
    }
    with contextlib.suppress(RunError):  # trained on too few images for a mixture, or no memory to fit one
        to_mixture = _kl_to_mixture(kept_mixtures.of(run), z_mean, z_log_var, noise)
        values["test_mixture_elbo"] = -(reconstruction + to_mixture)
    return values


def _kl_to_mixture(mixture: Mixture, z_mean: Floats, z_log_var: Floats, noise: Floats) -> float:
    """The mean of KL(q(z | x) || mixture) in nats, by one draw from each q: it has no formula."""
    latents = z_mean + np.exp(0.5 * z_log_var) * noise
    ratios = log_density(latents, z_mean, z_log_var) - mixture.log_density(latents)
    return float(ratios.mean(dtype=np.float64))


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
    return importance_weighted_bound(coder.decode, to_float(images), z_mean, z_log_var, draws, progress)


def binarised_likelihood(
    run: Run,
    images: Images,
    labels: Labels,
    chosen: Indices,
    draws: int,
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, float]:
    """Bounds on the negative log-likelihood of binarised images, as papers on dynamically binarised MNIST give them.

    The encoder is shown the binarised images, and they are what the decoder is to give back. The negative ELBO is that
    of all images. By how much `draws` importance samples lower it is measured on the chosen ones: the difference varies
    far less from image to image than the likelihood itself.

    Args:
        images: uint8 (n, 28, 28) in grey; they are binarised here, always alike.
        labels: what they show, (n,).
        chosen: the indices of the images of the second bound, (m,).
        draws: importance samples an image for that bound.
        progress: takes the share that is done, in [0, 1].

    Returns:
        `test_binarised_negative_elbo` and, closer to the negative log-likelihood, `test_binarised_nll_bound`, in nats
        per image; empty for a plain autoencoder, which gives no image a likelihood.

    Raises:
        RunError: if the run has no exported models.
    """
    coder = Coder(run, labels)
    shown = binarised(images)
    z_mean, z_log_var = coder.encode(shown)
    if not random_codes(z_log_var):
        return {}
    pixels = coder.decode(z_mean + np.exp(0.5 * z_log_var) * noise_for(len(images), z_mean.shape[1]))
    elbos = binary_log_likelihood(to_float(shown), pixels) - kl_divergence(z_mean, z_log_var)
    bounds = importance_weighted_bound(
        lambda latents, indices: coder.decode(latents, chosen[indices]),
        to_float(shown[chosen]), z_mean[chosen], z_log_var[chosen], draws, progress, binary=True,
    )  # fmt: skip
    negative_elbo = -float(elbos.mean(dtype=np.float64))
    lower = float((bounds - elbos[chosen]).mean(dtype=np.float64))
    return {
        "test_binarised_negative_elbo": negative_elbo,
        "test_binarised_nll_bound": negative_elbo - lower,
    }


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

    def decode(self, latents: Floats, indices: Indices | None = None) -> Floats:
        """Pixels in [0, 1], (n, 28, 28), of one latent vector for each image, or of one for each of `indices` (n,)."""
        known = self._labels
        return self._sampler.decode(latents, known[indices] if known is not None and indices is not None else known)
