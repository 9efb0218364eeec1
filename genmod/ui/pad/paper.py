"""A paper to draw an image on, with a mouse, a finger, a pen or the keyboard."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

import numpy as np
import streamlit as st

from genmod.datasets import DataSource, Images
from genmod.ui.pad.look import PAPER_STYLE
from genmod.ui.pad.script import SCRIPT

KEY = "paper"
_PAPER = st.components.v2.component(
    "genmod_paper",
    html='<div class="gm-paper"></div>\n<!-- filled by paper.js -->',
    js=SCRIPT.loader("gm-paper", "The paper", "paper"),
    isolate_styles=False,
)


def show(source: DataSource, on_draw: Callable[[], None], version: int, drawn: Images | None = None) -> None:
    """Show the paper.

    Args:
        on_draw: called when a stroke ends; `take_drawing` says what is on the paper.
        version: another one lays a new paper, with `drawn` on it.
        drawn: uint8 (rows, columns); an empty paper if there is none.
    """
    st.html(PAPER_STYLE)
    data = {
        "shape": list(source.image_shape[:2]),
        "noun": source.noun,
        "version": f"{source.name} {version}",
        "pixels": "" if drawn is None else base64.b64encode(np.ascontiguousarray(drawn).tobytes()).decode(),
    }
    _PAPER(data=data, key=KEY, on_drawn_change=on_draw)


def take_drawing(source: DataSource) -> Images | None:
    """What is on the paper, uint8 (rows, columns); None if the browser sent anything else. Called in the callback."""
    sent = getattr(st.session_state.get(KEY), "drawn", None)
    text = sent.get("pixels") if isinstance(sent, dict) else None
    rows, columns = source.image_shape[:2]
    if not isinstance(text, str) or len(text) > 4 * rows * columns:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(raw) != rows * columns:
        return None
    image: Images = np.frombuffer(raw, np.uint8).reshape(rows, columns).copy()
    return image
