"""Three questions about a run's samples, each on a scale between known ends, and the answer in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from genmod.datasets import DataSource
from genmod.quality import metrics
from genmod.quality.result import Quality

Ends = Mapping[str, tuple[float, float]]

STEPS = (0.1, 0.3, 0.6, 0.9)  # where one level ends and the next begins, between noise and real test images
NONE = 0.03  # of the real variety: below that it is almost none
NARROW = 0.05  # a scale whose ends lie no further apart tells nothing
AS_FAR_AS_NOISE = 0.05  # a place so near to noise
_REAL = "real test images"
SOME, MANY, MOST = 0.01, 0.1, 0.5  # shares of copies that are worth a word


class Level(IntEnum):
    """How far a measure has come from its bad end, noise, to its good one, real test images."""

    NOISE = 0
    LITTLE = 1
    PART = 2
    MOST = 3
    REAL = 4


@dataclass(frozen=True)
class Dial:
    """One question with its answer between two known ends.

    Attributes:
        metric: the measure that it shows.
        title: the answer that a perfect model would get.
        value: a share in [0, 1]; None if it was not measured.
        worst: what the bad end gets.
        best: what the good end gets.
        worst_name: what stands at the bad end.
        best_name: what stands at the good end.
        sentence: what the share is of.
    """

    metric: str
    title: str
    value: float | None
    worst: float
    best: float
    worst_name: str
    best_name: str
    sentence: str

    @property
    def tells(self) -> bool:
        """Whether the ends lie far enough apart to tell good from bad."""
        return self.best - self.worst > NARROW

    @property
    def place(self) -> float | None:
        """Where the value stands, 0 at the bad end and 1 at the good one; beyond an end it is less or more."""
        if self.value is None or not self.tells:
            return None
        return (self.value - self.worst) / (self.best - self.worst)

    @property
    def level(self) -> Level | None:
        """The place as one of five levels."""
        return None if self.place is None else Level(sum(self.place >= step for step in STEPS))


@dataclass(frozen=True)
class Verdict:
    """What the three dials say together.

    Attributes:
        headline: in a few words.
        sentences: in two or three sentences.
    """

    headline: str
    sentences: str


def dials(source: DataSource, known: Quality | None, ends: Ends) -> tuple[Dial, Dial, Dial]:
    """The three questions; without a measurement their scales alone."""

    def value(name: str) -> float | None:
        return known.number(name) if known else None

    copied = value("copied_share")
    (precise, noisy), (whole, nothing), (original, copies) = (
        ends[name] for name in ("precision", "recall", "copied_share")
    )
    return (
        Dial(
            "precision", "Looks right", value("precision"), noisy, precise, "noise", _REAL,
            "Precision: the share of samples that lie among real images.",
        ),
        Dial(
            "recall", "Everything is there", value("recall"), nothing, whole, "noise", _REAL,
            "Recall: the share of real images that lie among the samples.",
        ),
        Dial(
            "copied_share", "Invented, not copied", None if copied is None else 1.0 - copied, 1.0 - copies,
            1.0 - original, "training images", _REAL,
            "The share of samples no nearer to a training image than the nearest test image of its class.",
        ),
    )  # fmt: skip


def verdict(source: DataSource, known: Quality, ends: Ends) -> Verdict | None:
    """What the three dials say together, relative to both ends of their scales; None if one was not measured."""
    right, there, invented = dials(source, known, ends)
    if right.value is None or there.value is None or invented.value is None:
        return None
    looks, variety, copied = _looks(known, right, ends), there.level, 1.0 - invented.value
    said = [_first(source, looks, right, there), *_riders(source, known, ends, looks, right, variety)]
    return Verdict(_headline(source, looks, variety, copied), " ".join([*said, _copies(looks, copied, known)]))


def _looks(known: Quality, right: Dial, ends: Ends) -> Level | None:
    """How right the samples look.

    Where noise gets more than half of what real images get, precision alone would praise odd pictures. There the
    classifier has to be sure of them too, and most may not lie as far from every training image as noise does.
    """
    level = right.level
    if level is None or not _weak(right):
        return level
    if _strays(known, ends):
        return Level.NOISE
    clear = _clear(known, ends)
    # A classifier that is unsure of all of them does not make them noise.
    return level if clear is None or level == Level.NOISE else min(level, max(clear, Level.LITTLE))


def _weak(right: Dial) -> bool:
    return right.worst > right.best / 2


def _strays(known: Quality, ends: Ends) -> bool:
    """Whether at least half of the samples lie about as far from all training images as noise does, or farther."""
    distance, (real, noise) = known.number("nearest_distance"), ends["nearest_distance"]
    return distance is not None and noise - distance <= AS_FAR_AS_NOISE * (noise - real)


def _clear(known: Quality, ends: Ends) -> Level | None:
    best, worst = ends["confident_share"]
    return Dial("confident_share", "", known.number("confident_share"), worst, best, "", "", "").level


def _first(source: DataSource, looks: Level | None, right: Dial, there: Dial) -> str:
    """How right the samples look and how much of the real variety is there, in one sentence."""
    them, variety = source.plural, _variety(there)
    if looks is None:
        return f"Whether its {them} look right cannot be told here; {variety}."
    if looks == Level.NOISE:
        told = "hardly more often" if right.place is not None and right.place > 0 else "no more often"
        first = f"By this measure its {them} look right {told} than noise does"
        if right.level != Level.NOISE:
            first = f"Most of its {them} lie as far from every training image as noise does"
    elif looks == Level.LITTLE:
        first = f"Its {them} look right only a little more often than noise does"
        if right.level != Level.LITTLE:
            first = f"Few of its {them} look right"
    else:
        first = {
            Level.PART: f"Only part of its {them} look right",
            Level.MOST: f"Most of its {them} look right, if not as often as real test images do",
            Level.REAL: f"Its {them} look right about as often as real test images do",
        }[looks]
    good = (looks >= Level.MOST, there.level is not None and there.level >= Level.MOST)
    if good == (True, False) and there.level == Level.PART:
        return f"{first}, but only {variety}."
    return f"{first}, {'and' if good[0] == good[1] else 'but'} {variety}."


def _variety(there: Dial) -> str:
    if there.level is None or there.place is None:
        return "how much of the real variety is there cannot be told"
    if there.place < NONE:
        return "almost none of the real variety is there"
    return {
        Level.NOISE: "little of the real variety is there",
        Level.LITTLE: "little of the real variety is there",
        Level.PART: "part of the real variety is there",
        Level.MOST: "most of the real variety is there",
        Level.REAL: "about the whole real variety is there",
    }[there.level]


def _riders(
    source: DataSource, known: Quality, ends: Ends, looks: Level | None, right: Dial, variety: Level | None
) -> list[str]:
    """What has to be added so that nobody takes the first sentence for more than it says."""
    found = []
    if looks is not None and looks <= Level.LITTLE and variety is not None and variety >= Level.PART:
        found.append("The variety counts for little while so few look right.")
    coverage = known.number("class_coverage")
    if looks is not None and looks > Level.NOISE and coverage is not None and coverage < source.classes:
        rare = source.classes - round(coverage)
        found.append(
            f"{rare} of the {source.classes} classes {'makes' if rare == 1 else 'each make'} up less than 1 % of its "
            f"{source.plural}."
        )
    if right.tells and _weak(right):
        clear, (best, _) = known.number("confident_share"), ends["confident_share"]
        found.append(
            f"Even noise gets a precision of {metrics.percent(right.worst)} on {source.title}, so these words also "
            "weigh how often the classifier is sure"
            + (
                "."
                if clear is None
                else f": of {metrics.percent(clear)} of the samples, against {metrics.percent(best)} of real ones."
            )
        )
    return found


def _copies(looks: Level | None, copied: float, known: Quality) -> str:
    searched = known.notes.get("searched", 0)
    if copied == 0.0:
        if looks == Level.NOISE:
            return "None is a copy of a training image, but neither is noise."
        return f"None of the {searched:,} compared with the training images is a copy."
    if copied < MANY:
        count = round(copied * searched)
        nearer = (
            f"{count:,} of {searched:,} {'is' if count == 1 else 'are'} nearer to a training image than any test image"
        )
        return f"{'Hardly any is a copy' if copied < SOME else 'A few are copies, or very plain'}: {nearer} is."
    said = f"{metrics.percent(copied)} of them are nearer to a training image than any test image is"
    if copied < MOST:
        return f"Many are copies, or very plain: {said}."
    return f"{'Nearly all' if copied >= 0.9 else 'At least half of them'} are copies: {said}."


def _headline(source: DataSource, looks: Level | None, variety: Level | None, copied: float) -> str:
    if copied >= MOST:
        return "Learned by heart"
    said = _without_copies(source, looks, variety)
    return f"{said}, and in part copied" if copied >= MANY else said


def _without_copies(source: DataSource, looks: Level | None, variety: Level | None) -> str:
    if looks is None or variety is None:
        return "One scale tells nothing here"
    if looks == Level.NOISE:
        return f"Not like real {source.plural}"
    if looks == Level.LITTLE:
        return "Seldom convincing"
    if looks == Level.PART:
        if variety <= Level.LITTLE:
            return "Partly convincing, with little variety"
        return "Partly convincing, with part of the variety" if variety == Level.PART else "Varied, partly convincing"
    if looks == variety == Level.REAL:
        return "Close to real images"
    much = "Convincing" if looks == Level.REAL else "Mostly convincing"
    if variety <= Level.LITTLE:
        return f"{much} one by one, too much alike together"
    return f"{much}, with part of the variety" if variety == Level.PART else f"{much} and varied"
