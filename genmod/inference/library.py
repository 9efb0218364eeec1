"""A run in a notebook: load it by name, then sample, decode, encode, look at its history."""

from __future__ import annotations

import typing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genmod import runs
from genmod.datasets import Images
from genmod.drawing import images
from genmod.errors import RunError
from genmod.inference import Decoder, Discriminator, Encoder, latent_sources
from genmod.kinds import Config
from genmod.kinds.kind import Prior
from genmod.runs import Run, checksums

if typing.TYPE_CHECKING:
    import keras
    import pandas as pd

Floats = npt.NDArray[np.float32]


class LoadedRun:
    """A finished run whose models are ready."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self._decoder = Decoder(run)
        self._encoder: Encoder | None = None
        self._discriminator: Discriminator | None = None

    @property
    def config(self) -> Config:
        """The settings it was trained with."""
        return self.run.config()

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._decoder.latent_dim

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch; losses in nats per image."""
        import pandas as pd

        return pd.DataFrame(self.run.history())

    @property
    def conditional(self) -> bool:
        """Whether it was trained by class, so that it can be asked for a digit."""
        return self._decoder.conditional

    def sample(
        self,
        n: int = 100,
        seed: int = 0,
        spread: float = 1.0,
        digit: int | None = None,
        latents: Prior | None = None,
    ) -> tuple[Images, Floats]:
        """`n` digits from random latents.

        Args:
            spread: the standard deviation of the latents, of which they are drawn.
            digit: the one to draw, of a run trained by class; if not given, they take turns from 0 to 9.
            latents: "normal" draws them from N(0, I), "fitted" from a normal distribution fitted to the codes of
                training images; if not given, normal but for a plain autoencoder.

        Returns:
            Images, uint8 (n, 28, 28), and their latents, float32 (n, latent_dim).

        Raises:
            RunError: if a digit is asked of a run that was not trained by class, or fitted latents of a GAN.
        """
        if digit is not None and not self.conditional:
            raise RunError(f"The run {self.run.id} was not trained by class, so it cannot be asked for a digit.")
        drawn = latent_sources.draw(self.run, n, self.latent_dim, seed, spread, latents)
        return images.to_uint8(self.decode(drawn, digit)), drawn

    def decode(self, latents: Floats, digits: int | npt.ArrayLike | None = None) -> Floats:
        """Images in [0, 1], float32 (n, 28, 28), of latents (n, latent_dim).

        Args:
            digits: for a run trained by class, one digit for all or one for each.
        """
        points = np.asarray(latents, np.float32)
        wanted = None if digits is None else np.broadcast_to(np.asarray(digits, np.int64), len(points))
        return self._decoder.decode(points, wanted)

    def encode(self, pictures: Images, digits: int | npt.ArrayLike | None = None) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, float32 (n, latent_dim) each, of uint8 images (n, 28, 28).

        A plain autoencoder's code is a point: its `z_log_var` is minus infinity.

        Args:
            digits: for a run trained by class, what each image shows.

        Raises:
            RunError: if the run has no encoder; a GAN has none.
        """
        if self._encoder is None:
            self._encoder = Encoder(self.run)
        known = None if digits is None else np.broadcast_to(np.asarray(digits, np.int64), len(pictures))
        return self._encoder.encode(pictures, known)

    def judge(self, pictures: Images, digits: int | npt.ArrayLike | None = None) -> Floats:
        """The probability that each of uint8 images (n, 28, 28) is real, by a GAN's discriminator; shape (n,).

        Raises:
            RunError: if the run has no discriminator; only a GAN has one.
        """
        if self._discriminator is None:
            self._discriminator = Discriminator(self.run)
        known = None if digits is None else np.broadcast_to(np.asarray(digits, np.int64), len(pictures))
        return self._discriminator.judge(pictures, known)

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
