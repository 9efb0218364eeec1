"""An experiment on data augmentation done for real, with few steps: it learns, it can be cut, nothing leaks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from genmod.drawing import images as pictures
from genmod.lesson import augmentation
from genmod.lesson.augmentation import SOURCE, WAYS, Cell, Experiment, Result
from genmod.training import augmentation as training

WANTED = Experiment(5, generated=10, first_seed=4, ways=("both",))


@pytest.fixture(scope="module", autouse=True)
def few_steps() -> Iterator[None]:
    """Networks that learn for a moment only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "STEPS", 50)
        patch.setattr(augmentation, "STEPS", 50)
        patch.setattr(augmentation, "GENERATOR_STEPS", 100)
        yield


class CutError(Exception):
    """Raised by a test in the middle of the work."""


@pytest.fixture(scope="module")
def measured() -> tuple[Result, list[Result], list[tuple[float, str]], bytes]:
    """A whole experiment: what came of it, what was kept on the way, what was reported, and the sheet."""
    kept: list[Result] = []
    reports: list[tuple[float, str]] = []
    sheets: list[bytes] = []
    found = training.measure(
        Result(WANTED), kept.append, lambda share, doing: reports.append((share, doing)), sheets.append
    )
    (sheet,) = sheets
    return found, kept, reports, sheet


Measured = tuple[Result, list[Result], list[tuple[float, str]], bytes]


def test_every_accuracy_is_found_and_kept_as_soon_as_it_is_known(measured: Measured) -> None:
    found, kept, _, _ = measured
    assert found.complete and kept[-1] == found
    assert [len(result.cells) for result in kept] == [1, 2, 3, 4, 5, 6]
    # Fifty images and fifty steps are worth far more than a guess.
    assert all(0.3 < cell.accuracy < 0.95 for cell in found.cells)
    assert set(found.agreements) == {4, 5, 6} and all(0.05 <= share <= 1 for share in found.agreements.values())


def test_reports_only_grow_and_name_what_is_done(measured: Measured) -> None:
    _, _, reports, _ = measured
    shares = [share for share, _ in reports]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] < 1.0
    assert reports[0][1] == "Seed 4: a VAE learns to draw from 50 images"
    assert "Seed 6: a classifier learns from real and generated images, shifted and turned" in {
        doing for _, doing in reports
    }


def test_the_sheet_shows_every_class(measured: Measured) -> None:
    pixels = pictures.pixels(measured[3])
    assert pixels.shape == (4 * 29 - 1, 10 * 29 - 1)
    assert all(pixels[:, 29 * number : 29 * number + 28].max() > 100 for number in range(10))


def test_what_is_known_is_not_measured_again_and_the_work_can_be_cut_anywhere(measured: Measured) -> None:
    known = Result(WANTED, tuple(Cell(way, seed, 0.5) for way, seed in WANTED.places if seed < 6))
    kept: list[Result] = []

    def report(share: float, doing: str) -> None:
        assert share >= 4 / 8
        if "shifted" in doing:
            raise CutError

    with pytest.raises(CutError):
        training.measure(known, kept.append, report)
    (last,) = kept
    assert last.missing == [("both", 6)]
    # The same images, start weights and order: the same accuracy, but for how sums are rounded.
    assert last.accuracies("real")[6] == pytest.approx(measured[0].accuracies("real")[6], abs=0.03)


def test_only_the_chosen_images_are_ever_shown() -> None:
    real = augmentation.real_images(5, seed=4)
    allowed = {image.tobytes() for image in real[0]}
    images, labels = training.shown(WAYS["real"], real, None, 4)(500)
    assert {image.tobytes() for image in images} == allowed
    by_label = {(image.tobytes(), int(label)) for image, label in zip(*real, strict=True)}
    assert {(image.tobytes(), int(label)) for image, label in zip(images, labels, strict=True)} <= by_label


def test_half_of_what_is_shown_is_generated_and_movement_is_new_each_time() -> None:
    real, drawn = augmentation.real_images(5, seed=4), (np.full((20, 28, 28), 7, np.uint8), np.repeat(range(10), 2))
    images, labels = training.shown(WAYS["generated"], real, drawn, 4)(600)
    generated = (images == 7).all(axis=(1, 2))
    assert generated.sum() == 300
    assert 0.35 < generated[:300].mean() < 0.65  # mixed, not one half after the other
    assert len(set(labels[generated].tolist())) == 10
    still, moved = (training.shown(WAYS[way], real, None, 4)(200)[0] for way in ("real", "moved"))
    assert len({image.tobytes() for image in still}) <= 50 and len({image.tobytes() for image in moved}) == 200


def test_a_generator_sees_its_images_and_nothing_else() -> None:
    """After other images it draws others; after the same ones the same."""
    few = training.Generators(5)
    (one, labels), (other, _) = (augmentation.real_images(5, seed) for seed in (1, 2))
    drawn = []
    for images in (one, other, one):
        few.train(images, labels, seed=0)
        drawn.append(few.draw(3, seed=0)[0])
    assert drawn[0].shape == (30, 28, 28)
    assert np.abs(drawn[0].astype(int) - drawn[2]).max() <= 2
    assert np.abs(drawn[0].astype(int) - drawn[1]).mean() > 5


def test_each_round_goes_through_all_images() -> None:
    order = training.rounds(np.random.default_rng(0), images=7, count=20)
    assert len(order) == 20
    assert sorted(order[:7]) == sorted(order[7:14]) == list(range(7))


def test_the_labels_of_what_is_drawn_are_those_that_were_asked_for() -> None:
    _, labels = training.Generators(5).draw(2, seed=0)
    assert labels.tolist() == np.repeat(range(10), 2).tolist()
    assert training.one_hot(labels).sum(axis=0).tolist() == [2.0] * SOURCE.classes
