"""Films on a page: they stand still by a checkbox, and where the visitor wants no motion."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import streamlit as st

from genmod.datasets import Images
from genmod.drawing import films, images
from genmod.ui.pictures import Markup

SWITCH = """
<style>
.gm-film .gm-still { display: none; }
.gm-film:has(input:checked) .gm-still { display: block; }
.gm-film:has(input:checked) .gm-moving { display: none; }
.gm-film label { display: flex; gap: 0.4rem; align-items: center; font-size: 0.875rem; cursor: pointer;
  margin: 0.3rem 0; }
.gm-film label input { width: 1.1rem; height: 1.1rem; margin: 0; }
@media (prefers-reduced-motion: reduce) {
  .gm-film .gm-still { display: block; } .gm-film .gm-moving, .gm-film label { display: none; } }
</style>
"""
STYLE = """
<style>
.gm-framed { margin: 0; }
.gm-framed img { image-rendering: pixelated; border: 8px solid #000; border-radius: 6px; max-width: 100%; }
</style>
"""
BORDER = 16  # pixels that the frame takes of each side's length


def switch() -> None:
    """Send the style by which any film with the class `gm-film`, a moving and a still picture, stands still."""
    st.html(SWITCH)


def show(
    frames: Sequence[Images], still: Images, scale: int, seconds: float, words: tuple[str, str], hold: float = 2.0
) -> None:
    """A film and the picture that stands for it.

    Args:
        frames: uint8 (h, w) each.
        still: uint8 (h, w).
        scale: how many times as large it is shown.
        seconds: of the whole film, without the time that the last frame stays.
        words: alternative texts of the film and of the picture.
        hold: seconds for which the last frame stays.
    """
    switch()
    st.html(STYLE)
    height, width = (scale * size + BORDER for size in still.shape)
    moving = base64.b64encode(films.encode(frames, "webp", seconds, hold=hold)).decode()
    standing = base64.b64encode(images.png(still)).decode()
    film, picture = (html.escape(text) for text in words)
    st.html(
        Markup(
            '<figure class="gm-film gm-framed">'
            f'<img class="gm-moving" width="{width:d}" height="{height:d}" alt="{film}" '
            f'src="data:image/webp;base64,{moving}">'
            f'<img class="gm-still" width="{width:d}" height="{height:d}" alt="{picture}" '
            f'src="data:image/png;base64,{standing}">'
            '<label><input type="checkbox"> Stand still</label></figure>'
        )
    )
