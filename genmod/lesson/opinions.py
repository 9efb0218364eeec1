"""What two models say of points in the plane, in sentences whose words are chosen by the numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genmod.datasets import Doubles
from genmod.lesson.joint_table import HUNDRED, THOUSAND, JointTable
from genmod.lesson.plane import CLASSES, LEAST_SPREAD, SIDE, Placed

if TYPE_CHECKING:  # it brings scikit-learn
    from genmod.lesson.two_models import TwoModels

SURE = 0.9  # p(y | x) from which a model is called sure
MOST_TIMES = 1_000_000  # a larger factor is not written out
CLEARLY = 0.1  # of all points: by so much one model must be ahead to be called better


@dataclass(frozen=True)
class Opinion:
    """What both models say of one point.

    Attributes:
        discriminative: p(y | x) of the likeliest class; None without a discriminative model.
        discriminative_class: which that is.
        generative: the generative model's p(y | x) of its likeliest class.
        generative_class: which that is.
        density: the generative model's log p(x) there.
        own: log p(x) at its own points, sorted.
    """

    discriminative: float | None
    discriminative_class: str
    generative: float
    generative_class: str
    density: float
    own: Doubles

    @property
    def thinner(self) -> int:
        """At how many of its own points the density is less than here."""
        return int(np.searchsorted(self.own, self.density))

    @property
    def new(self) -> bool:
        """Whether it is thinner here than at every point the model has seen."""
        return self.thinner == 0

    @property
    def times(self) -> float:
        """How many times as dense it is at the loneliest of its own points."""
        return math.exp(min(700.0, float(self.own[0]) - self.density))


def of(models: TwoModels, at: tuple[float, float]) -> Opinion:
    """What the models say of a point."""
    point = np.array([at])
    joint = models.log_joint(point)
    density = float(np.logaddexp.reduce(joint[0]))
    shares = np.exp(joint[0] - density)
    conditional = models.conditional(point)[0]
    return Opinion(
        None if models.discriminative is None else float(conditional.max()),
        CLASSES[models.classes[int(conditional.argmax())]],
        float(shares.max()),
        CLASSES[models.classes[int(shares.argmax())]],
        density,
        models.own_densities,
    )


def probability(value: float) -> str:
    """A probability in percent; what is nearly certain is not called certain."""
    if value > 0.999:
        return "more than 99.9 %"
    return f"{100 * value:.1f} %" if value > 0.99 else f"{100 * value:.0f} %"


def how_common(opinion: Opinion) -> str:
    """What the generative model says of how common such a point is."""
    count = len(opinion.own)
    if not opinion.new:
        return (
            f"p(x) is less at {opinion.thinner} of the {count} points it has learned from: such a point is nothing new."
        )
    only = "the only point it has learned from" if count == 1 else f"the loneliest of the {count} it has learned from"
    if opinion.times < 1.05:
        return f"p(x) is as small as at {only}: it has hardly seen such a point."
    return f"p(x) is {_times(opinion.times)} smaller than at {only}: it has never seen such a point."


def verdict(opinion: Opinion) -> str:
    """What the two together show."""
    if opinion.discriminative is None:
        return "With one class there is nothing to tell apart, but p(x) can be learned all the same."
    if not opinion.new:
        return (
            "Here both models have seen points. Move the test point to a place far from all of them and compare again."
        )
    if opinion.discriminative >= SURE:
        also = (
            " Its own p(y | x) would not have told: it is sure of a class, too." if opinion.generative >= SURE else ""
        )
        return (
            f"The discriminative model is sure of {opinion.discriminative_class} and cannot know that this place is "
            f"new to it. The generative model can: it has p(x).{also}"
        )
    return (
        "The discriminative model hesitates, as it does wherever its classes are about as likely: that does not say "
        "whether the place is new to it. Only p(x) tells that."
    )


def how_well(models: TwoModels, placed: Placed, gaussians: int) -> str:
    """How many points each model gives to their own class, and what follows."""
    count, (first, second) = len(placed.points), models.hits
    if first is None:
        only = CLASSES[models.classes[0]]
        return (
            f"All points are of class {only}: there is nothing to tell apart, so no boundary. The generative model "
            "needs no second class."
        )
    each = "a Gaussian" if gaussians == 1 else f"up to {gaussians} Gaussians"
    told = (
        f"Of the {count} points the discriminative model, a logistic regression, gives {first} to their own class; the "
        f"generative one, {each} for each class, gives {second}."
    )
    if first == second:
        return f"{told} Both can classify."
    if abs(first - second) < CLEARLY * count:
        return f"{told} Both can classify, about equally well."
    if first < second:
        return f"{told} A logistic regression draws straight boundaries, and none of them parts these classes well."
    return f"{told} Here the classes do not have the shape of Gaussians."


def drawn(samples: Sequence[tuple[float, float, int]]) -> str:
    """What the new points are: where they are, and the numbers of their classes."""
    counts = [(name, sum(number == place for *_, number in samples)) for place, name in enumerate(CLASSES)]
    *first, last = [f"{count} of {name}" for name, count in counts if count]
    told = f"{', '.join(first)} and {last}" if first else last
    beyond = sum(not (0 <= across <= SIDE and 0 <= up <= SIDE) for across, up, _ in samples)
    outside = f" {beyond} of them {'lies' if beyond == 1 else 'lie'} beyond the edge of the picture." if beyond else ""
    return (
        f"Hollow: {len(samples)} new points, {told}. Nobody has placed them: the generative model has drawn them from "
        f"p(x, y).{outside}"
    )


def of_table(table: JointTable, classes: Sequence[int]) -> str:
    """How the second table comes from the first, by the numbers of one row."""
    if len(classes) == 1:
        return (
            f"There is only class {CLASSES[classes[0]]}: p(y | x) is 1 wherever x is. All that is to be known is p(x)."
        )
    row = max(range(len(table.joint)), key=lambda place: table.of_x[place])
    best = max(range(len(classes)), key=lambda place: table.joint[row][place])
    share = table.conditional[row]
    assert share is not None
    empty = [place for place, share in enumerate(table.of_x, 1) if not share]
    nothing = f" In strip {empty[0]} p(x) is 0 to three digits: there is nothing to divide." if empty else ""
    return (
        f"In strip {row + 1}: {table.joint[row][best] / THOUSAND:.3f} divided by {table.of_x[row] / THOUSAND:.3f} is "
        f"{share[best] / HUNDRED:.2f}, so a point there is of class {CLASSES[classes[best]]} with that "
        f"probability. The second table has forgotten p(x): from it nobody could draw new points.{nothing}"
    )


def lonely(placed: Placed) -> str:
    """A sentence about classes of a single point, whose spread nobody can know; empty if there are none."""
    alone = [CLASSES[number] for number in placed.classes if placed.count(number) == 1]
    if not alone:
        return ""
    named = f"Class {alone[0]} has" if len(alone) == 1 else f"The classes {' and '.join(alone)} have each"
    assumed = f"a standard deviation of {LEAST_SPREAD:g} is assumed"
    return f"{named} a single point. Nothing shows how far it spreads: {assumed}."


def _times(factor: float) -> str:
    if factor > MOST_TIMES:
        return f"more than {MOST_TIMES:,} times"
    if factor < 10:
        return f"{factor:.1f} times"
    digits = 10 ** (math.floor(math.log10(factor)) - 1)
    return f"about {round(factor / digits) * digits:,} times"
