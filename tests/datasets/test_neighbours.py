"""The nearest training image, beside a plain search among all of them."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from genmod.datasets import DATASETS, MNIST, Dataset, DataSource, Images, neighbours
from genmod.quality import distances

each = pytest.mark.parametrize("entry", DATASETS.values(), ids=DATASETS)


def asked(entry: DataSource, seed: int) -> Images:
    """Images of every sort: real, between two, shifted, noisy, mere noise, black, white and of one pixel."""
    rng = np.random.default_rng(seed)
    data = entry.load()
    real = data.test_images[rng.integers(0, len(data.test_images), 8)]
    one, other = data.train_images[rng.integers(0, len(data.train_images), (2, 8))].astype(int)
    between = (one + other) // 2
    noisy = np.clip(one + rng.normal(0, 40, one.shape), 0, 255)
    noise = rng.integers(0, 256, (2, 28, 28))
    plain = np.stack([np.full((28, 28), shade) for shade in (0, 1, 128, 255)])
    pixel = np.zeros((1, 28, 28))
    pixel[0, rng.integers(28), rng.integers(28)] = 255
    parts = [real, between, np.roll(one, 3, axis=2), noisy, noise, plain, pixel]
    return np.concatenate([part.astype(np.uint8) for part in parts])


@pytest.mark.sampled(1)
@each
def test_it_finds_what_a_plain_search_finds(entry: DataSource) -> None:
    images = asked(entry, 0)
    index, apart = entry.neighbours().nearest(images)
    among = entry.load().train_images
    expected, least = distances.nearest(images, among)
    np.testing.assert_array_equal(apart, least)
    # Of images equally near the plain search, which rounds, may find another one.
    for found, other, image in zip(index, expected, images, strict=True):
        assert squared(among[found], image) == squared(among[other], image)
        assert found <= other


def squared(one: Images, other: Images) -> int:
    """The squared distance in grey values, exactly."""
    return int(np.square(one.astype(np.int64) - other).sum())


@each
def test_a_training_image_finds_itself(entry: DataSource) -> None:
    among = entry.load().train_images
    chosen = np.random.default_rng(1).integers(0, len(among), 50)
    index, apart = entry.neighbours().nearest(among[chosen])
    assert apart.tolist() == [0.0] * 50
    for found, wanted in zip(index, chosen, strict=True):
        assert found <= wanted
        np.testing.assert_array_equal(among[found], among[wanted])


def test_it_finds_the_lowest_index_of_equals() -> None:
    data = MNIST.load().train_images[:300]
    twice = np.concatenate([data, data[::-1], data])
    index, apart = neighbours.build(twice).nearest(data)
    assert index.tolist() == list(range(300))
    assert not apart.any()


@pytest.mark.parametrize("count", [1, 2, 5, 33, 500])
def test_few_images_are_searched_as_well(count: int) -> None:
    rng = np.random.default_rng(count)
    among = rng.integers(0, 256, (count, 28, 28)).astype(np.uint8)
    images = rng.integers(0, 256, (40, 28, 28)).astype(np.uint8)
    index, apart = neighbours.build(among).nearest(images)
    every = np.array([[squared(one, other) for other in among] for one in images])
    assert index.tolist() == every.argmin(axis=1).tolist()
    np.testing.assert_allclose(apart, np.sqrt(every.min(axis=1)) / 255, rtol=1e-6)


def test_images_that_all_lie_in_few_directions_are_told_apart() -> None:
    # What is left out of the projection is nothing here, and its length no more than rounding.
    among = np.zeros((256, 28, 28), np.uint8)
    among[:, 3, 5] = np.arange(256)
    index, apart = neighbours.build(among).nearest(among[::-1])
    assert index.tolist() == list(range(255, -1, -1))
    assert not apart.any()


def test_nothing_asked_is_nothing_found() -> None:
    index, apart = MNIST.neighbours().nearest(np.zeros((0, 28, 28), np.uint8))
    assert (index.shape, apart.shape) == ((0,), (0,))
    assert str(index.dtype) == "int64"


def test_no_bound_is_above_the_distance() -> None:
    images = asked(MNIST, 2)
    found = MNIST.neighbours()
    bounds = found._bounds(images)
    chosen = np.random.default_rng(0).integers(0, len(found.images), 300)
    true = np.array([[squared(found.images[number], image) for number in chosen] for image in images]) / 255**2
    assert (bounds[:, chosen] <= true).all()
    near = true < np.median(true)
    assert np.median((true - bounds[:, chosen])[near] / true[near]) < 0.5  # and they say something


def test_what_is_kept_is_small() -> None:
    assert MNIST.neighbours().size < 10.5e6


def small(number: int) -> DataSource:
    """A data set of three images."""
    images = np.random.default_rng(number).integers(0, 256, (3, 28, 28)).astype(np.uint8)
    data = Dataset("own", "0" * 64, images, np.zeros(3, np.uint8), images, np.zeros(3, np.uint8))
    return dataclasses.replace(MNIST, name=f"own-{number}", training_images=3, test_images=3, read=lambda: data)


def test_visitors_who_come_together_make_it_ready_once_and_one_data_set_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    built: list[int] = []
    running = threading.Semaphore(1)

    def slowly(images: Images) -> neighbours.Neighbours:
        assert running.acquire(blocking=False), "two at once"
        time.sleep(0.05)
        built.append(id(images))
        running.release()
        return neighbours.build(images)

    monkeypatch.setitem(DataSource.neighbours.__globals__, "build", slowly)  # the package's `source` is a function
    sets = [small(number) for number in range(3)]
    with ThreadPoolExecutor(9) as pool:
        found = list(pool.map(lambda number: sets[number % 3].neighbours(), range(9)))
    assert len(built) == 3
    assert len({id(one) for one in found}) == 3


def test_many_may_search_at_once() -> None:
    images = MNIST.load().test_images[:48]
    expected = MNIST.neighbours().nearest(images)[0]
    with ThreadPoolExecutor(6) as pool:
        parts = list(pool.map(MNIST.neighbours().nearest, np.split(images, 12)))
    assert np.concatenate([index for index, _ in parts]).tolist() == expected.tolist()
