"""The shipped classifier and its reference: sound, small, checked."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import mnist
from genmod.errors import DataError
from genmod.quality import reference
from genmod.system import files


def test_the_classifier_reads_digits() -> None:
    data = mnist()
    features, probabilities = reference.load().judge.look(data.test_images[5000:7000])
    assert (features.shape, probabilities.shape) == ((2000, 64), (2000, 10))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    assert (probabilities.argmax(axis=1) == data.test_labels[5000:7000]).mean() > 0.985


def test_the_reference_is_that_of_the_training_images() -> None:
    known = reference.load()
    features, _ = known.judge.look(mnist().train_images[:1000])
    np.testing.assert_allclose(known.features[:1000], features, rtol=2e-3, atol=1e-2)
    assert known.features.shape == (5000, 64)
    assert np.abs(known.moments[0] - known.features.mean(axis=0)).max() < 0.3


def test_the_description_tells_recipe_and_accuracy() -> None:
    about = reference.description()
    assert about["test_accuracy"] > 0.985
    assert about["parameters"] == 56_714
    assert about["data_sha256"] == mnist().sha256
    assert about["recipe"]["epochs"] == 6


def test_it_is_small_and_no_run() -> None:
    sizes = {path.name: path.stat().st_size for path in reference.FOLDER.iterdir()}
    assert sizes[reference.CLASSIFIER] < 500_000
    assert sum(sizes.values()) < 1_000_000
    assert runs.shipped().find(reference.FOLDER.name) is None


@pytest.mark.parametrize("name", [reference.CLASSIFIER, reference.FEATURES])
def test_a_changed_or_missing_file_is_noticed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "classifier"
    shutil.copytree(reference.FOLDER, folder)
    content = bytearray((folder / name).read_bytes())
    content[1000] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(DataError, match="is not the one that"):
        reference.load(folder)
    (folder / name).unlink()
    with pytest.raises(DataError, match="cannot be read"):
        reference.load(folder)


def test_a_torn_description_gives_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="missing or damaged"):
        reference.description(tmp_path)
    files.write_json(tmp_path / reference.DESCRIPTION, {"ends": {}})
    with pytest.raises(DataError, match="missing or damaged"):
        reference.description(tmp_path)
