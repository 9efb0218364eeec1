"""The chapter on VAEs: draws from one image's distribution, two losses that pull, and what the article's loss lacks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from genmod.errors import GenmodError
from genmod.ui import links, say
from genmod.ui.learn import article_loss, one_image, parts, two_losses

KEY = "fill_part"
PARTS: Mapping[str, Callable[[], None]] = {
    "One image, many codes": one_image.play,
    "Two losses": two_losses.play,
    "The article's loss": article_loss.play,
}
STYLE = """
<style>
.gm-figures { display: flex; flex-wrap: wrap; gap: 1.2rem 2.2rem; align-items: flex-start; }
.gm-figures .gm-digits { flex: none; width: calc(var(--gm-width) * var(--gm-scale) + 18px); max-width: 100%; }
</style>
"""


def play() -> None:
    """The three parts of the chapter, of which one is shown."""
    links.check({**parts.reader(KEY, PARTS), **one_image.readers(), **two_losses.readers()})
    st.html(STYLE)
    part = parts.choose(KEY, PARTS)
    try:
        PARTS[part]()
    except GenmodError as error:
        say.error(str(error))
    parts.lead_on(KEY, PARTS, part)
