"""The compiled loop: every image, any chunks, the same weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pytest
import tensorflow as tf

from genmod import kinds
from genmod.datasets import MNIST
from genmod.kinds import VAEConfig
from genmod.models.vae import VAE
from genmod.training.engine import KerasEngine
from genmod.training.loop import Loop

SMALL = VAEConfig(hidden_units=(8,), images=700)


class Counter:
    """Counts how often it has seen each image; image i is black but for its pixel i."""

    metric_names: ClassVar[tuple[str, ...]] = ("images", "brightest")
    held_out_names: ClassVar[tuple[str, ...]] = ("mean",)
    compiles_with_xla: ClassVar[bool] = True
    conditional: ClassVar[bool] = False

    def __init__(self) -> None:
        self.seen = tf.Variable(tf.zeros((784,)))
        self.last = tf.Variable(tf.zeros((784,)))

    def train_step(self, images: tf.Tensor, classes: tf.Tensor | None = None) -> Mapping[str, tf.Tensor]:
        flat = tf.reshape(images, (-1, 784))
        self.seen.assign_add(tf.reduce_sum(flat, axis=0))
        self.last.assign(tf.reduce_sum(flat, axis=0))
        return {"images": tf.reduce_sum(flat), "brightest": tf.reduce_max(images)}

    def held_out_step(
        self, images: tf.Tensor, epsilon: tf.Tensor, classes: tf.Tensor | None = None
    ) -> Mapping[str, tf.Tensor]:
        return {"mean": tf.reduce_mean(tf.reduce_sum(images, axis=(1, 2, 3)) * epsilon[:, 0])}


def marked(count: int) -> npt.NDArray[np.uint8]:
    return (255 * np.eye(784, dtype=np.uint8)[:count]).reshape(count, 28, 28)


def weights_after(config: VAEConfig, chunks: Sequence[int], epochs: int = 2) -> list[npt.NDArray[np.float32]]:
    vae = VAE(config)
    loop = Loop(vae, MNIST.load().train_images[: config.images], config.batch_size)
    for epoch in range(1, epochs + 1):
        loop.start_epoch(config.seed, epoch)
        step = 0
        for size in chunks:
            loop.run(step, size)
            step += size
        assert step == loop.steps_per_epoch
    return [np.array(variable) for variable in vae.state]


def same(one: Sequence[npt.NDArray[np.float32]], other: Sequence[npt.NDArray[np.float32]]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_each_image_is_seen_in_an_epoch() -> None:
    counter = Counter()
    loop = Loop(counter, marked(250), 100)
    loop.start_epoch(0, 1)
    sums = loop.run(0, loop.steps_per_epoch)
    seen = counter.seen.numpy()
    assert loop.steps_per_epoch == 3
    assert seen[:250].min() == 1
    assert seen[:250].max() == 2  # the last batch is filled up
    assert seen.sum() == 300
    np.testing.assert_allclose(sums, [300, 3])


def test_each_image_is_seen_once_when_batches_divide_them() -> None:
    counter = Counter()
    loop = Loop(counter, marked(200), 50)
    for epoch in (1, 2):
        loop.start_epoch(0, epoch)
        for step in range(4):
            loop.run(step, 1)
    np.testing.assert_array_equal(counter.seen.numpy()[:200], 2)


def test_a_batch_larger_than_the_data_is_the_data() -> None:
    counter = Counter()
    loop = Loop(counter, marked(30), 100)
    assert (loop.batch_size, loop.steps_per_epoch) == (30, 1)
    loop.start_epoch(0, 1)
    loop.run(0, 1)
    np.testing.assert_array_equal(counter.seen.numpy()[:30], 1)


def test_the_order_follows_seed_and_epoch() -> None:
    counter = Counter()
    loop = Loop(counter, marked(200), 50)

    def first_batch(seed: int, epoch: int) -> tuple[float, ...]:
        loop.start_epoch(seed, epoch)
        loop.run(0, 1)
        return tuple(counter.last.numpy())

    assert first_batch(0, 1) == first_batch(0, 1)
    assert len({first_batch(0, 1), first_batch(0, 2), first_batch(1, 1), first_batch(1, 2)}) == 4


def test_held_out_values_are_means_over_uneven_batches() -> None:
    loop = Loop(Counter(), marked(10), 10)
    noise = np.arange(25, dtype=np.float32).reshape(25, 1)
    assert loop.held_out(marked(25), noise, batch_size=10) == {"mean": pytest.approx(12.0)}


def test_weights_follow_the_seed_and_not_the_chunks() -> None:
    whole = weights_after(SMALL, [7])
    assert same(whole, weights_after(SMALL, [7]))
    assert same(whole, weights_after(SMALL, [1, 1, 3, 2]))
    other = weights_after(SMALL.replace(seed=1), [7])
    kernels = [(a, b) for a, b in zip(whole, other, strict=True) if a.ndim == 2]
    assert kernels
    assert not any(np.array_equal(a, b) for a, b in kernels)


def test_the_mean_over_many_held_out_images_is_that_of_double_precision() -> None:
    config = kinds.from_preset("vae", "article", images=500)
    engine = KerasEngine(config)
    images, noise = engine.data.test_images, engine.noise
    parts = [
        engine.loop.held_out(images[first : first + 1], noise[first : first + 1])["reconstruction_loss"]
        for first in range(0, 10_000, 250)
    ]
    some = engine.loop.held_out(images[::250], noise[::250])["reconstruction_loss"]
    assert some == pytest.approx(sum(parts) / len(parts), rel=1e-6)
    # An untrained net gives each image about 543 nats: 2,500 of them add up to where single precision knows no tenths.
    whole = engine.loop.held_out(images, noise)["reconstruction_loss"]
    small = engine.loop.held_out(images, noise, batch_size=50)["reconstruction_loss"]
    assert whole == pytest.approx(small, rel=1e-5)
