"""All measured runs as thumbnails on precision against recall; each is a link that chooses its run."""

from __future__ import annotations

import base64
import html
import math
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from genmod.datasets import DataSource, Images
from genmod.drawing import images, placement
from genmod.drawing.placement import Point
from genmod.errors import GenmodError
from genmod.quality import metrics
from genmod.quality.overview import Measured
from genmod.quality.verdict import Ends
from genmod.runs import Run
from genmod.system.file_cache import FileCache
from genmod.ui import frame
from genmod.ui.pictures import Markup

SIDE = 2  # images along each side of a thumbnail; on a narrow screen its first row alone is seen
NOISE_SEED = 0
MARGIN = (44, 10, 34, 10)  # of the plot in the picture, in pixels: left, right, below, above
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_thumbnails: FileCache[bytes | None] = FileCache(300)


@dataclass(frozen=True)
class Layout:
    """One of the two sizes of the picture, in pixels.

    Attributes:
        name: in the style sheet, of the variables that hold its places.
        room: width and height.
        box: of a thumbnail with its name.
        picture: of the thumbnail alone, in the middle of the box's top.
    """

    name: str
    room: Point
    box: Point
    picture: Point

    @property
    def free(self) -> tuple[float, float, float, float]:
        """Where thumbnails may be: not on the numbers of the axes."""
        return MARGIN[0] - 6, 0.0, self.room[0], self.room[1] - 24

    def point(self, recall: float, precision: float) -> Point:
        """Where a run stands in the picture."""
        left, right, below, above = MARGIN
        return (
            left + _within(recall) * (self.room[0] - left - right),
            above + (1 - _within(precision)) * (self.room[1] - below - above),
        )


def layouts(count: int) -> tuple[Layout, Layout]:
    """The picture of so many thumbnails, wide and narrow; on a phone it grows with them."""
    return (
        Layout("w", (860, 560), (92, 90), (57, 57)),
        Layout("n", (340, max(560, 360 + 22 * count)), (74, 58), (57, 28)),
    )


STYLE = """
<style>
.gm-map { container-type: inline-size; margin: 0; }
.gm-canvas { position: relative; width: 340px; height: calc(var(--nheight) * 1px); }
.gm-map ul { list-style: none; margin: 0 !important; padding: 0 !important; }
.gm-canvas > * > * { position: absolute; margin: 0 !important; padding: 0; left: calc(var(--nx) * 1px);
  top: calc(var(--ny) * 1px); }
.gm-map .gm-run { width: 74px; height: 58px; }
.gm-map .gm-run > * { display: flex; flex-direction: column; align-items: center; width: 100%; height: 100%;
  color: inherit; text-decoration: none; border-radius: 4px; }
.gm-map .gm-picture { display: block; overflow: hidden; height: 28px; width: 57px; background: #000; flex: none;
  outline: 1px solid rgba(128, 128, 128, 0.6); }
.gm-map img { display: block; image-rendering: pixelated; max-width: none; }
.gm-map .gm-name { font-size: 0.72rem; line-height: 1.15; text-align: center; overflow-wrap: anywhere; margin-top: 3px;
  max-height: 2.3em; overflow: hidden; }
.gm-map a:hover .gm-name { text-decoration: underline; }
.gm-map a:hover .gm-picture, .gm-map a:focus-visible .gm-picture { outline: 2px solid var(--gm-accent); }
.gm-map a:focus-visible { outline: 2px solid var(--gm-accent); outline-offset: 1px; }
.gm-map [aria-current] .gm-picture { outline: 3px solid var(--gm-accent); }
.gm-map [aria-current] .gm-name { font-weight: 700; }
.gm-map .gm-reference { font-style: italic; }
.gm-map .gm-dot { width: 9px; height: 9px; margin: -4.5px 0 0 -4.5px !important; border-radius: 50%;
  background: var(--gm-accent); }
.gm-map .gm-dot.gm-real { background: none; border: 2px solid var(--gm-ink); box-sizing: border-box; }
.gm-map .gm-leader { height: 1px; width: calc(var(--nl) * 1px); background: var(--gm-ink); opacity: 0.45;
  transform-origin: 0 50%; transform: rotate(calc(var(--na) * 1deg)); }
.gm-map .gm-grid { width: calc(var(--nl) * 1px); height: calc(var(--nh) * 1px); background: rgba(128, 128, 128, 0.3); }
.gm-map .gm-tick { font-style: normal; font-size: 0.75rem; line-height: 1; white-space: nowrap; opacity: 0.85;
  font-variant-numeric: tabular-nums; }
.gm-map .gm-across { transform: translateX(-50%); }
.gm-map .gm-up { transform: translate(-100%, -50%); }
.gm-axis { font-size: 0.85rem; margin: 0 0 0.2rem; }
.gm-axis.gm-right { width: 340px; text-align: right; margin: 0.1rem 0 0; }
@container (min-width: 860px) {
  .gm-canvas { width: 860px; height: calc(var(--wheight) * 1px); }
  .gm-axis.gm-right { width: 860px; }
  .gm-canvas > * > * { left: calc(var(--wx) * 1px); top: calc(var(--wy) * 1px); }
  .gm-map .gm-run { width: 92px; height: 90px; }
  .gm-map .gm-picture { height: 57px; }
  .gm-map .gm-name { font-size: 0.8rem; }
  .gm-map .gm-leader { width: calc(var(--wl) * 1px); transform: rotate(calc(var(--wa) * 1deg)); }
  .gm-map .gm-grid { width: calc(var(--wl) * 1px); height: calc(var(--wh) * 1px); }
}
</style>
"""


@dataclass(frozen=True)
class _Mark:
    """A run or a reference in the picture; `run` is empty for a reference."""

    name: str
    precision: float
    recall: float
    thumbnail: bytes | None
    run: str = ""


def show(
    source: DataSource, found: Sequence[Measured], ends: Ends, chosen: Sequence[Run], link: Mapping[str, list[str]]
) -> None:
    """The picture of all runs.

    Args:
        found: the measured runs, the most important first.
        chosen: the run that the page is about, and the one it is compared with; both are marked.
        link: the parameters of the page's link; each run's link is the same with that run.
    """
    st.html(markup(source, found, ends, chosen, link))


def markup(
    source: DataSource, found: Sequence[Measured], ends: Ends, chosen: Sequence[Run], link: Mapping[str, list[str]]
) -> Markup:
    """The picture as markup, in a wide and in a narrow layout."""
    marks = [_Mark(one.run.id, one.precision, one.recall, thumbnail(one.run, source), one.run.id) for one in found]
    marks += _references(source, ends)
    sizes = layouts(len(marks))
    corners = {layout: placement.placed(_points(layout, marks), layout.box, layout.free) for layout in sizes}
    heights = ";".join(f"--{html.escape(layout.name)}height:{layout.room[1]:.0f}" for layout in sizes)
    dots = "".join(_dot(mark, sizes) for mark in marks)
    leaders = "".join(_leader(mark, {layout: corners[layout][n] for layout in sizes}) for n, mark in enumerate(marks))
    boxes = "".join(
        _box(mark, {layout: corners[layout][n] for layout in sizes}, chosen, link) for n, mark in enumerate(marks)
    )
    return Markup(
        f'<figure class="gm-map" style="--gm-accent:{frame.accent()};--gm-ink:{frame.ink()}">'
        '<p class="gm-axis" aria-hidden="true">↑ Precision: how many look right</p>'
        f'<div class="gm-canvas" style="{heights}"><div aria-hidden="true">{_grid(sizes)}{leaders}{dots}</div>'
        f'<ul aria-label="{html.escape(f"Runs of {source.title} by precision, upwards, and recall, to the right")}">'
        f"{boxes}</ul></div>"
        '<p class="gm-axis gm-right" aria-hidden="true">Recall: how much of the real variety is there →</p></figure>'
    )


def href(link: Mapping[str, list[str]], run: str) -> str:
    """The page's link with another run; a run is not compared with itself."""
    kept = {name: values for name, values in link.items() if name != "run" and not (name == "beside" and run in values)}
    return "?" + urllib.parse.urlencode({**kept, "run": [run]}, doseq=True)


def thumbnail(run: Run, source: DataSource) -> bytes | None:
    """A few of a run's own images as a PNG file; None if it has no sheet that can be read."""

    def crop(_: str) -> bytes | None:
        if (sheet := run.sheet()) is None:
            return None
        try:
            pixels = images.pixels(sheet)
        except (OSError, SyntaxError, ValueError):  # Pillow calls a damaged chunk a SyntaxError
            return None
        return images.png(images.corner(pixels, source.image_shape[:2], SIDE, SIDE))

    # A folder's time changes with every picture that is put into it.
    return _thumbnails.get(str(run.file("samples")), crop)


def _references(source: DataSource, ends: Ends) -> list[_Mark]:
    """Real test images and noise, where they stand themselves."""
    (precise, noisy), (whole, nothing) = ends["precision"], ends["recall"]
    count, shape = SIDE * SIDE, source.image_shape[:2]
    noise: Images = np.random.default_rng(NOISE_SEED).integers(0, 256, (count, *shape), np.uint8)
    found = [_Mark("noise", noisy, nothing, images.png(images.contact_sheet(noise, SIDE)))]
    try:
        real = images.png(images.contact_sheet(source.load().test_images[:count], SIDE))
    except GenmodError:
        real = None
    return [_Mark("real test images", precise, whole, real), *found]


def _points(layout: Layout, marks: Sequence[_Mark]) -> list[Point]:
    return [layout.point(mark.recall, mark.precision) for mark in marks]


def _dot(mark: _Mark, sizes: Sequence[Layout]) -> Markup:
    place = _at({layout: layout.point(mark.recall, mark.precision) for layout in sizes})
    return Markup(f'<i class="gm-dot{"" if mark.run else " gm-real"}" style="{place}"></i>')


def _leader(mark: _Mark, corners: Mapping[Layout, Point]) -> Markup:
    """The line from a run's place to its thumbnail."""
    starts, sizes = {}, []
    for layout, corner in corners.items():
        start = layout.point(mark.recall, mark.precision)
        beside = (layout.box[0] - layout.picture[0]) / 2
        end = placement.nearest(start, (corner[0] + beside, corner[1]), (layout.picture[0], layout.box[1]))
        across, down = end[0] - start[0], end[1] - start[1]
        starts[layout] = start
        length, angle = math.hypot(across, down), math.degrees(math.atan2(down, across))
        sizes.append(f"--{html.escape(layout.name)}l:{length:.1f};--{html.escape(layout.name)}a:{angle:.1f}")
    return Markup(f'<i class="gm-leader" style="{_at(starts)};{";".join(sizes)}"></i>')


def _box(mark: _Mark, corners: Mapping[Layout, Point], chosen: Sequence[Run], link: Mapping[str, list[str]]) -> Markup:
    words = f"{mark.name}: precision {metrics.percent(mark.precision)}, recall {metrics.percent(mark.recall)}"
    picture = _picture(mark)
    name = f'<span class="gm-name">{html.escape(mark.name)}</span>'
    if not mark.run:
        inner = (
            f'<span class="gm-reference" role="img" aria-label="{html.escape(words)}" title="{html.escape(words)}">'
            f"{picture}{name}</span>"
        )
    else:
        current = ' aria-current="true"' if mark.run in [run.id for run in chosen] else ""
        inner = (
            f'<a href="{html.escape(href(link, mark.run))}" aria-label="{html.escape(words)}" '
            f'title="{html.escape(words)}"{current}>{picture}{name}</a>'
        )
    return Markup(f'<li class="gm-run" style="{_at(corners)}">{inner}</li>')


def _picture(mark: _Mark) -> Markup:
    if mark.thumbnail is None:
        return Markup('<span class="gm-picture"></span>')
    encoded = base64.b64encode(mark.thumbnail).decode()
    alt = html.escape(f"Images of {mark.name}")
    return Markup(f'<span class="gm-picture"><img alt="{alt}" src="data:image/png;base64,{encoded}"></span>')


def _grid(sizes: Sequence[Layout]) -> Markup:
    """Thin lines with their percentages."""
    lines = []
    for tick in TICKS:
        start, end = ({layout: layout.point(tick, up) for layout in sizes} for up in (1.0, 0.0))
        left, right = ({layout: layout.point(across, tick) for layout in sizes} for across in (0.0, 1.0))
        below = {layout: (x, y + 8) for layout, (x, y) in end.items()}
        beside = {layout: (x - 6, y) for layout, (x, y) in left.items()}
        lines += [
            Markup(f'<i class="gm-grid" style="{_at(start)};{_size(start, end)}"></i>'),
            Markup(f'<i class="gm-grid" style="{_at(left)};{_size(left, right)}"></i>'),
            Markup(f'<i class="gm-tick gm-across" style="{_at(below)}">{100 * tick:.0f} %</i>'),
            Markup(f'<i class="gm-tick gm-up" style="{_at(beside)}">{100 * tick:.0f} %</i>'),
        ]
    return Markup("".join(lines))


def _at(places: Mapping[Layout, Point]) -> Markup:
    """Where something stands in each layout, as variables of the style sheet."""
    said = [
        f"--{html.escape(layout.name)}x:{x:.1f};--{html.escape(layout.name)}y:{y:.1f}"
        for layout, (x, y) in places.items()
    ]
    return Markup(";".join(said))


def _size(starts: Mapping[Layout, Point], ends: Mapping[Layout, Point]) -> Markup:
    """How long and how high a line is in each layout."""
    said = [
        f"--{html.escape(layout.name)}l:{max(1.0, ends[layout][0] - x):.1f};"
        f"--{html.escape(layout.name)}h:{max(1.0, ends[layout][1] - y):.1f}"
        for layout, (x, y) in starts.items()
    ]
    return Markup(";".join(said))


def _within(share: float) -> float:
    return min(1.0, max(0.0, share))
