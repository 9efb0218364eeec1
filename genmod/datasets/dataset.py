"""Images as read-only uint8 arrays with their labels, and what can be said of them as a whole."""

from __future__ import annotations

import hashlib
import mmap
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genmod.datasets.arrays import Factors, Floats, Images, Indices, Labels
from genmod.errors import DataError


@dataclass(frozen=True)
class Dataset:
    """Training and test images with their labels; the arrays are read-only.

    Attributes:
        name: a short name, such as "mnist".
        sha256: of the file the images came from, or of the images where code drew them.
        train_images: uint8, shape (n, 28, 28).
        train_labels: uint8, shape (n,).
        test_images: uint8, shape (m, 28, 28).
        test_labels: uint8, shape (m,).
        train_factors: what each training image was drawn from, a structured array of shape (n,) whose fields are
            the source's factors (`train_factors["angle"]`); None where nobody knows.
        test_factors: the same for the test images.
    """

    name: str
    sha256: str
    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels
    train_factors: Factors | None = None
    test_factors: Factors | None = None


@dataclass(frozen=True)
class Summary:
    """What the training images are like as a whole.

    Attributes:
        counts: how many of each class, shape (classes,).
        means: the pixel-wise mean of each class, uint8 of shape (classes, 28, 28).
    """

    counts: Indices
    means: Images


def load(path: Path, sha256: str, name: str = "mnist") -> Dataset:
    """Read a data set from an `.npz` file whose content must have the given hash.

    Raises:
        DataError: if the file is missing, unreadable, or differs from what was expected.
    """
    advice = "restore it from the project's repository"
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != sha256:
                raise DataError(
                    f"The data file {path.name} is damaged: its sha256 begins with {found[:12]}, "
                    f"expected was {sha256[:12]}; {advice}."
                )
            file.seek(0)
            with np.load(file, allow_pickle=False) as arrays:
                x_train, y_train, x_test, y_test = (arrays[key] for key in ("x_train", "y_train", "x_test", "y_test"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(f"The data file {path.name} cannot be read ({reason}); {advice}.") from None
    except (EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"The data file {path.name} does not hold what is expected ({error}); {advice}.") from None
    return read_only(Dataset(name, sha256, x_train, y_train, x_test, y_test))


def read_only(data: Dataset) -> Dataset:
    """The same data set with arrays that cannot be changed, its images resting on disk."""
    for array in (data.train_labels, data.test_labels, data.train_factors, data.test_factors):
        if array is not None:
            array.setflags(write=False)
    return Dataset(
        data.name,
        data.sha256,
        _resting_on_disk(data.train_images),
        data.train_labels,
        _resting_on_disk(data.test_images),
        data.test_labels,
        data.train_factors,
        data.test_factors,
    )


def _resting_on_disk(images: Images) -> Images:
    """The same array, read-only, as a view of an unnamed temporary file.

    The 47 MB of training images are looked at once as a whole and then a hundred at a time: what nobody
    looks at need not stay in memory. Without room on the disk the array itself is used.
    """
    images.setflags(write=False)
    try:
        with tempfile.TemporaryFile() as file:
            images.tofile(file)
            file.flush()
            return np.memmap(file, images.dtype, "r", shape=images.shape)  # keeps the file alive
    except (OSError, ValueError):  # a file of no bytes cannot be mapped
        return images


def release(images: Images) -> None:
    """Let the memory go that looking at all of `images` has filled, where the system can."""
    mapping = getattr(images, "_mmap", None)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


def to_float(images: Images) -> Floats:
    """Scale uint8 images of shape (n, 28, 28) to float32 in [0, 1], shape (n, 28, 28, 1)."""
    return (images.astype(np.float32) / np.float32(255.0))[..., np.newaxis]


def class_counts(labels: Labels, classes: int) -> Indices:
    """How many images of each class there are; shape (classes,)."""
    return np.bincount(labels, minlength=classes)


def mean_images(images: Images, labels: Labels, classes: int) -> Images:
    """The pixel-wise mean of each class, uint8 of shape (classes, 28, 28); black where a class has no image."""
    means = np.zeros((classes, *images.shape[1:]), np.uint8)
    for number in range(classes):
        members = images[labels == number]
        if len(members):
            means[number] = np.rint(members.mean(axis=0)).astype(np.uint8)
    return means
