"""A few images of each class, and the same moved: which are taken, and what a shift and a turn do to pixels."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.datasets import MNIST
from genmod.lesson.few_images import chosen, in_columns, moved


@pytest.mark.parametrize("count", [5, 100])
def test_as_many_of_each_class_and_none_twice(count: int) -> None:
    labels = MNIST.load().train_labels
    indices = chosen(labels, 10, count, seed=3)
    assert labels[indices].tolist() == np.repeat(range(10), count).tolist()
    assert len(set(indices.tolist())) == 10 * count


def test_with_one_seed_fewer_images_are_the_first_of_more_and_another_seed_takes_others() -> None:
    labels = MNIST.load().train_labels
    few, more = (chosen(labels, 10, count, seed=1).reshape(10, count) for count in (5, 20))
    assert (more[:, :5] == few).all()
    assert not set(few.ravel().tolist()) & set(chosen(labels, 10, 5, seed=2).tolist())


def test_no_shift_and_no_turn_leave_an_image_as_it_is() -> None:
    images = MNIST.load().train_images[:20]
    assert (moved(images, np.random.default_rng(0), degrees=0, pixels=0) == images).all()


def test_a_shift_moves_the_middle_of_the_ink_as_far_as_it_says() -> None:
    image = np.zeros((200, 28, 28), np.uint8)
    image[:, 13:15, 13:15] = 240
    found = moved(image, np.random.default_rng(0), degrees=0, pixels=2).astype(float)
    right = (found.sum(axis=1) * np.arange(28)).sum(axis=1) / found.sum(axis=(1, 2)) - 13.5
    assert abs(right).max() <= 2.02 and right.max() > 1.8 and right.min() < -1.8
    assert np.abs(found.sum(axis=(1, 2)) - 960).max() < 10  # no ink is lost where none leaves the field


def test_a_turn_is_about_the_middle_and_either_way() -> None:
    image = np.zeros((100, 28, 28), np.uint8)
    image[:, 13:15, 4:24] = 250  # a bar that lies
    found = moved(image, np.random.default_rng(0), degrees=12, pixels=0).astype(float)
    left = (found[:, :, 6] * np.arange(28)).sum(axis=1) / found[:, :, 6].sum(axis=1) - 13.5
    assert np.degrees(np.arctan(np.abs(left) / 7.5)).max() < 12.5
    assert left.min() < -1 and left.max() > 1
    assert (found[:, 13, 13] > 200).all()


def test_what_leaves_the_field_is_gone_and_what_comes_in_is_black() -> None:
    white = np.full((50, 28, 28), 255, np.uint8)
    found = moved(white, np.random.default_rng(0), degrees=0, pixels=2)
    assert found[:, 2:-2, 2:-2].min() == 255
    assert (found[:, [0, -1]].min(axis=(1, 2)) < 255).all()


def test_columns_are_classes() -> None:
    images = np.arange(30, dtype=np.uint8).reshape(30, 1, 1)  # three classes with ten each
    assert in_columns(images, 3, 2).ravel().tolist() == [0, 10, 20, 1, 11, 21]
