"""A plane to place points in, with a mouse, a finger or the keyboard, over the picture that models make of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from genmod.lesson import plane
from genmod.lesson.plane import CLASSES, GRID, MOST, SIDE, STEPS, Placed
from genmod.ui import frame, pad, scripts
from genmod.ui.scripts import Script

__all__ = ["ROUTES", "STRIPS", "Moved", "Picture", "Sign", "show", "style", "take_move"]

KEY = "plane_board"
STRIPS = (2.5, 5.0, 7.5)  # where one strip of the plane ends and the next begins
_SERIAL = "plane_serial"
SCRIPT = Script("plane", [Path(pad.__file__).with_name("page.js"), Path(__file__).with_name("board.js")])
ROUTES = [scripts.route(SCRIPT)]
_BOARD = st.components.v2.component(
    "genmod_plane",
    html='<div class="gm-plane"></div>\n<!-- filled by board.js -->',
    js=SCRIPT.loader("gm-plane", "The plane", "plane"),
    isolate_styles=False,
)

STYLE = """
<style>
.gm-plane { color: var(--st-text-color); font-family: var(--st-font); max-width: 530px;
  --gm-line: color-mix(in srgb, var(--st-text-color) 30%, var(--st-background-color));
  --gm-pale: color-mix(in srgb, var(--st-text-color) 74%, var(--st-background-color)); }
.gm-plane * { box-sizing: border-box; }
.gm-plane p { margin: 0; padding: 0; }
.gm-tools { display: flex; flex-wrap: wrap; gap: 0.35rem; align-items: center; margin-bottom: 0.5rem;
  font-size: 0.875rem; }
.gm-tools b { font-weight: 400; margin-right: 0.2rem; }
.gm-tools button { font: inherit; font-size: 0.875rem; color: inherit; background: transparent; cursor: pointer;
  border: 1px solid var(--gm-line); border-radius: 6px; padding: 0 0.6rem; height: 2.25rem; display: inline-flex;
  gap: 0.4rem; align-items: center; }
.gm-tools button[aria-pressed="true"] { border: 2px solid var(--st-text-color); padding: 0 calc(0.6rem - 1px);
  background: color-mix(in srgb, var(--st-text-color) 8%, var(--st-background-color)); font-weight: 600; }
.gm-tools button:focus-visible, .gm-area:focus-visible { outline: 3px solid #1f7aa5; outline-offset: 2px; }
.gm-tools svg { width: 15px; height: 15px; display: block; }
.gm-area { position: relative; border-radius: 4px; cursor: crosshair; user-select: none; -webkit-user-select: none;
  touch-action: pan-y pinch-zoom; }
.gm-area > svg { display: block; width: 100%; overflow: hidden; }
.gm-area text { fill: var(--st-text-color); font-size: 12px; font-variant-numeric: tabular-nums; }
.gm-area .gm-strip { fill: var(--gm-pale); font-size: 11px; }
.gm-area .gm-hit { fill: transparent; cursor: grab; touch-action: none; }
.gm-area .gm-hit:active { cursor: grabbing; }
.gm-area[data-tool="erase"] .gm-hit { cursor: pointer; }
.gm-area .gm-fresh { animation: gm-appear 0.45s ease-out backwards; }
@keyframes gm-appear { from { opacity: 0; } }
@media (prefers-reduced-motion: reduce) { .gm-area .gm-fresh { animation: none; } }
.gm-plane .gm-caption { font-size: 0.8125rem; line-height: 1.4; color: var(--gm-pale); padding-top: 0.3rem; }
.gm-plane .gm-heard { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.gm-plane .gm-key-of { display: flex; flex-wrap: wrap; gap: 0.2rem 1.2rem; font-size: 0.8125rem; line-height: 1.4;
  margin: 0.4rem 0 0; }
.gm-key-of span { display: inline-flex; gap: 0.45rem; align-items: center; }
.gm-key-of svg { flex: none; }
@media (pointer: coarse) { .gm-plane .gm-keys { display: none; } }
.gm-joint { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9375rem; }
.gm-joint caption { text-align: left; white-space: nowrap; font-size: 0.9375rem; padding-bottom: 0.35rem;
  line-height: 1.4; }
.gm-joint caption b { font-weight: 600; }
.gm-joint th, .gm-joint td { padding: 0.28rem 0.7rem; text-align: right; border: 0; }
.gm-joint th { font-weight: 400; }
.gm-joint thead th { border-bottom: 1px solid rgba(128, 128, 128, 0.6); white-space: nowrap; }
.gm-joint tbody th, .gm-joint tfoot th { text-align: left; white-space: nowrap; padding-left: 0; }
.gm-joint .gm-sum { border-left: 1px solid rgba(128, 128, 128, 0.6); }
.gm-joint tfoot th, .gm-joint tfoot td { border-top: 1px solid rgba(128, 128, 128, 0.6); }
.gm-joint img { vertical-align: -1px; margin-right: 2px; display: inline; }
.gm-two-tables { display: flex; flex-wrap: wrap; gap: 1.2rem 3.5rem; }
.gm-two-tables > div { min-width: 0; overflow-x: auto; }
.gm-two-tables > p { flex: 1 1 18rem; max-width: 60ch; margin: 0; line-height: 1.55; }
.gm-opinions { display: grid; gap: 0.9rem; margin: 0; padding: 0; }
.gm-opinions strong { font-weight: 600; }
.gm-opinions p { margin: 0.1rem 0 0; line-height: 1.5; max-width: 62ch; }
.gm-opinions .gm-bar { max-width: 22rem; margin: 0.35rem 0 0.3rem; }
</style>
"""


Sign = Literal["solid", "dashed", "around", "placed", "drawn"]  # what the legend explains


@dataclass(frozen=True)
class Picture:
    """What lies under the points.

    Attributes:
        ground: a PNG file; None if nothing is to be drawn there.
        solid: the boundary of the discriminative model, as an SVG path in a square of 100.
        dashed: that of the generative model.
        around: of each class that has points, by its number, the lines around it.
    """

    ground: bytes | None = None
    solid: str = ""
    dashed: str = ""
    around: Mapping[int, str] | None = None


@dataclass(frozen=True)
class Moved:
    """What a hand did: the points as they are now, and where the test point is; None for what was not sent soundly."""

    placed: Placed | None = None
    test: tuple[float, float] | None = None


def style() -> None:
    """Send the look of the plane and its tables; called once, at the top."""
    st.html(STYLE)


def show(
    placed: Placed,
    test: tuple[float, float],
    picture: Picture,
    samples: Sequence[tuple[float, float, int]],
    legend: Sequence[tuple[Sign, str]],
    colors: Sequence[str],
    words: str,
    on_move: Callable[[], None],
) -> None:
    """Draw the plane.

    Args:
        test: where the test point is.
        samples: new points and the numbers of their classes.
        legend: which lines and marks there are, and what they mean.
        colors: of all classes.
        words: what is to be seen, for those who cannot see it.
        on_move: called when a hand has placed, moved or taken away a point; `take_move` says what it did.
    """
    around = picture.around or {}
    data = {
        "serial": int(st.session_state.get(_SERIAL, 0)),
        "points": [list(point) for point in placed.points],
        "test": list(test),
        "samples": [[round(across, 2), round(up, 2), number] for across, up, number in samples],
        "ground": "" if picture.ground is None else base64.b64encode(picture.ground).decode(),
        "solid": picture.solid,
        "dashed": picture.dashed,
        "around": [[number, path] for number, path in around.items()],
        "legend": [list(entry) for entry in legend],
        "classes": list(CLASSES),
        "colors": list(colors),
        "ink": frame.ink(),
        "page": frame.ground(),
        "side": SIDE,
        "steps": STEPS,
        "most": MOST,
        "strips": list(STRIPS),
        "grid": GRID,
        "words": words,
    }
    _BOARD(data=data, key=KEY, on_moved_change=on_move)


def take_move() -> Moved:
    """What the browser sent when a hand let go; called once, in the callback. It may hold anything."""
    sent: Any = getattr(st.session_state.get(KEY), "moved", None)
    if not isinstance(sent, dict):
        return Moved()
    serial, points, test = (sent.get(name) for name in ("serial", "points", "test"))
    if type(serial) is int and 0 <= serial < 1 << 50:
        st.session_state[_SERIAL] = serial
    found = plane.placed(points) if isinstance(points, list) and len(points) <= MOST else None
    return Moved(found, _test_point(test))


def _test_point(sent: object) -> tuple[float, float] | None:
    if not isinstance(sent, list) or len(sent) != 2:
        return None
    inside = all(type(one) in (int, float) and 0 <= one <= SIDE for one in sent)
    return (float(sent[0]), float(sent[1])) if inside else None
