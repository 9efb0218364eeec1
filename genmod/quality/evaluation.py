"""Measuring a run: its samples and its reconstructions against real images. No TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from genmod.datasets import Dataset, DataSource, Floats, Images, Indices, Labels
from genmod.drawing import images as pictures
from genmod.errors import RunError
from genmod.inference import turns
from genmod.inference.latent_sources import SOURCES
from genmod.inference.library import LoadedRun
from genmod.kinds.kind import Prior
from genmod.quality import likelihood, metrics, reference
from genmod.quality.distances import directions, frechet_distance, moments, nearest, precision_recall
from genmod.quality.evidence import Evidence
from genmod.quality.reference import Reference
from genmod.quality.repeats import repeats
from genmod.quality.result import COMPARED, Quality, stamp
from genmod.runs import Run, now

SEED = 20_000  # of the samples; unlike any that a training or a page begins with
COLUMNS = 5  # of the first two sheets, unless there are fewer classes
CLEAR, UNCLEAR, PAIRS = 2, 20, 10  # samples shown: the clearest of each class, the least clear, pairs with neighbours

DOING: Mapping[Prior, str] = {
    "fitted": "latents fitted to the codes",
    "mixture": "latents from a mixture",
    "codes": "the codes of training images",
}

Report = Callable[[float, str], None]  # takes the share that is done, and what is being done


@dataclass(frozen=True)
class Sizes:
    """How much is looked at; the whole takes about five seconds on two idle cores.

    Attributes:
        samples: for the distance, the classes and the share of clear digits.
        balls: the most samples, and as many real images, for precision and recall.
        searched: the most samples whose nearest training image is looked for.
        bound_images: test images for the log-likelihood bound, evenly spread.
        bound_draws: codes an image for that bound.
        importance_images: binarised test images for the bound that papers give, evenly spread.
        importance_samples: codes an image for it.
    """

    samples: int = metrics.SAMPLES
    balls: int = 5_000
    searched: int = 2_000
    bound_images: int = 1_000
    bound_draws: int = 100
    importance_images: int = 2_000
    importance_samples: int = 50


class Drawing(Protocol):
    """What is needed of a model to measure its samples."""

    @property
    def conditional(self) -> bool:
        """Whether it was trained by class: then the classes of its samples take turns."""

    def sample(self, n: int, seed: int) -> tuple[Images, Floats]:
        """`n` images, uint8 (n, 28, 28), and their latents."""


def measure(run: Run, sizes: Sizes | None = None, report: Report = lambda share, doing: None) -> Quality:
    """Measure a run: all numbers that its kind has, always with the same random numbers.

    Raises:
        RunError: if it has no exported models.
        DataError: if the classifier or the data set is damaged.
        Exception: whatever `report` raises, which stops the measurement.
    """
    sizes = sizes or Sizes()
    made_of = stamp(run)
    report(0.0, "Loading the model and the classifier")
    model, source = LoadedRun(run), run.config().source
    data, against = images_of(source), reference.of(source)
    losses = held_out(run, data, sizes, _part(report, 0.0, 0.35)) if run.kind().encodes else {}
    report(0.35, f"Drawing {sizes.samples:,} samples")
    drawn, asked = samples(model, sizes.samples, source.classes)
    by_source, unmade = elsewhere(model, sizes.samples, against, _part(report, 0.4, 0.6))
    seen = compare(drawn, against, data, asked, sizes, _part(report, 0.6, 0.9), losses, by_source)
    by_choice = compared(model, sizes.samples, against, seen.features, _part(report, 0.9, 1.0))
    values = metrics.values(source, seen)
    # Of a model that learned nothing a number may be without bounds: then there is none.
    values = {name: value for name, value in values.items() if isinstance(value, list) or math.isfinite(value)}
    report(1.0, "Done")
    sheets, notes = _sheets(drawn, seen, data, source.classes)
    notes |= {"samples": sizes.samples, "searched": len(seen.nearest), "seed": SEED}
    if unmade:
        notes["unmade"] = unmade
    if by_choice:
        notes[COMPARED] = by_choice
    if "test_log_likelihood_bound" in values:
        notes |= {"bound_images": sizes.bound_images, "bound_draws": sizes.bound_draws}
    if "test_binarised_nll_bound" in values:
        notes |= {
            "importance_images": min(sizes.importance_images, len(data.test_images)),
            "importance_samples": sizes.importance_samples,
        }
    return Quality(values, sheets, notes, made_of, now())


def images_of(source: DataSource) -> Dataset:
    """The real images that samples are measured against."""
    return source.load()


def samples(model: Drawing, count: int, classes: int) -> tuple[Images, Labels | None]:
    """`count` images, uint8 (count, 28, 28), and of a model trained by class also which class each was to show."""
    drawn, _ = model.sample(count, SEED)
    return drawn, turns(count, classes) if model.conditional else None


def elsewhere(
    model: LoadedRun, count: int, against: Reference, report: Report
) -> tuple[dict[Prior, tuple[Floats, Floats]], dict[str, str]]:
    """What the classifier sees in `count` samples from each source of latents but the prior.

    Returns:
        Features and class probabilities by source, of which there is none without an encoder; and for a source that
        cannot be used, why, in a sentence.
    """
    found: dict[Prior, tuple[Floats, Floats]] = {}
    unmade: dict[str, str] = {}
    others = [source for source in SOURCES if source != "normal"] if model.run.kind().encodes else []
    for place, source in enumerate(others):
        report(place / len(others), f"Drawing {count:,} samples with {DOING[source]}")
        try:
            drawn, _ = model.sample(count, SEED, latents=source)
        except RunError as error:
            if source == "fitted":  # which asks least: it is the encoder itself that cannot be used
                raise
            unmade[source] = str(error)
            continue
        found[source] = against.classifier.classify(drawn)
    return found, unmade


def compared(model: LoadedRun, count: int, against: Reference, usual: Floats, report: Report) -> list[list[float]]:
    """The Frechet distance of `count` samples for each value that the kind compares: pairs of both, rising.

    Always from the same latents, so that nothing but the value differs; empty for a kind that compares none.

    Args:
        usual: features of the samples with the value that is used when none is chosen.
    """
    kind = model.run.kind()
    if kind.compared is None:
        return []
    name, values = kind.compared
    default, found = kind.chosen(model.run.config(), {})[name], []
    for place, value in enumerate(values):
        report(place / len(values), f"Drawing {count:,} samples with {name} {value}")
        features = usual
        if value != default:
            drawn, _ = model.sample(count, SEED, 1.0, None, "normal", **{name: value})
            features, _ = against.classifier.classify(drawn)
        found.append([float(value), round(frechet_distance(moments(features), against.moments), 3)])
    return found


def held_out(run: Run, data: Dataset, sizes: Sizes, report: Report) -> dict[str, float]:
    """What an encoder and a decoder make of the test images, in nats per image."""
    report(0.0, "Reconstructing the test images")
    values = dict(likelihood.evaluate(run, data.test_images, data.test_labels))
    doing = "Bounding the log-likelihood of test images"
    report(0.2, doing)
    chosen = spread(sizes.bound_images, len(data.test_images))
    bounds = likelihood.log_likelihood_bounds(
        run, data.test_images[chosen], data.test_labels[chosen], sizes.bound_draws,
        lambda share: report(0.2 + 0.4 * share, doing),
    )  # fmt: skip
    if bounds is None:
        return values
    values["test_log_likelihood_bound"] = float(bounds.mean(dtype=np.float64))
    doing = "Bounding the log-likelihood of binarised test images"
    report(0.6, doing)
    return values | likelihood.binarised_likelihood(
        run, data.test_images, data.test_labels, spread(sizes.importance_images, len(data.test_images)),
        sizes.importance_samples, lambda share: report(0.6 + 0.4 * share, doing),
    )  # fmt: skip


def spread(count: int, among: int) -> Indices:
    """The indices of `count` images of so many, evenly spread; of all if there are no more.

    The first half of MNIST's test images was written by tidier hands: the first ones would not stand for all.
    """
    return np.linspace(0, among - 1, min(count, among)).astype(np.int64)


def compare(
    images: Images,
    against: Reference,
    data: Dataset,
    asked: Labels | None = None,
    sizes: Sizes | None = None,
    report: Report = lambda share, doing: None,
    losses: Mapping[str, float] | None = None,
    by_source: Mapping[Prior, tuple[Floats, Floats]] | None = None,
) -> Evidence:
    """Compare any images with the real ones: samples, test images, or noise.

    Args:
        images: uint8 (n, 28, 28), in no order; the nearest training image is looked for of the first ones.
        asked: the class each was meant to show, (n,).
        losses: of a model with an encoder, on the test images.
        by_source: of such a model what the classifier sees in samples whose latents come from elsewhere.
    """
    sizes = sizes or Sizes()
    report(0.0, f"Showing {len(images):,} images to the classifier")
    features, probabilities = against.classifier.classify(images)
    doing = "Comparing the variety"
    precision, recall = precision_recall(
        directions(against.features[: sizes.balls]), directions(features[: sizes.balls]),
        progress=lambda share: report(0.2 + 0.4 * share, doing),
    )  # fmt: skip
    doing = "Looking for the nearest training images"
    index, distances = nearest(
        images[: sizes.searched], data.train_images, lambda share: report(0.6 + 0.2 * share, doing)
    )
    repeating = "Looking for samples that are nearly the same"
    alike = repeats(
        images, probabilities.argmax(axis=1), against.alike, lambda share: report(0.8 + 0.2 * share, repeating)
    )
    return Evidence(
        features, probabilities, asked, against.moments, precision, recall, index, distances,
        data.train_labels[index], against.closest, losses or {}, alike, by_source or {},
    )  # fmt: skip


def _sheets(drawn: Images, seen: Evidence, data: Dataset, classes: int) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The clearest samples of each class, the least clear ones, and samples above their nearest training images."""
    confidence, likeliest = seen.confidence, seen.classes
    order = np.argsort(confidence, kind="stable")
    unclear = order[:UNCLEAR]
    by_class = [order[::-1][likeliest[order[::-1]] == number][:CLEAR] for number in range(classes)]
    clear = np.zeros((CLEAR, classes, *drawn.shape[1:]), np.uint8)  # black where a class never appears
    for number, members in enumerate(by_class):
        clear[: len(members), number] = drawn[members]
    by_distance = np.argsort(seen.distances, kind="stable")
    pairs = by_distance[np.linspace(0, len(by_distance) - 1, PAIRS).astype(int)]
    both = np.concatenate([drawn[pairs], data.train_images[seen.nearest[pairs]]])
    sheets = {
        "clear": pictures.png(pictures.contact_sheet(clear.reshape(-1, *drawn.shape[1:]), columns(classes))),
        "unclear": pictures.png(pictures.contact_sheet(drawn[unclear], COLUMNS)),
        "nearest": pictures.png(pictures.contact_sheet(both, PAIRS)),
    }
    notes = {
        "clear": {"missing": [number for number, members in enumerate(by_class) if not len(members)]},
        "unclear": {"sureness": _rounded(confidence[unclear])},
        "nearest": {
            "labels": seen.nearest_labels[pairs].tolist(),
            "distances": _rounded(seen.distances[pairs]),
        },
    }
    return sheets, notes


def columns(classes: int) -> int:
    """How many classes stand side by side in the sheet of the clearest samples."""
    return min(COLUMNS, classes)


def _rounded(numbers: Floats) -> list[float]:
    return [round(float(number), 4) for number in numbers]


def _part(report: Report, start: float, end: float) -> Report:
    """`report` for a part of the whole."""
    return lambda share, doing: report(start + (end - start) * share, doing)
