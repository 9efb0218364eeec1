"""The stage of a training: digits forming, curves, and a film strip that moves one mark through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from genmod.ui.scripts import Script
from genmod.ui.stage import films
from genmod.ui.stage.acts import Situation, act, empty, situation
from genmod.ui.stage.look import STYLE

__all__ = ["Situation", "act", "empty", "films", "show", "situation", "style"]

SCRIPT = Script("stage", [Path(__file__).with_name("stage.js")])
_STAGE = st.components.v2.component(
    "genmod_stage",
    html='<div class="gm-stage"></div>\n<!-- filled by stage.js -->',
    js=SCRIPT.loader("gm-stage", "The stage"),
    # In the page itself, not in a shadow tree: the page's own audits and styles reach it.
    isolate_styles=False,
)


def show(acts: Sequence[dict[str, Any]], key: str = "stage") -> None:
    """Draw one run, or two in step beside each other by images seen.

    The element stays the same from run to run, so that nothing below it moves; the browser clears it when the run
    changes.
    """
    with st.container(key="stage_box"):
        _STAGE(data={"acts": list(acts)}, key=key)


def style() -> None:
    """Send the style of the page around the stage; called once, at the top of the page."""
    st.html(STYLE)
