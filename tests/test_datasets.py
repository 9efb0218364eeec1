"""The bundled MNIST."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from genmod import datasets
from genmod.errors import DataError


def test_the_bundled_file_is_mnist() -> None:
    data = datasets.mnist()
    assert data.sha256 == datasets.MNIST_SHA256
    assert data.train_images.shape == (60_000, 28, 28)
    assert data.test_images.shape == (10_000, 28, 28)
    assert data.train_images.dtype == data.test_images.dtype == np.uint8
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]


def test_it_is_read_once_and_cannot_be_changed() -> None:
    data = datasets.mnist()
    assert datasets.mnist() is data
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_missing_file_gives_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"^The data file mnist.npz cannot be read \(No such file[^.]*\); restore .*\.$"
    ):
        datasets.load(tmp_path / "mnist.npz", datasets.MNIST_SHA256)


@pytest.mark.parametrize("damage", ["torn", "one byte", "empty"])
def test_a_damaged_file_gives_one_sentence(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "mnist.npz"
    shutil.copyfile(datasets.MNIST_PATH, path)
    with path.open("r+b") as stream:
        if damage == "one byte":
            stream.seek(5_000_000)
            byte = stream.read(1)
            stream.seek(5_000_000)
            stream.write(bytes([byte[0] ^ 1]))
        else:
            stream.truncate(1_000_000 if damage == "torn" else 0)
    with pytest.raises(
        DataError, match=r"^The data file mnist.npz is damaged: its sha256 begins with [0-9a-f]{12}, .*\.$"
    ):
        datasets.load(path, datasets.MNIST_SHA256)


@pytest.mark.parametrize("arrays", [{"x_train": 1}, {"x_train": 1, "y_train": 1, "x_test": 1, "other": 1}])
def test_a_file_without_the_arrays_gives_one_sentence(tmp_path: Path, arrays: dict[str, int]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{name: np.array([value]) for name, value in arrays.items()})
    path = tmp_path / "own.npz"
    path.write_bytes(buffer.getvalue())
    with pytest.raises(DataError, match="does not hold what is expected"):
        datasets.load(path, hashlib.sha256(buffer.getvalue()).hexdigest())


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_a_file_that_is_no_archive_gives_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "own.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match="does not hold what is expected"):
        datasets.load(path, hashlib.sha256(content).hexdigest())


def test_scaling_keeps_the_ends_and_adds_a_channel() -> None:
    scaled = datasets.to_float(np.array([[[0, 255], [51, 102]]], np.uint8))
    assert scaled.shape == (1, 2, 2, 1)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.ravel(), [0.0, 1.0, 0.2, 0.4], rtol=1e-6)


def test_classes_are_counted() -> None:
    counts = datasets.class_counts(datasets.mnist().train_labels)
    assert counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert datasets.class_counts(np.array([3, 3], np.uint8)).tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]


def test_mean_images_are_rounded_means_and_black_where_there_is_none() -> None:
    images = np.array([[[0, 10]], [[255, 11]], [[7, 7]]], np.uint8)
    means = datasets.mean_images(images, np.array([2, 2, 9], np.uint8))
    assert means.shape == (10, 1, 2)
    assert means[2].tolist() == [[128, 10]]
    assert means[9].tolist() == [[7, 7]]
    assert not means[[0, 1, 3, 4, 5, 6, 7, 8]].any()
