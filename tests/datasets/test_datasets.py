"""The table of data sets: what each entry says of itself is true of its images."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from genmod import datasets
from genmod.datasets import DATASETS, DataSource
from genmod.errors import ConfigError

DATA = Path(datasets.__file__).parents[1] / "data"

each = pytest.mark.parametrize("entry", DATASETS.values(), ids=DATASETS)


@each
def test_an_entry_is_complete(entry: DataSource) -> None:
    assert DATASETS[entry.name] is entry
    assert re.fullmatch(r"[a-z0-9-]+", entry.name), "it stands in links and in folder names"
    assert re.fullmatch(r"[a-z0-9-]+", entry.classifier)
    assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert len(entry.class_phrases) == len(entry.marks) == entry.classes
    assert len(set(entry.class_names)) == len(set(entry.marks)) == len(set(entry.class_phrases)) == entry.classes
    assert all(1 <= len(mark) <= 2 for mark in entry.marks)
    assert entry.pixels == 784
    assert 1 <= entry.longer_side <= min(entry.image_shape[:2])
    assert entry.centred_by in ("mass", "box")
    assert entry.description.endswith(".") and entry.licence and entry.source


@each
def test_the_images_are_what_the_entry_says(entry: DataSource) -> None:
    data = entry.load()
    assert (data.name, data.sha256) == (entry.name, entry.sha256)
    assert data.train_images.shape == (entry.training_images, *entry.image_shape[:2])
    assert data.test_images.shape == (entry.test_images, *entry.image_shape[:2])
    assert data.train_images.dtype == data.test_images.dtype == np.uint8
    for labels, count in ((data.train_labels, entry.training_images), (data.test_labels, entry.test_images)):
        assert labels.shape == (count,)
        assert set(np.unique(labels)) == set(range(entry.classes))


@each
def test_it_is_read_once_and_cannot_be_changed(entry: DataSource) -> None:
    data = entry.load()
    assert entry.load() is data
    assert entry.summary() is entry.summary()
    for array in (data.train_images, data.train_labels, data.test_images, data.test_labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@each
def test_the_summary_has_a_line_for_each_class(entry: DataSource) -> None:
    summary = entry.summary()
    assert summary.counts.sum() == entry.training_images
    assert summary.means.shape == (entry.classes, 28, 28)
    assert (summary.means.max(axis=(1, 2)) > 0).all()


def test_mnist_is_mnist() -> None:
    data = datasets.MNIST.load()
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert datasets.MNIST.summary().counts.tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


def test_fashion_mnist_is_fashion_mnist() -> None:
    data = datasets.FASHION_MNIST.load()
    assert data.train_labels[:5].tolist() == [9, 0, 0, 3, 0]
    assert datasets.FASHION_MNIST.summary().counts.tolist() == [6_000] * 10
    assert data.train_images.mean() / 255 == pytest.approx(0.2860, abs=5e-5)


def test_a_class_stands_in_a_sentence_with_the_right_article() -> None:
    assert [datasets.MNIST.class_phrase(digit) for digit in (1, 7, 8)] == ["a 1", "a 7", "an 8"]
    phrases = [datasets.FASHION_MNIST.class_phrase(number) for number in (1, 4, 9)]
    assert phrases == ["trousers", "a coat", "an ankle boot"]
    assert datasets.SHAPES.class_phrase(1) == "an ellipse"


@pytest.mark.parametrize("name", ["Mnist", "", "../mnist", "x" * 200])
def test_an_unknown_name_gives_one_sentence(name: str) -> None:
    with pytest.raises(ConfigError, match=r"^the data set is '[^']{0,41}'; it must be one of mnist, .*, shapes\.$"):
        datasets.source(name)


def test_a_known_name_gives_its_entry() -> None:
    assert datasets.source("fashion-mnist") is datasets.FASHION_MNIST


@pytest.mark.parametrize("entry", [datasets.MNIST, datasets.FASHION_MNIST], ids=["mnist", "fashion-mnist"])
def test_a_shipped_file_stands_beside_a_note_of_its_source_and_hash(entry: DataSource) -> None:
    note = (DATA / entry.name / "README.md").read_text(encoding="utf-8")
    assert note.count(entry.sha256) == 2
    assert "## Licence" in note and "## Source" in note


def test_fashion_mnist_carries_the_licence_that_it_must() -> None:
    text = (DATA / "fashion-mnist" / "LICENSE").read_text(encoding="utf-8")
    assert "Copyright © 2017 Zalando SE" in text
    assert "shall be included in all copies" in text
