"""The settings that every kind of model shares, validated when made, JSON both ways."""

from __future__ import annotations

import dataclasses
import functools
import math
import typing
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from genmod.datasets import DATASETS, DataSource, Indices
from genmod.errors import ConfigError
from genmod.kinds.setting import GROUPS, Setting, Value, setting

FORMAT = 6  # of config.json; raised when an older reader could misread a newer run
# What an older file could not say was the default: 1 knew neither classes nor other kinds than the VAE, 2 neither
# `binarise` nor dense layers around convolutions, 3 no data set but MNIST, 4 neither minibatch standard deviation nor
# what an autoencoder has beside mirrored dense layers, 5 neither weight decay nor training on some classes alone.
READABLE = frozenset({1, 2, 3, 4, 5, FORMAT})
TRAINING_IMAGES = 60_000
MOST_CLASSES = max(source.classes for source in DATASETS.values())


def optimizer_setting(default: str) -> Any:
    """The choice of an optimizer, with the default of a kind."""
    return setting(
        default, "Optimizer",
        "How a gradient becomes a step. Adam keeps a running mean of the gradient, RMSprop only of its size.",
        "training", choices=("rmsprop", "adam", "sgd"),
    )  # fmt: skip


def learning_rate_setting(default: float, first: int = 0) -> Any:
    """The learning rate, with the default of a kind and its place at the top of a form."""
    return setting(
        default, "Learning rate",
        "How far one step goes. Too small learns slowly, too large jumps about.",
        "training", low=1e-6, high=1.0, step=0.0005, first=first,
    )  # fmt: skip


def learning_rate_schedule_setting(default: str) -> Any:
    """What the learning rate does over time, with the default of a kind."""
    return setting(
        default, "Learning rate over time",
        "Cosine lets the learning rate glide down to zero by the last step, which sharpens the end result.",
        "training", choices=("constant", "cosine"),
    )  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Settings that every kind of model shares. Frozen, validated when made, JSON both ways.

    Attributes:
        kind: the name of the kind of model these are settings of.
        adjustable: the settings that may be changed while it trains.
        preset: the name of the preset they started from: a label, which may mean nothing any more.
        base: of a kind that is built on another run, that run's settings: what layers and latents it has.
    """

    kind: ClassVar[str] = ""
    adjustable: ClassVar[tuple[str, ...]] = ("learning_rate",)

    preset: str = "article"
    base: Config | None = None
    dataset: str = setting(
        "mnist", "Data set", "The images that the model learns from.",
        "data", choices=tuple(DATASETS), since=4, first=1,
    )  # fmt: skip
    optimizer: str = optimizer_setting("rmsprop")
    learning_rate: float = learning_rate_setting(1e-3)
    learning_rate_schedule: str = learning_rate_schedule_setting("constant")
    batch_size: int = setting(
        100, "Batch size",
        "How many images share one step. Larger batches train faster per image and take fewer, calmer steps.",
        "training", low=1, high=10_000,
    )  # fmt: skip
    epochs: int = setting(
        50, "Epochs",
        "How often the training goes through all its images.",
        "training", low=1, high=500, first=8,
    )  # fmt: skip
    seed: int = setting(
        0, "Seed",
        "Where all random numbers start. The same seed on the same machine gives exactly the same weights.",
        "training", low=0, high=2**31 - 1, first=9,
    )  # fmt: skip
    images: int = setting(
        TRAINING_IMAGES, "Training images",
        "How many of the 60,000 training images are used, counted from the first.",
        "data", low=1, high=TRAINING_IMAGES,
    )  # fmt: skip
    classes: tuple[int, ...] = setting(
        (), "Classes",
        "The numbers of the classes that it learns from, separated by commas. Images of the others are left out, and "
        "the training images counted among those that remain. What it is tested on stays whole.",
        "data", low=0, high=MOST_CLASSES - 1, longest=MOST_CLASSES, empty="all", since=6,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for item in self.settings():
            object.__setattr__(self, item.name, item.parse(getattr(self, item.name)))
        object.__setattr__(self, "classes", self._known_classes())

    @classmethod
    @functools.cache
    def settings(cls) -> tuple[Setting, ...]:
        """All settings of this kind, architecture first."""
        found = [
            Setting(item.name, _value_type(hints[item.name]), typing.cast(Value, item.default), **item.metadata)
            for hints in [typing.get_type_hints(cls)]
            for item in dataclasses.fields(cls)
            if item.metadata
        ]
        return tuple(sorted(found, key=lambda item: GROUPS.index(item.group)))

    @classmethod
    def setting(cls, name: str) -> Setting:
        """The setting called `name`."""
        return next(item for item in cls.settings() if item.name == name)

    @property
    def values(self) -> dict[str, Value]:
        """Every setting's value by name."""
        return {item.name: getattr(self, item.name) for item in self.settings()}

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector; of a kind without such a setting, that of the run it is built on."""
        return 0 if self.base is None else self.base.latent_dim

    @property
    def base_setting(self) -> Setting | None:
        """The setting that names the run it is built on; None if there is none."""
        return next((item for item in self.settings() if item.run_of), None)

    @property
    def conditional(self) -> bool:
        """Whether the model is told each image's class, and can be asked for one."""
        return False

    @property
    def source(self) -> DataSource:
        """The entry of its data set: image shape, classes and their names."""
        return DATASETS[self.dataset]

    @property
    def learned(self) -> Indices:
        """The places among its data set's training images of those that it learns from, rising, (n,).

        Raises:
            DataError: if only some classes are learned from, and the images cannot be read.
        """
        return self.source.members(self.images, self.classes)

    @property
    def steps_per_epoch(self) -> int:
        """Steps in one epoch; the last batch is filled up from the epoch's first images."""
        count = len(self.learned) if self.classes else self.images
        return math.ceil(count / min(self.batch_size, count))

    def replace(self, **values: object) -> Self:
        """A copy with other values.

        Raises:
            ConfigError: if a value is out of range or a name is unknown.
        """
        known = {item.name: item for item in self.settings()}
        for name in values:
            if name not in known:
                raise ConfigError(f"{name} is not a setting of {self.kind}; known are {', '.join(known)}.")
        parsed: dict[str, Any] = {name: known[name].parse(value) for name, value in values.items()}
        return dataclasses.replace(self, **parsed)

    def on(self, base: Config) -> Self:
        """A copy that is built on a run with the settings `base`."""
        return dataclasses.replace(self, base=base)

    def to_json(self) -> dict[str, Any]:
        """Plain data, grouped as in config.json; `from_json` reads it back."""
        groups: dict[str, Any] = {"kind": self.kind, "preset": self.preset}
        for item in self.settings():
            value = getattr(self, item.name)
            groups.setdefault(item.group, {})[item.name] = list(value) if isinstance(value, tuple) else value
        if self.base is not None:
            groups["base"] = self.base.to_json()
        return groups

    def _known_classes(self) -> tuple[int, ...]:
        """The classes to learn from, rising, each once; none of them named where they are all."""
        source, found = self.source, tuple(sorted(set(self.classes)))
        if found and found[-1] >= source.classes:
            raise ConfigError(
                f"classes is {', '.join(map(str, found))}; {source.title} has the classes 0 to {source.classes - 1}."
            )
        return () if len(found) == source.classes else found


def _value_type(hint: Any) -> type:
    found: type = typing.get_origin(hint) or hint
    return found
