"""The digit classifier: its size, its outputs, one step."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.datasets import MNIST, to_float
from genmod.models.classifier import Classifier


@pytest.fixture(scope="module")
def model() -> Classifier:
    """A new classifier."""
    return Classifier((28, 28, 1), 10, total_steps=10, learning_rate=2e-3, seed=0)


def test_parameters_are_as_counted_by_hand(model: Classifier) -> None:
    convolutions = (9 + 1) * 16 + (9 * 16 + 1) * 32
    assert model.count_params() == convolutions + (5 * 5 * 32 + 1) * 64 + (64 + 1) * 10 == 56_714


def test_it_gives_features_and_probabilities(model: Classifier) -> None:
    features, probabilities = (np.asarray(part) for part in model(to_float(MNIST.load().test_images[:5])))
    assert features.shape == (5, 64)
    assert features.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)


def test_looking_drops_nothing_out(model: Classifier) -> None:
    images = to_float(MNIST.load().test_images[:5])
    np.testing.assert_array_equal(np.asarray(model(images)[0]), np.asarray(model(images)[0]))


def test_a_step_learns() -> None:
    model = Classifier((28, 28, 1), 10, total_steps=30, learning_rate=2e-3, seed=1)
    images, labels = to_float(MNIST.load().train_images[:100]), MNIST.load().train_labels[:100].astype(np.int32)
    losses = [float(model.train_step(images, labels)["loss"]) for _ in range(15)]
    assert losses[0] == pytest.approx(np.log(10), abs=0.3)
    assert losses[-1] < 0.7 * losses[0]
