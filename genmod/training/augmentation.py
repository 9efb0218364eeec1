"""Measuring what data augmentation gains: for each seed a generator, and a classifier for each way."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata

import keras
import numpy as np
import tensorflow as tf

from genmod.datasets import Floats, Images, Indices, Labels
from genmod.drawing import images as pictures
from genmod.lesson import augmentation
from genmod.lesson.augmentation import BATCH_SIZE, SOURCE, STEPS, WAYS, Cell, Result, Way
from genmod.lesson.few_images import in_columns, moved
from genmod.models import registry
from genmod.models.classifier import Classifier
from genmod.quality import reference

Report = Callable[[float, str], None]  # the share that is done, and what is being done; may raise to end it
Tell = Callable[[float], None]  # the share that is done of one network's training
Draw = Callable[[int], tuple[Images, Labels]]  # so many images (n, 28, 28) with their labels (n,)

CHUNK = 50  # steps between two reports
AT_ONCE = 1_000  # images that are looked at or drawn together
GENERATOR_SHARE = 2.0  # what a generator costs, in classifiers
_ORDER, _LATENTS, _SHOWN = 20_191, 20_192, 20_193  # keep apart random numbers that begin with the same seed


def measure(
    found: Result,
    keep: Callable[[Result], None],
    report: Report = lambda share, doing: None,
    keep_sheet: Callable[[bytes], None] = lambda png: None,
) -> Result:
    """Find the accuracies of an experiment that are missing.

    Args:
        found: what is known already.
        keep: takes the result each time one more accuracy is known.
        report: hears how far it is, several times for each network; whatever it raises ends the measuring.
        keep_sheet: takes a PNG file of some images that the first seed's generator has drawn.

    Raises:
        DataError: if the data set cannot be read.
    """
    experiment, data = found.experiment, SOURCE.load()
    progress, classifiers, generators = _Progress(found, report), Classifiers(), Generators(experiment.images)
    for seed in experiment.all_seeds:
        ways = [WAYS[way] for way, other in found.missing if other == seed]
        real = augmentation.real_images(experiment.images, seed)
        drawn: tuple[Images, Labels] | None = None
        if any(way.generates for way in ways):
            tell = progress.part(GENERATOR_SHARE, f"Seed {seed}: a VAE learns to draw from {len(real[0])} images")
            generators.train(*real, seed, tell)
            drawn = generators.draw(experiment.generated, seed)
            found = found.with_agreement(seed, read_as(*drawn))
            if seed == experiment.first_seed:
                keep_sheet(sheet(drawn[0]))
        for way in ways:
            tell = progress.part(1.0, f"Seed {seed}: a classifier learns from {way.phrase}")
            classifiers.train(seed, shown(way, real, drawn, seed), tell)
            accuracy = classifiers.accuracy(data.test_images, data.test_labels)
            found = found.with_cell(Cell(way.name, seed, accuracy))
            keep(found)
    return found


def versions() -> dict[str, str]:
    """The versions of what computes."""
    return {name: metadata.version(name) for name in ("tensorflow", "keras", "numpy")}


class _Progress:
    """How much of an experiment is done, counted in classifiers."""

    def __init__(self, found: Result, report: Report) -> None:
        self.report = report
        generators = len({seed for way, seed in found.missing if WAYS[way].generates})
        self.done = float(len(found.experiment.places) - len(found.missing))
        self.total = len(found.experiment.places) + GENERATOR_SHARE * generators

    def part(self, cost: float, doing: str) -> Tell:
        """One network's training of so much cost."""
        start, self.done = self.done, self.done + cost

        def tell(share: float) -> None:
            self.report((start + share * cost) / self.total, doing)

        tell(0.0)
        return tell


# What a classifier is shown


def shown(way: Way, real: tuple[Images, Labels], drawn: tuple[Images, Labels] | None, seed: int) -> Draw:
    """Images taken at random with replacement: half of them generated ones, and all of them moved, as the way says.

    Args:
        real: the real images (n, 28, 28) and their labels (n,).
        drawn: the generated ones, for a way that needs them.
    """
    generator = np.random.default_rng([_SHOWN, seed])
    parts = [real] if drawn is None or not way.generates else [real, drawn]

    def draw(count: int) -> tuple[Images, Labels]:
        picked = [
            (images[indices], labels[indices])
            for images, labels in parts
            for indices in [generator.integers(0, len(images), count // len(parts))]
        ]
        order = generator.permutation(count)
        images, labels = (np.concatenate(arrays)[order] for arrays in zip(*picked, strict=True))
        return (moved(images, generator) if way.moves else images), labels

    return draw


def read_as(images: Images, labels: Labels) -> float:
    """The share of images (n, 28, 28) that the classifier which measures samples reads as these classes (n,).

    Raises:
        DataError: if that classifier is missing or damaged.
    """
    _, probabilities = reference.load(reference.folder(SOURCE), SOURCE).classifier.classify(images)
    return float((probabilities.argmax(axis=1) == labels).mean())


def sheet(drawn: Images) -> bytes:
    """A PNG file of some images of each class, one class a column.

    Args:
        drawn: uint8 (classes * count, 28, 28) in order of the class.
    """
    rows = in_columns(drawn, SOURCE.classes, augmentation.SHEET_ROWS)
    return pictures.png(pictures.contact_sheet(rows, SOURCE.classes))


# The generator


class Generators:
    """One VAE for so many images of each class, compiled once and begun anew for each training."""

    def __init__(self, images: int) -> None:
        self.images = images
        self.config = augmentation.generator_config(images)
        self.model = registry.build(self.config)
        self._steps = tf.function(self._steps_of, jit_compile=self.model.compiles_with_xla)

    def train(self, images: Images, labels: Labels, seed: int, tell: Tell = lambda share: None) -> None:
        """Train from the start weights of a seed on images (n, 28, 28) with their classes (n,), and on nothing else."""
        fresh = registry.build(augmentation.generator_config(self.images, seed))
        for variable, value in zip(self.model.state, fresh.state, strict=True):
            variable.assign(value)
        generator = np.random.default_rng([_ORDER, seed])
        rows, classes = images.reshape(len(images), -1), one_hot(labels)
        for step in range(0, augmentation.GENERATOR_STEPS, CHUNK):
            tell(step / augmentation.GENERATOR_STEPS)
            order = rounds(generator, len(images), CHUNK * self.config.batch_size)
            self._steps(tf.constant(rows[order]), tf.constant(classes[order]))

    def draw(self, count: int, seed: int) -> tuple[Images, Labels]:
        """`count` new images of each class, uint8 (classes * count, 28, 28) in order of the class, and their labels."""
        labels = np.repeat(np.arange(SOURCE.classes), count)
        noise = np.random.default_rng([_LATENTS, seed])
        latents = noise.standard_normal((len(labels), self.config.latent_dim)).astype(np.float32)
        parts = [
            self._drawn(latents[first : first + AT_ONCE], labels[first : first + AT_ONCE])
            for first in range(0, len(labels), AT_ONCE)
        ]
        return np.concatenate(parts), labels

    def _steps_of(self, rows: tf.Tensor, classes: tf.Tensor) -> None:
        size, step = self.config.batch_size, tf.constant(0)
        while step < CHUNK:
            first = step * size
            batch = tf.cast(tf.slice(rows, [first, 0], [size, SOURCE.pixels]), tf.float32) / 255.0
            told = tf.slice(classes, [first, 0], [size, SOURCE.classes])
            self.model.train_step(tf.reshape(batch, (size, *SOURCE.image_shape)), told)
            step += 1

    def _drawn(self, latents: Floats, labels: Labels) -> Images:
        return pictures.to_uint8(self.model.generate(tf.constant(latents), tf.constant(one_hot(labels))).numpy())


def one_hot(labels: Labels) -> Floats:
    """The classes (n,) as rows with a single 1, float32 (n, classes)."""
    return np.eye(SOURCE.classes, dtype=np.float32)[labels]


def rounds(generator: np.random.Generator, images: int, count: int) -> Indices:
    """`count` indices of images: round after round through all of them, each in another order."""
    return np.concatenate([generator.permutation(images) for _ in range(-(-count // images))])[:count]


# The classifier


class Classifiers:
    """One classifier, compiled once and begun anew for each training."""

    def __init__(self) -> None:
        self.model = _new(0)
        # Not through XLA, which is ruinous for convolutions inside a loop on a CPU.
        self._steps = tf.function(self._steps_of)
        self._answers = tf.function(self._answers_of)

    def train(self, seed: int, draw: Draw, tell: Tell = lambda share: None) -> None:
        """Train from the start weights of a seed; the number of steps is always the same."""
        fresh = _new(seed)
        for variable, value in zip(_state(self.model), _state(fresh), strict=True):
            variable.assign(value)
        for step in range(0, STEPS, CHUNK):
            tell(step / STEPS)
            images, labels = draw(CHUNK * BATCH_SIZE)
            self._steps(tf.constant(images[..., np.newaxis]), tf.constant(labels.astype(np.int32)))

    def accuracy(self, images: Images, labels: Labels) -> float:
        """The share of images (n, 28, 28) whose class (n,) it names right."""
        answers = [
            self._answers(tf.constant(images[first : first + AT_ONCE, ..., np.newaxis])).numpy()
            for first in range(0, len(images), AT_ONCE)
        ]
        return float((np.concatenate(answers) == labels).mean())

    def _steps_of(self, images: tf.Tensor, labels: tf.Tensor) -> None:
        step = tf.constant(0)
        while step < CHUNK:
            first = step * BATCH_SIZE
            batch = tf.ensure_shape(images[first : first + BATCH_SIZE], (BATCH_SIZE, *SOURCE.image_shape))
            self.model.train_step(tf.cast(batch, tf.float32) / 255.0, labels[first : first + BATCH_SIZE])
            step += 1

    def _answers_of(self, images: tf.Tensor) -> tf.Tensor:
        return tf.argmax(self.model.logits(tf.cast(images, tf.float32) / 255.0, training=False), axis=-1)


def _new(seed: int) -> Classifier:
    return Classifier(SOURCE.image_shape, SOURCE.classes, STEPS, augmentation.LEARNING_RATE, seed)


def _state(model: Classifier) -> list[keras.Variable]:
    return [*model.variables, *model.optimizer.variables]
