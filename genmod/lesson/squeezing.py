"""What a bottleneck keeps of images, and what a decoder makes of places where it has put no code."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from genmod.datasets import DataSource, Floats, Images, Indices, Labels, to_float
from genmod.drawing import images
from genmod.inference import BATCH, DECODER, Encoder, Sampler
from genmod.quality import evaluation, likelihood, metrics, reference
from genmod.quality.reference import Reference
from genmod.quality.size_row import Size
from genmod.runs import Run
from genmod.system.file_cache import FileCache

CHECKED = 1_000  # test images whose reconstructions the classifier is shown, evenly spread over all
SEARCHED = 1_000  # codes whose nearest neighbour is looked for, to say how far apart codes usually are
NEARLY_ALL = 0.9  # of the reconstructions
FAR = 10.0  # times the usual distance between codes, beyond which a place counts as a hole
ENDS = 60  # codes between which a hole is looked for
TRIED = 500  # places whose images the classifier is shown
_recognised: FileCache[float] = FileCache(40)


def examples(labels: Labels, classes: int) -> Indices:
    """The first image of each class among labels (n,), in the order of the classes; at most `classes` of them."""
    firsts = [np.flatnonzero(labels == number)[:1] for number in range(classes)]
    return np.concatenate(firsts).astype(np.int64)


def rebuilt(encoder: Encoder, sampler: Sampler, originals: Images) -> Images:
    """What is left of uint8 images (n, 28, 28) after the squeeze: the same type and shape."""
    z_mean, _ = encoder.encode(originals)
    return images.to_uint8(sampler.decode(z_mean))


def read_as(against: Reference, pictures: Images) -> Labels:
    """The class that the classifier takes each of uint8 images (n, 28, 28) for, (n,)."""
    _, shares = against.classifier.classify(pictures)
    return np.asarray(shares.argmax(axis=1))


def recognised(size: Size, encoder: Callable[[Run], Encoder], sampler: Callable[[Run], Sampler]) -> float:
    """The share of `CHECKED` test images whose reconstruction the classifier takes for what the image shows.

    It is computed once for each state of the run's decoder.

    Args:
        encoder: opens a run's encoder, as `sampler` its decoder: neither is opened for what is known already.

    Raises:
        DataError: if the classifier or the data set is damaged.
    """
    source = size.run.config().source

    def share(_: str) -> float:
        data = source.load()
        chosen = evaluation.spread(CHECKED, len(data.test_images))
        seen = read_as(reference.of(source), rebuilt(encoder(size.run), sampler(size.run), data.test_images[chosen]))
        return float((seen == data.test_labels[chosen]).mean())

    return _recognised.get(str(size.run.exported(DECODER)), share)


@functools.cache
def recognised_originals(source: DataSource) -> float:
    """The same share for the test images themselves.

    Raises:
        DataError: if the classifier or the data set is damaged.
    """
    data = source.load()
    chosen = evaluation.spread(CHECKED, len(data.test_images))
    return float((read_as(reference.of(source), data.test_images[chosen]) == data.test_labels[chosen]).mean())


@functools.cache
def least_loss(source: DataSource) -> float:
    """The reconstruction loss, in nats per image, of a model that would rebuild every test image exactly.

    It is not 0: the cross-entropy of a grey pixel is least where the same grey is predicted, and still above 0 there.

    Raises:
        DataError: if the data set is damaged.
    """
    shown = source.load().test_images
    total = 0.0
    for first in range(0, len(shown), BATCH):
        batch = to_float(shown[first : first + BATCH])
        total += float(likelihood.binary_crossentropy(batch, batch).sum(dtype=np.float64))
    return total / len(shown)


def said_of_size(row: Sequence[Size], shares: Mapping[int, float], chosen: int, source: DataSource) -> str:
    """What is lost with the chosen size, and what more numbers bring, read from the numbers of a row.

    Args:
        shares: for each size of the row the share of its reconstructions that are recognised.
        chosen: one of the sizes of the row.
    """
    least, originals = least_loss(source), recognised_originals(source)
    size = next(one for one in row if one.numbers == chosen)
    lost = size.reconstruction - least
    said = (
        f"{source.pixels} pixels in {_numbers(chosen)}: of {CHECKED:,} rebuilt test images the classifier still "
        f"recognises {metrics.percent(shares[chosen])}; of the images themselves {metrics.percent(originals)}. "
        f"The reconstruction loss is {size.reconstruction:.1f} nats an image, where an exact copy would have "
        f"{least:.1f}: {lost:.1f} nats are lost."
    )
    enough = [one.numbers for one in row if shares[one.numbers] >= NEARLY_ALL]
    if enough and all(shares[one.numbers] >= NEARLY_ALL for one in row if one.numbers >= enough[0]):
        said += (
            f" From {_numbers(enough[0])} on, nine of ten are recognised, though {source.pixels - enough[0]} of "
            f"{source.pixels} numbers are gone: images of {source.plural} differ in few ways."
        )
    return said


def gain(row: Sequence[Size]) -> str:
    """What a further number brings at both ends of a row of at least three sizes."""
    first, second, *_ = row
    before, last = row[-2:]
    early, late = (
        (one.reconstruction - other.reconstruction) / (other.numbers - one.numbers)
        for one, other in ((first, second), (before, last))
    )
    how = "less and less" if early > late else "as much at the end as at the beginning"
    return (
        f"Further numbers bring {how}: each saves {early:.1f} nats from {first.numbers} to {second.numbers}, and "
        f"{late:.2f} from {before.numbers} to {last.numbers}."
    )


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


# Holes


@dataclass(frozen=True)
class Place:
    """A place in latent space and what is there.

    Attributes:
        z: where it is, (latent_dim,).
        image: what the decoder draws there, uint8 (rows, columns).
        nearest: the number of the test image whose code is nearest.
        distance: how far that code is.
        usual: the median distance between a code and the nearest other one.
        seen: the class that the classifier takes the image for.
        sureness: the probability that it gives that class.
    """

    z: Floats
    image: Images
    nearest: int
    distance: float
    usual: float
    seen: int
    sureness: float


def place(z: Floats, codes: Floats, usual: float, sampler: Sampler, against: Reference) -> Place:
    """What there is to say about a place z, (latent_dim,), among codes (n, latent_dim)."""
    distances = np.linalg.norm(codes - z, axis=1)
    nearest = int(distances.argmin())
    (image,) = images.to_uint8(sampler.decode(np.asarray(z, np.float32)[np.newaxis]))
    _, shares = against.classifier.classify(image[np.newaxis])
    seen = int(shares[0].argmax())
    return Place(z, image, nearest, float(distances[nearest]), usual, seen, float(shares[0, seen]))


def usual_distance(codes: Floats) -> float:
    """The median distance from a code to the nearest other one, of `SEARCHED` among codes (n, latent_dim)."""
    found = []
    for index in evaluation.spread(SEARCHED, len(codes)):  # one by one: all together would take hundreds of megabytes
        distances = np.linalg.norm(codes - codes[index], axis=1)
        distances[index] = np.inf
        found.append(distances.min())
    return float(np.median(found))


def between(codes: Floats) -> tuple[Floats, Floats]:
    """Places halfway between two of `ENDS` codes, (m, latent_dim), and how far each is from every code, (m,).

    Args:
        codes: (n, latent_dim); the two are taken evenly spread among them.
    """
    ends = codes[evaluation.spread(ENDS, len(codes))]
    places = np.concatenate([(one + ends[:count]) / 2 for count, one in enumerate(ends, 1)])
    parts = np.array_split(places, max(1, len(places) // ENDS))
    away = [np.linalg.norm(part[:, np.newaxis] - codes[np.newaxis], axis=2).min(axis=1) for part in parts]
    return places, np.concatenate(away)


def hole(codes: Floats, usual: float, sampler: Sampler, against: Reference) -> Floats:
    """A place between two codes and far from all, (latent_dim,): the one whose image is least like any class.

    Args:
        codes: (n, latent_dim).
        usual: the usual distance between them. If no place is far from all, it is the one that is farthest.
    """
    places, away = between(codes)
    far = np.flatnonzero(away > FAR * usual)
    if not len(far):
        return np.asarray(places[away.argmax()], np.float32)
    tried = places[far[evaluation.spread(TRIED, len(far))]]
    _, shares = against.classifier.classify(images.to_uint8(sampler.decode(np.asarray(tried, np.float32))))
    return np.asarray(tried[shares.max(axis=1).argmin()], np.float32)


def said_of(found: Place, source: DataSource, label: int) -> str:
    """How far a place is from every code and how sure the classifier is, in sentences.

    Args:
        label: the class of the test image whose code is nearest.
    """
    times = found.distance / max(found.usual, 1e-9)
    nearest = (
        f"Of the codes of {source.test_images:,} test images the nearest, of {source.class_phrase(label)}, is "
        f"{found.distance:.2f} away"
    )
    if times > FAR:
        where = (
            f"{nearest}, {times:.0f} times as far as codes usually are from each other ({found.usual:.2f}): a hole. "
            "The training gave the decoder next to nothing to learn here."
        )
    else:
        where = (
            f"{nearest}; codes usually are {found.usual:.2f} from the next. Here images were squeezed, and the decoder "
            "has learned what to draw."
        )
    sure = f"The classifier takes the image for {source.class_phrase(found.seen)} with a probability of"
    share = f"{100 * found.sureness:.0f} %"
    if found.sureness < metrics.SURE:
        usual, _ = reference.ends(source)["confident_share"]
        return (
            f"{where} {sure} {share}; to {metrics.percent(usual)} of real test images it gives more than "
            f"{100 * metrics.SURE:.0f} %."
        )
    return f"{where} {sure} {share}{': it has to choose a class, whatever it is shown' if times > FAR else ''}."
