"""From latents to images: the network of a run that draws, after steps along a velocity if there is one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from genmod.datasets import Floats, Labels
from genmod.errors import ConfigError
from genmod.inference import exports, ways
from genmod.inference.model import NO_CLASS, UNASKED, Model
from genmod.kinds import Setting, Value
from genmod.runs import Run


class Sampler:
    """Draws images from latents: with an autoencoder's decoder, a GAN's generator, or in several steps."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = exports.exported(run, run.sampler(), threads)
        self._config = run.config() if exports.has_config(run) else None
        self._kind = run.kind() if self._config is not None else None
        velocity = self._kind.velocity if self._kind is not None else ""
        self._velocity: Model | None = exports.exported(run, f"{velocity}.tflite", threads) if velocity else None

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._model.input_shape[0]

    @property
    def conditional(self) -> bool:
        """Whether it is told which class to draw."""
        return self._model.conditional or (self._velocity is not None and self._velocity.conditional)

    @property
    def classes(self) -> int:
        """How many classes it can be asked for; 0 if it was not trained by class."""
        return max(self._model.classes, 0 if self._velocity is None else self._velocity.classes)

    @property
    def choices(self) -> tuple[Setting, ...]:
        """What may be chosen whenever it draws, such as in how many steps."""
        return self._kind.drawings(self._config) if self._kind is not None else ()

    def chosen(self, given: Mapping[str, object]) -> dict[str, Value]:
        """A value for each of `choices`: the given one, or its default.

        Raises:
            ConfigError: if there is no such choice, or a value is out of range.
        """
        if self._kind is not None:
            return self._kind.chosen(self._config, given)
        for name in given:
            raise ConfigError(f"{name} cannot be chosen when this run draws; there is nothing to choose.")
        return {}

    def decode(self, latents: Floats, labels: Labels | None = None, **chosen: object) -> Floats:
        """Pixels in [0, 1], shape (n, rows, columns), of latents (n, latent_dim).

        Args:
            labels: for a conditional model the class to draw from each, shape (n,); if not given they take turns.
            chosen: values for some of `choices`.

        Raises:
            ConfigError: if there is no such choice, or a value is out of range.
        """
        return self.drawn(self.way(latents, labels, **chosen)[-1], labels)

    def way(self, latents: Floats, labels: Labels | None = None, **chosen: object) -> list[Floats]:
        """Where latents (n, latent_dim) stand before the first step and after each; they alone if there are no steps.

        The arguments are those of `decode`.

        Raises:
            ConfigError: as for `decode`.
        """
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"latents have shape {latents.shape}; expected was (n, {self.latent_dim})")
        told = self._told(labels, len(latents))
        values = self.chosen(chosen)
        plan = self._kind.schedule(self._config, values) if self._kind is not None else None
        if plan is None or self._velocity is None:
            return [latents]
        network, conditional = self._velocity, self._velocity.conditional
        none = np.full(len(latents), NO_CLASS)

        def velocity(points: Floats, with_classes: bool) -> Floats:
            return network(points, (told if with_classes else none) if conditional else None)[0]

        return ways.followed(velocity, plan, latents, conditional)

    def drawn(self, points: Floats, labels: Labels | None = None) -> Floats:
        """Pixels in [0, 1], shape (n, rows, columns), of points (n, latent_dim) on a way, without any step.

        Args:
            labels: as for `decode`.
        """
        told = self._told(labels, len(points))
        return self._model(np.asarray(points, np.float32), told if self._model.conditional else None)[0][..., 0]

    def _told(self, labels: Labels | None, count: int) -> Labels | None:
        """The class of each of `count` images, in turn if none is asked for; None if the run knows no classes."""
        if not self.conditional:
            if labels is not None:
                raise ValueError(UNASKED)
            return None
        return turns(count, self.classes) if labels is None else labels


def turns(count: int, classes: int) -> Labels:
    """The classes in turn, again and again, shape (count,)."""
    return np.arange(count, dtype=np.int64) % classes
