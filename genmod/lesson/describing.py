"""What a classifier answers to one image, and what several images of one request have in common, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genmod.datasets import DataSource, Floats, Images
from genmod.quality import metrics

WORTH_SAYING = 0.001  # of a probability: what is less reads as 0.0 %
TENTH = 26  # grey values of 255 by which a pixel counts as another
NAMES = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def answer(source: DataSource, shares: Floats) -> str:
    """The likeliest classes of p(y | x), (classes,), with their probabilities: what makes up nearly all of it."""
    first, *others = np.argsort(-shares, kind="stable")[:3]
    said = f"The classifier sees {source.class_phrase(int(first))}, with {metrics.percent(float(shares[first]))}"
    rest = [
        f"{source.class_phrase(int(place))}, {metrics.percent(float(shares[place]))}"
        for place in others
        if shares[place] >= WORTH_SAYING
    ]
    if float(shares[first]) < metrics.SURE and rest:
        return f"{said}: it is not sure. Next come {'; then '.join(rest)}."
    return f"{said}." + (f" Next: {'; then '.join(rest)}." if rest else "")


def least_difference(drawn: Images) -> int:
    """In how many pixels the two most alike of images (n, rows, columns) differ by a tenth of white or more.

    Raises:
        ValueError: if there are fewer than two.
    """
    values = drawn.reshape(len(drawn), -1).astype(np.int16)
    return min(
        int((np.abs(one - other) >= TENTH).sum()) for place, one in enumerate(values) for other in values[:place]
    )


def same_request(source: DataSource, asked: int, drawn: Images, seen: Sequence[int]) -> str:
    """What came of asking for one class once or several times, in a sentence or two.

    Args:
        drawn: what was drawn for it, uint8 (n, rows, columns).
        seen: the class that the classifier takes each for, (n,).
    """
    phrase, count = source.class_phrase(asked), len(drawn)
    if count == 1:
        taken = (
            "the classifier sees one, too" if seen[0] == asked else f"the classifier sees {_phrase(source, seen[0])}"
        )
        again = f"Ask again: the {source.noun} stays the same, the random numbers change."
        return f"You asked for {phrase}, and {taken}. {again}"
    differ = least_difference(drawn)
    alike = (
        f"no two are the same picture: even the two most alike differ in {differ} of {source.pixels} pixels by a tenth "
        "of white or more"
        if differ
        else "two of them are the same picture"
    )
    return f"You asked for {phrase} {_times(count)}, and {alike}. {_agreed(source, asked, seen)}"


def _agreed(source: DataSource, asked: int, seen: Sequence[int]) -> str:
    phrase, right = source.class_phrase(asked), sum(one == asked for one in seen)
    if right == len(seen):
        return f"The classifier sees {phrase} in every one."
    others = sorted({_phrase(source, one) for one in seen if one != asked})
    few = "in none of them" if right == 0 else f"in {_number(right)} of {_number(len(seen))}"
    return f"The classifier sees {phrase} {few}; it takes the rest for {' or '.join(others)}."


def _phrase(source: DataSource, number: int) -> str:
    return source.class_phrase(int(number))


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{_number(count)} times"


def _number(count: int) -> str:
    return NAMES[count] if count < len(NAMES) else str(count)
