"""Which model class trains which config, and what all of them can do."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import keras

from genmod import kinds
from genmod.datasets import Floats, Images
from genmod.kinds import Config
from genmod.models.networks import Adjustable


class GenerativeModel(Protocol):
    """A model the trainer can train, show while it forms, save and export.

    `classes` are one-hot rows (n, number of classes), given to a conditional model and to no other.
    """

    metric_names: ClassVar[tuple[str, ...]]
    held_out_names: ClassVar[tuple[str, ...]]
    picture_names: ClassVar[tuple[str, ...]]
    reconstructs: ClassVar[bool]
    judges: ClassVar[bool]
    explained_images: ClassVar[int]
    adjustable: Adjustable

    @property
    def compiles_with_xla(self) -> bool:
        """Whether XLA makes its training step faster."""

    @property
    def conditional(self) -> bool:
        """Whether it is told each image's class."""

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads, in a fixed order: enough to resume exactly."""

    def train_step(
        self, images: keras.KerasTensor, classes: keras.KerasTensor | None = None
    ) -> Mapping[str, keras.KerasTensor]:
        """One training step on images (n, height, width, 1)."""

    def held_out_step(
        self, images: keras.KerasTensor, epsilon: keras.KerasTensor, classes: keras.KerasTensor | None = None
    ) -> Mapping[str, keras.KerasTensor]:
        """The held-out values of images (n, height, width, 1), if it has any."""

    def generate(self, latents: keras.KerasTensor, classes: keras.KerasTensor | None = None) -> keras.KerasTensor:
        """Images (n, height, width, 1) in [0, 1] of latents (n, latent_dim)."""

    def __call__(self, images: keras.KerasTensor, classes: keras.KerasTensor | None = None) -> keras.KerasTensor:
        """Reconstruct images (n, height, width, 1), if it `reconstructs`."""

    def judge(
        self,
        real: keras.KerasTensor,
        generated: keras.KerasTensor,
        real_classes: keras.KerasTensor | None = None,
        generated_classes: keras.KerasTensor | None = None,
    ) -> tuple[keras.KerasTensor, keras.KerasTensor]:
        """How likely real each of these images (n, height, width, 1) is, (n,), if it `judges`."""

    def explain(
        self, images: keras.KerasTensor, noise: keras.KerasTensor, classes: keras.KerasTensor | None = None
    ) -> Mapping[str, keras.KerasTensor]:
        """What a step does with `explained_images` images: the pictures it makes, `images`, and numbers by name.

        Args:
            images: (explained_images, height, width, 1) in [0, 1].
            noise: draws from N(0, I), (explained_images, latent_dim).
        """

    def exports(self) -> dict[str, tuple[keras.Model, list[str]]]:
        """The models that the app runs, by file name, with the names of their outputs."""

    def take_home(self) -> keras.Model:
        """One plain Keras model that loads without this project."""


@runtime_checkable
class Preparing(Protocol):
    """A model whose steps are given something else than images, which is computed from each image once."""

    def prepared(self, images: Images, classes: Floats | None) -> Floats:
        """What steps are given instead of uint8 images (n, height, width): (n, numbers).

        Args:
            classes: one-hot (n, number of classes), of a conditional model.
        """

    def measure(self, prepared: Floats) -> None:
        """Take from what was prepared of all training images what the steps need to know of it."""


def build(config: Config, base: keras.Model | None = None) -> GenerativeModel:
    """A new model with weights drawn from the config's seed.

    Args:
        base: of a kind that is built on another run, that run's Keras model.
    """
    given = [config] if base is None else [config, base]
    model: GenerativeModel = pkgutil.resolve_name(kinds.of(config).model)(*given)
    return model


def simplified(config: Config, model: keras.Model) -> keras.Model:
    """A finished `model.keras` with fewer layers and the same answers, if its kind knows a way; else as it is."""
    simplify = kinds.of(config).simplify
    found: keras.Model = pkgutil.resolve_name(simplify)(config, model) if simplify else model
    return found


def load_keras(path: Path) -> keras.Model:
    """Read a `model.keras` that this project wrote; never one from a stranger, it could hold code."""
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    assert isinstance(model, keras.Model)
    return model
