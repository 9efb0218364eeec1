"""A run in a notebook: load it by name, then sample, decode, encode, look at its history."""

from __future__ import annotations

import typing
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genmod import images, latent, runs
from genmod.config import Config
from genmod.datasets import Images
from genmod.inference import Decoder, Encoder
from genmod.runs import Run

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

    def sample(self, n: int = 100, seed: int = 0, spread: float = 1.0) -> tuple[Images, Floats]:
        """`n` digits from random latents of N(0, spread^2 I).

        Returns:
            Images, uint8 (n, 28, 28), and their latents, float32 (n, latent_dim).
        """
        latents = latent.prior_samples(n, self.latent_dim, seed, spread)
        return images.to_uint8(self.decode(latents)), latents

    def decode(self, latents: Floats) -> Floats:
        """Images in [0, 1], float32 (n, 28, 28), of latents (n, latent_dim)."""
        return self._decoder.decode(np.asarray(latents, np.float32))

    def encode(self, pictures: Images) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, float32 (n, latent_dim) each, of uint8 images (n, 28, 28)."""
        if self._encoder is None:
            self._encoder = Encoder(self.run)
        return self._encoder.encode(pictures)

    def keras_model(self) -> keras.Model:
        """The Keras model itself, with layers `encoder` and `decoder`. Loads TensorFlow."""
        from genmod.models.registry import load_keras

        return load_keras(self.run.file("model.keras"))


def load(name: str, store: Path | str | None = None) -> LoadedRun:
    """Load a run by its folder or its id: own runs first, then the shipped ones.

    Raises:
        RunError: if there is no such run or it has no exported models yet.
    """
    return LoadedRun(runs.find(name, runs.Store(Path(store)) if store else None))
