"""The birthday estimate, on models whose number of images is known."""

from __future__ import annotations

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import MNIST, Images, Indices
from genmod.inference.library import LoadedRun
from genmod.quality import reference
from genmod.quality.repeats import Repeats, near_duplicates, repeats, support

CLOSEST = reference.of(MNIST).closest


def of_copier(known: int, count: int = 3_000) -> Repeats:
    """What a model gets that draws nothing but `known` training images, each as often."""
    data = MNIST.load()
    drawn = np.random.default_rng(0).integers(0, known, count)
    return repeats(data.train_images[drawn], data.train_labels[drawn].astype(np.int64), CLOSEST)


@pytest.mark.parametrize("known", [20, 300, 5_000])
def test_a_model_of_so_many_images_is_estimated_to_have_about_as_many(known: int) -> None:
    assert known / 1.5 < of_copier(known).different < 1.5 * known


def test_the_estimate_rests_on_the_birthday_paradox() -> None:
    assert support(23) == 370.0  # 23 people share a birthday half of the time
    assert support(10_000) == 72_000_000.0


def test_one_image_again_and_again_is_about_one() -> None:
    image = MNIST.load().test_images[:1]
    found = repeats(np.repeat(image, 1_000, axis=0), np.full(1_000, 7), CLOSEST)
    assert (found.batch, found.different) == (2, 1.4)
    assert found.samples < 1_000  # a few tell it


def test_without_near_duplicates_only_a_lower_limit_is_known() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (500, 28, 28), np.uint8)
    found = repeats(noise, np.zeros(500, np.int64), CLOSEST)
    assert (found.batch, found.samples) == (None, 500)
    assert found.different == support(500)


def test_real_images_hardly_repeat_themselves() -> None:
    data = MNIST.load()
    chosen = np.random.default_rng(0).permutation(10_000)[:4_000]
    pairs = near_duplicates(data.test_images[chosen], data.test_labels[chosen].astype(np.int64), CLOSEST)
    assert len(pairs) <= 1


def test_pairs_are_found_once_across_blocks_and_only_within_a_class() -> None:
    rng = np.random.default_rng(0)
    images: Images = rng.integers(0, 256, (2_500, 28, 28), np.uint8)
    classes: Indices = np.zeros(2_500, np.int64)
    images[2_400] = images[3]
    images[2_401] = images[2_300]
    images[2_402] = images[5]
    classes[2_402] = 1
    assert sorted(map(tuple, near_duplicates(images, classes, CLOSEST).tolist())) == [(3, 2_400), (2_300, 2_401)]


def different(name: str, count: int) -> float:
    drawn, _ = LoadedRun(runs.find(name)).sample(count, 0)
    _, probabilities = reference.of(MNIST).classifier.classify(drawn)
    return repeats(drawn, probabilities.argmax(axis=1), CLOSEST).different


def test_a_collapsed_model_has_few_images_and_a_good_one_many() -> None:
    assert different("mode-collapse", 1_000) < 100
    assert different("vae-elbo", 3_000) == pytest.approx(670, rel=0.6)
    assert different("gan-dense", 3_000) > 100_000
