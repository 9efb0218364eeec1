"""From latents to images: the network of a run that draws, called once or several times as its kind of model needs."""

from __future__ import annotations

import numpy as np

from genmod.datasets import Floats, Labels
from genmod.errors import ConfigError
from genmod.inference import exports
from genmod.runs import Run


class Sampler:
    """Draws images from latents: with an autoencoder's decoder, a GAN's generator, or in several steps."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = exports.exported(run, run.sampler(), threads)
        self._kind = run.kind() if exports.has_config(run) else None

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._model.input_shape[0]

    @property
    def conditional(self) -> bool:
        """Whether it is told which class to draw."""
        return self._model.conditional

    @property
    def classes(self) -> int:
        """How many classes it can be asked for; 0 if it was not trained by class."""
        return self._model.classes

    @property
    def steps(self) -> int:
        """How often the network is called for one image when nothing else is asked."""
        return self._kind.sampling_steps if self._kind else 1

    def decode(self, latents: Floats, labels: Labels | None = None, steps: int | None = None) -> Floats:
        """Pixels in [0, 1], shape (n, rows, columns), of latents (n, latent_dim).

        Args:
            labels: for a conditional model the class to draw from each, shape (n,); if not given they take turns.
            steps: how often the network is called, for a kind of model that draws in several steps.

        Raises:
            ConfigError: if the kind of model cannot draw in so many steps.
        """
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"latents have shape {latents.shape}; expected was (n, {self.latent_dim})")
        wanted = self.steps if steps is None else steps
        most = self._kind.most_sampling_steps if self._kind else 1
        if not 1 <= wanted <= most:
            raise ConfigError(f"steps is {wanted}; it must be a whole number from 1 to {most}.")
        if self.conditional and labels is None:
            labels = turns(len(latents), self.classes)

        def network(points: Floats) -> Floats:
            return self._model(points, labels)[0]

        images = self._kind.draw(network, latents, wanted) if self._kind else network(latents)
        return images[..., 0]


def turns(count: int, classes: int) -> Labels:
    """The classes in turn, again and again, shape (count,)."""
    return np.arange(count, dtype=np.int64) % classes
