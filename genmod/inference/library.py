"""A run in a notebook: load it by name, then sample, decode, encode, look at its history."""

from __future__ import annotations

import typing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genmod import runs
from genmod.datasets import DataSource, Floats, Images, Labels
from genmod.drawing import images
from genmod.errors import RunError
from genmod.inference import Discriminator, Encoder, Sampler, latent_sources, turns
from genmod.kinds import Config
from genmod.kinds.kind import Prior
from genmod.runs import Run, checksums

if typing.TYPE_CHECKING:
    import keras
    import pandas as pd


class LoadedRun:
    """A finished run whose models are ready."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._sampler = Sampler(run)
        self._encoder: Encoder | None = None
        self._discriminator: Discriminator | None = None

    @property
    def config(self) -> Config:
        """The settings it was trained with."""
        return self.run.config()

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._sampler.latent_dim

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch; losses in nats per image."""
        import pandas as pd

        return pd.DataFrame(self.run.history())

    @property
    def source(self) -> DataSource:
        """The data set it was trained on: the shape of its images, and its classes with their names."""
        return self.config.source

    @property
    def conditional(self) -> bool:
        """Whether it was trained by class, so that it can be asked for one."""
        return self._sampler.conditional

    def sample(
        self,
        n: int = 100,
        seed: int = 0,
        spread: float = 1.0,
        label: int | str | None = None,
        latents: Prior = "normal",
        **chosen: object,
    ) -> tuple[Images, Floats]:
        """`n` images from random latents.

        Args:
            spread: a factor on how far the latents lie from their mean; of "normal" it is their standard deviation.
            label: the class to draw, by its number or its name ("ankle boot"), of a run trained by class; if not
                given, the classes take turns.
            latents: "normal" draws them from the prior N(0, I), "fitted" from a normal distribution and "mixture" from
                a mixture of ten, both fitted to the codes of training images. "codes" takes such codes themselves, of
                images of the class that is drawn: the model rebuilds images and makes no new ones.
            chosen: of a run that draws in several steps, what may be chosen each time, such as `steps=5`.

        Returns:
            Images, uint8 (n, 28, 28), and their latents, float32 (n, latent_dim).

        Raises:
            RunError: if a class is asked of a run that was not trained by class, codes of one without an encoder, or
                no mixture can be fitted.
            ConfigError: if the run's data set has no such class, or there is nothing of that name to choose.
        """
        if label is not None and not self.conditional:
            raise RunError(f"The run {self.run.id} was not trained by class, so it cannot be asked for one.")
        wanted = None if label is None else self.source.class_number(label)
        classes = None
        if self.conditional:
            classes = turns(n, self._sampler.classes) if wanted is None else np.full(n, wanted)
        drawn = latent_sources.draw(self.run, n, self.latent_dim, seed, spread, latents, classes)
        return images.to_uint8(self.decode(drawn, classes, **chosen)), drawn

    def decode(self, latents: Floats, labels: int | npt.ArrayLike | None = None, **chosen: object) -> Floats:
        """Images in [0, 1], float32 (n, 28, 28), of latents (n, latent_dim).

        Args:
            labels: for a run trained by class, one class for all or one for each.
            chosen: as for `sample`.
        """
        points = np.asarray(latents, np.float32)
        return self._sampler.decode(points, _for_each(labels, len(points)), **chosen)

    def encode(self, pictures: Images, labels: int | npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, float32 (n, latent_dim) each, of uint8 images (n, 28, 28).

        A plain autoencoder's code is a point: its `z_log_var` is minus infinity.

        Args:
            labels: for a run trained by class, the class of each image.

        Raises:
            RunError: if the run has no encoder; a GAN has none.
        """
        if self._encoder is None:
            self._encoder = Encoder(self.run)
        return self._encoder.encode(pictures, _for_each(labels, len(pictures)))

    def judge(self, pictures: Images, labels: int | npt.ArrayLike | None = None) -> Floats:
        """The probability that each of uint8 images (n, 28, 28) is real, by a GAN's discriminator; shape (n,).

        Raises:
            RunError: if the run has no discriminator; only a GAN has one.
        """
        if self._discriminator is None:
            self._discriminator = Discriminator(self.run)
        return self._discriminator.judge(pictures, _for_each(labels, len(pictures)))

    def keras_model(self) -> keras.Model:
        """The Keras model itself, with layers `encoder` and `decoder`, or `generator` and `discriminator`. Loads
        TensorFlow."""
        from genmod.models.registry import load_keras

        checksums.verified(self.run, "model.keras")
        return load_keras(self.run.exported("model.keras"))


def load(name: str, store: Path | str | None = None) -> LoadedRun:
    """Load a run by its folder or its id: own runs first, then the shipped ones.

    Raises:
        RunError: if there is no such run or it has no exported models yet.
    """
    return LoadedRun(runs.find(name, runs.Store(Path(store)) if store else None))


def _for_each(labels: int | npt.ArrayLike | None, count: int) -> Labels | None:
    """One label for each of `count`; None if none is given."""
    return None if labels is None else np.broadcast_to(np.asarray(labels, np.int64), count)
