"""Bars of parts that add up, one below the other on one scale, of which one may stand out."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from genmod.drawing import palette
from genmod.ui import frame
from genmod.ui.pictures import Markup

STYLE = """
<style>
.gm-stacks { margin: 0; max-width: 40rem; font-size: 0.875rem; font-variant-numeric: tabular-nums; line-height: 1.35; }
.gm-stacks .gm-parts { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; margin: 0 0 0.5rem; }
.gm-stacks .gm-parts span { display: inline-flex; gap: 0.45rem; align-items: center; }
.gm-stacks .gm-parts i { width: 0.8rem; height: 0.8rem; border-radius: 2px; flex: none; }
.gm-stack { padding: 0.3rem 0.5rem; border-left: 3px solid transparent; }
.gm-stack.gm-one { border-left-color: var(--gm-accent); background: rgba(128, 128, 128, 0.12); }
.gm-stack.gm-one .gm-said { font-weight: 600; }
.gm-stack .gm-said { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
.gm-stack .gm-bar-of { display: flex; gap: 1px; height: 0.7rem; margin-top: 0.15rem; }
.gm-stack .gm-bar-of i { display: block; height: 100%; min-width: 0; border-radius: 1px; }
.gm-stacks figcaption { opacity: 0.82; margin-top: 0.4rem; }
</style>
"""


@dataclass(frozen=True)
class Stack:
    """One bar.

    Attributes:
        name: stands above its left end.
        parts: none negative, as many as the parts have names.
        said: the numbers, above its right end.
        chosen: whether it stands out.
    """

    name: str
    parts: Sequence[float]
    said: str
    chosen: bool = False


def show(names: Sequence[str], stacks: Sequence[Stack], alt: str, caption: str = "") -> None:
    """Draw the bars.

    Args:
        names: of the parts, at most three.
        alt: what can be seen, for those who cannot.
    """
    st.html(STYLE)
    st.html(markup(names, stacks, alt, caption))


def markup(names: Sequence[str], stacks: Sequence[Stack], alt: str, caption: str = "") -> Markup:
    """The bars as markup, the longest as long as there is room."""
    whole = max(sum(stack.parts) for stack in stacks) or 1.0
    grey = palette.GREY_DARK if frame.dark() else palette.GREY_LIGHT
    colors = (grey, frame.accent(), frame.ink())
    key = "".join(
        f'<span><i style="background:{html.escape(color)}"></i>{html.escape(name)}</span>'
        for name, color in zip(names, colors, strict=False)
    )
    bars = "".join(_bar(stack, colors, whole) for stack in stacks)
    below = f"<figcaption>{html.escape(caption)}</figcaption>" if caption else ""
    return Markup(
        f'<figure class="gm-stacks" style="--gm-accent:{html.escape(frame.accent())}">'
        f'<div role="img" aria-label="{html.escape(alt)}"><div class="gm-parts">{key}</div>{bars}</div>{below}</figure>'
    )


def _bar(stack: Stack, colors: Sequence[str], whole: float) -> Markup:
    parts = "".join(
        f'<i style="width:{100 * part / whole:.2f}%;background:{html.escape(color)}"></i>'
        for part, color in zip(stack.parts, colors, strict=False)
        if part > 0
    )
    return Markup(
        f'<div class="gm-stack{" gm-one" if stack.chosen else ""}">'
        f'<div class="gm-said"><span>{html.escape(stack.name)}</span><span>{html.escape(stack.said)}</span></div>'
        f'<div class="gm-bar-of">{parts}</div></div>'
    )
