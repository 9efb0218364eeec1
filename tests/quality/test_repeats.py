"""The birthday estimate, on models whose number of images is known."""

from __future__ import annotations

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import MNIST, Images, Indices
from genmod.inference.library import LoadedRun
from genmod.quality import reference
from genmod.quality.repeats import Repeats, limit, near_duplicate_distances, near_duplicates, repeats, support

ALIKE = reference.of(MNIST).alike


def of_copier(known: int, count: int = 3_000) -> Repeats:
    """What a model gets that draws nothing but `known` training images, each as often."""
    data = MNIST.load()
    drawn = np.random.default_rng(0).integers(0, known, count)
    return repeats(data.train_images[drawn], data.train_labels[drawn].astype(np.int64), ALIKE)


@pytest.mark.parametrize("known", [20, 300, 5_000])
def test_a_model_of_so_many_images_is_estimated_to_have_about_as_many(known: int) -> None:
    assert known / 1.5 < of_copier(known).different < 1.5 * known


def test_the_estimate_rests_on_the_birthday_paradox() -> None:
    assert support(23) == 370.0  # 23 people share a birthday half of the time
    assert support(10_000) == 72_000_000.0


def test_three_pairs_are_expected_among_as_many_images_as_can_be_told() -> None:
    assert limit(10_000) == 16_000_000.0  # 9,999 * 10,000 / 6, rounded down: no more is claimed than is known
    assert limit(1_000) == 160_000.0
    assert limit(4) == 2.0


def test_one_image_again_and_again_is_about_one() -> None:
    image = MNIST.load().test_images[:1]
    found = repeats(np.repeat(image, 1_000, axis=0), np.full(1_000, 7), ALIKE)
    assert (found.batch, found.different) == (2, 1.4)
    assert found.samples < 1_000  # a few tell it


def test_without_near_duplicates_only_a_lower_limit_is_known() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (500, 28, 28), np.uint8)
    found = repeats(noise, np.zeros(500, np.int64), ALIKE)
    assert (found.batch, found.samples) == (None, 500)
    assert found.different == limit(500)


@pytest.mark.parametrize(("pairs", "known"), [(0, False), (2, False), (3, True), (7, True)])
def test_fewer_than_three_pairs_tell_only_that_there_are_many(pairs: int, known: bool) -> None:
    images = np.random.default_rng(0).integers(0, 256, (1_000, 28, 28), np.uint8)
    images[500 : 500 + pairs] = images[:pairs]
    found = repeats(images, np.zeros(1_000, np.int64), ALIKE)
    assert (found.batch is not None) == known
    assert found.different == (support(found.batch) if found.batch is not None else limit(1_000))
    assert found.different <= limit(1_000)


def test_what_counts_as_one_image_is_what_hardly_a_pair_of_training_images_is() -> None:
    data = MNIST.load()
    ones = data.train_images[data.train_labels == 1]
    pairs = near_duplicates(ones, np.ones(len(ones), np.int64), ALIKE)
    assert len(pairs) == pytest.approx(1e-6 * len(ones) * (len(ones) - 1) / 2, abs=2)
    found = near_duplicate_distances(ones, np.ones(len(ones), np.int64), 2)
    assert found == pytest.approx([0.0, ALIKE[1]], rel=1e-5)


def test_of_few_images_the_nearest_pair_counts_and_of_one_none() -> None:
    images: Images = np.random.default_rng(0).integers(0, 256, (1_003, 28, 28), np.uint8)
    images[1_000] = images[3]
    images[3, 14, 14], images[1_000, 14, 14] = 50, 152  # the last of a block of its own
    labels = np.repeat([0, 1, 3], [1_001, 1, 1])
    found = near_duplicate_distances(images, labels, 4)
    assert found == pytest.approx([102 / 255, 0, 0, 0], abs=1e-3)


def test_real_images_hardly_repeat_themselves() -> None:
    data = MNIST.load()
    chosen = np.random.default_rng(0).permutation(10_000)[:4_000]
    pairs = near_duplicates(data.test_images[chosen], data.test_labels[chosen].astype(np.int64), ALIKE)
    assert len(pairs) <= 3


def test_pairs_are_found_once_across_blocks_and_only_within_a_class() -> None:
    rng = np.random.default_rng(0)
    images: Images = rng.integers(0, 256, (2_500, 28, 28), np.uint8)
    classes: Indices = np.zeros(2_500, np.int64)
    images[2_400] = images[3]
    images[2_401] = images[2_300]
    images[2_402] = images[5]
    classes[2_402] = 1
    assert sorted(map(tuple, near_duplicates(images, classes, ALIKE).tolist())) == [(3, 2_400), (2_300, 2_401)]


def different(name: str, count: int) -> float:
    drawn, _ = LoadedRun(runs.find(name)).sample(count, 0)
    _, probabilities = reference.of(MNIST).classifier.classify(drawn)
    return repeats(drawn, probabilities.argmax(axis=1), ALIKE).different


def test_a_collapsed_model_has_few_images_and_a_good_one_many() -> None:
    assert different("mode-collapse", 1_000) < 100
    assert different("vae-elbo", 3_000) == pytest.approx(400, rel=0.6)
    assert different("gan-dense", 3_000) > 100_000
