"""The film on Home: how the best of the shipped runs learned to draw."""

from __future__ import annotations

import html

import streamlit as st

from genmod import runs
from genmod.datasets import MNIST
from genmod.errors import GenmodError
from genmod.quality import measurements
from genmod.runs import Run
from genmod.system.files import LARGEST_SIDE
from genmod.ui import moving
from genmod.ui.pictures import Markup, sheet_size

MEASURE = "frechet_distance"
FEWEST = 6  # frames that make a film

STYLE = """
<style>
.gm-opening { margin: 0.2rem 0 0.4rem; position: relative; max-width: 100%; container-type: inline-size; }
.gm-opening .gm-frame { display: inline-block; background: #000; padding: 8px; border-radius: 6px; line-height: 0;
  border: 1px solid rgba(128, 128, 128, 0.35); max-width: 100%; box-sizing: border-box; }
.gm-opening img { image-rendering: pixelated; height: auto; max-width: 100%; width: var(--gm-width);
  width: clamp(min(var(--gm-width), 100cqw - 18px), round(down, 100cqw - 18px, var(--gm-width)),
    calc(var(--gm-width) * 3)); }
.gm-opening figcaption { font-size: 0.875rem; opacity: 0.82; line-height: 1.45; margin-top: 0.4rem; max-width: 66ch; }
</style>
"""
INVITATION = """
<style>
.st-key-first_step a { padding: 0.55rem 1.1rem; border-radius: 8px; width: fit-content; }
.st-key-first_step a p, .st-key-first_step a span { font-size: 1rem; }
.st-key-lesson a { background: #0b6e99; }
.st-key-lesson a:hover { background: #085878; }
.st-key-lesson a p, .st-key-lesson a span { color: #ffffff !important; }
.st-key-play a { border: 1px solid rgba(128, 128, 128, 0.6); }
</style>
"""


def style() -> None:
    """Send the style of the two ways to begin."""
    st.html(INVITATION)


def show() -> None:
    """Show the film; nothing where no shipped run has one."""
    run = star()
    if run is not None:
        moving.switch()
        st.html(STYLE)
        st.html(_film(run))


def star() -> Run | None:
    """The shipped run of the first data set whose samples are closest to real images, among those with a film."""
    found = []
    for run in runs.shipped().runs():
        try:
            known = measurements.result(runs.home(), run) if run.config().source == MNIST else None
        except GenmodError:
            continue
        distance = known.number(MEASURE) if known is not None else None
        if distance is not None and len(run.frames()) >= FEWEST:
            found.append((distance, run.id, run))
    return min(found)[2] if found else None


def _film(run: Run) -> Markup:
    epochs, last = run.frames(), run.frame(run.frames()[-1])
    width, height = sheet_size(last) if last is not None else (LARGEST_SIDE, LARGEST_SIDE)
    stamp = "".join(sign for sign in run.created() if sign.isdigit())
    address = f"frames/{html.escape(run.id)}/"
    when = (
        f"before the training and after each of {epochs[-1]} epochs"
        if len(epochs) == epochs[-1] + 1
        else f"{len(epochs)} times, from before the training to after {epochs[-1]} epochs"
    )
    words = f"{run.id} learning: the same random numbers, decoded {when}."
    alt, still = f"Digits forming out of noise while {run.id} trains.", f"Digits that {run.id} draws at its end."
    return Markup(
        f'<figure class="gm-film gm-opening" style="--gm-width:{width:d}px"><div class="gm-frame">'
        f'<img class="gm-moving" width="{width:d}" height="{height:d}" alt="{html.escape(alt)}" '
        f'src="{html.escape(address)}film.webp?v={html.escape(stamp)}">'
        f'<img class="gm-still" width="{width:d}" height="{height:d}" alt="{html.escape(still)}" '
        f'src="{html.escape(address)}{epochs[-1]:d}.png?v={html.escape(stamp)}"></div>'
        f'<figcaption><label><input type="checkbox"> Stand still</label>{html.escape(words)}</figcaption></figure>'
    )
