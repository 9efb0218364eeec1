"""Clusters of images: what k-means finds, their order, and the thresholds that draw them as often as they are."""

from __future__ import annotations

import numpy as np

from genmod.datasets import MNIST, Images, Indices, to_float
from genmod.models import clusters


def assigned(found: clusters.Clusters, images: Images) -> Indices:
    nearest: Indices = np.asarray(found.of_images(to_float(images))).argmax(axis=1)
    return nearest


def test_clusters_are_of_images_that_are_alike_and_come_as_often_as_they_are() -> None:
    data = MNIST.load()
    images, labels = data.train_images[:5000], data.train_labels[:5000]
    found = clusters.find(images, 30, seed=0)
    own = assigned(found, images)
    sizes = np.bincount(own, minlength=30)
    assert sizes.min() > 0
    purity = sum(np.bincount(labels[own == number], minlength=10).max() for number in range(30)) / len(images)
    assert purity > 0.8, "of ten classes in no order it would be 0.15"
    drawn = np.random.default_rng(0).standard_normal(100_000)
    shares = np.bincount(np.searchsorted(found.thresholds[0], drawn), minlength=30) / len(drawn)
    np.testing.assert_allclose(shares, sizes / len(images), atol=0.005)


def test_an_image_belongs_to_the_nearest_centre() -> None:
    images = to_float(MNIST.load().train_images[:50])
    found = clusters.find(MNIST.load().train_images[:500], 12, seed=0)
    points = np.asarray(clusters.histograms(images)) @ found.directions - found.origin
    distances = np.square(points[:, np.newaxis] - found.centres).sum(axis=2)
    np.testing.assert_array_equal(np.asarray(found.of_images(images)), np.eye(12)[distances.argmin(axis=1)])


def test_histograms_say_the_direction_of_a_stroke_and_hardly_its_place() -> None:
    images = np.zeros((3, 28, 28, 1), np.float32)
    images[0, 6:22, 13:15], images[1, 6:22, 14:16], images[2, 13:15, 6:22] = 1.0, 1.0, 1.0
    upright, moved, lying = np.asarray(clusters.histograms(images))
    np.testing.assert_allclose([np.linalg.norm(row) for row in (upright, moved, lying)], 1.0, rtol=1e-4)
    assert upright @ moved > 0.9 > 0.5 > upright @ lying


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
    assert found.thresholds.shape == (1, 7)
    assert np.isfinite(found.centres).all() and (np.diff(found.thresholds) >= 0).all()
