"""Digits on the screen: crisp pixels at whole-number scale, one frame on every page."""

from __future__ import annotations

import base64
import html
import struct
from typing import NewType

import streamlit as st

from genmod.datasets import Images
from genmod.drawing import images

Markup = NewType("Markup", str)  # HTML in which every text from elsewhere is escaped


def show(sheet: Images | bytes, alt: str, caption: str = "", largest: int = 3) -> None:
    """Show a sheet of digits, a uint8 array (h, w) or a PNG file of one.

    The picture travels at its own size and the browser repeats its pixels a whole number of times: as
    often as fits, at most `largest` times.

    Args:
        alt: what the picture shows, for those who cannot see it.
        caption: a sentence below it; plain text.
    """
    st.html(figure(sheet, alt, caption, largest))


def figure(sheet: Images | bytes, alt: str, caption: str = "", largest: int = 3) -> Markup:
    """The markup of `show`, for a page that puts several things into one element."""
    png = sheet if isinstance(sheet, bytes) else images.png(sheet)
    width, height = sheet_size(png)
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return Markup(
        f'<figure class="gm-digits" style="--gm-width:{width}px;--gm-scale:{largest}">'
        f'<div class="gm-frame"><img width="{width}" height="{height}" decoding="sync" '
        f'alt="{html.escape(alt)}" src="data:image/png;base64,{base64.b64encode(png).decode()}"></div>'
        f"{below}</figure>"
    )


def row(*figures: Markup) -> None:
    """Show several pictures side by side, as far as they fit; the one that may be larger gets more room."""
    st.html(f'<div class="gm-row">{"".join(figures)}</div>')


def drawing(wide: str, tall: str, alt: str) -> None:
    """Show an SVG drawing at its own size: the wide one, or on a narrow screen the tall one."""
    st.html(f'<div class="gm-scroll">{_svg(wide, alt, "wide")}{_svg(tall, alt, "tall")}</div>')


def _svg(svg: str, alt: str, shape: str) -> Markup:
    encoded = base64.b64encode(svg.encode()).decode()
    return Markup(
        f'<img class="gm-drawing gm-{html.escape(shape)}" alt="{html.escape(alt)}" '
        f'src="data:image/svg+xml;base64,{encoded}">'
    )


def sheet_size(png: bytes) -> tuple[int, int]:
    """Width and height from a PNG file's header."""
    width, height = struct.unpack(">II", png[16:24])
    return int(width), int(height)
