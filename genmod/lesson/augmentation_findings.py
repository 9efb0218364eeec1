"""What an experiment on data augmentation says: differences beside the spread between seeds, and sentences on them."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from genmod.lesson.augmentation import BASELINE, BATCH_SIZE, GENERATOR_STEPS, SOURCE, STEPS, WAYS, Result
from genmod.lesson.few_images import DEGREES, PIXELS
from genmod.quality.seeds import Spread

MORE, LESS, CHANCE = "more", "less", "chance"
VERBS = {MORE: "helps", LESS: "harms", CHANCE: "makes no difference beyond chance"}


@dataclass(frozen=True)
class Difference:
    """How much more one way gives than another, seed by seed.

    Attributes:
        by_seed: differences of the share of test images that are right, as fractions.
    """

    by_seed: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(self.by_seed)

    @property
    def limit(self) -> float:
        """How far from zero the mean may lie by chance 95 % of the time, by Student's t."""
        if len(self.by_seed) < 2:
            return math.inf
        spread = Spread(self.by_seed)
        return spread.student * spread.deviation / math.sqrt(len(self.by_seed))

    @property
    def verdict(self) -> str:
        """`MORE` or `LESS` if it is larger than chance explains, otherwise `CHANCE`."""
        if abs(self.mean) <= self.limit:
            return CHANCE
        return MORE if self.mean > 0 else LESS


def difference(result: Result, way: str, other: str = BASELINE, beside: Result | None = None) -> Difference | None:
    """How much more a way gives than another with the same seeds; None if no seed has both.

    Args:
        beside: the result that the other way is looked up in; the same if not given.
    """
    one, two = result.accuracies(way), (beside or result).accuracies(other)
    by_seed = tuple(one[seed] - two[seed] for seed in one if seed in two)
    return Difference(by_seed) if by_seed else None


def mean(result: Result, way: str) -> float:
    """The mean accuracy of a way over the seeds that are known."""
    return statistics.fmean(result.accuracies(way).values())


def percent(share: float) -> str:
    """A share of the test images, such as "86.3 %"."""
    return f"{100 * share:.1f} %"


def about_one(result: Result) -> list[str]:
    """What came of one number of real images, a sentence each."""
    noun = SOURCE.noun
    said = [
        f"From {result.experiment.images} real images of each {noun} the classifier gets "
        f"{percent(mean(result, BASELINE))} of the {SOURCE.test_images:,} test images right."
    ]
    for way, begin in (("moved", "Shifted and turned, they give"), ("generated", "With generated images it is")):
        if (found := difference(result, way)) is not None:
            compared = _compared(found, mean(result, way), mean(result, BASELINE))
            said.append(f"{begin} {percent(mean(result, way))}, {compared}.")
    if (found := difference(result, "both", "moved")) is not None:
        both, compared = mean(result, "both"), _compared(found, mean(result, "both"), mean(result, "moved"))
        said.append(f"Both together give {percent(both)}, against shifting and turning alone {compared}.")
    return said


def _compared(found: Difference, one: float, other: float) -> str:
    """The difference of two shares as they are shown: a reader who subtracts comes to the same."""
    shown = round(100 * one, 1) - round(100 * other, 1)
    points = f"{abs(shown):.1f} percentage points {'more' if shown >= 0 else 'less'}"
    return points if found.verdict != CHANCE else f"{points}: no more than chance explains"


def about_all(results: Mapping[int, Result]) -> list[str]:
    """What all numbers of real images say together, and why.

    Args:
        results: by the number of real images of each class.
    """
    count = len(results)
    moved, generated = _by_verdict(results, "moved"), _by_verdict(results, "generated")
    said = [f"Shifting and turning {_helps(moved, count)}; adding generated images {_helps(generated, count)}."]
    said.append(_why(generated))
    if (worth := _worth(results)) is not None:
        said.append(worth)
    return said


def method(result: Result) -> list[str]:
    """How the accuracies for one number of real images were measured, a sentence or two each."""
    experiment, noun = result.experiment, SOURCE.noun
    said = [
        f"Every classifier is the same small convolutional network and takes {STEPS} steps of {BATCH_SIZE} images, "
        "whatever it learns from. Where images are generated, they are half of what it is shown. Shifted and turned "
        f"means anew each time, by up to {PIXELS:g} pixels along each axis and {DEGREES:g} degrees.",
        f"The VAE is told the class, takes {GENERATOR_STEPS:,} steps and then draws {experiment.generated} images of "
        f"each {noun}. It learns from the {experiment.images} real images of each {noun} that the classifiers get and "
        "from no other: a VAE that had seen more would hand on what it knows, and the comparison would show only that. "
        "It is small, to be quick; a better one might gain more, and would still have seen only these.",
        f"There are {experiment.seeds} seeds. Each stands for other real images, other starting weights and another "
        "order; within a seed all ways have the same real images. A difference counts as chance if trainings that "
        "differ in the seed alone would give one as large 5 % of the time or more, by Student's t and the differences "
        "seed by seed. Few seeds make that limit wide: what lies within it may still be a true difference.",
    ]
    if (share := read_as_asked(result)) is not None:
        said.append(
            f"Of what the VAE draws, {percent(share)} are read as the {SOURCE.noun} that was asked for. The "
            "classifier of the Quality page reads them: it knows all training images, but nothing here learns from it."
        )
    return said


def words(results: Mapping[int, Result]) -> str:
    """The chart of all accuracies, for those who do not see it."""
    lines = [
        f"{way.title}: "
        + ", ".join(f"{percent(mean(result, name))} with {images}" for images, result in results.items())
        for name, way in WAYS.items()
    ]
    return (
        f"Share of test images right against real images of each {SOURCE.noun}, the mean over the seeds. "
        + ". ".join(lines)
        + "."
    )


def words_of_one(groups: Sequence[tuple[str, Result]]) -> str:
    """The accuracies of results for one number of real images, for those who do not see them.

    Args:
        groups: a name for each, and the result.
    """
    lines = [
        f"{WAYS[name].title}, {group}: {', '.join(map(percent, result.accuracies(name).values()))}"
        for group, result in groups
        for name in result.experiment.ways
        if result.accuracies(name)
    ]
    return f"Share of test images right, for each seed. {'. '.join(lines)}."


def read_as_asked(result: Result) -> float | None:
    """The share of generated images that are read as the class they were asked for; None if nobody looked."""
    return statistics.fmean(result.agreements.values()) if result.agreements else None


def _by_verdict(results: Mapping[int, Result], way: str) -> dict[str, list[int]]:
    """For each verdict the numbers of real images at which a way gets it beside real images alone."""
    found: dict[str, list[int]] = {MORE: [], LESS: [], CHANCE: []}
    for images, result in results.items():
        if (one := difference(result, way)) is not None:
            found[one.verdict].append(images)
    return found


def _helps(found: Mapping[str, Sequence[int]], count: int) -> str:
    """At which numbers of real images a way helps, harms or does neither."""
    parts = [f"{word} with {_numbers(found[verdict], count)}" for verdict, word in VERBS.items() if found[verdict]]
    return listed(parts)


def _numbers(sizes: Sequence[int], count: int) -> str:
    return "every number of real images" if len(sizes) == count else listed([f"{size}" for size in sizes])


def _why(generated: Mapping[str, Sequence[int]]) -> str:
    """Why generated images gain what they gain."""
    seen = "The generative model has seen the same few images and no others"
    if generated[MORE]:
        return f"{seen}. Where it helps, blends of images of one {SOURCE.noun} are new images that still show it."
    return (
        f"{seen}: what it draws are near copies of them and blends, blurred or in pieces. A shift puts in what people "
        f"know beforehand, that a shifted {SOURCE.noun} is still the same {SOURCE.noun}."
    )


def _worth(results: Mapping[int, Result]) -> str | None:
    """How many real images shifting and turning fewer is worth, where that is most; None if it is worth no more."""
    found = [
        (most / few, few, most)
        for few, one in results.items()
        for most, other in results.items()
        if most > few and (gained := difference(one, "moved", BASELINE, other)) is not None and gained.verdict == MORE
    ]
    if not found:
        return None
    _, few, most = max(found, key=lambda pair: (pair[0], -pair[1]))
    return (
        f"{few} images of each {SOURCE.noun}, shifted and turned, are worth more than {most} as they are "
        f"({percent(mean(results[few], 'moved'))} beside {percent(mean(results[most], BASELINE))})."
    )


def listed(words: Sequence[str]) -> str:
    """Words as a list in a sentence: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
