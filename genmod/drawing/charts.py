"""Altair charts: data in, chart out. The specs are constant, so that new data never redraws the axes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from genmod.datasets import Floats, Indices, Labels

Spec = dict[str, Any]


def class_count_rows(names: Sequence[str], counts: Indices) -> pd.DataFrame:
    """One row a class: `class` and `images`."""
    return pd.DataFrame({"class": list(names), "images": counts})


@functools.lru_cache(maxsize=8)
def class_counts(names: tuple[str, ...], colors: tuple[str, ...], noun: str, ink: str) -> Spec:
    """How many images each class has, the number written at its bar."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=_class_axis(names, noun),
        y=alt.Y("images:Q", title="images", axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color("class:N", legend=None, scale=alt.Scale(domain=list(names), range=list(colors)))
    )
    numbers = base.mark_text(dy=-9, fontSize=11, color=ink).encode(
        y=alt.value(0), text=alt.Text("images:Q", format=",")
    )
    return _spec(alt.layer(bars, numbers).properties(height=220), ink)


def class_share_rows(names: Sequence[str], shares: Sequence[float]) -> pd.DataFrame:
    """One row a class: `class` and `share` in percent."""
    return pd.DataFrame({"class": list(names), "share": [100.0 * share for share in shares]})


@functools.lru_cache(maxsize=8)
def class_shares(names: tuple[str, ...], colors: tuple[str, ...], noun: str, ink: str) -> Spec:
    """Which share of the samples each class has, the number written at its bar; a line marks equal shares."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=_class_axis(names, f"{noun} seen"),
        y=alt.Y("share:Q", title="% of samples", scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color("class:N", legend=None, scale=alt.Scale(domain=list(names), range=list(colors)))
    )
    # In a row above the bars: at their ends they would lie on the line.
    numbers = base.mark_text(dy=-9, fontSize=11, color=ink).encode(
        y=alt.value(0), text=alt.Text("share:Q", format=".1f")
    )
    equal = base.mark_rule(strokeDash=[5, 3], color=ink, aria=False).encode(
        x=alt.X(), y=alt.datum(100.0 / len(colors)), tooltip=alt.value("equal shares")
    )
    return _spec(alt.layer(bars, numbers, equal).properties(height=220), ink)


def _class_axis(names: Sequence[str], title: str) -> alt.X:
    """The axis of the classes: names that fit side by side on a phone lie flat, others are slanted; all are there."""
    flat = sum(map(len, names)) <= 30
    size = 13 if max(map(len, names)) <= 2 else 11
    axis = alt.Axis(labelAngle=0 if flat else -40, labelFontSize=size, labelOverlap=False)
    return alt.X("class:N", title=title, sort=list(names), axis=axis)


def distance_rows(pairs: Sequence[tuple[float, float]]) -> pd.DataFrame:
    """One row a value: `value`, as its axis names it, and `distance`."""
    return pd.DataFrame({"value": [f"{value:g}" for value, _ in pairs], "distance": [one for _, one in pairs]})


@functools.lru_cache(maxsize=8)
def distances(title: str, ink: str, accent: str) -> Spec:
    """The Frechet distance for a few values, the number written at its point; the scale is logarithmic.

    Args:
        title: of the values.
    """
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=alt.X("value:N", title=title, sort=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "distance:Q", title="Frechet distance", scale=alt.Scale(type="log", padding=18), axis=alt.Axis(tickCount=3)
        ),
    )
    numbers = base.mark_text(dy=-12, fontSize=11, color=ink).encode(text=alt.Text("distance:Q", format=".3~g"))
    line = base.mark_line(color=accent, point=alt.OverlayMarkDef(color=accent, size=45))
    return _spec(alt.layer(line, numbers).properties(height=180), ink)


def latent_rows(
    points: Floats, labels: Labels, names: Sequence[str], marks: Sequence[str], count: int, chosen: int
) -> pd.DataFrame:
    """Rows for `latent_scatter`: the first `count` test images, and the chosen one wherever it is, drawn last.

    Args:
        points: of all test images, shape (n, 2).
        labels: their classes, shape (n,).
        names: of the classes.
        marks: what is drawn for each class.
        count: how many to show.
        chosen: the index of the image that stands out.
    """
    shown = np.arange(min(count, len(points)))
    indices = np.append(shown[shown != chosen], chosen)
    return pd.DataFrame(
        {
            "index": indices,
            "x": points[indices, 0],
            "y": points[indices, 1],
            "class": np.array(names)[labels[indices]],
            "mark": np.array(marks)[labels[indices]],
            "chosen": indices == chosen,
        }
    )


@functools.lru_cache(maxsize=64)
def latent_scatter(
    x_title: str, y_title: str, names: tuple[str, ...], colors: tuple[str, ...], noun: str, ink: str
) -> Spec:
    """Each point drawn as the mark of its class in its colour, the chosen one large; a click picks the nearest point.

    Args:
        noun: what the classes are called, such as "digit".
    """
    picked = alt.selection_point(name="picked", fields=["index"], nearest=True, empty=False, on="click")
    hue = alt.Color("class:N", legend=None, scale=alt.Scale(domain=list(names), range=list(colors)))
    chart = (
        alt.Chart(alt.NamedData("rows"))
        .mark_text(fontWeight="bold")
        .encode(
            x=alt.X("x:Q", title=x_title, scale=alt.Scale(nice=True, zero=False), axis=alt.Axis(tickCount=7)),
            y=alt.Y("y:Q", title=y_title, scale=alt.Scale(nice=True, zero=False), axis=alt.Axis(tickCount=7)),
            text="mark:N",
            color=hue,
            size=alt.condition("datum.chosen", alt.value(30), alt.value(10)),
            opacity=alt.condition("datum.chosen", alt.value(1), alt.value(0.75)),
            tooltip=[
                alt.Tooltip("class:N", title=noun),
                alt.Tooltip("index:Q", title="test image"),
                alt.Tooltip("x:Q", title=x_title, format=".2f"),
                alt.Tooltip("y:Q", title=y_title, format=".2f"),
            ],
        )
        .add_params(picked)
        .properties(height=560)
    )
    return _spec(chart, ink)


def _spec(chart: alt.TopLevelMixin, ink: str) -> Spec:
    """The chart as plain data without its rows: Streamlit hands those over apart from the spec.

    Args:
        ink: of all text, for Streamlit's own grey is too pale to be read by everybody.
    """
    spec: Spec = (
        chart.configure_view(strokeWidth=0).configure_axis(labelColor=ink, titleColor=ink, tickColor=ink).to_dict()
    )
    for part in [spec, *spec.get("layer", [])]:
        part.pop("data", None)
    return spec
