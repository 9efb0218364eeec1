"""What charts made here have in common: the theme's colours, rows handed over apart, outlined labels, room for both."""

from __future__ import annotations

from typing import Any

import altair as alt

from genmod.drawing.charts import Spec


def spec(chart: alt.LayerChart | alt.FacetChart, ink: str, grey: str) -> Spec:
    """The chart as plain data in a theme's colours, without the rows named in it.

    Streamlit takes the rows apart from the chart. The few other values stay in their layers, where any reader of specs
    finds them.

    Args:
        ink: the colour of text and ticks.
        grey: of the grid.
    """
    found: Spec = (
        chart.configure_view(strokeWidth=0)
        .configure_axis(labelColor=ink, titleColor=ink, tickColor=ink, gridColor=grey, gridOpacity=0.25)
        .to_dict()
    )
    inline = found.pop("datasets", {})
    found.pop("data", None)
    for layer in found["layer"]:
        name = layer.get("data", {}).get("name")
        if name in inline:
            layer["data"] = {"values": inline[name]}
        elif name is not None:
            layer.pop("data")
    return found


def labels(at: alt.Chart, field: str, ground: str, **text: Any) -> list[alt.Chart]:
    """Text in two layers: its outline in the colour of the ground, so that no line strikes it through, and itself.

    Args:
        at: a chart whose encoding says where the text stands.
        field: what it says.
        text: how it is set, as of `mark_text`.
    """
    words = at.encode(text=field)
    outline = words.mark_text(**text, fontWeight=600, stroke=ground, strokeWidth=4, strokeJoin="round")
    return [outline.encode(color=alt.value(ground)), words.mark_text(**text, fontWeight=600)]
