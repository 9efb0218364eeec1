"""Altair charts: data in, chart out. The specs are constant, so that new data never redraws the axes."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from genmod.datasets import Floats, Indices, Labels

Spec = dict[str, Any]
TRAINING, HELD_OUT = "training", "held-out"
MOST_POINTS = 300  # a curve; more would not be seen and would slow every tick


def curve_rows(
    history: Sequence[Mapping[str, float]],
    columns: Mapping[str, Sequence[str]],
    rules: Mapping[str, float] | None = None,
    epochs: int = 0,
    weights: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Long rows for `curves`.

    Args:
        history: one mapping an epoch.
        columns: for each curve the history columns whose sum it shows.
        rules: level lines over all `epochs`, by name.
        weights: by which columns are multiplied before they are added.

    Returns:
        Columns `epoch`, `value`, `curve` and `label`; the label stands on each curve's last point only, and on
        a level line's first.
    """
    step = -(-len(history) // MOST_POINTS) or 1
    kept = [row for index, row in enumerate(history) if index % step == 0 or index == len(history) - 1]
    parts: list[tuple[float, float, str, str]] = []
    for name, level in (rules or {}).items():
        parts += [(0.0, level, name, name), (float(epochs), level, name, "")]
    for curve, names in columns.items():
        points = [row for row in kept if all(name in row for name in names)]
        values = [weighted_sum(row, names, weights or {}) for row in points]
        labels = [""] * (len(points) - 1) + [curve] * bool(points)
        parts += [(row["epoch"], value, curve, label) for row, value, label in zip(points, values, labels, strict=True)]
    # Column by column with its type: from rows, and converted afterwards, it takes four times as long, at every tick.
    epochs_at, values_at, names_at, labels_at = zip(*parts, strict=True) if parts else ((), (), (), ())
    return pd.DataFrame(
        {
            "epoch": np.array(epochs_at, np.float64),
            "value": np.array(values_at, np.float64),
            "curve": pd.array(names_at, dtype="str"),
            "label": pd.array(labels_at, dtype="str"),
        }
    )


def weighted_sum(row: Mapping[str, float], names: Sequence[str], weights: Mapping[str, float]) -> float:
    """The sum of some columns of a row, each times its weight."""
    return sum(weights.get(name, 1.0) * row[name] for name in names)


def mark_rows(marks: Sequence[tuple[float, str]]) -> pd.DataFrame:
    """Rows for the marks of `curves`: where something was changed, in epochs, and what it was.

    They share a table with the curves, so that both arrive together; `value` is empty.
    """
    return pd.DataFrame(
        {
            "epoch": [epoch for epoch, _ in marks],
            "value": np.full(len(marks), np.nan),
            "curve": "",
            "label": "",
            "mark": [words for _, words in marks],
            "lift": [13 * (number % 8) for number in range(len(marks))],
        }
    )


@functools.lru_cache(maxsize=64)
def curves(
    epochs: int,
    accent: str,
    names: tuple[str, ...] = (TRAINING, HELD_OUT),
    unit: str = "nats per image",
    rules: tuple[str, ...] = (),
    bounds: tuple[float, float] | None = None,
) -> Spec:
    """Curves over all `epochs`, named at their ends, exact under the cursor.

    Rows that carry a `mark` are drawn as a dotted line across, with the words at its top.

    Args:
        accent: the colour of the last curve; one before it is grey.
        names: of one or two curves, the second of which is dashed.
        unit: of the values.
        rules: names of level lines, written at their beginnings.
        bounds: of the values; if not given they follow them.
    """
    epoch = alt.X(
        "epoch:Q",
        title="epochs",
        scale=alt.Scale(domain=[0, epochs], nice=False),
        axis=alt.Axis(tickMinStep=1, grid=False),
    )
    limits = alt.Scale(domain=list(bounds)) if bounds else alt.Scale(zero=False)
    value = alt.Y("value:Q", title=unit, scale=limits, axis=alt.Axis(tickCount=4))
    domain = [*names, *rules]
    hues = ["#8a8a8a", accent][-len(names) :] + ["#8a8a8a"] * len(rules)
    dash = [[1, 0], [5, 3]][: len(names)] + [[1, 3]] * len(rules)
    hue = alt.Color("curve:N", legend=None, scale=alt.Scale(domain=domain, range=hues))
    dashes = alt.StrokeDash("curve:N", legend=None, scale=alt.Scale(domain=domain, range=dash))
    near = alt.selection_point(
        name="near", on="pointermove", nearest=True, fields=["epoch"], empty=False, clear="pointerout"
    )
    rows = alt.Chart(alt.NamedData("rows"))
    marked = rows.transform_filter("isValid(datum.mark) && datum.mark != ''").encode(x=epoch)
    rule = marked.mark_rule(color="#8a8a8a", strokeDash=[2, 3]).encode(tooltip=alt.Tooltip("mark:N", title="change"))
    # Each name on a height of its own: marks may stand close together.
    words = marked.mark_text(
        align="left", baseline="top", dx=3, dy=alt.ExprRef("datum.lift"), fontSize=10, color="#8a8a8a"
    ).encode(text="mark:N", y=alt.value(0))
    base = rows.transform_filter("datum.curve != ''").encode(x=epoch, y=value)
    line = base.mark_line(strokeWidth=2, clip=True).encode(color=hue, strokeDash=dashes)
    is_curve = " || ".join(f"datum.curve == '{name}'" for name in names)
    is_end = f"datum.label != '' && ({is_curve})"
    ends = base.transform_filter(is_end).mark_point(filled=True, size=36, opacity=1).encode(color=hue)
    # Each name stands beside the curve's end, on the side where there is room.
    early = f"datum.epoch < {epochs / 4}"
    labels = base.encode(text="label:N", color=hue)
    named = [
        layer
        for curve, lift in zip(reversed(names), (-10, 13), strict=False)
        for own in [labels.transform_filter(f"datum.label == '{curve}'")]
        for layer in (
            own.transform_filter(early).mark_text(align="left", dx=3, dy=lift, fontSize=11),
            own.transform_filter(f"!({early})").mark_text(align="right", dx=-2, dy=lift, fontSize=11),
        )
    ]
    if rules:
        is_rule = f"datum.label != '' && !({is_curve})"
        named.append(labels.transform_filter(is_rule).mark_text(align="left", dx=3, dy=-7, fontSize=11))
    exact = (
        base.transform_filter(is_curve)
        .mark_point(size=60, filled=True)
        .encode(
            color=hue,
            opacity=alt.condition(near, alt.value(1), alt.value(0)),
            tooltip=[
                alt.Tooltip("curve:N", title="curve"),
                alt.Tooltip("epoch:Q", title="epoch"),
                alt.Tooltip("value:Q", title=unit, format=".2f"),
            ],
        )
        .add_params(near)
    )
    return _spec(alt.layer(rule, words, line, ends, *named, exact).properties(height=230))


def class_count_rows(names: Sequence[str], counts: Indices) -> pd.DataFrame:
    """One row a class: `class` and `images`."""
    return pd.DataFrame({"class": list(names), "images": counts})


@functools.lru_cache(maxsize=8)
def class_counts(names: tuple[str, ...], colors: tuple[str, ...], noun: str) -> Spec:
    """How many images each class has, the number written at its bar."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=_class_axis(names, noun),
        y=alt.Y("images:Q", title="images", axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color("class:N", legend=None, scale=alt.Scale(domain=list(names), range=list(colors)))
    )
    numbers = base.mark_text(dy=-9, fontSize=11, color="#8a8a8a").encode(
        y=alt.value(0), text=alt.Text("images:Q", format=",")
    )
    return _spec(alt.layer(bars, numbers).properties(height=220))


def class_share_rows(names: Sequence[str], shares: Sequence[float]) -> pd.DataFrame:
    """One row a class: `class` and `share` in percent."""
    return pd.DataFrame({"class": list(names), "share": [100.0 * share for share in shares]})


@functools.lru_cache(maxsize=8)
def class_shares(names: tuple[str, ...], colors: tuple[str, ...], noun: str) -> Spec:
    """Which share of the samples each class has, the number written at its bar; a line marks equal shares."""
    base = alt.Chart(alt.NamedData("rows")).encode(
        x=_class_axis(names, f"{noun} seen"),
        y=alt.Y("share:Q", title="% of samples", scale=alt.Scale(domainMin=0), axis=alt.Axis(tickCount=4)),
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color("class:N", legend=None, scale=alt.Scale(domain=list(names), range=list(colors)))
    )
    # In a row above the bars: at their ends they would lie on the line.
    numbers = base.mark_text(dy=-9, fontSize=11, color="#8a8a8a").encode(
        y=alt.value(0), text=alt.Text("share:Q", format=".1f")
    )
    equal = base.mark_rule(strokeDash=[5, 3], color="#8a8a8a").encode(
        x=alt.X(), y=alt.datum(100.0 / len(colors)), tooltip=alt.value("equal shares")
    )
    return _spec(alt.layer(bars, numbers, equal).properties(height=220))


def _class_axis(names: Sequence[str], title: str) -> alt.X:
    """The axis of the classes: names that fit side by side on a phone lie flat, others are slanted; all are there."""
    flat = sum(map(len, names)) <= 30
    size = 13 if max(map(len, names)) <= 2 else 11
    axis = alt.Axis(labelAngle=0 if flat else -40, labelFontSize=size, labelOverlap=False)
    return alt.X("class:N", title=title, sort=list(names), axis=axis)


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
def latent_scatter(x_title: str, y_title: str, names: tuple[str, ...], colors: tuple[str, ...], noun: str) -> Spec:
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
    return _spec(chart)


def _spec(chart: alt.TopLevelMixin) -> Spec:
    """The chart as plain data without its rows: Streamlit hands those over apart from the spec."""
    spec: Spec = chart.configure_view(strokeWidth=0).to_dict()
    for part in [spec, *spec.get("layer", [])]:
        part.pop("data", None)
    return spec
