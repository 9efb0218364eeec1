"""One entry of the table of data sets: what is known of it before its images are read."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from genmod.datasets.arrays import Images, Indices, Labels
from genmod.datasets.dataset import Dataset, Summary, class_counts, mean_images, release
from genmod.datasets.neighbours import BUILDING, Neighbours, build
from genmod.errors import ConfigError, DataError


@dataclass(frozen=True)
class Factor:
    """One number that an image was drawn from.

    Attributes:
        name: of its field in `Dataset.train_factors`, such as "angle".
        title: how people call it, such as "Angle".
        unit: what it is counted in, such as "degrees"; empty where it has none.
        low: the smallest value.
        high: the largest value.
        meaning: one sentence on what it says of an image.
    """

    name: str
    title: str
    unit: str
    low: float
    high: float
    meaning: str


class _Kept:
    """What has been read in this process; the lock keeps visitors who come together from reading it once each."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.data: Dataset | None = None
        self.summary: Summary | None = None
        self.neighbours: Neighbours | None = None


@dataclass(frozen=True, eq=False)
class DataSource:
    """What the project knows of a data set, and the way to its images.

    Attributes:
        name: its value on the command line, in links and in config.json, such as "mnist".
        title: its name for people, such as "MNIST".
        noun: what one of its images shows, such as "digit".
        plural: the same for several.
        class_names: the name of each class, in the order of the labels.
        class_phrases: the same with its article, to stand in a sentence: "an 8", "a coat", "trousers".
        marks: one or two characters for each class, drawn as a point on a map.
        image_shape: rows, columns and channels of an image.
        training_images: how many there are.
        test_images: how many there are.
        sha256: the hash that `Dataset.sha256` has once the images are read, known without reading them.
        licence: under which the images may be passed on.
        source: where the images come from.
        description: one or two sentences for somebody who has never seen them.
        classifier: the folder under `checkpoints/` of the classifier that judges samples of it.
        longer_side: pixels of the longer side of what an image shows: of all images, or where they differ, of most.
        centred_by: what of it lies in the middle of the field: its centre of mass, or its bounding box.
        read: reads or draws the images.
        factors: what each image was drawn from, where it is known.
        published: likelihoods of binarised test images that papers give, in a sentence; empty where none are known.
    """

    name: str
    title: str
    noun: str
    plural: str
    class_names: tuple[str, ...]
    class_phrases: tuple[str, ...]
    marks: tuple[str, ...]
    image_shape: tuple[int, int, int]
    training_images: int
    test_images: int
    sha256: str
    licence: str
    source: str
    description: str
    classifier: str
    longer_side: int
    centred_by: Literal["mass", "box"]
    read: Callable[[], Dataset] = field(repr=False)
    factors: tuple[Factor, ...] = ()
    published: str = ""
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.class_names)

    @property
    def pixels(self) -> int:
        """How many numbers an image has."""
        return math.prod(self.image_shape)

    def class_phrase(self, number: int) -> str:
        """One image of a class, to stand in a sentence: "a 7", "an ankle boot", "trousers"."""
        return self.class_phrases[number]

    def class_number(self, wanted: int | str) -> int:
        """The number of a class that was asked for by its number or its name.

        Raises:
            ConfigError: if there is no such class.
        """
        text = str(wanted).strip()
        numbers = {name.casefold(): number for number, name in enumerate(self.class_names)}
        numbers |= {str(number): number for number in range(self.classes)}
        if text.casefold() not in numbers:
            shown = repr(text[:40] + "…" if len(text) > 40 else text)
            raise ConfigError(f"The class is {shown}; in {self.title} it must be {self.class_choices}.")
        return numbers[text.casefold()]

    @property
    def class_choices(self) -> str:
        """What a class may be asked for by, to follow the words "it must be"."""
        numbers = f"a whole number from 0 to {self.classes - 1}"
        if self.class_names == tuple(map(str, range(self.classes))):
            return numbers
        return f"one of {', '.join(self.class_names)}, or {numbers}"

    def load(self) -> Dataset:
        """The images with their labels, read once per process.

        Raises:
            DataError: if the data file is missing or is not the one the project ships.
        """
        kept = self._kept
        if kept.data is None:
            with kept.lock:
                if kept.data is None:
                    kept.data = self._checked(self.read())
        return kept.data

    def members(self, most: int, classes: Sequence[int] = ()) -> Indices:
        """The places of the first `most` training images of these classes, or of all if none is named, rising, (n,).

        Raises:
            DataError: if classes are named, as `load` does.
        """
        if not classes:
            return np.arange(min(most, self.training_images))
        return np.flatnonzero(np.isin(self.load().train_labels, classes))[:most]

    def training(self, most: int, classes: Sequence[int] = ()) -> tuple[Images, Labels]:
        """The first `most` training images of these classes, or of all if none is named, with their labels.

        Without named classes they are views: nothing is copied.

        Raises:
            DataError: as `load` does.
        """
        data = self.load()
        members = self.members(most, classes) if classes else slice(most)
        return data.train_images[members], data.train_labels[members]

    def summary(self) -> Summary:
        """Counts and means of the classes of the training images, computed once per process.

        Raises:
            DataError: as `load` does.
        """
        kept, data = self._kept, self.load()
        if kept.summary is None:
            with kept.lock:
                if kept.summary is None:
                    images, labels = data.train_images, data.train_labels
                    kept.summary = Summary(
                        class_counts(labels, self.classes), mean_images(images, labels, self.classes)
                    )
                    release(images)
        return kept.summary

    def neighbours(self) -> Neighbours:
        """The training images made ready to find the nearest one, once per process and one data set at a time.

        Raises:
            DataError: as `load` does.
        """
        kept, data = self._kept, self.load()
        if kept.neighbours is None:
            with BUILDING:
                if kept.neighbours is None:
                    kept.neighbours = build(data.train_images)
        return kept.neighbours

    def _checked(self, data: Dataset) -> Dataset:
        expected = ((self.training_images, *self.image_shape[:2]), (self.test_images, *self.image_shape[:2]))
        found = (data.train_images.shape, data.test_images.shape)
        if found != expected or max(data.train_labels.max(), data.test_labels.max()) >= self.classes:
            raise DataError(
                f"The data set {self.name} has images of the shapes {found[0]} and {found[1]} or labels beyond its "
                f"{self.classes} classes; expected were {expected[0]} and {expected[1]}: correct its entry."
            )
        return data
