"""The data sets a model can learn from: a table with one entry each."""

from __future__ import annotations

from genmod.datasets.arrays import Doubles, Factors, Floats, Images, Indices, Labels
from genmod.datasets.dataset import (
    Dataset,
    Summary,
    class_counts,
    load,
    mean_images,
    release,
    to_float,
)
from genmod.datasets.fashion_mnist import FASHION_MNIST
from genmod.datasets.mnist import MNIST
from genmod.datasets.mnist import PATH as MNIST_PATH
from genmod.datasets.mnist import SHA256 as MNIST_SHA256
from genmod.datasets.shapes import SHAPES
from genmod.datasets.source import DataSource, Factor
from genmod.errors import ConfigError

DATASETS: dict[str, DataSource] = {entry.name: entry for entry in (MNIST, FASHION_MNIST, SHAPES)}

__all__ = [
    "DATASETS",
    "FASHION_MNIST",
    "MNIST",
    "MNIST_PATH",
    "MNIST_SHA256",
    "SHAPES",
    "DataSource",
    "Dataset",
    "Doubles",
    "Factor",
    "Factors",
    "Floats",
    "Images",
    "Indices",
    "Labels",
    "Summary",
    "class_counts",
    "load",
    "mean_images",
    "release",
    "source",
    "to_float",
]


def source(name: str) -> DataSource:
    """The data set of that name.

    Raises:
        ConfigError: if there is none.
    """
    if name not in DATASETS:
        shown = f"{str(name)[:40]!r}"
        raise ConfigError(f"the data set is {shown}; it must be one of {', '.join(DATASETS)}.")
    return DATASETS[name]
