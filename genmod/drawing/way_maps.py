"""Ways through latent space over a map of codes, as an SVG drawing."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np

from genmod.datasets import Floats

BEGIN, END = 4.0, 4.5  # the radius of a way's two ends, in units of the drawing
INK, SEAM = "#ffffff", "#000000"  # white within black is seen on every colour of a map


def draw(ground: bytes, ways: Sequence[Floats], reach: float, side: int) -> str:
    """The map with a line for each way: a ring where it begins, a dot after each step, a disc where it ends.

    Args:
        ground: a PNG file of the map, which shows latent numbers from -reach to reach.
        ways: (steps + 1, 2) each; the first number grows to the right, the second upwards.
        side: of the drawing.
    """
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{side:d}" height="{side:d}" viewBox="0 0 {side:d} {side:d}">',
        f'<image width="{side:d}" height="{side:d}" href="data:image/png;base64,{base64.b64encode(ground).decode()}"/>',
    ]
    for way in ways:
        half = side / 2
        places = np.stack([half * (1 + way[:, 0] / reach), half * (1 - way[:, 1] / reach)], axis=1)
        line = " ".join(f"{across:.1f},{down:.1f}" for across, down in places)
        for color, width in ((SEAM, 4.5), (INK, 2.0)):
            parts.append(
                f'<polyline points="{line}" fill="none" stroke="{html.escape(color)}" stroke-width="{width:.1f}"/>'
            )
        parts += [_spot(place, 1.6, INK) for place in places[1:-1]]
        parts += [_spot(places[0], BEGIN, SEAM), _spot(places[-1], END, INK)]
    return "".join([*parts, "</svg>"])


def _spot(place: Floats, radius: float, fill: str) -> str:
    other = INK if fill == SEAM else SEAM
    return (
        f'<circle cx="{place[0]:.1f}" cy="{place[1]:.1f}" r="{radius:.1f}" '
        f'fill="{html.escape(fill)}" stroke="{html.escape(other)}" stroke-width="1.5"/>'
    )
