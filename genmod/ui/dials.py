"""The three dials of a run's quality: half circles from noise to real test images, with the numbers."""

from __future__ import annotations

import html
from collections.abc import Sequence

import streamlit as st

from genmod.quality import metrics
from genmod.quality.verdict import Dial
from genmod.ui import frame, terms
from genmod.ui.pictures import Markup

# A half circle is a ring of a conic gradient, cut off below its middle. The second run's ring lies inside the first's.
STYLE = """
<style>
.gm-dials { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1.4rem 2rem; }
.gm-dial { min-width: 0; }
.gm-dial h3 { font-size: 1.05rem; font-weight: 600; margin: 0 0 0.5rem; padding: 0; text-align: center; }
.gm-arc { position: relative; width: 196px; height: 104px; margin: 0 auto; overflow: hidden; }
.gm-ring { position: absolute; left: 50%; top: 98px; width: calc(2 * var(--r)); height: calc(2 * var(--r));
  margin: calc(-1 * var(--r)) 0 0 calc(-1 * var(--r)); border-radius: 50%;
  background: conic-gradient(from -90deg, var(--fill) calc(180deg * var(--place)), rgba(128, 128, 128, 0.28) 0 180deg,
    transparent 0);
  mask: radial-gradient(closest-side, transparent calc(100% - var(--w)), #000 calc(100% - var(--w) + 0.5px)); }
.gm-needle { position: absolute; left: 50%; top: 98px; width: 3px; height: 0; margin-left: -1.5px;
  transform: rotate(calc(-90deg + 180deg * var(--place))); }
.gm-needle::before { content: ""; position: absolute; left: 0; width: 3px; background: var(--gm-ink);
  border-radius: 2px; bottom: calc(var(--r) - var(--w) - 4px); height: calc(var(--w) + 8px); }
.gm-reading { position: absolute; inset: auto 0 2px; text-align: center; font-size: 1.7rem; line-height: 1.1;
  font-variant-numeric: tabular-nums; font-weight: 600; }
.gm-reading span { display: block; font-size: 1.05rem; }
.gm-dial .gm-ends { width: 100%; max-width: 17rem; margin: 0.3rem auto 0; opacity: 1; font-size: 0.8rem; }
.gm-dial p { font-size: 0.875rem; line-height: 1.45; margin: 0.5rem auto 0; max-width: 17rem; text-align: center; }
/* On a phone the words stand beside the half circle: three dials in one look. */
@media (max-width: 640px) {
  .gm-dials { gap: 1.2rem; }
  .gm-dial { display: grid; grid-template-columns: 200px 1fr; gap: 0 0.9rem; align-items: start; }
  .gm-dial h3, .gm-dial p { text-align: left; margin: 0; }
  .gm-dial .gm-arc { grid-row: 1 / 3; grid-column: 1; }
  .gm-dial .gm-ends { grid-column: 1; }
  .gm-dial { grid-template-rows: auto 1fr auto; }
  .gm-dial h3 { grid-column: 2; grid-row: 1; margin: 0.3rem 0 0.2rem; }
  .gm-dial p { grid-column: 2; grid-row: 2 / 4; }
}
.gm-text { font-size: 1rem; line-height: 1.55; max-width: 72ch; margin: 0 0 0.3rem; }
</style>
"""
RINGS = ((92, 16), (70, 10))  # radius and width in pixels: of the first run's ring, and of the second's
COLOURS = ("--gm-accent", "--gm-ink")


def show(runs: Sequence[tuple[str, Sequence[Dial]]]) -> None:
    """The dials of one run or two; of none measured, the scales alone.

    Args:
        runs: each run's name with its three dials; the first run's ring is the outer one.
    """
    items = "".join(_dial([(name, dials[place]) for name, dials in runs], place) for place in range(len(runs[0][1])))
    st.html(f'<div class="gm-dials" style="--gm-accent:{frame.accent()};--gm-ink:{frame.ink()}">{items}</div>')


def _dial(readings: Sequence[tuple[str, Dial]], number: int) -> Markup:
    dial = readings[0][1]
    rings = "".join(_ring(one, place) for place, (_, one) in enumerate(readings))
    worst, best = metrics.percent(dial.worst), metrics.percent(dial.best)
    return Markup(
        f'<section class="gm-dial"><h3>{html.escape(dial.title)}</h3>'
        f'<div class="gm-arc" role="img" aria-label="{html.escape(words(readings))}">{rings}{_reading(readings)}</div>'
        f'<div class="gm-ends"><span>{html.escape(dial.worst_name)}<br>{html.escape(worst)}</span>'
        f"<span>{html.escape(dial.best_name)}<br>{html.escape(best)}</span></div>"
        f"<p>{_sentence(dial, number)}</p></section>"
    )


def words(readings: Sequence[tuple[str, Dial]]) -> str:
    """A dial in words, for those who cannot see it."""
    dial = readings[0][1]
    ends = f"{dial.worst_name} {metrics.percent(dial.worst)}, {dial.best_name} {metrics.percent(dial.best)}"
    said = [f"{name} {metrics.percent(one.value)}" for name, one in readings if one.value is not None]
    return f"{dial.title}: {'; '.join([*said, ends])}"


def _sentence(dial: Dial, number: int) -> Markup:
    said = dial.sentence if dial.tells else f"{dial.sentence} Here it tells nothing: both ends are about the same."
    return terms.marked(said, f"dial-{number:d}")


def _ring(dial: Dial, number: int) -> Markup:
    radius, width = RINGS[number]
    place = min(1.0, max(0.0, dial.place)) if dial.place is not None else 0.0
    size = f"--r:{radius:d}px;--w:{width:d}px;--place:{place:.4f}"
    needle = "" if dial.place is None else f'<i class="gm-needle" style="{size}"></i>'
    return Markup(f'<i class="gm-ring" style="{size};--fill:var({html.escape(COLOURS[number])})"></i>{needle}')


def _reading(readings: Sequence[tuple[str, Dial]]) -> Markup:
    said = [metrics.percent(one.value) if one.value is not None else "–" for _, one in readings]
    if len(said) == 1:
        return Markup(f'<div class="gm-reading" aria-hidden="true">{html.escape(said[0])}</div>')
    items = "".join(f"<span>{html.escape(one)}</span>" for one in said)
    return Markup(f'<div class="gm-reading" aria-hidden="true">{items}</div>')
