"""Pictures in a row that goes on in the next line, each with a few words below it."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from genmod.datasets import Images
from genmod.ui import pictures
from genmod.ui.pictures import Markup

SCALE, LARGE, PHONE = 3, 5, 2  # pixels of the screen for one of a picture
FRAME = 18  # pixels around it
STYLE = f"""
<style>
.gm-labelled {{ list-style: none; display: flex; flex-wrap: wrap; gap: 0.7rem 0.6rem; margin: 0 !important;
  padding: 0 !important; align-items: flex-end; }}
.gm-labelled li {{ margin: 0 !important; padding: 0 !important; width: {28 * SCALE + FRAME}px; }}
.gm-labelled .gm-digits {{ --gm-most: {SCALE}; }}
.gm-labelled .gm-digits figcaption {{ margin-top: 0.2rem; line-height: 1.3; font-size: 0.8125rem; }}
.gm-labelled.gm-one-large li:first-child {{ width: {28 * LARGE + FRAME}px; }}
.gm-labelled.gm-one-large li:first-child .gm-digits {{ --gm-most: {LARGE}; }}
@media (max-width: 640px) {{
  .gm-labelled:not(.gm-one-large) li, .gm-labelled li:not(:first-child) {{ width: {28 * PHONE + FRAME}px; }}
  .gm-labelled:not(.gm-one-large) .gm-digits, .gm-labelled li:not(:first-child) .gm-digits {{ --gm-most: {PHONE}; }}
}}
</style>
"""


def style() -> None:
    """Send the style sheet; once a page."""
    st.html(STYLE)


def one(image: Images, alt: str, caption: str) -> Markup:
    """A picture, uint8 (rows, columns), with its words."""
    return pictures.figure(image, alt, caption, LARGE)


def row(items: Sequence[Markup], label: str, one_large: bool = False) -> None:
    """Show pictures that `one` made.

    Args:
        label: what they are, for those who cannot see them.
        one_large: whether the first stands out.
    """
    listed = "".join(f"<li>{item}</li>" for item in items)
    kind = "gm-labelled gm-one-large" if one_large else "gm-labelled"
    st.html(Markup(f'<ul class="{kind}" aria-label="{html.escape(label)}">{listed}</ul>'))
