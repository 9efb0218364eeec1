"""Accuracy against the number of real images, a line for each way of learning, every seed as a small mark."""

from __future__ import annotations

import functools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from genmod.drawing import placement, themed
from genmod.drawing.charts import Spec

HEIGHT = 380  # of the plot, in pixels
BELOW = 44  # of its axis with title: what Streamlit fits into the height that a spec has
FONT, GAP = 13, 17  # of the labels, and from one to the next
SHAPES = ("circle", "square", "triangle-up", "diamond")
DASHES = ([1, 0], [1, 0], [6, 3], [2, 2])
RIGHT = "test images right, %"
APART = 1.03  # ways stand beside each other by this factor, so that their marks do not cover each other
EDGE = 1.12  # the axis goes on beyond its first and last number by this factor
LETTER = 3.5  # pixels for each letter of a label, beside what the chart itself keeps free for them
STRIP = 52  # pixels of a row of `strip`


@dataclass(frozen=True)
class Line:
    """One way of learning.

    Attributes:
        label: stands at its end.
        accuracies: for each number of real images of a class, the smallest first, the accuracy of each seed, in [0, 1].
    """

    label: str
    accuracies: tuple[tuple[int, tuple[tuple[int, float], ...]], ...]


@dataclass(frozen=True)
class Look:
    """The colours of a theme.

    Attributes:
        colors: one for each line.
        ink: of all text but the labels.
        grey: of what stands back.
        ground: behind everything; around labels, so that a line below them does not strike them through.
    """

    colors: tuple[str, ...]
    ink: str
    grey: str
    ground: str


def rows(lines: Sequence[Line]) -> pd.DataFrame:
    """One row for each accuracy, and one for each mean.

    Columns are `way`, `images`, `at` (where it is drawn), `seed` (none of a mean), `accuracy` and `mean` in percent,
    and `end`: at which height the label stands, for the last mean alone.
    """
    found: list[dict[str, Any]] = []
    places = _label_places(lines)
    for number, (line, place) in enumerate(zip(lines, places, strict=True)):
        for images, seeds in line.accuracies:
            at = images * APART ** (number - (len(lines) - 1) / 2)
            mean = 100 * statistics.fmean(share for _, share in seeds)
            same = {"way": line.label, "images": images, "at": at}
            end = place if images == line.accuracies[-1][0] else None
            found += [{**same, "seed": seed, "accuracy": 100 * share} for seed, share in seeds]
            found.append({**same, "mean": mean, "end": end})
    return pd.DataFrame(found, columns=["way", "images", "at", "seed", "accuracy", "mean", "end"])


@functools.lru_cache(maxsize=8)
def spec(lines: tuple[Line, ...], chosen: int, look: Look) -> Spec:
    """The chart without its rows, which are handed over apart from it; as wide as there is room.

    Args:
        chosen: the number of real images at which an upright line stands.
    """
    sizes = [images for images, _ in lines[0].accuracies]
    last = sizes[-1] * EDGE  # where labels stand
    low, high = _ends(lines)
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X(
            "at:Q", title="real images of each digit",
            scale=alt.Scale(type="log", domain=[sizes[0] / EDGE, last], nice=False),
            axis=alt.Axis(values=sizes, format="d", grid=False),
        ),
        color=alt.Color("way:N", legend=None, scale=_scale(lines, look.colors)),
    )  # fmt: skip
    shapes = alt.Shape("way:N", legend=None, scale=_scale(lines, SHAPES))
    y_scale, y_axis = alt.Scale(domain=[low, high], nice=False), alt.Axis(tickCount=6, format="d")
    seeds = base.transform_filter("isValid(datum.seed)").encode(
        y=alt.Y("accuracy:Q", title=RIGHT, scale=y_scale, axis=y_axis)
    )
    means = base.transform_filter("isValid(datum.mean)").encode(
        y=alt.Y("mean:Q", title=RIGHT, scale=y_scale, axis=y_axis)
    )
    ends = base.transform_filter("isValid(datum.end)").encode(y=alt.Y("end:Q"), x=alt.datum(last))
    dashes = alt.StrokeDash("way:N", legend=None, scale=_scale(lines, DASHES))
    layers = [
        alt.Chart(alt.InlineData([{"at": chosen}])).mark_rule(color=look.grey, strokeWidth=1.5).encode(x=alt.X("at:Q")),
        seeds.mark_point(size=26, filled=False, strokeWidth=1.2, opacity=0.85).encode(shape=shapes),
        means.mark_line(strokeWidth=2).encode(strokeDash=dashes),
        means.mark_point(size=70, filled=True, opacity=1).encode(shape=shapes),
        ends.mark_rule(strokeWidth=1, opacity=0.8).encode(
            x=alt.X("at:Q"), x2=alt.datum(last), y=alt.Y("mean:Q"), y2=alt.Y2("end:Q")
        ),
        *themed.labels(ends, "way:N", look.ground, align="left", baseline="middle", dx=3, fontSize=FONT),
        # The marks are small: a wide ring around each of them answers to the cursor, and to a finger.
        seeds.mark_point(size=200, filled=True, opacity=0).encode(
            tooltip=_told(alt.Tooltip("images:Q", title="real images of each digit"))
        ),
    ]
    beside = LETTER * max(len(line.label) for line in lines)
    padding = {"left": 4, "top": 8, "bottom": 4, "right": beside}
    return themed.spec(alt.layer(*layers).properties(height=HEIGHT + BELOW, padding=padding), look.ink, look.grey)


def strip_rows(groups: Sequence[tuple[str, Sequence[tuple[str, Sequence[tuple[int, float]]]]]]) -> pd.DataFrame:
    """Rows for `strip`: one for each accuracy, and one for each mean.

    Args:
        groups: for each group of results its name, and for each way its label and the accuracies by seed.
    """
    found: list[dict[str, Any]] = []
    for group, ways in groups:
        for label, seeds in ways:
            same = {"group": group, "way": label}
            found += [{**same, "seed": seed, "accuracy": 100 * share} for seed, share in seeds]
            if seeds:
                found.append({**same, "mean": 100 * statistics.fmean(share for _, share in seeds)})
    return pd.DataFrame(found, columns=["group", "way", "seed", "accuracy", "mean"])


@functools.lru_cache(maxsize=16)
def strip(ways: tuple[str, ...], groups: tuple[str, ...], ends: tuple[float, float], look: Look) -> Spec:
    """A row for each way with the accuracies of two groups of results, one above the other; a bar is a mean.

    Args:
        ways: their labels.
        groups: their names; the first stands back in grey, the second is drawn in colour.
        ends: of the axis, in percent.
    """
    base = alt.Chart(alt.NamedData("rows")).encode(
        y=alt.Y("way:N", sort=list(ways), title=None, axis=alt.Axis(labelFontSize=FONT, ticks=False, domain=False)),
        yOffset=alt.YOffset("group:N", sort=list(groups), scale=alt.Scale(domain=list(groups))),
        color=alt.Color("group:N", legend=None, scale=alt.Scale(domain=list(groups), range=list(look.colors))),
    )
    scale = alt.Scale(domain=list(ends), nice=False)
    axis = alt.Axis(tickCount=5, format="d")
    seeds = base.transform_filter("isValid(datum.seed)").encode(
        x=alt.X("accuracy:Q", title=RIGHT, scale=scale, axis=axis),
        shape=alt.Shape("group:N", legend=None, scale=alt.Scale(domain=list(groups), range=["diamond", "circle"])),
    )
    means = base.transform_filter("isValid(datum.mean)").encode(x=alt.X("mean:Q", title=RIGHT, scale=scale, axis=axis))
    chart = alt.layer(
        means.mark_tick(thickness=3, size=18, opacity=0.55),
        seeds.mark_point(size=60, filled=True, opacity=0.9).encode(
            tooltip=_told(alt.Tooltip("group:N", title="result"))
        ),
    )
    padding = {"left": 4, "top": 4, "bottom": 4, "right": 14}  # half of the last number stands beyond the axis
    return themed.spec(chart.properties(height=STRIP * len(ways) + BELOW, padding=padding), look.ink, look.grey)


def bounds(shares: Sequence[float]) -> tuple[float, float]:
    """The ends of an axis around shares, in percent and whole tens, so that one more result seldom moves it."""
    low = 10 * min(math.floor(10 * min(shares)), 9)
    return low, max(10 * math.ceil(10 * max(shares)), low + 10)


def _ends(lines: Sequence[Line]) -> tuple[float, float]:
    shares = [100 * share for line in lines for _, seeds in line.accuracies for _, share in seeds]
    return math.floor(min(shares) - 1), min(math.ceil(max(shares) + 1), 100)


def _label_places(lines: Sequence[Line]) -> list[float]:
    """At which height each label stands: at the end of its line, or as near as the others leave room."""
    low, high = _ends(lines)
    ends = [100 * statistics.fmean(share for _, share in line.accuracies[-1][1]) for line in lines]
    down = [HEIGHT * (high - end) / (high - low) for end in ends]
    free = placement.apart(down, GAP, GAP / 2, HEIGHT - GAP / 2)
    return [high - place / HEIGHT * (high - low) for place in free]


def _scale(lines: Sequence[Line], values: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=[line.label for line in lines], range=list(values))


def _told(which: alt.Tooltip) -> list[alt.Tooltip]:
    """What the mark of one training tells of itself."""
    return [
        alt.Tooltip("way:N", title="learned from"), which, alt.Tooltip("seed:Q", title="seed"),
        alt.Tooltip("accuracy:Q", title=RIGHT, format=".1f"),
    ]  # fmt: skip
