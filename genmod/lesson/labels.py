"""What a label changes: a model that was told the class of each image beside one that was not, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genmod.datasets import DataSource
from genmod.quality import Quality, metrics


@dataclass(frozen=True)
class Row:
    """What the classifier sees in pictures that two models drew of the same random numbers.

    Attributes:
        asked: the class that one of them was asked for.
        untold: the class of each picture of the model that knows no classes, (n,).
        told: the same of the other one, (n,).
    """

    asked: int
    untold: Sequence[int]
    told: Sequence[int]


def said_of_row(source: DataSource, row: Row) -> str:
    """What each of the two made of the same random numbers."""
    kinds, right, count = len(set(row.untold)), sum(seen == row.asked for seen in row.told), len(row.told)
    met = (
        f"all {count}: chance decides only how it is written"
        if right == count
        else f"{right} of {count}: chance decides how it is written, and makes some hard to read"
    )
    return (
        f"In the {len(row.untold)} pictures of the first model the classifier sees {kinds} different {source.plural}: "
        f"chance decides which. The second was asked for {source.class_phrase(row.asked)}, and the classifier sees one "
        f"in {met}."
    )


def said_of_shares(source: DataSource, untold: Quality, told: Quality) -> str:
    """How often each class comes when none can be asked for, and how often a class comes that was asked for.

    Raises:
        ValueError: if the numbers are not those of two such runs.
    """
    shares, agreement = untold.shares("class_shares"), told.number("class_agreement")
    if len(shares) != source.classes or agreement is None:
        raise ValueError("the shares of the classes, or how often a class comes that was asked for, were not measured")
    most, least = int(np.argmax(shares)), int(np.argmin(shares))
    return (
        f"Of {untold.notes['samples']:,} pictures that nobody asked for, the most were taken for "
        f"{source.class_phrase(most)}, {metrics.percent(shares[most])}, and the fewest for "
        f"{source.class_phrase(least)}, {metrics.percent(shares[least])}. Asked for each {source.noun} equally often, "
        f"the model that was told gave what was wanted in {metrics.percent(agreement)} of {told.notes['samples']:,}."
    )
