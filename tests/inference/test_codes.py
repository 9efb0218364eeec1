"""The codes of images that a run has learned from."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.datasets import MNIST
from genmod.errors import RunError
from genmod.inference import Encoder, codes
from genmod.runs import Run


def test_a_drawn_code_has_the_mean_and_the_variance_that_the_encoder_says() -> None:
    z_mean = np.tile(np.array([[3.0, -1.0]], np.float32), (20_000, 1))
    z_log_var = np.tile(np.log(np.array([[0.25, 4.0]], np.float32)), (20_000, 1))
    drawn = codes.sampled(z_mean, z_log_var, 0)
    np.testing.assert_allclose(drawn.mean(axis=0), [3.0, -1.0], atol=0.05)
    np.testing.assert_allclose(drawn.var(axis=0), [0.25, 4.0], rtol=0.05)
    twice = codes.sampled(z_mean, z_log_var, 0, spread=2.0)
    np.testing.assert_allclose(twice - z_mean, 2 * (drawn - z_mean), atol=1e-5)
    np.testing.assert_array_equal(codes.sampled(z_mean[:9], z_log_var[:9], 0), drawn[:9])


def test_an_autoencoder_s_code_is_a_point(tiny_ae: Run) -> None:
    z_mean, z_log_var = codes.encoded(tiny_ae, np.arange(20))
    np.testing.assert_array_equal(codes.sampled(z_mean, z_log_var, 3), z_mean)
    np.testing.assert_allclose(z_mean, Encoder(tiny_ae).encode(MNIST.load().train_images[:20])[0], rtol=1e-5)


def test_only_images_that_the_run_has_learned_from_are_chosen_each_once(tiny_run: Run) -> None:
    assert codes.learned(tiny_run).tolist() == list(range(1000))
    chosen = codes.random_images(tiny_run, 1000, 4)
    assert sorted(chosen) == list(range(1000))
    np.testing.assert_array_equal(codes.random_images(tiny_run, 30, 4), chosen[:30])
    assert not np.array_equal(codes.random_images(tiny_run, 1000, 5), chosen)
    again = codes.random_images(tiny_run, 2500, 4)
    assert np.bincount(again).tolist() == (np.bincount(again[:500], minlength=1000) + 2).tolist()


def test_images_of_a_class_can_be_asked_for(tiny_run: Run) -> None:
    labels = np.array([7, 7, 1, 7, 0] * 40)
    chosen = codes.random_images(tiny_run, 200, 2, labels)
    np.testing.assert_array_equal(MNIST.load().train_labels[chosen], labels)
    np.testing.assert_array_equal(codes.random_images(tiny_run, 12, 2, labels[:12]), chosen[:12])
    ones = chosen[labels == 1]
    assert len(set(ones)) == len(ones)


def test_a_class_that_was_never_seen_is_one_sentence(tiny_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "learned", lambda run: np.arange(3))  # a 5, a 0 and a 4
    with pytest.raises(RunError, match=r"^The run tiny has learned from no image of a 7, so .*\.$"):
        codes.random_images(tiny_run, 2, 0, np.array([4, 7]))


def test_a_run_without_an_encoder_has_none(tiny_gan: Run) -> None:
    with pytest.raises(RunError, match="has no encoder"):
        codes.encoded(tiny_gan, np.arange(3))
