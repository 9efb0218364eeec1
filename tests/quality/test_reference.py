"""The shipped classifiers and their references: sound, small, checked."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import DATASETS, MNIST, DataSource
from genmod.errors import DataError
from genmod.quality import reference
from genmod.system import files

every = pytest.mark.parametrize("source", DATASETS.values(), ids=lambda source: source.name)
RIGHT = {"mnist": 0.985, "fashion-mnist": 0.87, "shapes": 0.995}


@every
def test_the_classifier_reads_its_images(source: DataSource) -> None:
    data = source.load()
    features, probabilities = reference.of(source).classifier.classify(data.test_images[5000:7000])
    assert (features.shape, probabilities.shape) == ((2000, 64), (2000, source.classes))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert (probabilities.argmax(axis=1) == data.test_labels[5000:7000]).mean() > RIGHT[source.name]


@every
def test_the_reference_is_that_of_the_training_images(source: DataSource) -> None:
    known = reference.of(source)
    features, _ = known.classifier.classify(source.load().train_images[:1000])
    np.testing.assert_allclose(known.features[:1000], features, rtol=2e-3, atol=2e-2)
    assert known.features.shape == (5000, 64)
    assert known.classes == source.classes
    assert np.abs(known.moments[0] - known.features.mean(axis=0)).max() < 0.3


@every
def test_the_description_tells_recipe_and_accuracy(source: DataSource) -> None:
    about = reference.description(source)
    assert about["test_accuracy"] > RIGHT[source.name]
    assert about["parameters"] == 56_714 - 65 * (10 - source.classes)
    assert about["data_sha256"] == source.sha256
    assert about["recipe"]["epochs"] == 6


@every
def test_it_is_small_and_no_run(source: DataSource) -> None:
    folder = reference.folder(source)
    sizes = {path.name: path.stat().st_size for path in folder.iterdir()}
    assert sizes[reference.CLASSIFIER] < 500_000
    assert sum(sizes.values()) < 1_000_000
    assert runs.shipped().find(folder.name) is None


@pytest.mark.parametrize("name", [reference.CLASSIFIER, reference.FEATURES])
def test_a_changed_or_missing_file_is_noticed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "classifier"
    shutil.copytree(reference.folder(MNIST), folder)
    content = bytearray((folder / name).read_bytes())
    content[1000] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match="is not the one that"):
        reference.load(folder, MNIST)
    (folder / name).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        reference.load(folder, MNIST)


def test_a_torn_description_gives_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "SHIPPED", tmp_path)
    (tmp_path / "classifier").mkdir()
    with pytest.raises(DataError, match="of the classifier of MNIST is missing or damaged"):
        reference.description(MNIST)
    files.write_json(tmp_path / "classifier" / reference.DESCRIPTION, {"ends": {}})
    with pytest.raises(DataError, match="RUNS=classifier`"):
        reference.description(MNIST)
