"""What a bottleneck keeps and what lies in holes: each sentence against the shipped runs and against made points."""

from __future__ import annotations

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import MNIST, to_float
from genmod.inference import Encoder, Sampler
from genmod.lesson import squeezing
from genmod.lesson.squeezing import FAR, Place
from genmod.quality import evaluation, likelihood, metrics, reference, size_row
from genmod.quality.size_row import Size


@pytest.fixture(scope="module")
def row() -> list[Size]:
    """The shipped row."""
    return size_row.of(runs.shipped().runs())


@pytest.fixture(scope="module")
def shares(row: list[Size]) -> dict[int, float]:
    """How many reconstructions of each size are recognised."""
    return {size.numbers: squeezing.recognised(size, Encoder, Sampler) for size in row}


def test_examples_are_the_first_of_each_class() -> None:
    labels = np.array([3, 1, 1, 0, 3, 2])
    assert squeezing.examples(labels, 4).tolist() == [3, 1, 5, 0]
    assert squeezing.examples(labels, 2).tolist() == [3, 1]
    assert squeezing.examples(np.array([1, 1]), 3).tolist() == [0]


def test_more_numbers_are_recognised_more_often(row: list[Size], shares: dict[int, float]) -> None:
    found = [shares[size.numbers] for size in row]
    assert found == sorted(found)
    assert found[0] < 0.5 < found[-1]
    # As the chapter's first question says: with about ten numbers most are still recognised.
    assert shares[8] > 0.8 and shares[16] > 0.8


def test_recognised_is_counted_of_a_thousand_images(row: list[Size], shares: dict[int, float]) -> None:
    data, size = MNIST.load(), row[3]
    chosen = np.linspace(0, 9_999, 1_000).astype(int)
    remade = squeezing.rebuilt(Encoder(size.run), Sampler(size.run), data.test_images[chosen])
    assert remade.shape == (1_000, 28, 28) and remade.dtype == np.uint8
    _, sureness = reference.of(MNIST).classifier.classify(remade)
    assert shares[size.numbers] == (sureness.argmax(axis=1) == data.test_labels[chosen]).mean()
    np.testing.assert_array_equal(chosen, evaluation.spread(squeezing.CHECKED, 10_000))
    assert 0.98 < squeezing.recognised_originals(MNIST) <= 1


def test_no_model_can_lose_less_than_an_exact_copy(row: list[Size]) -> None:
    least = squeezing.least_loss(MNIST)
    some = to_float(MNIST.load().test_images[:500]).astype(np.float64).reshape(500, -1)
    inside = some[(some > 0) & (some < 1)]
    entropy = -(inside * np.log(inside) + (1 - inside) * np.log(1 - inside)).sum() / 500
    assert least == pytest.approx(entropy, rel=0.05)
    nearly = likelihood.binary_crossentropy(some.astype(np.float32), np.clip(some, 0.01, 0.99).astype(np.float32))
    assert nearly.mean() > entropy
    assert all(size.reconstruction > least for size in row)


def test_what_is_said_of_each_size_is_so(row: list[Size], shares: dict[int, float]) -> None:
    least = squeezing.least_loss(MNIST)
    for size in row:
        said = squeezing.said_of_size(row, shares, size.numbers, MNIST)
        assert f"784 pixels in {size.numbers} number" in said
        assert f"still recognises {metrics.percent(shares[size.numbers])};" in said
        assert f"{size.reconstruction - least:.1f} nats are lost" in said
        enough = min(one.numbers for one in row if shares[one.numbers] >= 0.9)
        assert f"From {enough} numbers on, nine of ten are recognised, though {784 - enough} of 784" in said
    assert "in 1 number:" in squeezing.said_of_size(row, shares, 1, MNIST)


def test_if_none_is_enough_none_is_named(row: list[Size]) -> None:
    assert "nine of ten" not in squeezing.said_of_size(row, dict.fromkeys([1, 2, 4, 8, 16, 32], 0.5), 2, MNIST)


def test_what_is_said_of_the_gain_is_so(row: list[Size]) -> None:
    losses = [size.reconstruction for size in row]
    early, late = (losses[0] - losses[1]) / 1, (losses[-2] - losses[-1]) / 16
    assert ("less and less" in squeezing.gain(row)) == (early > late)
    assert f"{early:.1f} nats" in squeezing.gain(row) and f"{late:.2f}" in squeezing.gain(row)
    other = [row[0], Size(row[0].run, 2, losses[0] - 1), Size(row[0].run, 3, losses[0] - 9)]
    assert "less" not in squeezing.gain(other)


# Holes


def clusters() -> tuple[np.ndarray, np.ndarray]:
    """Codes in three tight clusters, two near each other and one far away, with their classes."""
    rng = np.random.default_rng(0)
    middles = np.array([[0, 0], [2, 0], [0, 10]])
    labels = np.repeat([0, 1, 2], 100)
    return (middles[labels] + 0.1 * rng.standard_normal((300, 2))).astype(np.float32), labels


def test_the_widest_gap_between_two_clusters_is_found() -> None:
    codes, labels = clusters()
    places, away = squeezing.between(codes)
    assert len(places) == len(away) == 60 * 61 / 2
    assert away.max() == pytest.approx(np.linalg.norm(codes - places[away.argmax()], axis=1).min())
    assert away.max() > 4.5 and 4.5 < places[away.argmax()][1] < 5.5
    _, away = squeezing.between(codes[labels == 0])
    assert away.max() < 0.3


def test_the_usual_distance_is_that_between_neighbours() -> None:
    codes, _ = clusters()
    away = np.linalg.norm(codes[:, None] - codes[None], axis=2) + 1e9 * np.eye(len(codes))
    assert squeezing.usual_distance(codes) == pytest.approx(np.median(away.min(axis=1)), rel=1e-5)


def test_what_there_is_at_a_place_is_measured(row: list[Size]) -> None:
    size = next(size for size in row if size.numbers == 2)
    encoder, sampler = Encoder(size.run), Sampler(size.run)
    codes, _ = encoder.encode(MNIST.load().test_images)
    usual = squeezing.usual_distance(codes)
    start = squeezing.hole(codes, usual, sampler, reference.of(MNIST))
    found = squeezing.place(start, codes, usual, sampler, reference.of(MNIST))
    assert found.distance == pytest.approx(np.linalg.norm(codes - start, axis=1).min(), rel=1e-5)
    assert found.distance > FAR * usual and found.sureness < 0.5  # the shipped map has a hole between its codes
    nowhere = squeezing.hole(codes, 1e9, sampler, reference.of(MNIST))
    assert np.linalg.norm(codes - nowhere, axis=1).min() > found.distance
    onto = squeezing.place(codes[5], codes, usual, sampler, reference.of(MNIST))
    assert onto.nearest == 5 and onto.distance == 0
    remade = squeezing.rebuilt(encoder, sampler, MNIST.load().test_images[5:6])
    assert np.abs(onto.image.astype(int) - remade[0]).max() <= 1
    _, sureness = reference.of(MNIST).classifier.classify(onto.image[None])
    assert onto.seen == sureness.argmax() and onto.sureness == pytest.approx(float(sureness.max()))


@pytest.mark.parametrize(
    ("distance", "sureness", "expected", "not_expected"),
    [
        (19.0, 0.5, ["19.00 away, 19 times as far", "a hole", "of 50 %;"], ["learned what to draw", "has to choose"]),
        (19.0, 0.99, ["a hole", "of 99 %: it has to choose a class"], ["real test images"]),
        (0.5, 0.99, ["0.50 away; codes usually are 1.00", "learned what to draw", "of 99 %."], ["a hole"]),
        (0.5, 0.3, ["learned what to draw", "of 30 %; to 97.3 % of real test images"], ["a hole"]),
    ],
)
def test_what_is_said_of_a_place_depends_on_its_numbers(
    distance: float, sureness: float, expected: list[str], not_expected: list[str]
) -> None:
    image = np.zeros((28, 28), np.uint8)
    found = Place(np.zeros(2, np.float32), image, 0, distance, 1.0, 8, sureness)
    said = squeezing.said_of(found, MNIST, 3)
    assert "of a 3, is" in said and "takes the image for an 8" in said
    assert all(words in said for words in expected), said
    assert not any(words in said for words in not_expected), said
