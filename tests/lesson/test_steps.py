"""One step of two players in slow motion, and what the chapter says of where shipped runs end."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genmod import kinds, runs
from genmod.datasets import Floats, Images
from genmod.inference import Discriminator, Sampler
from genmod.lesson import steps
from genmod.lesson.steps import Pairs
from genmod.runs import Run
from genmod.ui.learn import endings, failures


@pytest.fixture(scope="module")
def run() -> Run:
    return runs.find("gan-dense")


@pytest.fixture(scope="module")
def discriminator(run: Run) -> Discriminator:
    return Discriminator(run)


@pytest.fixture(scope="module")
def pairs(run: Run, discriminator: Discriminator) -> Pairs:
    return steps.pairs(run, Sampler(run), discriminator, 0)


def test_the_losses_are_those_of_pairs() -> None:
    nothing = np.zeros((2, 28, 28), np.uint8)
    even = Pairs(nothing, nothing, np.array([0.5, 0.3], np.float32), np.array([0.5, 0.3], np.float32))
    assert even.d_loss == pytest.approx(math.log(2)) and even.g_loss == pytest.approx(math.log(2))
    apart = Pairs(nothing, nothing, np.array([0.8, 0.8], np.float32), np.array([0.2, 0.2], np.float32))
    assert apart.ahead == pytest.approx(2 * math.log(4), rel=1e-5)
    assert apart.d_loss == pytest.approx(math.log(1 + 1 / 16), rel=1e-5)
    assert apart.g_loss == pytest.approx(math.log(1 + 16), rel=1e-5)
    sure = Pairs(nothing, nothing, np.array([1.0, 1.0], np.float32), np.array([0.0, 0.0], np.float32))
    assert math.isfinite(sure.g_loss)


def test_real_images_of_a_step_are_training_images(run: Run, pairs: Pairs) -> None:
    known = run.config().source.load().train_images
    assert all((known == picture).all(axis=(1, 2)).any() for picture in pairs.real)
    assert not any((known == picture).all(axis=(1, 2)).any() for picture in pairs.forged)


def test_the_losses_of_the_run_are_those_that_the_page_computes(run: Run) -> None:
    # The page speaks of pairs, which is true of this loss alone.
    assert run.config().values["loss"] == "relativistic"


def test_the_gradient_is_that_of_the_score() -> None:
    weights = np.linspace(-2.0, 2.0, 12).reshape(3, 4)

    class Linear:
        def judge(self, images: Images) -> Floats:
            answers: Floats = (1 / (1 + np.exp(-(images / 255 * weights).sum(axis=(1, 2))))).astype(np.float32)
            return answers

    forgery = np.array([[0, 255, 128, 7], [99, 250, 1, 30], [0, 0, 255, 200]], np.uint8)
    found = steps.message(Linear(), forgery)  # type: ignore[arg-type]
    assert found.slopes == pytest.approx(weights, abs=0.02)
    assert found.after > found.before


def test_pixels_moved_as_the_error_says_are_taken_for_more_real(discriminator: Discriminator, pairs: Pairs) -> None:
    for forgery in pairs.forged:
        found = steps.message(discriminator, forgery)
        assert found.after > found.before + 0.02
        other = np.clip(2.0 * forgery - found.moved, 0, 255).astype(np.uint8)  # as far the other way
        assert discriminator.judge(other[np.newaxis])[0] < found.after


def test_a_run_without_a_discriminator_has_no_ending() -> None:
    assert steps.ending(runs.find("vae-elbo")) is None


# What the chapter says of shipped runs, computed again.


def test_a_good_training_goes_towards_one_half(run: Run) -> None:
    found = steps.ending(run)
    assert found is not None and found.diagnosis is not None and found.diagnosis.sound
    gaps = [real - generated for _, real, generated in steps.answers(run, found.dial)]
    assert gaps[-1] < gaps[0] / 3 and abs(found.real - 0.5) < 0.05 and abs(found.generated - 0.5) < 0.05


def test_one_half_is_no_proof() -> None:
    collapsed = steps.ending(runs.find("mode-collapse"))
    assert collapsed is not None and collapsed.diagnosis is not None
    assert abs(collapsed.real - 0.5) < 0.05 and abs(collapsed.generated - 0.5) < 0.05 and not collapsed.diagnosis.sound
    assert steps.misleads(collapsed)
    assert not steps.misleads(good) if (good := steps.ending(runs.find("gan-dense"))) else False


@pytest.mark.parametrize("run_id", endings.SOUND)
def test_each_training_that_can_be_looked_at_goes_towards_one_half(run_id: str) -> None:
    found = steps.ending(runs.find(run_id))
    assert found is not None and found.diagnosis is not None and found.diagnosis.sound
    assert "the gap has shrunk to" in steps.approach(found)


@pytest.mark.parametrize("run_id", failures.RUNS)
def test_each_failure_is_named_as_its_preset_says(run_id: str) -> None:
    run = runs.find(run_id)
    found = steps.ending(run)
    assert found is not None and found.diagnosis is not None and not found.diagnosis.sound
    config = run.config()
    assert found.diagnosis.state == kinds.of(config).preset(config.preset).fails_as
