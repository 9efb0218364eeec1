"""The curves of a training on the screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from genmod import kinds
from genmod.drawing import charts
from genmod.kinds import Config, Plot
from genmod.ui import frame, say


def draw(
    config: Config,
    history: Sequence[Mapping[str, float]],
    progress: Mapping[str, Any],
    marks: Sequence[tuple[float, str]] = (),
) -> None:
    """The charts side by side, with the unfinished epoch as the last point.

    Args:
        marks: where something was changed while it trained, in epochs, and what it was.
    """
    rows = [*history, *_unfinished(len(history), progress)]
    kind = kinds.of(config)
    found = kind.plots(config)
    for column, plot in zip(st.columns(len(found)), found, strict=True):
        names = tuple(plot.curves)
        table = charts.curve_rows(rows, plot.curves, plot.rules, config.epochs, plot.weights)
        if marks:
            table = pd.concat([table, charts.mark_rows(marks)], ignore_index=True)
        with column:
            st.markdown(f"**{say.plain(plot.title)}**")
            st.vega_lite_chart(
                table,
                charts.curves(config.epochs, frame.accent(), names, plot.unit, tuple(plot.rules), plot.bounds),
                key=f"curve_{config.kind}_{plot.title}",
                alt=f"{plot.title}, {plot.unit}, over the epochs{_said(plot, history)}.",
            )
    if words := kind.explanation(config):
        say.caption(words)


def _unfinished(finished: int, progress: Mapping[str, Any]) -> list[dict[str, float]]:
    if not progress.get("metrics") or not progress.get("steps") or progress.get("epoch", 0) <= finished:
        return []
    if "step" not in progress:
        return []
    return [{"epoch": progress["epoch"] - 1 + progress["step"] / progress["steps"], **progress["metrics"]}]


def _said(plot: Plot, history: Sequence[Mapping[str, float]]) -> str:
    """The last values in words, for the chart's alternative text."""
    if not history:
        return ", no values yet"
    last = history[-1]
    values = [
        f"{charts.weighted_sum(last, names, plot.weights):.4g} for {curve}"
        for curve, names in plot.curves.items()
        if all(name in last for name in names)
    ]
    lines = "".join(f"; a level line {name} at {value:.4g}" for name, value in plot.rules.items())
    return f", after epoch {last['epoch']:.0f} {' and '.join(values)}{lines}"
