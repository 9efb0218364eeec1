"""Clusters of images: what k-means finds, their order, and the thresholds that draw them as often as they are."""

from __future__ import annotations

import numpy as np

from genmod.datasets import MNIST, Images, Indices, to_float
from genmod.models import clusters


def assigned(found: clusters.Clusters, images: Images) -> Indices:
    points = to_float(images).reshape(len(images), -1) @ found.directions - found.origin
    distances = np.square(points[:, np.newaxis] - found.centres).sum(axis=2)
    nearest: Indices = distances.argmin(axis=1)
    return nearest


def test_clusters_are_of_images_that_are_alike_and_come_as_often_as_they_are() -> None:
    data = MNIST.load()
    images, labels = data.train_images[:5000], data.train_labels[:5000]
    found = clusters.find(images, 30, seed=0)
    own = assigned(found, images)
    sizes = np.bincount(own, minlength=30)
    assert sizes.min() > 0
    purity = sum(np.bincount(labels[own == number], minlength=10).max() for number in range(30)) / len(images)
    assert purity > 0.7, "of ten classes in no order it would be 0.15"
    drawn = np.random.default_rng(0).standard_normal(100_000)
    shares = np.bincount(np.searchsorted(found.thresholds, drawn), minlength=30) / len(drawn)
    np.testing.assert_allclose(shares, sizes / len(images), atol=0.005)


def test_neighbouring_clusters_are_alike() -> None:
    points = np.random.default_rng(0).permutation(np.arange(12.0))[:, np.newaxis].astype(np.float32)
    order = points[clusters._chain(points), 0]
    assert np.abs(np.diff(order)).sum() <= 2 * 11


def test_the_same_seed_finds_the_same_and_another_does_not() -> None:
    images = MNIST.load().train_images[:600]
    first, again, other = (clusters.find(images, 8, seed) for seed in (1, 1, 2))
    assert first.centres.tobytes() == again.centres.tobytes()
    assert not np.array_equal(first.centres, other.centres)


def test_more_clusters_than_images_are_no_fault() -> None:
    found = clusters.find(MNIST.load().train_images[:5], 8, seed=0)
    assert found.thresholds.shape == (7,)
    assert np.isfinite(found.centres).all() and (np.diff(found.thresholds) >= 0).all()
