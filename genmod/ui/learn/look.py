"""How the lesson looks: large type for a projector, and pictures that answer to a click."""

from __future__ import annotations

import streamlit as st

from genmod.kinds import Setting
from genmod.ui import links

PROJECTOR = Setting(
    "projector", bool, False, "For the projector",
    "Large type, and the arrow keys lead to the chapter before and after.", "data",
)  # fmt: skip
STYLE = """
<style>
.st-key-guess, .st-key-check { background: rgba(128, 128, 128, 0.06); }
.st-key-guess label p, .st-key-check label p { font-size: 1rem; }
</style>
"""
LARGE = """
<style>
html { font-size: 22px; }
[data-testid="stMainBlockContainer"] { max-width: 1600px; }
@media (max-width: 640px) { html { font-size: 18px; } }
</style>
"""


def style() -> None:
    """Send the style of the lesson, and the switch for the projector."""
    st.html(STYLE)
    with st.sidebar:
        large = links.switch(PROJECTOR)
    if large:
        st.html(LARGE)
