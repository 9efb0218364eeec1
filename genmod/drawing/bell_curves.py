"""Bell curves as SVG: the distribution of each latent number for one image, before the prior's."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP = 168, 96, 14  # of one drawing, in pixels
LEFT, RIGHT, TOP, BASE = 8, 8, 20, 76  # of its curves
STEPS = 120  # of a curve


@dataclass(frozen=True)
class Bell:
    """One latent number of one image.

    Attributes:
        name: such as "z3".
        mean: of its distribution.
        sigma: its standard deviation.
        draw: the value that was drawn from it.
    """

    name: str
    mean: float
    sigma: float
    draw: float


def drawing(bells: Sequence[Bell], reach: float, columns: int, ink: str, accent: str) -> str:
    """All bells in rows, each over the same axis from -reach to reach.

    The prior N(0, 1) is dashed, the image's distribution filled; each has its own height, for a narrow one would
    otherwise be many times as high as the prior. A line marks the value that was drawn.
    """
    rows = math.ceil(len(bells) / columns)
    width, height = columns * (WIDTH + GAP) - GAP, rows * (HEIGHT + GAP) - GAP
    parts = [
        f'<g transform="translate({number % columns * (WIDTH + GAP)} {number // columns * (HEIGHT + GAP)})">'
        f"{_one(bell, reach)}</g>"
        for number, bell in enumerate(bells)
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:d} {height:d}" width="{width:d}" '
        f'height="{height:d}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="11" fill="{html.escape(ink)}" '
        f'color="{html.escape(accent)}">{"".join(parts)}</svg>'
    )


def _one(bell: Bell, reach: float) -> str:
    ticks = "".join(
        f'<text x="{_across(value, reach):.1f}" y="{BASE + 14}" text-anchor="middle">'
        f"{html.escape(_signed(value))}</text>"
        for value in (-reach / 2, 0.0, reach / 2)
    )
    draw = f'<path d="M{_across(bell.draw, reach):.1f} {BASE + 3} V{TOP - 2}" stroke="{_INK}" stroke-width="2"/>'
    if abs(bell.draw) > reach:  # it lies beyond the axis
        draw = ""
    return (
        f'<text x="{LEFT}" y="12" font-weight="bold">{html.escape(bell.name)}</text>'
        f'<text x="{WIDTH - RIGHT}" y="12" text-anchor="end">{html.escape(_signed(bell.mean, 2))} ± '
        f"{bell.sigma:.2f}</text>"
        f'<path d="{_curve(bell.mean, bell.sigma, reach, 1.0)} L{WIDTH - RIGHT} {BASE} L{LEFT} {BASE} Z" '
        'fill="currentColor" fill-opacity="0.45" stroke="currentColor" stroke-width="1.5"/>'
        f'<path d="{_curve(0.0, 1.0, reach, 0.6)}" fill="none" stroke="{_INK}" stroke-dasharray="3 3" '
        'stroke-opacity="0.8"/>'
        f'<path d="M{LEFT} {BASE} H{WIDTH - RIGHT}" stroke="{_INK}" stroke-opacity="0.5"/>'
        f"{draw}{ticks}"
    )


_INK = "#8a8a86"  # of lines that are read on either ground


def _across(value: float, reach: float) -> float:
    share = (min(reach, max(-reach, value)) + reach) / (2 * reach)
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _curve(mean: float, sigma: float, reach: float, height: float) -> str:
    # A narrow one would fall between evenly spaced points: those around its middle are added.
    even = [reach * (2 * step / STEPS - 1) for step in range(STEPS + 1)]
    near = [mean + sigma * step / 6 for step in range(-18, 19)]
    values = sorted(value for value in (*even, *near) if -reach <= value <= reach)
    spread = max(sigma, 1e-6)
    points = [
        f"{_across(value, reach):.1f} "
        f"{BASE - height * (BASE - TOP) * math.exp(-0.5 * min(40.0, (value - mean) / spread) ** 2):.1f}"
        for value in values
    ]
    return "M" + " L".join(points)


def _signed(value: float, digits: int = 0) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\u2212")  # no minus before 0
