"""From images to latents: a run's encoder."""

from __future__ import annotations

import numpy as np

from genmod.datasets import Floats, Images, Labels, to_float
from genmod.inference import exports
from genmod.inference.model import BATCH
from genmod.runs import Run


class Encoder:
    """Images to the mean and log-variance of their latent vectors."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = exports.exported(run, exports.ENCODER, threads)

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._model.output_shapes[0][0]

    @property
    def conditional(self) -> bool:
        """Whether it is told what each image shows."""
        return self._model.conditional

    def encode(self, images: Images, labels: Labels | None = None) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, each (n, latent_dim), of uint8 images (n, 28, 28).

        A plain autoencoder's code is a point: its `z_log_var` is minus infinity everywhere.

        Args:
            labels: for a conditional model the class that each image shows, shape (n,).
        """
        # Scaled batch by batch: all test images at once would be 31 MB of floats.
        parts = [
            self._model(
                to_float(images[first : first + BATCH]), None if labels is None else labels[first : first + BATCH]
            )
            for first in range(0, len(images), BATCH)
        ]
        z_mean, *rest = (np.concatenate(outputs) for outputs in zip(*parts, strict=True))
        return z_mean, rest[0] if rest else np.full_like(z_mean, -np.inf)
