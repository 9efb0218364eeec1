"""The curator's round: what is shown, how it is scored, and what the page says of the shipped discriminator."""

from __future__ import annotations

import numpy as np
import pytest

from genmod import runs
from genmod.drawing import images
from genmod.errors import RunError
from genmod.inference import Discriminator, Sampler
from genmod.lesson import curator
from genmod.lesson.chapters import chapter
from genmod.lesson.curator import MOMENTS, Score, When
from genmod.runs import Run, Store


@pytest.fixture(scope="module")
def run() -> Run:
    return runs.find("gan-dense")


@pytest.fixture(scope="module")
def sampler(run: Run) -> Sampler:
    return Sampler(run)


@pytest.fixture(scope="module")
def discriminator(run: Run) -> Discriminator:
    return Discriminator(run)


@pytest.mark.parametrize("when", MOMENTS)
def test_a_round_has_ten_of_each_all_different_in_the_same_greys(run: Run, sampler: Sampler, when: When) -> None:
    found = curator.draw(run, sampler, when, 3)
    assert found.pictures.shape == (20, 28, 28) and found.pictures.dtype == np.uint8
    assert found.forged.sum() == 10 and found.epoch == curator.epochs(run)[when]
    assert len(np.unique(found.pictures.reshape(20, -1), axis=0)) == 20
    levels = {round(255 * level / 31) for level in range(32)}
    for which in (found.forged, ~found.forged):
        assert set(np.unique(found.pictures[which])) <= levels
        assert found.pictures[which].max() > 230  # both reach white, and stand on black
        assert np.median(found.pictures[which]) == 0


def test_the_seed_decides(run: Run, sampler: Sampler) -> None:
    first, again, other = (curator.draw(run, sampler, "last", seed) for seed in (1, 1, 2))
    assert np.array_equal(first.pictures, again.pictures) and np.array_equal(first.forged, again.forged)
    assert not np.array_equal(first.pictures, other.pictures) and not np.array_equal(first.forged, other.forged)


def test_real_pictures_are_test_images(run: Run, sampler: Sampler) -> None:
    found = curator.draw(run, sampler, "middle", 0)
    known = curator.in_few_greys(run.config().source.load().test_images).reshape(-1, 784)
    real = found.pictures[~found.forged].reshape(10, -1)
    assert all((known == picture).all(axis=1).any() for picture in real)
    assert not any((known == picture).all(axis=1).any() for picture in found.pictures[found.forged].reshape(10, -1))


def test_film_pictures_are_cut_out_whole(run: Run) -> None:
    epoch = run.frames()[1]
    sheet = images.pixels(run.frame(epoch) or b"")
    again = images.contact_sheet(curator.filmed(run, epoch), 10)
    assert np.array_equal(curator.in_few_greys(again), sheet)  # whose gaps are in few greys too


def test_scores_count_both_errors_apart() -> None:
    forged = np.array([True] * 4 + [False] * 5)
    called = np.array([True, True, True, False, True, False, False, False, False])
    found = curator.score(forged, called)
    assert found == Score(3, 4, 4, 5)
    assert (found.sensitivity, found.specificity, found.right, found.pictures) == (0.75, 0.8, 7, 9)
    assert found + found == Score(6, 8, 8, 10)
    assert not curator.remark(found)
    assert "trusts everything" in curator.remark(curator.score(forged, np.zeros(9, bool)))
    assert "calls everything forged" in curator.remark(curator.score(forged, np.ones(9, bool)))


def test_a_run_without_a_film_says_so(store: Store, run: Run, sampler: Sampler) -> None:
    empty = store.create(run.config(), "no-film")
    with pytest.raises(RunError, match="no pictures of its training"):
        curator.epochs(empty)
    (empty.path / "samples" / "epoch-00001.png").write_bytes(images.png(np.zeros((28, 57), np.uint8)))
    with pytest.raises(RunError, match="too few forgeries"):
        curator.draw(empty, sampler, "first", 0)
    (empty.path / "samples" / "epoch-00001.png").write_bytes(b"nonsense")
    with pytest.raises(RunError, match="missing or damaged"):
        curator.draw(empty, sampler, "first", 0)


# What the chapter says of the discriminator, computed again.


def test_the_discriminator_is_right_on_about_two_of_three(
    run: Run, sampler: Sampler, discriminator: Discriminator
) -> None:
    large = curator.at_large(run, sampler, discriminator)
    assert 0.6 < large.sensitivity < 0.75 and 0.6 < large.specificity < 0.75
    guess = chapter("duel").guess
    assert "about two of three" in guess.options[guess.right].lower()
    assert 0.6 < large.right / large.pictures < 0.73


def test_the_earlier_a_forgery_the_easier_it_is_found(run: Run, discriminator: Discriminator) -> None:
    caught = [
        curator.suspects(discriminator, curator.filmed(run, epoch))[1].mean() for epoch in curator.epochs(run).values()
    ]
    assert caught[0] >= caught[1] > caught[2] and caught[0] == 1.0
