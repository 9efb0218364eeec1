"""An experiment on data augmentation: what is asked, by which recipe it is answered, and what was found."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from genmod import kinds
from genmod.datasets import MNIST, Images, Labels
from genmod.errors import ConfigError
from genmod.kinds import Config, Setting
from genmod.kinds.setting import shown
from genmod.lesson.few_images import DEGREES, PIXELS, chosen
from genmod.runs import SHIPPED
from genmod.system import files
from genmod.system.file_cache import FileCache

VERSION = 1  # of the recipe: raised when the same experiment would give other numbers
FORMAT = 1  # of the files
SOURCE = MNIST
SIZES = (5, 10, 20, 50, 100)  # real images of each class

STEPS, BATCH_SIZE, LEARNING_RATE = 400, 64, 2e-3  # of every classifier, whatever it learns from
GENERATOR_STEPS, GENERATOR_BATCH = 1_500, 100  # a batch holds no image twice, and there may be fewer
GENERATOR: Mapping[str, Any] = {"latent_dim": 2, "hidden_units": (256, 128), "binarise": True}  # beside its preset
GENERATOR_PRESET, EPOCH = ("vae", "conditional"), 50  # an epoch has so many steps
SHEET_ROWS = 4  # generated images of each class that are kept to be looked at
# On two quiet cores, in seconds.
STARTING, CLASSIFIER_SECONDS, GENERATOR_SECONDS = 8.0, 3.5, 7.0

TABLE = SHIPPED / "augmentation.json"  # written by scripts/make_augmentation.py
SHEETS = SHIPPED / "augmentation"
LARGEST = 200_000  # bytes of a table


@dataclass(frozen=True)
class Way:
    """What a classifier learns from.

    Attributes:
        name: in files and links.
        title: for people.
        label: the same where there is little room, at a line of a chart.
        phrase: the same in a sentence, after "from".
        moves: whether every image is shifted and turned anew each time it is shown.
        generates: whether half of every batch are generated images.
    """

    name: str
    title: str
    label: str
    phrase: str
    moves: bool = False
    generates: bool = False


WAYS: Mapping[str, Way] = {
    way.name: way
    for way in (
        Way("real", "real alone", "alone", "the real images alone"),
        Way("moved", "shifted and turned", "shifted", "the real images, shifted and turned", moves=True),
        Way("generated", "with generated", "generated", "real and generated images", generates=True),
        Way("both", "both", "both", "real and generated images, shifted and turned", moves=True, generates=True),
    )
}
BASELINE = "real"

GENERATED = Setting(
    "augment_drawn", int, 100, "Generated images of each digit",
    "How many digits of each class the generative model draws for the classifier.", "data", low=10, high=1_000,
)  # fmt: skip
SEEDS = Setting(
    "augment_seeds", int, 3, "Seeds",
    "How often everything is done again with other real images, other starting weights and another order.",
    "data", low=3, high=6,
)  # fmt: skip
FIRST_SEED = Setting(
    "augment_first", int, 5, "First seed",
    "The shipped results begin with seed 0: with the same seeds the same real images are taken.",
    "data", low=0, high=9_999,
)  # fmt: skip


@dataclass(frozen=True)
class Experiment:
    """What is to be measured.

    Attributes:
        images: real images of each class.
        generated: images of each class that the generative model draws.
        first_seed: the seeds are this one and those that follow.
        seeds: how many.
        ways: names of `WAYS`, in their order; real images alone are always among them, to compare with.
    """

    images: int
    generated: int = 100
    first_seed: int = 0
    seeds: int = 3
    ways: tuple[str, ...] = tuple(WAYS)

    def __post_init__(self) -> None:
        if self.images not in SIZES or isinstance(self.images, bool):
            choices = ", ".join(map(str, SIZES))
            raise ConfigError(f"The real images of each digit are {shown(self.images)}; they must be one of {choices}.")
        for item, value in ((GENERATED, self.generated), (SEEDS, self.seeds), (FIRST_SEED, self.first_seed)):
            item.parse(value, item.label)
        if unknown := [name for name in self.ways if name not in WAYS]:
            raise ConfigError(f"A way is {shown(unknown[0])}; it must be one of {', '.join(WAYS)}.")
        ordered = tuple(name for name in WAYS if name in self.ways or name == BASELINE)
        if len(ordered) < 2:
            raise ConfigError("There is nothing to compare with the real images alone; choose at least one more way.")
        object.__setattr__(self, "ways", ordered)

    @property
    def generates(self) -> bool:
        """Whether any way needs generated images."""
        return any(WAYS[name].generates for name in self.ways)

    @property
    def id(self) -> str:
        """A name that tells it from every other experiment; the same experiment always has the same."""
        drawn = f"-drawn-{self.generated}" if self.generates else ""
        which = "" if self.ways == tuple(WAYS) else "-" + "-".join(self.ways)
        return f"real-{self.images}{drawn}-seeds-{self.first_seed}-{self.seeds}{which}-v{VERSION}"

    @property
    def places(self) -> list[tuple[str, int]]:
        """A way and a seed for each accuracy that is to be measured, in the order of the work."""
        return [(way, seed) for seed in self.all_seeds for way in self.ways]

    @property
    def all_seeds(self) -> range:
        """Its seeds."""
        return range(self.first_seed, self.first_seed + self.seeds)

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back."""
        return {
            "images": self.images, "generated": self.generated, "first_seed": self.first_seed, "seeds": self.seeds,
            "ways": list(self.ways),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: object) -> Experiment:
        """Read what `to_json` gave.

        Raises:
            ConfigError: if it is no experiment.
        """
        numbers = ("images", "generated", "first_seed", "seeds")
        if not isinstance(data, dict) or any(type(data.get(name)) is not int for name in numbers):
            raise ConfigError("The file does not hold an experiment.")
        ways = data.get("ways")
        if not isinstance(ways, list) or not all(isinstance(name, str) for name in ways):
            raise ConfigError("The file does not say what is compared.")
        return cls(**{name: data[name] for name in numbers}, ways=tuple(ways))


class Cell(NamedTuple):
    """One classifier: what it learned from, its seed, and the share of test images that it gets right."""

    way: str
    seed: int
    accuracy: float


@dataclass(frozen=True)
class Result:
    """What has been found of an experiment so far.

    Attributes:
        cells: the accuracies.
        agreements: by seed, the share of generated images that are read as the class they were asked for, by
            the classifier that measures samples elsewhere: it has learned from all images, and nothing learns from it.
    """

    experiment: Experiment
    cells: tuple[Cell, ...] = ()
    agreements: Mapping[int, float] = field(default_factory=dict)

    def accuracies(self, way: str) -> dict[int, float]:
        """The accuracy of a way by seed, as far as it is known."""
        return {cell.seed: cell.accuracy for cell in sorted(self.cells) if cell.way == way}

    @property
    def complete(self) -> bool:
        """Whether every accuracy is known."""
        return not self.missing

    @property
    def missing(self) -> list[tuple[str, int]]:
        """Ways and seeds that are still to be measured."""
        known = {(cell.way, cell.seed) for cell in self.cells}
        return [place for place in self.experiment.places if place not in known]

    def with_cell(self, cell: Cell) -> Result:
        """The same with one more accuracy."""
        return replace(self, cells=(*self.cells, cell))

    def with_agreement(self, seed: int, share: float) -> Result:
        """The same with what was read in the images that one more generator has drawn."""
        return replace(self, agreements={**self.agreements, seed: share})

    def for_experiment(self, experiment: Experiment) -> Result:
        """What it knows of another experiment, with other seeds or ways, say: an accuracy depends on its own alone."""
        if experiment.images != self.experiment.images:
            return Result(experiment)
        same = experiment.generated == self.experiment.generated
        return Result(
            experiment,
            tuple(
                cell
                for cell in self.cells
                if (cell.way, cell.seed) in experiment.places and (same or not WAYS[cell.way].generates)
            ),
            {seed: share for seed, share in self.agreements.items() if same and seed in experiment.all_seeds},
        )

    def to_json(self) -> dict[str, Any]:
        """Plain data; `from_json` reads it back."""
        return {
            "experiment": self.experiment.to_json(),
            "cells": [cell._asdict() for cell in self.cells],
            "read_as_asked": [{"seed": seed, "share": share} for seed, share in self.agreements.items()],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Result:
        """Read what `to_json` gave; what belongs to no way and seed of the experiment is left out.

        Raises:
            ConfigError: if it is no result.
        """
        experiment = Experiment.from_json(data.get("experiment"))
        cells = [
            Cell(str(about.get("way")), about["seed"], share) for about, share in _shares(data.get("cells"), "accuracy")
        ]
        agreements = {about["seed"]: share for about, share in _shares(data.get("read_as_asked"), "share")}
        once = {(cell.way, cell.seed): cell for cell in cells}
        return cls(experiment, tuple(once.values()), agreements).for_experiment(experiment)


def _shares(rows: object, name: str) -> Iterator[tuple[dict[str, Any], float]]:
    """Those rows of a file that have a seed and a share in [0, 1], with the share."""
    for about in rows if isinstance(rows, list) else []:
        share = about.get(name) if isinstance(about, dict) and type(about.get("seed")) is int else None
        if isinstance(share, int | float) and 0.0 <= share <= 1.0:
            yield about, float(share)


# Files


def kept(path: Path, experiment: Experiment) -> Result:
    """What a file knows of an experiment; nothing if there is no such file, or it is of something else."""
    data = files.read_json(path, LARGEST)
    try:
        if data is None or any(data.get(name) != value for name, value in _stamp().items()):
            return Result(experiment)
        found = Result.from_json(data)
    except ConfigError:
        return Result(experiment)
    return found.for_experiment(experiment)


def keep(path: Path, result: Result) -> None:
    """Write what is known of an experiment; a reader sees the file of before or the new one."""
    files.write_json(path, {**_stamp(), **result.to_json()})


def shipped(path: Path | None = None) -> dict[int, Result]:
    """The complete results that ship with the project, by the number of real images; empty if they cannot be read."""
    return dict(_shipped.get(str(path or TABLE), _read_shipped))


def write_shipped(path: Path, results: Sequence[Result], versions: Mapping[str, str]) -> None:
    """Write the results that ship, with the recipe by which they were found."""
    found = [result.to_json() for result in results]
    files.write_json(path, {**_stamp(), "versions": dict(versions), "results": found})


def _stamp() -> dict[str, Any]:
    """What a file must say for its numbers to be used: another recipe gives others."""
    return {"format": FORMAT, "version": VERSION, "recipe": recipe()}


def _read_shipped(path: str) -> Mapping[int, Result]:
    data = files.read_json(path, LARGEST) or {}
    results = data.get("results")
    if any(data.get(name) != value for name, value in _stamp().items()) or not isinstance(results, list):
        return {}
    found = {}
    for about in results:
        try:
            result = Result.from_json(about if isinstance(about, dict) else {})
        except ConfigError:
            continue
        if result.complete and result.experiment.ways == tuple(WAYS):
            found[result.experiment.images] = result
    return {images: found[images] for images in sorted(found)}


_shipped: FileCache[Mapping[int, Result]] = FileCache(4)


def shipped_sheet(images: int) -> bytes | None:
    """A PNG file of digits that a generator drew after it had seen so few of each class; None if there is none."""
    return files.read_png(SHEETS / f"generated-{images}.png")


# The recipe


def generator_config(images: int, seed: int = 0) -> Config:
    """The settings of the VAE that is told the class and learns from so many images of each."""
    batch_size = min(GENERATOR_BATCH, images * SOURCE.classes)
    # With few images there are several rounds through them in what the settings call an epoch.
    kind, preset = GENERATOR_PRESET
    return kinds.from_preset(
        kind, preset, **GENERATOR, batch_size=batch_size, images=batch_size * EPOCH,
        epochs=GENERATOR_STEPS // EPOCH, seed=seed,
    )  # fmt: skip


def recipe() -> dict[str, Any]:
    """How every accuracy is found, as plain data."""
    config = generator_config(SIZES[-1])
    told = {name: config.values[name] for name in ("beta", "activation", "optimizer", "learning_rate", *GENERATOR)}
    return {
        "dataset": SOURCE.name,
        "data_sha256": SOURCE.sha256,
        "classifier": {"steps": STEPS, "batch_size": BATCH_SIZE, "learning_rate": LEARNING_RATE, "schedule": "cosine"},
        "moved": {"degrees": DEGREES, "pixels": PIXELS},
        "generated_share": 0.5,
        "generator": {
            "preset": "/".join(GENERATOR_PRESET), "steps": GENERATOR_STEPS, "most_in_a_batch": GENERATOR_BATCH,
            **{name: list(value) if isinstance(value, tuple) else value for name, value in told.items()},
        },
    }  # fmt: skip


def real_images(images: int, seed: int) -> tuple[Images, Labels]:
    """The only real images that a classifier and its generator see: uint8 (n, 28, 28) and their labels (n,).

    Raises:
        DataError: if the data set cannot be read.
    """
    data = SOURCE.load()
    indices = chosen(data.train_labels, SOURCE.classes, images, seed)
    return data.train_images[indices], data.train_labels[indices]


def seconds(experiment: Experiment, done: int = 0) -> float:
    """About how long the rest takes on two quiet cores; `done` classifiers are known already."""
    left = max(len(experiment.places) - done, 0)
    generators = math.ceil(left / len(experiment.ways)) if experiment.generates else 0
    return STARTING + left * CLASSIFIER_SECONDS + generators * GENERATOR_SECONDS
