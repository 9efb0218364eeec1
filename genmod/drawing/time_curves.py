"""Curves of a Frechet distance against seconds of training, both on logarithmic axes, with labels at their ends."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from genmod.drawing import placement, themed
from genmod.drawing.charts import Spec

HEIGHT = 420  # of the plot, in pixels
BELOW = 84  # of its axis with title: what Streamlit fits into the height that a spec has
FONT, GAP = 12, 15  # of the labels, and from one to the next
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right", "triangle-left")
DASH, SOLID = [5, 3], [1, 0]
NUMBERS = ",.2~r"  # 0.3, 30, 1,000


@dataclass(frozen=True)
class Line:
    """One preset in the picture.

    Attributes:
        label: stands at its end.
        family: what it shares with the line of the settings it had before, which gets the same marks.
        before: whether it is that one: dashed and grey.
        trainings: each a seed and, in order of time, its seconds, epochs and Frechet distances. The first is drawn as a
            line with marks, the others as thin lines.
    """

    label: str
    family: str
    before: bool
    trainings: tuple[tuple[int, tuple[tuple[float, int, float], ...]], ...]


@dataclass(frozen=True)
class Look:
    """The colours of a theme.

    Attributes:
        colors: of the lines, in turn.
        grey: of lines of settings that a preset had before, and of what is not a line.
        ink: of all text but the labels.
        ground: behind everything; around labels, so that a line below them does not strike them through.
    """

    colors: tuple[str, ...]
    grey: str
    ink: str
    ground: str


def rows(lines: Sequence[Line], real: float) -> pd.DataFrame:
    """The rows of the chart: one for each copy that was measured.

    Columns are `preset`, `seed`, `seconds`, `epoch`, `distance`, `first` (of the seed that is drawn as a line) and
    `end`: at which distance the label stands, for the last copy of that seed alone.
    """
    found: list[dict[str, Any]] = []
    places = _label_places(lines, _distances(lines, real))
    for line, place in zip(lines, places, strict=True):
        for number, (seed, copies) in enumerate(line.trainings):
            for seconds, epoch, distance in copies:
                end = place if number == 0 and seconds == copies[-1][0] else None
                found.append(
                    {
                        "preset": line.label, "seed": seed, "seconds": seconds, "epoch": epoch, "distance": distance,
                        "first": number == 0, "end": end,
                    }
                )  # fmt: skip
    return pd.DataFrame(found)


@functools.lru_cache(maxsize=8)
def spec(lines: tuple[Line, ...], real: float, look: Look) -> Spec:
    """The chart without its rows, which are handed over apart from it; as wide as there is room.

    Args:
        real: the Frechet distance of real test images, a level line.
    """
    every = [copy for line in lines for _, copies in line.trainings for copy in copies]
    seconds = min(copy[0] for copy in every) / 1.08, max(copy[0] for copy in every) * 1.02
    distances = _distances(lines, real)
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("seconds:Q", title="seconds of training", scale=_log(*seconds), axis=_axis(*seconds)),
        y=alt.Y("distance:Q", title="Frechet distance", scale=_log(*distances), axis=_axis(*distances)),
        color=alt.Color("preset:N", legend=None, scale=_scale(lines, _colors(lines, look))),
    )
    dashes = alt.StrokeDash("preset:N", legend=None, scale=_scale(lines, [DASH if i.before else SOLID for i in lines]))
    shapes = alt.Shape("preset:N", legend=None, scale=_scale(lines, _shapes(lines)))
    first = base.transform_filter("datum.first")
    ends = base.transform_filter("isValid(datum.end)").encode(y=alt.Y("end:Q"))
    layers = [
        *_real(real, seconds[0], look),
        base.transform_filter("!datum.first").mark_line(strokeWidth=1, opacity=0.55).encode(
            strokeDash=dashes, detail="seed:N"
        ),
        first.mark_line(strokeWidth=2).encode(strokeDash=dashes),
        first.mark_point(size=28, filled=True, opacity=1).encode(shape=shapes),
        # From the end of a line to its label, where that had to make room.
        ends.mark_rule(strokeWidth=1, opacity=0.8).encode(y=alt.Y("distance:Q"), y2=alt.Y2("end:Q")),
        *themed.labels(ends, "preset:N", look.ground, align="left", baseline="middle", dx=8, fontSize=FONT),
        # The marks are small: a wide ring around each of them answers to the cursor, and to a finger.
        base.mark_point(size=260, filled=True, opacity=0).encode(
            tooltip=[
                alt.Tooltip("preset:N", title="preset"),
                alt.Tooltip("seed:Q", title="seed"),
                alt.Tooltip("seconds:Q", title="seconds of training", format=",.1f"),
                alt.Tooltip("epoch:Q", title="epoch", format=","),
                alt.Tooltip("distance:Q", title="Frechet distance", format=",.2f"),
            ]
        ),
    ]  # fmt: skip
    return themed.spec(alt.layer(*layers).properties(height=HEIGHT + BELOW), look.ink, look.grey)


def standalone(lines: tuple[Line, ...], real: float, look: Look, width: int) -> Spec:
    """The chart with its rows, for a picture that answers to no cursor; `width` of the plot in pixels."""
    found = spec(lines, real, look)
    layers = [layer for layer in found["layer"] if "tooltip" not in layer["encoding"]]
    numbers = rows(lines, real).astype(object).where(lambda frame: frame.notna(), None).to_dict("records")
    # A browser that shows the picture as an image reads none of the words that Vega writes at each mark.
    config = {**found["config"], "aria": False, "background": look.ground, "font": "Helvetica, Arial, sans-serif"}
    size = {"width": width, "height": HEIGHT, "padding": 10}
    return {**found, **size, "layer": layers, "data": {"values": numbers}, "config": config}


def _real(real: float, start: float, look: Look) -> list[alt.Chart]:
    """The level line of real test images, with its name at the left, where lines are still far above."""
    at = alt.Chart(alt.InlineData([{"distance": real, "seconds": start}])).encode(y=alt.Y("distance:Q"))
    return [
        at.mark_rule(color=look.ink, strokeWidth=1, strokeDash=[2, 2]),
        at.mark_text(
            align="left", baseline="bottom", dx=3, dy=-3, fontSize=FONT, color=look.ink,
            text=f"real test images {real:.2f}",
        ).encode(x=alt.X("seconds:Q")),
    ]  # fmt: skip


def _distances(lines: Sequence[Line], real: float) -> tuple[float, float]:
    """The ends of the axis of the Frechet distance: real test images are within them."""
    every = [copy[2] for line in lines for _, copies in line.trainings for copy in copies]
    return min(real, *every) / 1.25, max(real, *every) * 1.08


def _label_places(lines: Sequence[Line], distances: tuple[float, float]) -> list[float]:
    """At which distance each label stands: at the end of its line, or as near as the others leave room."""
    low, high = map(math.log, distances)
    ends = [math.log(line.trainings[0][1][-1][2]) for line in lines]
    down = [HEIGHT * (high - end) / (high - low) for end in ends]
    free = placement.apart(down, GAP, GAP / 2, HEIGHT - GAP / 2)
    return [math.exp(high - place / HEIGHT * (high - low)) for place in free]


def _log(low: float, high: float) -> alt.Scale:
    return alt.Scale(type="log", domain=[low, high], nice=False)


def _axis(low: float, high: float) -> alt.Axis:
    """Ticks at 1, 3, 10, 30 and so on."""
    tens = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [digit * 10.0**ten for ten in tens for digit in (1, 3) if low <= digit * 10.0**ten <= high]
    return alt.Axis(values=ticks, format=NUMBERS)


def _scale(lines: Sequence[Line], values: Sequence[Any]) -> alt.Scale:
    return alt.Scale(domain=[line.label for line in lines], range=list(values))


def _colors(lines: Sequence[Line], look: Look) -> list[str]:
    """Grey for settings of before, and for the others the theme's colours in turn."""
    present = [line.label for line in lines if not line.before]
    return [
        look.grey if line.before else look.colors[present.index(line.label) % len(look.colors)] for line in lines
    ]  # fmt: skip


def _shapes(lines: Sequence[Line]) -> list[str]:
    families = list(dict.fromkeys(line.family for line in lines))
    return [SHAPES[families.index(line.family) % len(SHAPES)] for line in lines]
