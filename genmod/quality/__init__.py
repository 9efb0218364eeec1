"""How good a run's samples are: measured against real images, kept in a file, and known to be stale. No TensorFlow."""

from __future__ import annotations

import base64
import functools
import hashlib
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from genmod import runs
from genmod.datasets import CLASSES, Dataset, Images, mnist
from genmod.drawing import images as pictures
from genmod.inference.library import LoadedRun
from genmod.quality import likelihood, reference
from genmod.quality.distances import Floats, directions, frechet_distance, moments, nearest, precision_recall
from genmod.quality.reference import SURE, Reference
from genmod.runs import Run, checksums, now
from genmod.system import files

NAME = "quality.json"
LARGEST = 4_000_000  # bytes of that file
SHEETS = ("clear", "unclear", "nearest")
FORMAT = 1  # of quality.json
VERSION = 1  # of the way to measure: raised when the same model would give other numbers
SEED = 20_000  # of the samples; unlike any that a training or a page begins with
COVERED = 0.01  # a class with at least this share of the samples counts as covered
COLUMNS = 5  # of the first two sheets
CLEAR, UNCLEAR, PAIRS = 2, 20, 10  # samples shown: the clearest of each digit, the least clear, pairs with neighbours

Value = float | list[float]
Report = Callable[[float, str], None]  # takes the share that is done, and what is being done


@dataclass(frozen=True)
class Sizes:
    """How much is looked at; the whole takes about ten seconds on two cores.

    Attributes:
        samples: for the distance, the classes and the share of clear digits.
        balls: the most samples, and as many real images, for precision and recall.
        searched: the most samples whose nearest training image is looked for.
        bound_images: test images for the log-likelihood bound, evenly spread.
        bound_draws: codes an image for that bound.
    """

    samples: int = 10_000
    balls: int = 5_000
    searched: int = 2_000
    bound_images: int = 1_000
    bound_draws: int = 100


class StoppedError(Exception):
    """Somebody asked a measurement to stop."""


class Sampler(Protocol):
    """What is needed of a model to look at its samples."""

    @property
    def conditional(self) -> bool:
        """Whether it was trained by class: then the digits of its samples take turns."""

    def sample(self, n: int, seed: int) -> tuple[Images, Floats]:
        """`n` images, uint8 (n, 28, 28), and their latents."""


@dataclass(frozen=True)
class Quality:
    """What was measured of one run.

    Attributes:
        values: numbers by metric, and lists for single classes; see `genmod.quality.metrics`.
        sheets: pictures of samples as PNG files, by name.
        notes: what stands in the pictures, for their captions.
        stamp: which model files, classifier and version of the measurement the numbers belong to.
        made: when, ISO 8601 in UTC.
    """

    values: Mapping[str, Value]
    sheets: Mapping[str, bytes]
    notes: Mapping[str, Any]
    stamp: Mapping[str, Any]
    made: str

    def number(self, name: str) -> float | None:
        """One metric's value; None if this kind of run has none."""
        value = self.values.get(name)
        return float(value) if isinstance(value, int | float) else None

    def shares(self, name: str) -> list[float]:
        """One value for each class; empty if this kind of run has none."""
        value = self.values.get(name)
        return [float(share) for share in value] if isinstance(value, list) else []

    def stale(self, run: Run) -> bool:
        """Whether the run's model, the classifier or the way to measure has changed since."""
        return dict(self.stamp) != stamp(run)


# Keeping


def stamp(run: Run) -> dict[str, Any]:
    """What the numbers of a run depend on."""
    models = {name: _sha256(run.exported(name)) for name in runs.MODELS if run.has(name)}
    return {"version": VERSION, "models": models, "classifier": reference.description()["sha256"]}


def _sha256(path: Path) -> str:
    """The hash of a model; empty if it cannot be read."""
    try:
        return _sha256_of(path, files.stamp_of(os.stat(path)))
    except OSError:
        return ""


@functools.lru_cache(maxsize=128)
def _sha256_of(path: Path, stamp: files.Stamp) -> str:
    return hashlib.sha256(files.read_bytes(path, checksums.LARGEST)).hexdigest()


def save(folder: Path, quality: Quality) -> None:
    """Write `quality.json`, whole or not at all."""
    sheets = {name: base64.b64encode(content).decode() for name, content in quality.sheets.items()}
    data = {
        "format": FORMAT,
        "made": quality.made,
        "values": dict(quality.values),
        "notes": dict(quality.notes),
        "stamp": dict(quality.stamp),
        "sheets": sheets,  # beside the numbers, so that one never belongs to another measurement
    }
    files.write_json(folder / NAME, data)


def kept(folder: Path) -> Quality | None:
    """What `quality.json` in the folder says; None if there is none that can be read."""
    data = files.read_json(folder / NAME, LARGEST)
    if data is None or data.get("format") != FORMAT:
        return None
    try:
        sheets = {str(name): base64.b64decode(text) for name, text in data["sheets"].items()}
        values = {str(name): value for name, value in data["values"].items()}
        return Quality(values, sheets, dict(data["notes"]), dict(data["stamp"]), files.one_line(data["made"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def whole(found: Quality) -> bool:
    """Whether it holds all that pages show, each of its kind."""
    try:
        return _sound(found)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _sound(found: Quality) -> bool:
    notes = found.notes
    clear, unclear, pairs = (notes[name] for name in SHEETS)
    counts = ("samples", "searched", "seed", *(name for name in ("bound_images", "bound_draws") if name in notes))
    return (
        all(files.finite(value) or (isinstance(value, list) and _numbers(value)) for value in found.values.values())
        and all(files.finite(found.values[name]) for name in ("frechet_distance", "confident_share"))
        and all(len(found.shares(name)) in (0, CLASSES) for name in found.values)
        and len(found.shares("class_shares")) == CLASSES
        and all(files.whole_png(found.sheets[name]) for name in SHEETS)
        and all(type(notes[name]) is int for name in counts)
        and ("bound_images" in notes) == ("bound_draws" in notes)
        and isinstance(clear["missing"], list)
        and all(type(digit) is int and 0 <= digit < CLASSES for digit in clear["missing"])
        and _numbers(unclear["sureness"])
        and _numbers(pairs["distances"])
    )


def _numbers(values: object) -> bool:
    """Whether it is a list of at least one number."""
    return isinstance(values, list) and bool(values) and all(map(files.finite, values))


def complaint(folder: Path) -> str:
    """What is wrong with the `quality.json` of the run in a folder; empty if there is none or it is sound."""
    found = kept(folder)
    if not os.path.lexists(folder / NAME) or (found is not None and whole(found)):
        return ""
    data = files.read_json(folder / NAME, LARGEST) or {}
    newer = type(data.get("format")) is int and data["format"] > FORMAT
    return (
        f"The {NAME} of run {folder.name} is {'of a newer version' if newer else 'damaged'} and its numbers are not "
        "shown; measure again to replace it."
    )


# Measuring


def measure(run: Run, sizes: Sizes | None = None, report: Report = lambda share, doing: None) -> Quality:
    """Measure a run: all numbers that its kind has, always with the same random numbers.

    Raises:
        RunError: if it has no exported models.
        DataError: if the classifier or the data set is damaged.
        StoppedError: if `report` raises it.
    """
    sizes = sizes or Sizes()
    made_of = stamp(run)
    report(0.0, "Loading the model and the classifier")
    model, data, judged = LoadedRun(run), mnist(), reference.load()
    values: dict[str, Value] = {}
    if run.kind().held_out:
        values |= held_out(run, data, sizes, _part(report, 0.0, 0.35))
    report(0.35, f"Drawing {sizes.samples:,} samples")
    drawn, asked = samples(model, sizes.samples)
    seen = look(drawn, judged, data, asked, sizes, _part(report, 0.5, 1.0))
    values |= seen.values
    # Of a model that learned nothing a number may be without bounds: then there is none.
    values = {name: value for name, value in values.items() if isinstance(value, list) or math.isfinite(value)}
    report(1.0, "Done")
    sheets, notes = _sheets(drawn, seen, data)
    notes |= {"samples": sizes.samples, "searched": len(seen.nearest), "seed": SEED}
    if "test_log_likelihood_bound" in values:
        notes |= {"bound_images": sizes.bound_images, "bound_draws": sizes.bound_draws}
    return Quality(values, sheets, notes, made_of, now())


def samples(model: Sampler, count: int) -> tuple[Images, npt.NDArray[np.int64] | None]:
    """`count` images, uint8 (count, 28, 28), and of a model trained by class also which digit each was to show."""
    drawn, _ = model.sample(count, SEED)
    # Of such a model the digits take turns: 0, 1, ... 9, 0, and so on.
    asked = np.arange(count) % CLASSES if model.conditional else None
    return drawn, asked


def held_out(run: Run, data: Dataset, sizes: Sizes, report: Report) -> dict[str, Value]:
    """What an encoder and a decoder make of the test images, in nats per image."""
    report(0.0, "Reconstructing the test images")
    values: dict[str, Value] = dict(likelihood.evaluate(run))
    doing = "Bounding the log-likelihood of test images"
    report(0.3, doing)
    count = min(sizes.bound_images, len(data.test_images))
    # Evenly spread: the first half of the test images was written by tidier hands.
    chosen = np.linspace(0, len(data.test_images) - 1, count).astype(int)
    bounds = likelihood.log_likelihood_bounds(
        run, data.test_images[chosen], data.test_labels[chosen], sizes.bound_draws,
        lambda share: report(0.3 + 0.7 * share, doing),
    )  # fmt: skip
    if bounds is not None:
        values["test_log_likelihood_bound"] = float(bounds.mean(dtype=np.float64))
    return values


@dataclass(frozen=True)
class Seen:
    """What the classifier and the search see in a set of images."""

    values: Mapping[str, Value]
    classes: npt.NDArray[np.int64]
    sureness: Floats
    nearest: npt.NDArray[np.int64]
    distances: Floats


def look(
    images: Images,
    judged: Reference,
    data: Dataset,
    asked: npt.NDArray[np.integer] | None = None,
    sizes: Sizes | None = None,
    report: Report = lambda share, doing: None,
) -> Seen:
    """Measure any images against the real ones: samples, test images, or noise.

    Args:
        images: uint8 (n, 28, 28), in no order; the first ones are searched for.
        asked: the class each was meant to show, (n,).
    """
    sizes = sizes or Sizes()
    report(0.0, f"Showing {len(images):,} images to the classifier")
    features, probabilities = judged.judge.look(images)
    classes, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    values: dict[str, Value] = {"frechet_distance": frechet_distance(moments(features), judged.moments)}
    values["confident_share"] = float((sureness > SURE).mean())
    values |= class_values(classes)
    if asked is not None:
        values |= agreement(classes, asked)
    doing = "Comparing the variety"
    values["precision"], values["recall"] = precision_recall(
        directions(judged.features[: sizes.balls]), directions(features[: sizes.balls]),
        progress=lambda share: report(0.2 + 0.4 * share, doing),
    )  # fmt: skip
    doing = "Looking for the nearest training images"
    index, distances = nearest(
        images[: sizes.searched], data.train_images, lambda share: report(0.6 + 0.4 * share, doing)
    )
    values["nearest_distance"] = float(np.median(distances))
    values["copied_share"] = float((distances < judged.closest[data.train_labels[index]]).mean())
    return Seen(values, classes, sureness, index, distances)


def class_values(classes: npt.NDArray[np.int64]) -> dict[str, Value]:
    """Coverage and balance of the classes seen, (n,): shares, their entropy, the smallest and the largest."""
    shares = np.bincount(classes, minlength=CLASSES) / len(classes)
    present = shares[shares > 0]
    return {
        "class_shares": shares.tolist(),
        "class_coverage": float((shares >= COVERED).sum()),
        "class_entropy": float(-(present * np.log(present)).sum()),
        "smallest_class_share": float(shares.min()),
        "largest_class_share": float(shares.max()),
    }


def agreement(classes: npt.NDArray[np.int64], asked: npt.NDArray[np.integer]) -> dict[str, Value]:
    """How often the class seen is the class asked for, over all and for each class that was asked for."""
    right = classes == asked
    each = [float(right[asked == digit].mean()) if (asked == digit).any() else 0.0 for digit in range(CLASSES)]
    return {"class_agreement": float(right.mean()), "class_agreement_by_class": each}


def _sheets(drawn: Images, seen: Seen, data: Dataset) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The clearest samples of each digit, the least clear ones, and samples above their nearest training images."""
    order = np.argsort(seen.sureness, kind="stable")
    unclear = order[:UNCLEAR]
    by_digit = [order[::-1][seen.classes[order[::-1]] == digit][:CLEAR] for digit in range(CLASSES)]
    clear = np.zeros((CLEAR, CLASSES, *drawn.shape[1:]), np.uint8)  # black where a digit never appears
    for digit, members in enumerate(by_digit):
        clear[: len(members), digit] = drawn[members]
    by_distance = np.argsort(seen.distances, kind="stable")
    pairs = by_distance[np.linspace(0, len(by_distance) - 1, PAIRS).astype(int)]
    both = np.concatenate([drawn[pairs], data.train_images[seen.nearest[pairs]]])
    sheets = {
        "clear": pictures.png(pictures.contact_sheet(clear.reshape(-1, *drawn.shape[1:]), COLUMNS)),
        "unclear": pictures.png(pictures.contact_sheet(drawn[unclear], COLUMNS)),
        "nearest": pictures.png(pictures.contact_sheet(both, PAIRS)),
    }
    notes = {
        "clear": {"missing": [digit for digit, members in enumerate(by_digit) if not len(members)]},
        "unclear": {"sureness": _rounded(seen.sureness[unclear])},
        "nearest": {
            "labels": data.train_labels[seen.nearest[pairs]].tolist(),
            "distances": _rounded(seen.distances[pairs]),
        },
    }
    return sheets, notes


def _rounded(numbers: Floats) -> list[float]:
    return [round(float(number), 4) for number in numbers]


def _part(report: Report, start: float, end: float) -> Report:
    """`report` for a part of the whole."""
    return lambda share, doing: report(start + (end - start) * share, doing)
