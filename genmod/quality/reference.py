"""What samples are measured against: a data set's classifier, features of its images, and both ends of each scale."""

from __future__ import annotations

import functools
import hashlib
import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genmod.datasets import DataSource, Doubles, Floats, Images, to_float
from genmod.errors import DataError, RunError
from genmod.inference import BATCH, Model
from genmod.system import files
from genmod.system.project import PROJECT

SHIPPED = PROJECT / "checkpoints"
CLASSIFIER, FEATURES, DESCRIPTION = "classifier.tflite", "features.npz", "classifier.json"
LARGEST = 50_000_000  # bytes of one of these files
DISTANCES = ("closest_test_images", "near_duplicates")  # in the description: a distance for each class


class Classifier:
    """A data set's classifier: what it sees in images."""

    def __init__(self, path: Path, threads: int | None = None, content: bytes | None = None) -> None:
        self._model = Model(path, threads or os.cpu_count() or 1, content)

    def classify(self, images: Images) -> tuple[Floats, Floats]:
        """Features (n, 64) and class probabilities (n, classes) of uint8 images (n, 28, 28)."""
        # Scaled batch by batch: ten thousand images at once would be 31 MB of floats.
        parts = [self._model(to_float(images[first : first + BATCH])) for first in range(0, len(images), BATCH)]
        features, probabilities = (np.concatenate(outputs) for outputs in zip(*parts, strict=True))
        return features, probabilities


@dataclass(frozen=True)
class Reference:
    """The classifier and what it says about real images.

    Attributes:
        classifier: the classifier.
        moments: mean (64,) and covariance (64, 64) of the features of all training images.
        features: those of some training images, (n, 64).
        closest: for each class, how near any test image comes to a training image of it, (classes,).
        alike: for each class, the distance that all but one in a million pairs of its training images exceed,
            (classes,).
    """

    classifier: Classifier
    moments: tuple[Doubles, Doubles]
    features: Floats
    closest: Doubles
    alike: Doubles

    @property
    def classes(self) -> int:
        """How many classes the classifier tells apart."""
        return len(self.closest)


def folder(source: DataSource) -> Path:
    """Where the reference of a data set lies."""
    return SHIPPED / source.classifier


def of(source: DataSource) -> Reference:
    """The shipped reference of a data set, read once per process.

    Raises:
        DataError: if a file is missing or not the one that was shipped.
    """
    return load(folder(source), source)


@functools.cache
def load(folder: Path, source: DataSource) -> Reference:
    """A data set's reference from a folder, each file checked against its hash.

    Raises:
        DataError: if a file is missing or not the one that is described.
    """
    about = _description(folder, source)
    contents = {name: _checked(folder / name, about, source) for name in (CLASSIFIER, FEATURES)}
    with np.load(io.BytesIO(contents[FEATURES]), allow_pickle=False) as arrays:
        mean, covariance, features = (arrays[key] for key in ("mean", "covariance", "features"))
    try:
        classifier = Classifier(folder / CLASSIFIER, content=contents[CLASSIFIER])
    except RunError as error:
        raise DataError(f"The classifier of {source.title} cannot be used: {error}") from None
    closest, alike = (np.array(about[name], np.float64) for name in DISTANCES)
    return Reference(classifier, (mean, covariance), features.astype(np.float32), closest, alike)


def content(source: DataSource) -> bytes:
    """The file of a data set's classifier, checked against its hash.

    Raises:
        DataError: if it is missing or not the one that was shipped.
    """
    return _checked(folder(source) / CLASSIFIER, description(source), source)


def description(source: DataSource) -> Mapping[str, Any]:
    """What a data set's `classifier.json` says: recipe, accuracy, hashes, and both ends of each scale.

    Raises:
        DataError: if it is missing or damaged.
    """
    return _description(folder(source), source)


def _description(folder: Path, source: DataSource) -> Mapping[str, Any]:
    about = files.read_json(folder / DESCRIPTION)
    if about is None or not _whole(about, source.classes):
        raise DataError(
            f"The file {DESCRIPTION} of the classifier of {source.title} is missing or damaged; {_advice(source)}."
        )
    return about


def _advice(source: DataSource) -> str:
    return (
        f"restore the folder checkpoints/{source.classifier}, or make it anew with "
        f"`make checkpoints RUNS={source.classifier}`"
    )


def _whole(about: Mapping[str, Any], classes: int) -> bool:
    """Whether `classifier.json` holds all that is read from it, each of its kind."""
    hashes, scales = about.get("sha256"), about.get("ends")
    return (
        isinstance(hashes, dict)
        and isinstance(scales, dict)
        and all(isinstance(pair, list) and len(pair) == 2 and all(map(files.finite, pair)) for pair in scales.values())
        and {"confident_share", "frechet_distance"} <= scales.keys()
        and all(_for_each_class(about.get(name), classes) for name in DISTANCES)
    )


def _for_each_class(distances: object, classes: int) -> bool:
    return isinstance(distances, list) and len(distances) == classes and all(map(files.finite, distances))


def ends(source: DataSource) -> dict[str, tuple[float, float]]:
    """For each metric its value for real images of a data set and for noise.

    Raises:
        DataError: as `description` does.
    """
    return {name: (float(best), float(worst)) for name, (best, worst) in description(source)["ends"].items()}


def _checked(path: Path, about: Mapping[str, Any], source: DataSource) -> bytes:
    advice = _advice(source)
    try:
        content = files.read_bytes(path, LARGEST)
    except OSError as error:
        raise DataError(f"The file {path.name} cannot be read ({error.strerror}); {advice}.") from None
    if hashlib.sha256(content).hexdigest() != about["sha256"].get(path.name):
        raise DataError(f"The file {path.name} is not the one that {DESCRIPTION} describes; {advice}.")
    return content
