"""What a label changes, in sentences computed again for the shipped runs."""

from __future__ import annotations

import dataclasses
import re

import pytest

from genmod import runs
from genmod.datasets import MNIST
from genmod.lesson.labels import Row, said_of_row, said_of_shares
from genmod.quality import measurements
from genmod.ui.learn import labels, shipped


def test_a_row_says_how_many_classes_came_and_how_often_what_was_asked_for() -> None:
    said = said_of_row(MNIST, Row(8, [1, 1, 3, 8, 9], [8, 8, 8, 8, 8]))
    assert "In the 5 pictures of the first model the classifier sees 4 different digits" in said
    assert "The second was asked for an 8, and the classifier sees one in all 5: chance decides only" in said
    assert "the classifier sees one in 3 of 5" in said_of_row(MNIST, Row(8, [1, 1, 3, 8, 9], [8, 3, 8, 8, 0]))


def test_shares_are_those_of_the_shipped_runs() -> None:
    untold, told = (measurements.result(runs.home(), shipped.run(name)) for name in (labels.UNTOLD, labels.TOLD))
    assert untold is not None and told is not None
    said = said_of_shares(MNIST, untold, told)
    shares = untold.shares("class_shares")
    quoted = [float(share) for share in re.findall(r"([\d.]+) %", said)]
    agreement = told.number("class_agreement") or 0.0
    assert quoted == pytest.approx([100 * max(shares), 100 * min(shares), 100 * agreement], abs=0.051)
    assert f"the most were taken for {MNIST.class_phrase(shares.index(max(shares)))}," in said
    with pytest.raises(ValueError):
        said_of_shares(MNIST, told, untold)
    with pytest.raises(ValueError):
        said_of_shares(MNIST, dataclasses.replace(untold, values={}), told)


def test_one_of_the_two_was_told_and_the_other_was_not() -> None:
    assert not shipped.run(labels.UNTOLD).config().conditional
    assert shipped.run(labels.TOLD).config().conditional
