"""Training the classifier that measures samples of a data set, and finding both ends of every scale with it."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from genmod import datasets, quality
from genmod.datasets import Dataset, DataSource, Images, Labels
from genmod.inference import turns
from genmod.models.classifier import Classifier as KerasClassifier
from genmod.quality import likelihood, metrics, reference
from genmod.quality.distances import moments, nearest
from genmod.quality.reference import CLASSIFIER, DESCRIPTION, FEATURES, Classifier, Reference
from genmod.quality.repeats import near_duplicate_distances
from genmod.system import files
from genmod.system.quiet import quiet
from genmod.training.export import name_outputs

LEARNING_RATE, BATCH_SIZE, EPOCHS, SEED = 2e-3, 100, 6, 0
OUTPUTS = ("features", "probabilities")

NOISE_SEED = 1
ORDER_SEED = 2  # in which test images stand in for samples: their first half is tidier than their second

Report = Callable[[int, dict[str, float]], None]


def train(
    data: Dataset,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
    seed: int = SEED,
    report: Report = lambda epoch, metrics: None,
) -> KerasClassifier:
    """Train a classifier on the training images; `report` gets each epoch's mean loss and accuracy."""
    batch_size = min(batch_size, len(data.train_images))
    steps = -(-len(data.train_images) // batch_size)
    source = datasets.source(data.name)
    model = KerasClassifier(source.image_shape, source.classes, epochs * steps, LEARNING_RATE, seed)
    images = tf.constant(data.train_images.reshape(len(data.train_images), -1))
    labels = tf.constant(data.train_labels.astype(np.int32))
    shape = (batch_size, *data.train_images.shape[1:], 1)

    # Not through XLA, which is ruinous for convolutions inside a loop on a CPU.
    @tf.function
    def epoch_of(order: tf.Tensor) -> tf.Tensor:
        totals = tf.zeros((len(model.metric_names),))
        step = tf.constant(0)
        while step < steps:
            indices = tf.slice(order, [step * batch_size], [batch_size])
            batch = tf.reshape(tf.cast(tf.gather(images, indices), tf.float32) / 255.0, shape)
            metrics = model.train_step(batch, tf.gather(labels, indices))
            totals += tf.stack([metrics[name] for name in model.metric_names])
            step += 1
        return totals / tf.cast(steps, tf.float32)

    for epoch in range(epochs):
        permutation = np.random.default_rng([seed, epoch]).permutation(len(data.train_images))
        means = epoch_of(tf.constant(np.resize(permutation, steps * batch_size).astype(np.int32)))
        report(epoch + 1, dict(zip(model.metric_names, means.numpy().tolist(), strict=True)))
    return model


def export(model: KerasClassifier, path: Path) -> None:
    """Write `features` (n, 64) and `probabilities` (n, classes) of images (n, 28, 28, 1) as one LiteRT file."""
    with files.replacing(path) as temporary:
        with quiet():
            model.network.export(str(temporary), format="litert", verbose=False)
        temporary.write_bytes(name_outputs(temporary.read_bytes(), OUTPUTS))


def make(
    folder: Path,
    source: DataSource,
    data: Dataset | None = None,
    report: Report = lambda epoch, metrics: None,
) -> dict[str, Any]:
    """Train a data set's classifier and write all that `genmod.quality.reference` reads; returns the description.

    Args:
        data: the images to use; all of the data set if not given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = source.load() if data is None else data
    model = train(data, report=report)
    export(model, folder / CLASSIFIER)
    classifier = Classifier(folder / CLASSIFIER)
    features, _ = classifier.classify(data.train_images)
    mean, covariance = moments(features)
    # Half precision is far finer than what separates two images, and half the size.
    kept = features[: quality.Sizes().balls].astype(np.float16)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, mean=mean, covariance=covariance, features=kept)
    files.write_bytes(folder / FEATURES, buffer.getvalue())
    index, distances = nearest(data.test_images, data.train_images)
    labels = data.train_labels[index]
    nearest_of_each = [distances[labels == number].min(initial=np.inf) for number in range(source.classes)]
    closest = np.array(nearest_of_each, np.float64)
    alike = near_duplicate_distances(data.train_images, data.train_labels, source.classes)
    against = Reference(classifier, (mean, covariance), kept.astype(np.float32), closest, alike)
    _, probabilities = classifier.classify(data.test_images)
    about = {
        "recipe": {
            "optimizer": "adam",
            "learning_rate": LEARNING_RATE,
            "schedule": "cosine",
            "batch_size": BATCH_SIZE,
            "epochs": EPOCHS,
            "seed": SEED,
        },
        "parameters": model.count_params(),
        "test_accuracy": float((probabilities.argmax(axis=1) == data.test_labels).mean()),
        "data_sha256": data.sha256,
        "closest_test_images": closest.tolist(),
        "near_duplicates": alike.tolist(),
        "ends": ends(against, data),
        "sha256": {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in (CLASSIFIER, FEATURES)},
    }
    files.write_json(folder / DESCRIPTION, about)
    reference.load.cache_clear()
    return about


def measure_again(folder: Path, source: DataSource, data: Dataset | None = None) -> dict[str, Any]:
    """Measure with a classifier that is there the ends of all scales, and how near two images are that count as one.

    Both are written down.

    Args:
        data: the images to use; all of the data set if not given.

    Returns:
        The description.

    Raises:
        DataError: if the classifier is missing or damaged.
    """
    data = data or source.load()
    about = files.read_json(folder / DESCRIPTION)
    if about is not None:  # before the rest is read, for the description of an older version lacks it
        alike = near_duplicate_distances(data.train_images, data.train_labels, source.classes)
        about["near_duplicates"] = alike.tolist()
        files.write_json(folder / DESCRIPTION, about)
        reference.load.cache_clear()
    about = {**(about or {}), "ends": ends(reference.load(folder, source), data)}
    files.write_json(folder / DESCRIPTION, about)
    return about


def ends(against: Reference, data: Dataset) -> dict[str, tuple[float, float]]:
    """For each metric what real test images give and what noise gives, measured as samples are."""
    count = len(data.test_images)
    order = np.random.default_rng(ORDER_SEED).permutation(count)
    noise: Images = np.random.default_rng(NOISE_SEED).integers(0, 256, data.test_images.shape, np.uint8)
    source = datasets.source(data.name)

    def measured(images: Images, asked: Labels | None = None) -> dict[str, metrics.Value]:
        return metrics.values(source, quality.compare(images, against, data, asked))

    best = measured(data.test_images[order], data.test_labels[order])
    worst = measured(noise, turns(count, against.classes))
    found = {
        name: (value, worst_value)
        for name, value in best.items()
        if isinstance(value, float) and isinstance(worst_value := worst[name], float)
    }
    # Noise is no copy; the images that a model could learn by heart are.
    copies = measured(data.train_images[:1_000])["copied_share"]
    assert isinstance(copies, float)
    found["copied_share"] = (found["copied_share"][0], copies)
    # Nor does noise repeat itself; one image does.
    alone = measured(np.repeat(data.test_images[:1], count, axis=0))["different_images"]
    assert isinstance(alone, float)
    found["different_images"] = (found["different_images"][0], alone)
    targets, static = (images.astype(np.float32) / np.float32(255.0) for images in (data.test_images, noise))
    perfect, useless = (
        float(likelihood.binary_crossentropy(targets, remade).mean(dtype=np.float64)) for remade in (targets, static)
    )
    found["test_reconstruction_loss"] = (perfect, useless)
    found["test_elbo"] = found["test_log_likelihood_bound"] = (-perfect, -useless)
    return found
