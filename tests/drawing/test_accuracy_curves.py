"""The chart of accuracies: every seed and every mean is there, labels do not cover each other, the axis holds all."""

from __future__ import annotations

import itertools
import json
import statistics

import pytest

from genmod.drawing import accuracy_curves
from genmod.drawing.accuracy_curves import GAP, HEIGHT, Line, Look

LOOK = Look(("#70706c", "#0370ee", "#e50f61", "#0f846e"), "#2b2b2b", "#70706c", "#ffffff")
TITLES = ("real alone", "moved", "generated", "both")
LINES = tuple(
    Line(
        title,
        tuple(
            (size, tuple((seed, 0.7 + 0.05 * place + 0.002 * (number + seed)) for seed in range(3)))
            for place, size in enumerate((5, 10, 20, 50, 100))
        ),
    )
    for number, title in enumerate(TITLES)
)


def test_every_seed_and_every_mean_is_drawn() -> None:
    rows = accuracy_curves.rows(LINES)
    assert len(rows) == 4 * 5 * (3 + 1)
    one = rows[(rows["way"] == "moved") & (rows["images"] == 20)]
    assert sorted(one["accuracy"].dropna()) == pytest.approx([80.2, 80.4, 80.6])
    assert one["mean"].dropna().tolist() == pytest.approx([statistics.fmean([80.2, 80.4, 80.6])])
    # Beside each other, and near enough to the number that the axis names.
    assert rows[rows["images"] == 20]["at"].nunique() == 4
    assert (rows["at"] / rows["images"]).between(0.95, 1.05).all()


def test_labels_stand_apart_where_lines_meet() -> None:
    rows = accuracy_curves.rows(LINES)
    low, high = accuracy_curves.spec(LINES, 5, LOOK)["layer"][1]["encoding"]["y"]["scale"]["domain"]
    places = sorted(rows["end"].dropna() * HEIGHT / (high - low))
    assert len(places) == 4
    assert all(after - before >= GAP - 1e-6 for before, after in itertools.pairwise(places))


def test_the_axis_holds_every_accuracy_and_says_only_the_sizes() -> None:
    spec = accuracy_curves.spec(LINES, 50, LOOK)
    rows = accuracy_curves.rows(LINES)
    y, x = (spec["layer"][1]["encoding"][axis] for axis in "yx")
    assert y["scale"]["domain"][0] < rows["accuracy"].min() and y["scale"]["domain"][1] > rows["accuracy"].max()
    assert x["axis"]["values"] == [5, 10, 20, 50, 100] and x["scale"]["domain"][0] < rows["at"].min()
    assert spec["layer"][0]["data"]["values"] == [{"at": 50}]


def test_the_rows_are_no_part_of_the_spec_and_ways_differ_in_more_than_colour() -> None:
    spec = accuracy_curves.spec(LINES, 50, LOOK)
    assert "datasets" not in spec and len(json.dumps(spec)) < 10_000
    encoding = spec["layer"][3]["encoding"]
    assert len(set(encoding["shape"]["scale"]["range"])) == 4
    assert encoding["color"]["scale"]["domain"] == list(TITLES)


def test_a_strip_has_a_row_for_each_way_and_both_results() -> None:
    groups = [("shipped", [("moved", [(0, 0.8), (1, 0.9)])]), ("yours", [("moved", [(3, 0.7)]), ("both", [])])]
    rows = accuracy_curves.strip_rows(groups)
    assert rows["accuracy"].dropna().tolist() == pytest.approx([80, 90, 70])
    assert rows["mean"].dropna().tolist() == pytest.approx([85, 70])
    spec = accuracy_curves.strip(("moved", "both"), ("shipped", "yours"), (60, 100), LOOK)
    assert spec["layer"][0]["encoding"]["y"]["sort"] == ["moved", "both"]


@pytest.mark.parametrize(
    ("shares", "ends"),
    [([0.75, 0.93], (70, 100)), ([0.55], (50, 60)), ([0.5], (50, 60)), ([1.0], (90, 100)), ([0.0], (0, 10))],
)
def test_bounds_are_whole_tens_around_all(shares: list[float], ends: tuple[float, float]) -> None:
    assert accuracy_curves.bounds(shares) == ends
