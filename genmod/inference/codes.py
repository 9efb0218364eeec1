"""The codes of the images that a run has learned from: which images, encoded, and drawn from what the encoder says."""

from __future__ import annotations

import numpy as np

from genmod import kinds
from genmod.datasets import Dataset, Floats, Indices, Labels
from genmod.errors import RunError
from genmod.inference.encoder import Encoder
from genmod.runs import Run


def check_encodes(run: Run) -> None:
    """See to it that a run has codes at all.

    Raises:
        RunError: if its kind of model has no encoder.
    """
    if not kinds.of(run.config()).encodes:
        raise RunError(f"The run {run.id} has no encoder, so there are no codes to go by; use --latents normal.")


def learned(run: Run) -> Indices:
    """The places among its data set's training images of those that the run has learned from, rising, (n,)."""
    return run.config().learned


def encoded(run: Run, index: Indices) -> tuple[Floats, Floats]:
    """`z_mean` and `z_log_var`, each (n, latent_dim), of the training images `index`, (n,).

    A model trained by class is told what each image shows.

    Raises:
        RunError: if the run has no encoder.
    """
    check_encodes(run)
    data = _data(run)
    labels = data.train_labels[index] if run.config().conditional else None
    return Encoder(run).encode(data.train_images[index], labels)


def sampled(z_mean: Floats, z_log_var: Floats, seed: int, spread: float = 1.0) -> Floats:
    """A code for each image, drawn from N(z_mean, exp(z_log_var)), shape (n, latent_dim).

    A plain autoencoder's code is a point: it is `z_mean` itself.

    Args:
        spread: a factor on how far each lies from its mean.
    """
    noise = np.random.default_rng([seed, 1]).standard_normal(z_mean.shape)
    with np.errstate(over="ignore"):  # of a model that has diverged a code may be without bounds
        return np.asarray(z_mean + spread * np.exp(0.5 * z_log_var) * noise, np.float32)


def random_images(run: Run, count: int, seed: int, labels: Labels | None = None) -> Indices:
    """`count` of the images that the run has learned from, in random order, shape (count,).

    None comes twice before all have come. The first n of a longer draw with the same seed are the same images.

    Args:
        labels: the class that each is to show, (count,); any if not given.

    Raises:
        RunError: if the run has learned from no image of such a class.
    """
    places = learned(run)
    order = places[np.random.default_rng(seed).permutation(len(places))]
    if labels is None:
        return np.resize(order, count)
    shown = _data(run).train_labels[order]
    chosen = np.empty(count, np.int64)
    for number in np.unique(labels):
        of_class = order[shown == number]
        if not len(of_class):
            phrase = run.config().source.class_phrase(int(number))
            raise RunError(f"The run {run.id} has learned from no image of {phrase}, so there is no code of one.")
        chosen[labels == number] = np.resize(of_class, int((labels == number).sum()))
    return chosen


def _data(run: Run) -> Dataset:
    return run.config().source.load()
