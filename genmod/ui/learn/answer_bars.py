"""A classifier's answer as bars: a row for each class, with its name and its probability in figures."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from genmod.quality import metrics
from genmod.ui import frame
from genmod.ui.pictures import Markup

STYLE = """
<style>
.gm-answer { width: 100%; max-width: 34rem; border-collapse: collapse; margin: 0; line-height: 1.3;
  font-variant-numeric: tabular-nums; }
.gm-answer caption { text-align: left; font-size: 0.875rem; opacity: 0.82; padding: 0 0 0.35rem; caption-side: top; }
.gm-answer th, .gm-answer td { border: none; padding: 0.16rem 0; font-weight: 400; text-align: left; }
.gm-answer th { width: 1%; padding-right: 0.7rem; white-space: nowrap; }
.gm-answer td:last-child { width: 4.4em; text-align: right; white-space: nowrap; }
.gm-answer div { height: 0.95rem; border-radius: 2px; background: rgba(128, 128, 128, 0.14); overflow: hidden; }
.gm-answer i { display: block; height: 100%; min-width: 1px; background: rgba(128, 128, 128, 0.75);
  transition: width 0.25s ease-out; }
.gm-answer .gm-first i { background: var(--gm-accent); }
.gm-answer .gm-first th, .gm-answer .gm-first td { font-weight: 600; }
@media (prefers-reduced-motion: reduce) { .gm-answer i { transition: none; } }
</style>
"""


def style() -> None:
    """Send the style sheet; once a page."""
    st.html(STYLE)


def markup(names: Sequence[str], shares: Sequence[float], caption: str, longest: float = 1.0) -> Markup:
    """The bars as a table, the largest in the accent colour.

    Args:
        names: of the classes.
        shares: a share of 1 for each.
        caption: what they are shares of, in a few words.
        longest: the share whose bar has the whole length.
    """
    first = max(range(len(shares)), key=shares.__getitem__)
    rows = "".join(
        f"<tr{' class=gm-first' if place == first else ''}><th scope=row>{html.escape(name)}</th>"
        f'<td><div><i style="width:{100 * min(share / longest, 1):.2f}%"></i></div></td>'
        f"<td>{html.escape(metrics.percent(share))}</td></tr>"
        for place, (name, share) in enumerate(zip(names, shares, strict=True))
    )
    return Markup(
        f'<table class="gm-answer" style="--gm-accent:{html.escape(frame.accent())}">'
        f"<caption>{html.escape(caption)}</caption><tbody>{rows}</tbody></table>"
    )
