"""Training the classifier: repeatable, exported as it is, with the ends of the scales."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genmod.datasets import MNIST, Dataset, to_float
from genmod.models.classifier import Classifier as KerasClassifier
from genmod.quality import reference
from genmod.quality.reference import Classifier
from genmod.system import files
from genmod.training import classifier


@pytest.fixture(scope="module")
def few() -> Dataset:
    """The first images of MNIST."""
    data = MNIST.load()
    return Dataset(
        "mnist", "0" * 64, data.train_images[:2000], data.train_labels[:2000], data.test_images[:300],
        data.test_labels[:300],
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(few: Dataset) -> KerasClassifier:
    """A classifier that has seen a little."""
    return classifier.train(few, epochs=2, batch_size=50)


def test_the_same_seed_gives_the_same_weights(trained: KerasClassifier, few: Dataset) -> None:
    again = classifier.train(few, epochs=2, batch_size=50)
    for one, other in zip(trained.network.get_weights(), again.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    other_seed = classifier.train(few, epochs=1, batch_size=200, seed=1)
    assert not np.array_equal(trained.network.get_weights()[0], other_seed.network.get_weights()[0])


def test_it_learns_and_says_how_it_goes(few: Dataset) -> None:
    told: list[tuple[int, float]] = []
    model = classifier.train(few, epochs=2, report=lambda epoch, metrics: told.append((epoch, metrics["accuracy"])))
    assert [epoch for epoch, _ in told] == [1, 2]
    assert told[1][1] > told[0][1] > 0.2
    _, probabilities = model(to_float(few.test_images))
    assert (np.asarray(probabilities).argmax(axis=1) == few.test_labels).mean() > 0.75


def test_the_exported_model_is_the_trained_one(trained: KerasClassifier, few: Dataset, tmp_path: Path) -> None:
    classifier.export(trained, tmp_path / "classifier.tflite")
    found = Classifier(tmp_path / "classifier.tflite").classify(few.test_images)
    for exported, own in zip(found, trained(to_float(few.test_images)), strict=True):
        np.testing.assert_allclose(exported, np.asarray(own), atol=1e-5)


@pytest.mark.long
def test_all_that_the_reference_reads_is_made(few: Dataset, tmp_path: Path) -> None:
    about = classifier.make(tmp_path / "made", MNIST, few)
    known = reference.load(tmp_path / "made", MNIST)
    assert known.features.shape == (2000, 64)
    assert about["ends"]["copied_share"] == (0.0, 1.0)
    assert about["ends"]["recall"][0] > about["ends"]["recall"][1]
    assert known.closest.tolist() == about["closest_test_images"]
    assert known.alike.tolist() == about["near_duplicates"]
    older = about | {"ends": {**about["ends"], "recall": (9, 9)}}
    del older["near_duplicates"]
    before = files.read_json(tmp_path / "made" / reference.DESCRIPTION)
    files.write_json(tmp_path / "made" / reference.DESCRIPTION, older)
    assert classifier.measure_again(tmp_path / "made", MNIST, few)["ends"] == about["ends"]
    assert files.read_json(tmp_path / "made" / reference.DESCRIPTION) == before
