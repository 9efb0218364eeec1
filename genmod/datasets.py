"""Images as uint8 arrays with their labels: the bundled MNIST."""

from __future__ import annotations

import functools
import hashlib
import io
import mmap
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from genmod.errors import DataError

MNIST_PATH = Path(__file__).parent / "data" / "mnist.npz"
MNIST_SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"
CLASSES = 10

Images = npt.NDArray[np.uint8]
Labels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Dataset:
    """Training and test images with their labels; the arrays are read-only.

    Attributes:
        name: a short name, such as "mnist".
        sha256: of the file the images came from.
        train_images: uint8, shape (n, 28, 28).
        train_labels: uint8, shape (n,).
        test_images: uint8, shape (m, 28, 28).
        test_labels: uint8, shape (m,).
    """

    name: str
    sha256: str
    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels


@functools.cache
def mnist() -> Dataset:
    """The bundled MNIST, read and checked once per process.

    Raises:
        DataError: if the file is missing or is not the one the project ships.
    """
    return load(MNIST_PATH, MNIST_SHA256)


def load(path: Path, sha256: str, name: str = "mnist") -> Dataset:
    """Read a data set from an `.npz` file whose content must have the given hash.

    Raises:
        DataError: if the file is missing, unreadable, or differs from what was expected.
    """
    advice = "restore it from the project's repository"
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(f"The data file {path.name} cannot be read ({reason}); {advice}.") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(
            f"The data file {path.name} is damaged: its sha256 begins with {found[:12]}, "
            f"expected was {sha256[:12]}; {advice}."
        )
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            x_train, y_train, x_test, y_test = (arrays[key] for key in ("x_train", "y_train", "x_test", "y_test"))
    except (EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"The data file {path.name} does not hold what is expected ({error}); {advice}.") from None
    for array in (x_train, y_train, x_test, y_test):
        array.setflags(write=False)
    return Dataset(name, sha256, _resting_on_disk(x_train), y_train, x_test, y_test)


def _resting_on_disk(images: Images) -> Images:
    """The same read-only array as a view of an unnamed temporary file.

    The 47 MB of training images are looked at once as a whole and then a hundred at a time: what nobody
    looks at need not stay in memory. Without room on the disk the array itself is used.
    """
    try:
        with tempfile.TemporaryFile() as file:
            images.tofile(file)
            file.flush()
            return np.memmap(file, images.dtype, "r", shape=images.shape)  # keeps the file alive
    except OSError:
        return images


def release(images: Images) -> None:
    """Let the memory go that looking at all of `images` has filled, where the system can."""
    mapping = getattr(images, "_mmap", None)
    if mapping is not None and hasattr(mmap, "MADV_DONTNEED"):
        mapping.madvise(mmap.MADV_DONTNEED)


@dataclass(frozen=True)
class Summary:
    """What the training images are like as a whole.

    Attributes:
        counts: how many of each class, shape (10,).
        means: the pixel-wise mean of each class, uint8 of shape (10, 28, 28).
    """

    counts: npt.NDArray[np.int64]
    means: Images


@functools.cache
def mnist_summary() -> Summary:
    """The summary of MNIST's training images, computed once per process."""
    data = mnist()
    found = Summary(class_counts(data.train_labels), mean_images(data.train_images, data.train_labels))
    release(data.train_images)
    return found


def to_float(images: Images) -> npt.NDArray[np.float32]:
    """Scale uint8 images of shape (n, 28, 28) to float32 in [0, 1], shape (n, 28, 28, 1)."""
    return (images.astype(np.float32) / np.float32(255.0))[..., np.newaxis]


def class_counts(labels: Labels) -> npt.NDArray[np.int64]:
    """How many of each class there are; shape (10,)."""
    return np.bincount(labels, minlength=CLASSES)


def mean_images(images: Images, labels: Labels) -> Images:
    """The pixel-wise mean of each class, uint8 of shape (10, 28, 28); black where a class has no image."""
    means = np.zeros((CLASSES, *images.shape[1:]), np.uint8)
    for digit in range(CLASSES):
        members = images[labels == digit]
        if len(members):
            means[digit] = np.rint(members.mean(axis=0)).astype(np.uint8)
    return means
