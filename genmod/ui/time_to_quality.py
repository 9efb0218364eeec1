"""How soon each preset's samples are good: Frechet distance against seconds of training, as a chart and a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from genmod.datasets import DataSource
from genmod.drawing import palette, time_curves
from genmod.drawing.time_curves import Look
from genmod.quality import time_to_quality
from genmod.quality.time_to_quality import Timed
from genmod.quality.verdict import Ends
from genmod.ui import frame, say, terms

HEADING = "Time to quality"
IN_NUMBERS = "Time to quality in numbers"


def show(source: DataSource, ends: Ends) -> None:
    """The part of the page on the presets of a data set that were timed; nothing if none was."""
    found = time_to_quality.of(source)
    if not found:
        return
    real = ends["frechet_distance"][0]
    lines = tuple(one.line for one in found)
    grey = palette.GREY_DARK if frame.dark() else palette.GREY_LIGHT
    look = Look(frame.class_colors(len(palette.CLASS_COLORS_LIGHT)), grey, frame.ink(), frame.ground())
    say.heading(HEADING)
    terms.paragraph(time_to_quality.lead(source, found), "time-to-quality")
    st.vega_lite_chart(
        time_curves.rows(lines, real),
        time_curves.spec(lines, real, look),
        key="time_to_quality",
        alt=time_to_quality.words(found, real),
    )
    terms.caption(time_to_quality.measured(found), "time-to-quality")
    with st.expander(IN_NUMBERS, icon=":material/timer:"):
        _table(found)


def _table(found: Sequence[Timed]) -> None:
    """The seconds until each distance, and the distance at the end."""
    terms.caption(time_to_quality.reading(), "time-to-quality-table")
    table = pd.DataFrame(time_to_quality.rows(found), columns=list(time_to_quality.HEADINGS))
    st.dataframe(table, hide_index=True, alt="Seconds until each Frechet distance, and the last one, for each preset.")
