"""Sentences about two models, held against what the models say."""

from __future__ import annotations

import re

import numpy as np
import pytest

from genmod.lesson import joint_table, opinions, plane, two_models
from genmod.lesson.plane import READY
from genmod.ui.learn import two_ways

FAR = (9.2, 9.0)  # where the test point stands at first


def opinion(text: str, at: tuple[float, float], gaussians: int = 1) -> opinions.Opinion:
    return opinions.of(two_models.learn(plane.read(text), gaussians), at)


def test_the_guess_is_answered_by_the_first_picture() -> None:
    """Far from all points the discriminative model is sure, and only p(x) tells that the place is new."""
    assert tuple(item.default for item in two_ways.TEST) == FAR
    found = opinion(two_ways.FIRST, FAR)
    assert found.new and found.discriminative is not None and found.discriminative > 0.99
    near = opinion(two_ways.FIRST, (4.7, 5.0))
    assert not near.new and near.discriminative is not None and near.discriminative < found.discriminative
    assert "sure of B and cannot know that this place is new" in opinions.verdict(found)
    assert "it has never seen such a point" in opinions.how_common(found)


def test_the_ratio_of_densities_is_the_one_that_is_told() -> None:
    placed = READY["two-clouds"]
    models = two_models.learn(placed, 1)
    at = (6.0, 8.0)
    here = np.exp(models.log_joint(np.array([at]))).sum()
    own = np.exp(models.log_joint(placed.at)).sum(axis=1)
    found = opinions.of(models, at)
    assert found.times == pytest.approx(own.min() / here) and found.times > 1
    told = re.search(r"p\(x\) is about ([\d,]+) times smaller", opinions.how_common(found))
    assert told is not None
    assert int(told[1].replace(",", "")) == pytest.approx(own.min() / here, rel=0.06)


def test_among_its_points_a_place_is_nothing_new() -> None:
    placed = READY["two-clouds"]
    models = two_models.learn(placed, 1)
    found = opinions.of(models, (2.6, 3.2))
    own = np.exp(models.log_joint(placed.at)).sum(axis=1)
    here = np.exp(models.log_joint(np.array([(2.6, 3.2)]))).sum()
    assert found.thinner == (own < here).sum() > 0
    assert f"less at {found.thinner} of the 40 points" in opinions.how_common(found)
    assert "Move the test point" in opinions.verdict(found)


def test_one_class_has_a_density_and_no_boundary() -> None:
    text = "a101020203030"
    found = opinion(text, FAR)
    assert found.discriminative is None and found.generative == 1.0
    assert "nothing to tell apart" in opinions.verdict(found)
    placed = plane.read(text)
    models = two_models.learn(placed, 1)
    assert "All points are of class A" in opinions.how_well(models, placed, 1)
    assert "p(y | x) is 1" in opinions.of_table(joint_table.table(models.strips((2.5, 5, 7.5))), models.classes)


def test_near_its_boundary_the_discriminative_model_hesitates() -> None:
    found = opinion("two-clouds", (9.9, 0.0))
    assert found.discriminative is not None
    assert found.new and (found.discriminative < opinions.SURE) == ("hesitates" in opinions.verdict(found))


@pytest.mark.parametrize("name", READY)
@pytest.mark.parametrize("gaussians", [1, 6])
def test_how_many_points_each_gives_to_their_class(name: str, gaussians: int) -> None:
    placed = READY[name]
    models = two_models.learn(placed, gaussians)
    numbers = np.array(models.classes)
    first = (numbers[models.conditional(placed.at).argmax(axis=1)] == placed.labels).sum()
    second = (numbers[models.log_joint(placed.at).argmax(axis=1)] == placed.labels).sum()
    told = opinions.how_well(models, placed, gaussians)
    assert f"gives {first} to their own class" in told and told.count(f"gives {second}") >= 1
    assert ("straight" in told) == (second - first >= opinions.CLEARLY * len(placed.points))


def test_the_example_of_the_tables_can_be_computed_again() -> None:
    models = two_models.learn(READY["three-clouds"], 1)
    table = joint_table.table(models.strips((2.5, 5.0, 7.5)))
    told = opinions.of_table(table, models.classes)
    match = re.search(r"strip (\d): (0\.\d{3}) divided by (0\.\d{3}) is (0\.\d\d)", told)
    assert match is not None
    assert float(match[4]) == pytest.approx(float(match[2]) / float(match[3]), abs=0.01)
    assert float(match[3]) == table.of_x[int(match[1]) - 1] / 1_000
    assert ("p(x) is 0 to three digits" in told) == (0 in table.of_x)


def test_what_was_drawn_is_counted() -> None:
    told = opinions.drawn([(1.0, 1.0, 0), (2.0, 11.0, 0), (3.0, 3.0, 2)])
    assert "3 new points, 2 of A and 1 of C." in told and "1 of them lies beyond the edge" in told
    assert "2 new points, 2 of B." in opinions.drawn([(1.0, 1.0, 1), (2.0, 2.0, 1)])


def test_a_lonely_point_is_named() -> None:
    assert "Class B has a single point." in opinions.lonely(plane.read("a10102020b3030"))
    assert "The classes A and C have each a single point." in opinions.lonely(plane.read("a1010b20203030c4040"))
    assert opinions.lonely(READY["moons"]) == ""


def test_what_is_nearly_certain_is_not_called_certain() -> None:
    assert opinions.probability(1.0) == "more than 99.9 %"
    assert opinions.probability(0.9951) == "99.5 %"
    assert opinions.probability(0.5) == "50 %"
