"""Reading a data set from its file, and what is computed from its arrays."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

import numpy as np
import pytest

from genmod import datasets
from genmod.errors import DataError


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


def test_arrays_are_read_only_and_images_need_not_stay_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "own.npz"
    images, labels = np.arange(32, dtype=np.uint8).reshape(2, 4, 4), np.array([1, 0], np.uint8)
    np.savez(path, x_train=images, y_train=labels, x_test=images[:1], y_test=labels[:1])
    data = datasets.load(path, hashlib.sha256(path.read_bytes()).hexdigest(), "own")
    assert data.name == "own"
    assert data.train_factors is data.test_factors is None
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    datasets.release(data.train_images)
    assert (data.train_images == images).all(), "what was released is read again"
    assert isinstance(data.train_images, np.memmap) and isinstance(data.test_images, np.memmap)


def test_scaling_keeps_the_ends_and_adds_a_channel() -> None:
    scaled = datasets.to_float(np.array([[[0, 255], [51, 102]]], np.uint8))
    assert scaled.shape == (1, 2, 2, 1)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled.ravel(), [0.0, 1.0, 0.2, 0.4], rtol=1e-6)


@pytest.mark.parametrize("classes", [4, 10, 12])
def test_classes_are_counted_those_without_an_image_too(classes: int) -> None:
    counts = datasets.class_counts(np.array([3, 3, 0], np.uint8), classes)
    assert counts.tolist() == [1, 0, 0, 2] + [0] * (classes - 4)


def test_mean_images_are_rounded_means_and_black_where_there_is_none() -> None:
    images = np.array([[[0, 10]], [[255, 11]], [[7, 7]]], np.uint8)
    means = datasets.mean_images(images, np.array([2, 2, 3], np.uint8), 5)
    assert means.shape == (5, 1, 2)
    assert means[2].tolist() == [[128, 10]]
    assert means[3].tolist() == [[7, 7]]
    assert not means[[0, 1, 4]].any()
