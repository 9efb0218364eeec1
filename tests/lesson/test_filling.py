"""Draws from one image, two losses and whose fault poor samples are: each sentence against the shipped runs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genmod import quality, runs
from genmod.datasets import MNIST
from genmod.errors import RunError
from genmod.lesson import filling
from genmod.lesson.filling import Balance, Blame
from genmod.quality import beta_row, reference
from genmod.runs import Run


@pytest.fixture(scope="module")
def row() -> list[Balance]:
    """The shipped row from autoencoder to VAE."""
    return filling.balances(beta_row.of(runs.shipped().runs()))


def test_a_draw_is_mean_plus_sigma_times_epsilon_and_always_the_same() -> None:
    mean, sigma = np.array([1.0, -2.0], np.float32), np.array([0.5, 0.0], np.float32)
    drawn = filling.drawn(mean, sigma, [3, 1])
    np.testing.assert_allclose(drawn[0], mean + sigma * filling.epsilon(3, 2), rtol=1e-6)
    np.testing.assert_allclose(drawn[1], mean + sigma * filling.epsilon(1, 2), rtol=1e-6)
    assert drawn[0, 0] != drawn[1, 0] and drawn[0, 1] == drawn[1, 1] == -2.0


def test_epsilons_are_standard_normal() -> None:
    every = np.stack([filling.epsilon(number, 24) for number in range(1, 400)])
    assert abs(every.mean()) < 0.05 and abs(every.std() - 1) < 0.05
    assert len({tuple(one) for one in every}) == len(every)


def test_what_is_said_of_draws_counts_them() -> None:
    sigma = np.array([0.1, 1.0, 0.5], np.float32)
    said = filling.said_of_draws(sigma, np.array([7, 7, 9]), 7, MNIST)
    assert "Of the 3 latent numbers 2 have a sigma below 0.7" in said
    assert "2 of the 3 draws show a 7" in said
    assert "The draw shows an 8" in filling.said_of_draws(sigma, np.array([8]), 8, MNIST)
    assert "0 of the 1 draws show an 8" in filling.said_of_draws(sigma, np.array([3]), 8, MNIST)


def test_the_losses_of_the_shipped_row_add_up(row: list[Balance]) -> None:
    assert [one.step.run.id for one in row][:2] == ["row-ae", "row-beta-0"]
    for one in row:
        known = quality.kept(one.step.run.path)
        assert known is not None
        assert one.kl == known.number("test_kl_loss")
        beta = one.step.beta or 0.0
        assert one.loss == pytest.approx(one.step.reconstruction + beta * (one.kl or 0.0))
        assert one.numbers.endswith(f"{one.loss:.1f}")
    assert row[0].kl is None and row[0].numbers == f"{row[0].step.reconstruction:.1f}"


def test_what_is_said_of_the_pull_is_so(row: list[Balance]) -> None:
    said = filling.pull(row)
    divergences = [one.kl or 0.0 for one in row[1:]]
    losses = [one.step.reconstruction for one in row[1:]]
    pulls = divergences == sorted(divergences, reverse=True) and losses == sorted(losses)
    assert ("pull against each other" in said) == pulls
    assert f"from {losses[0]:.1f} to {losses[-1]:.1f}" in said


def test_the_other_way_round_nothing_pulls(row: list[Balance]) -> None:
    said = filling.pull([row[0], *row[:0:-1]])
    assert "pull" not in said and "smaller" not in said


def test_what_is_said_of_each_beta_is_so(row: list[Balance]) -> None:
    nearest = min(row, key=lambda one: one.step.distance)
    for one in row:
        said = filling.said_of(one, row)
        assert f"a Frechet distance of {one.step.distance:.0f}" in said
        assert ("the best of this row." in said) == (one == nearest)
        assert (f"{nearest.step.phrase}, has {nearest.step.distance:.0f}." in said) == (one != nearest)
        assert ("a case of" in said) == bool(one.step.state)
    assert "has no second loss" in filling.said_of(row[0], row)
    assert "counts for nothing here" in filling.said_of(row[1], row)
    assert "posterior collapse" in filling.said_of(row[-1], row)
    beta = next(one for one in row if one.step.beta == 1.0)
    assert "A nat of KL divergence costs 1 nat of loss" in filling.said_of(beta, row)


def test_the_parts_of_the_blame_are_the_measured_distances() -> None:
    for name in ("vae-article", "vae-elbo"):
        found = filling.blame(runs.find(name))
        known = quality.kept(found.run.path)
        assert known is not None
        assert found.distance == pytest.approx(known.number("frechet_distance"))
        assert found.blur + found.real == pytest.approx(known.number("codes_frechet_distance"))
        assert found.real == reference.ends(MNIST)["frechet_distance"][0]


def test_what_is_said_of_the_article_s_loss_is_so() -> None:
    article, full = (filling.blame(runs.find(name)) for name in ("vae-article", "vae-elbo"))
    said = filling.said_of_blame(article, full)
    assert ("half of it the prior's fault and half the decoder's blur" in said) == (0.4 <= article.share <= 0.6)
    assert (f"the prior's part is {full.prior:.1f} instead of {article.prior:.1f}" in said) == (
        full.prior < 0.9 * article.prior
    )
    alike = abs(full.blur - article.blur) <= 0.1 * max(full.blur, article.blur)
    assert ("stays about what it was" in said) == alike
    assert ("the blur grows" in said) == (not alike and full.blur > article.blur)
    told = [quality.kept(one.run.path).number("test_kl_loss") for one in (article, full)]  # type: ignore[union-attr]
    assert told[0] > told[1]  # type: ignore[operator]  # codes near the prior say less
    assert (article.beta, full.beta) == (0.0392, 1.0)
    # As the article's program weighs them: means over 784 pixels and over 4 latent numbers, the second times 1e-4.
    assert article.beta == pytest.approx(784 * 1e-4 * 2 / 4)


def test_other_numbers_get_other_sentences() -> None:
    article = Blame(runs.find("vae-article"), 80.0, 20.0, 0.3)
    full = Blame(runs.find("vae-elbo"), 79.0, 40.0, 0.3)
    said = filling.said_of_blame(article, full)
    assert "80 % of it the prior's fault" in said and "half" not in said
    assert "no smaller: 79.0 after 80.0" in said
    assert "the blur grows, 40.0 instead of 20.0" in said
    assert "the blur is 9.0 instead of 20.0" in filling.said_of_blame(article, replace(full, blur=9.0))
    assert re.search(r"distance of 100\.3, .* 20\.3 are left", said)
    assert "instead of 80.0" in filling.said_of_blame(article, replace(full, prior=10.0))


def test_a_run_that_was_not_measured_gets_one_sentence(tmp_path: Path) -> None:
    for run in (runs.find("gan-dense"), Run(tmp_path)):
        with pytest.raises(RunError, match=r"^What is wrong with the samples of .* has not been measured\.$"):
            filling.blame(run)
