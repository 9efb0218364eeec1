"""The loss of autoencoders against the size of their codes as SVG, with the chosen size marked."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, LEFT, RIGHT, TOP, BASE = 236, 22, 26, 44, 192  # in pixels
ROOM = 1.06  # how much higher than its largest value the scale goes
RING, DISC = 4.5, 7  # radii of the points


@dataclass(frozen=True)
class Look:
    """The colours of a theme.

    Attributes:
        ink: of text and of the chosen point's number.
        quiet: of the line, the other points and the axis.
        accent: of the chosen point.
        ground: behind everything.
    """

    ink: str
    quiet: str
    accent: str
    ground: str


def drawing(points: Sequence[tuple[int, float]], chosen: int, least: float, width: int, look: Look) -> str:
    """One point for each size, evenly spaced, with its loss; a dashed line at the loss of an exact copy.

    Args:
        points: sizes and losses in nats per image, at least two of them, by growing size.
        chosen: the size that is marked.
        least: the loss of an exact copy, which is the lower end of the scale.
        width: in pixels.
    """
    highest = least + ROOM * (max(loss for _, loss in points) - least)
    places = [
        (LEFT + place * (width - LEFT - RIGHT) / (len(points) - 1), _down(loss, least, highest))
        for place, (_, loss) in enumerate(points)
    ]
    line = "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in places)
    marks = "".join(
        _mark(x, y, size, loss, size == chosen, look) for (x, y), (size, loss) in zip(places, points, strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:d} {HEIGHT}" width="{width:d}" height="{HEIGHT}" '
        f'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="{html.escape(look.ink)}">'
        f'<text x="0" y="13">Loss on test images, nats per image</text>'
        f'<path d="M0 {BASE} H{width:d}" stroke="{html.escape(look.quiet)}" stroke-dasharray="4 3"/>'
        f'<text x="0" y="{BASE - 6}" font-size="11">an exact copy: {least:.1f}</text>'
        f'<path d="{line}" fill="none" stroke="{html.escape(look.quiet)}" stroke-width="1.5"/>{marks}'
        f'<text x="{width:d}" y="{HEIGHT - 4}" text-anchor="end">numbers in the middle</text></svg>'
    )


def _down(loss: float, least: float, highest: float) -> float:
    return BASE - (loss - least) / max(highest - least, 1e-9) * (BASE - TOP)


def _mark(x: float, y: float, size: int, loss: float, chosen: bool, look: Look) -> str:
    """A point with its loss above it and its size below the axis."""
    weight = ' font-weight="bold"' if chosen else ""
    radius, fill, edge = (DISC, look.accent, look.accent) if chosen else (RING, look.ground, look.quiet)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{html.escape(fill)}" '
        f'stroke="{html.escape(edge)}" stroke-width="1.5"/>'
        f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="middle"{weight}>{loss:.0f}</text>'
        f'<text x="{x:.1f}" y="{BASE + 18}" text-anchor="middle"{weight}>{size:d}</text>'
    )
