"""An entry of the table: read when it is asked for, once, and only if it keeps its word."""

from __future__ import annotations

import dataclasses
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from genmod.datasets import FASHION_MNIST, MNIST, SHAPES, Dataset, DataSource
from genmod.errors import ConfigError, DataError


def small(count: int = 3, label: int = 1, side: int = 28) -> Dataset:
    images, labels = np.zeros((count, side, side), np.uint8), np.full(count, label, np.uint8)
    return Dataset("own", "0" * 64, images, labels, images, labels)


class Reader:
    """Reads slowly and counts how often."""

    def __init__(self, *answers: Dataset | DataError) -> None:
        self.answers = list(answers)
        self.calls = 0

    def __call__(self) -> Dataset:
        self.calls += 1
        time.sleep(0.05)
        answer = self.answers.pop(0)
        if isinstance(answer, DataError):
            raise answer
        return answer


def entry(reader: Reader) -> DataSource:
    return dataclasses.replace(
        MNIST, name="own", class_names=("none", "one"), training_images=3, test_images=3, read=reader
    )


def test_visitors_who_come_together_read_it_once() -> None:
    reader = Reader(small())
    source = entry(reader)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: (source.load(), source.summary()), range(8)))
    assert reader.calls == 1
    assert len({(id(data), id(summary)) for data, summary in found}) == 1
    assert found[0][1].counts.tolist() == [0, 3]


def test_a_fault_is_told_each_time_and_ends_when_the_file_is_back() -> None:
    source = entry(Reader(DataError("It is gone."), DataError("It is gone."), small()))
    for ask in (source.load, source.summary):
        with pytest.raises(DataError, match="gone"):
            ask()
    assert source.load().train_images.shape == (3, 28, 28)


@pytest.mark.parametrize("data", [small(count=4), small(label=2), small(side=32)])
def test_images_that_are_not_what_the_entry_says_give_one_sentence(data: Dataset) -> None:
    with pytest.raises(DataError, match=r"^The data set own has images of .* 2 classes; expected were .*entry\.$"):
        entry(Reader(data)).load()


def test_images_of_some_classes_are_the_first_of_those() -> None:
    labels = MNIST.load().train_labels
    chosen = MNIST.members(30, (3, 7))
    assert chosen.tolist() == [place for place, label in enumerate(labels[:300]) if label in (3, 7)][:30]
    images, shown = MNIST.training(30, (3, 7))
    np.testing.assert_array_equal(images, MNIST.load().train_images[chosen])
    np.testing.assert_array_equal(shown, labels[chosen])
    assert MNIST.members(60_000, (7,)).size == (labels == 7).sum()
    images, shown = MNIST.training(30)
    assert np.shares_memory(images, MNIST.load().train_images) and len(images) == len(shown) == 30


def test_asking_for_facts_reads_nothing() -> None:
    reader = Reader()
    source = entry(reader)
    assert source.members(2).tolist() == [0, 1] and len(source.members(9)) == 3
    assert (source.classes, source.pixels, source.factors, source.class_phrase(0)) == (2, 784, (), "a 0")
    assert source.sha256 == MNIST.sha256
    assert "read" not in repr(source)
    assert reader.calls == 0


@pytest.mark.parametrize(
    ("source", "asked", "number"),
    [
        (MNIST, "7", 7), (MNIST, 7, 7), (FASHION_MNIST, "ankle boot", 9), (FASHION_MNIST, " Ankle Boot ", 9),
        (FASHION_MNIST, "9", 9), (SHAPES, "ellipse", 1),
    ],
)  # fmt: skip
def test_a_class_is_asked_for_by_name_or_number(source: DataSource, asked: int | str, number: int) -> None:
    assert source.class_number(asked) == number


def test_a_class_that_is_none_gives_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"^The class is '10'; in MNIST it must be a whole number from 0 to 9\.$"):
        MNIST.class_number("10")
    with pytest.raises(ConfigError, match=r"one of square, ellipse, triangle, or a whole number from 0 to 2\.$"):
        SHAPES.class_number("hat")
