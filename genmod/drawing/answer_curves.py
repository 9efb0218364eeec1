"""What a discriminator answers, epoch after epoch: two curves on a scale from forged to real, named at their ends."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

from genmod.drawing import themed
from genmod.drawing.charts import Spec

REAL, GENERATED = "real images", "generated images"
HEIGHT = 280  # with the axis, in pixels
FONT = 12  # of the names
BESIDE = 0.075  # from the end of a curve to its name, on the axis


def rows(answers: Sequence[tuple[float, float, float]]) -> pd.DataFrame:
    """One row an epoch and curve: `epoch`, `answer`, `of`, and at the end of a curve `end`, where its name stands.

    Args:
        answers: epochs with the mean answers to real and to generated images.
    """
    found: list[dict[str, Any]] = []
    ends = _name_places(*answers[-1][1:]) if answers else (0.0, 0.0)
    for number, name in enumerate((REAL, GENERATED), 1):
        for row in answers:
            end = ends[number - 1] if row is answers[-1] else None
            found.append({"epoch": row[0], "answer": row[number], "of": name, "end": end})
    return pd.DataFrame(found, columns=["epoch", "answer", "of", "end"])


def _name_places(real: float, generated: float) -> tuple[float, float]:
    """Where the names of two curves stand that end there: away from each other, and within the chart."""
    upwards = 1 if real >= generated else -1
    found = []
    for end, way in ((real, upwards), (generated, -upwards)):
        place = end + way * BESIDE
        found.append(place if 0.02 <= place <= 0.98 else end - way * BESIDE)
    return found[0], found[1]


@functools.lru_cache(maxsize=16)
def spec(even: float, accent: str, grey: str, ink: str, ground: str) -> Spec:
    """The chart without its rows, which are handed over apart from it.

    Args:
        even: the answer of a discriminator that cannot tell, a level line.
        ground: the colour behind the chart, around names.
    """
    hue = alt.Color("of:N", legend=None, scale=alt.Scale(domain=[REAL, GENERATED], range=[accent, grey]))
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("epoch:Q", title="epochs", scale=alt.Scale(nice=False), axis=alt.Axis(tickMinStep=1, tickCount=6)),
        y=alt.Y(
            "answer:Q", title="mean answer, 1 = real", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(values=[0, 0.5, 1])
        ),
        color=hue,
    )
    # Within the plot, which would be narrow on a phone with the names beside it.
    named = base.transform_filter("isValid(datum.end)").encode(y=alt.Y("end:Q"))
    layers = [
        alt.Chart(alt.InlineData([{"even": even}])).mark_rule(color=ink, strokeDash=[2, 3], aria=False).encode(
            y=alt.Y("even:Q")
        ),
        base.mark_line(strokeWidth=2).encode(
            strokeDash=alt.StrokeDash(
                "of:N", legend=None, scale=alt.Scale(domain=[REAL, GENERATED], range=[[1, 0], [6, 3]])
            )
        ),
        base.mark_point(size=160, filled=True, opacity=0).encode(
            tooltip=[
                alt.Tooltip("of:N", title="answers to"),
                alt.Tooltip("epoch:Q", title="epoch", format=","),
                alt.Tooltip("answer:Q", title="mean answer", format=".3f"),
            ]
        ),
        *themed.labels(named, "of:N", ground, align="right", baseline="middle", fontSize=FONT),
    ]  # fmt: skip
    return themed.spec(alt.layer(*layers).properties(height=HEIGHT), ink, grey)
