"""What models that were trained on different images rebuild and draw: numbers, and sentences chosen by them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genmod.datasets import FASHION_MNIST, MNIST, SHAPES, DataSource, Doubles, Floats, Images, to_float
from genmod.datasets.shapes import first_test_images
from genmod.drawing import images
from genmod.inference import DECODER, Encoder, Sampler
from genmod.kinds import Config
from genmod.quality import Quality, likelihood, metrics, reference
from genmod.runs import Run
from genmod.system.file_cache import FileCache

CHECKED = 300  # test images of each group that each model rebuilds
LOOKED_AMONG = 4_000  # test images among which they are: every tenth digit is a seven
OFTEN = 0.1  # the share from which on what a classifier sees is worth naming
RECOGNISED = 0.6  # the share above which what is not recognised goes unsaid
NEAR = 20.0  # nats more than a copy: a reconstruction that can hardly be told from the original
SEVEN = 7


@dataclass(frozen=True)
class Training:
    """Images to train on, and the shipped run that did.

    Attributes:
        name: of the images, in the link too.
        run: the run's id.
    """

    name: str
    run: str


@dataclass(frozen=True)
class Group:
    """Test images of one sort, which a model has seen the like of or not.

    Attributes:
        name: of one of them, in the link too.
        plural: of several.
        source: the data set that they are from.
        classes: of it; all if none is named.
    """

    name: str
    plural: str
    source: DataSource
    classes: tuple[int, ...] = ()

    def seen_by(self, config: Config) -> bool:
        """Whether a model with these settings has learned from such images."""
        if config.dataset != self.source.name:
            return False
        return not config.classes or (bool(self.classes) and set(self.classes) <= set(config.classes))


TRAININGS = (
    Training("All digits", "all-digits"),
    Training("No sevens", "no-sevens"),
    Training("Only sevens", "only-sevens"),
    Training("Fashion items", "fashion-vae-map"),
    Training("Shapes", "only-shapes"),
)
GROUPS = (
    Group("A seven", "sevens", MNIST, (SEVEN,)),
    Group("Another digit", "other digits", MNIST, tuple(digit for digit in range(10) if digit != SEVEN)),
    Group("A fashion item", "fashion items", FASHION_MNIST),
    Group("A shape", "shapes", SHAPES),
)


@dataclass(frozen=True)
class Rebuilt:
    """What a model makes of test images of one group.

    Attributes:
        loss: how much more than an exact copy their reconstructions lose, the mean in nats an image.
        seen: for each class of the run's data set the share of them that its classifier takes for it, (classes,).
        right: the share that it takes for what they are; None of images of another data set.
    """

    loss: float
    seen: Doubles
    right: float | None


_rebuilt: Mapping[str, FileCache[Rebuilt]] = {group.name: FileCache(24) for group in GROUPS}


@functools.cache
def originals(group: Group) -> tuple[Images, tuple[int, ...]]:
    """The first `CHECKED` test images of a group, uint8 (n, 28, 28), with the class of each.

    Raises:
        DataError: if the data set is damaged.
    """
    if group.source is SHAPES:  # which are drawn by code: a few are enough
        shown, labels = first_test_images(CHECKED)
    else:
        data = group.source.load()
        shown, labels = data.test_images[:LOOKED_AMONG], data.test_labels[:LOOKED_AMONG]
    chosen = np.flatnonzero(np.isin(labels, group.classes or range(group.source.classes)))[:CHECKED]
    return np.array(shown[chosen]), tuple(labels[chosen].tolist())


def rebuilt(run: Run, group: Group, encoder: Callable[[Run], Encoder], sampler: Callable[[Run], Sampler]) -> Rebuilt:
    """What the run makes of a group, computed once for each state of its decoder.

    Args:
        encoder: opens a run's encoder, as `sampler` its decoder: neither is opened for what is known already.

    Raises:
        RunError: if a model is missing or damaged.
        DataError: if the classifier or a data set is damaged.
    """

    def measured(path: str) -> Rebuilt:
        (shown, classes), source = originals(group), run.config().source
        pixels = decoded(shown, encoder(run), sampler(run))
        taken = reference.of(source).classifier.classify(images.to_uint8(pixels))[1].argmax(axis=1)
        right = float((taken == np.array(classes)).mean()) if source is group.source else None
        seen = np.bincount(taken, minlength=source.classes) / len(shown)
        return Rebuilt(float(lost(shown, pixels).mean()), seen, right)

    return _rebuilt[group.name].get(str(run.exported(DECODER)), measured)


def decoded(shown: Images, encoder: Encoder, sampler: Sampler) -> Floats:
    """Reconstructions in [0, 1], (n, 28, 28), of uint8 images of the same shape, each from the mean of its code."""
    return sampler.decode(encoder.encode(shown)[0])


def lost(shown: Images, pixels: Floats) -> Floats:
    """By how many nats the reconstruction loss of each image exceeds that of an exact copy, (n,).

    A copy's own is not 0, and differs from image to image: the cross-entropy of a grey pixel is least where the same
    grey is predicted. So this, which is 0 for a copy, can be compared between data sets.
    """
    targets = to_float(shown)
    found: Floats = likelihood.binary_crossentropy(targets, pixels) - likelihood.binary_crossentropy(targets, targets)
    return found


# Sentences


def what_was_seen(group: Group, config: Config) -> str:
    """Whether such images were among those that a model learned from."""
    if group.seen_by(config):
        return f"It has learned from {group.plural}."
    return f"It has never seen {group.plural}."


def said_of_rebuilt(run: Run, group: Group, found: Rebuilt) -> str:
    """What the classifier takes the rebuilt images of a group for."""
    source, which = run.config().source, f"Of {CHECKED} rebuilt {group.plural} the classifier"
    own = group.classes[0] if found.right is not None and len(group.classes) == 1 else None
    order = [int(place) for place in np.argsort(-found.seen, kind="stable") if place != own]
    often = [_taken(source, found, place) for place in order[:3] if found.seen[place] >= OFTEN]
    if own is not None:
        return f"{which} still takes {_listed([_taken(source, found, own), *often])}."
    if found.right is None:
        return f"{which} takes {_listed(often)}: it knows {source.plural} alone, and so does the model."
    said = f"{which} recognises {metrics.percent(found.right, 0)}"
    if found.right > RECOGNISED:
        return f"{said}."
    near = group.seen_by(run.config()) and found.loss < NEAR
    because = f": few pixels tell {group.plural} apart, and those are lost" if near else ""
    return f"{said} and takes {often[0]}{because}."


def _taken(source: DataSource, found: Rebuilt, place: int) -> str:
    return f"{metrics.percent(float(found.seen[place]), 0)} for {source.class_phrase(place)}"


def said_of_samples(source: DataSource, config: Config, found: Quality | None) -> str:
    """What the classifier sees in pictures that the model draws; empty where nobody has measured it."""
    if found is None or len(found.shares("class_shares")) != source.classes:
        return ""
    count = f"{found.notes['samples']:,}"
    if source is MNIST:
        share = metrics.percent(found.shares("class_shares")[SEVEN])
        among = float((source.load().train_labels[config.learned] == SEVEN).mean())
        shown = {0.0: "no training image was one", 1.0: "all training images were"}
        return (
            f"Of {count} pictures that it draws, the classifier takes {share} for {source.class_phrase(SEVEN)}; "
            f"{shown.get(among, f'of its training images {metrics.percent(among)} were')}."
        )
    sure = metrics.percent(float(found.values["confident_share"]))  # type: ignore[arg-type]  # no list
    return f"The classifier of {source.title} is sure of {sure} of {count} pictures that it draws."


def said_of_losses(table: Mapping[str, tuple[Config, Mapping[str, float]]], chosen: str) -> str:
    """How much the chosen model loses with what it has seen and with what it has not, read from the table.

    Args:
        table: for each training its settings, and for each group its loss.
    """
    config, losses = table[chosen]
    seen = {group.plural: losses[group.name] for group in GROUPS if group.seen_by(config)}
    unseen = {group.plural: losses[group.name] for group in GROUPS if not group.seen_by(config)}
    best, worst = min(seen, key=seen.__getitem__), max(seen, key=seen.__getitem__)
    own = f"{seen[best]:.0f}" if len(seen) == 1 else f"{seen[best]:.0f} ({best}) and {seen[worst]:.0f} ({worst})"
    least, most = min(unseen, key=unseen.__getitem__), max(unseen, key=unseen.__getitem__)
    other = f"{unseen[least]:,.0f} ({least}) to {unseen[most]:,.0f} ({most})"
    what = "with all else it loses more" if unseen[least] > seen[worst] else "with what it has not seen"
    return f"With what it has learned from, this model loses {own} nats more than a copy would; {what}, {other}."


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
