"""What lies under points in the plane: the ground of a model as a small picture, and its lines as SVG paths."""

from __future__ import annotations

import html
import io
from collections.abc import Sequence
from typing import Literal

import numpy as np
from PIL import Image

from genmod.datasets import Doubles, Floats, Images
from genmod.drawing import contours, palette

WIDE = 100.0  # of the drawing that the paths are for, and its height
SHARES = (0.5, 0.95)  # of each class, that its lines enclose
_STRONGEST = 150.0  # of 255: how opaque the ground is at most, so that marks of the same colour stand out

_MARKS: tuple[str, ...] = ("M-6.5 0A6.5 6.5 0 1 0 6.5 0A6.5 6.5 0 1 0 -6.5 0Z", "M0 -7.5L7 5.5H-7Z", "M-6 -6H6V6H-6Z")
Shows = Literal["both", "boundary", "densities"]
# Of the ten class colours three that everybody can tell apart: blue, pink, and brown or green.
_THREE_LIGHT, _THREE_DARK = (3, 4, 0), (2, 4, 3)


def colors(dark: bool) -> tuple[str, str, str]:
    """The colours of the three classes."""
    all_ten = palette.class_colors(10, dark)
    first, second, third = (all_ten[place] for place in (_THREE_DARK if dark else _THREE_LIGHT))
    return first, second, third


def mark(number: int, hue: str) -> str:
    """The mark of a class as an SVG drawing of 16 by 16: a disc, a triangle or a square."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 16 16" width="16" height="16">'
        f'<path d="{html.escape(_MARKS[number])}" fill="{html.escape(hue)}"/></svg>'
    )


def certainty(conditional: Floats, hues: Sequence[str]) -> bytes:
    """A PNG file: at each place the colour of the likelier class, paler where the model is less sure.

    Args:
        conditional: log p(y | x), (rows, columns, classes), rows upwards.
        hues: of the classes, as "#rrggbb".
    """
    shares = np.exp(conditional.astype(np.float64))
    chance = 1.0 / shares.shape[2]
    sure = (shares.max(axis=2) - chance) / max(1.0 - chance, 1e-9)
    return _png(_rgb(hues)[shares.argmax(axis=2)], 0.5 * _STRONGEST * sure.clip(0, 1))


def densities(joint: Floats, hues: Sequence[str]) -> bytes:
    """A PNG file: the more opaque, the denser; each class has its colour, and where several lie theirs are mixed.

    Args:
        joint: log p(x, y), (rows, columns, classes), rows upwards.
    """
    dense = np.exp(joint.astype(np.float64))
    total = dense.sum(axis=2)
    shares = dense / np.maximum(total, 1e-300)[:, :, np.newaxis]
    # Each class against its own peak: otherwise one that is spread wide would not be seen beside a narrow one.
    peaks = dense.max(axis=(0, 1))
    strength = (dense / np.maximum(peaks, 1e-300)).max(axis=2)
    return _png(shares @ _rgb(hues), _STRONGEST * strength**0.7)


def boundary(scores: Floats) -> str:
    """The lines between the classes that win, as an SVG path in a square of `WIDE`.

    Args:
        scores: of each class at each place, (rows, columns, classes), rows upwards.
    """
    values = scores.astype(np.float64)
    classes = values.shape[2]
    found = []
    for one in range(classes):
        for other in range(one + 1, classes):
            lines = contours.lines(values[:, :, one] - values[:, :, other], 0.0)
            others = [place for place in range(classes) if place not in (one, other)]
            if others:  # a line between two classes ends where a third one wins
                third = values[:, :, others].max(axis=2) - np.maximum(values[:, :, one], values[:, :, other])
                lines = contours.where(lines, third)
            found += lines
    return _path(found, len(values))


def around(joint: Floats) -> list[str]:
    """For each class the lines that enclose half and nearly all of it, as one SVG path in a square of `WIDE`.

    Args:
        joint: log p(x, y), (rows, columns, classes), rows upwards.
    """
    paths = []
    for log_dense in np.moveaxis(joint.astype(np.float64), 2, 0):
        log_dense = log_dense - log_dense.max()
        # Of the logarithm: between two places of the grid it is much nearer to a straight line.
        levels = [np.log(contours.level_around(np.exp(log_dense), share)) for share in SHARES]
        paths.append(_path([line for level in levels for line in contours.lines(log_dense, level)], len(log_dense)))
    return paths


def _path(lines: list[contours.Line], rows: int) -> str:
    return contours.path(lines, WIDE / (rows - 1), WIDE)


def _rgb(hues: Sequence[str]) -> Doubles:
    return np.array([[int(hue[place : place + 2], 16) for place in (1, 3, 5)] for hue in hues], np.float64)


def _png(rgb: Doubles, opacity: Doubles) -> bytes:
    pixels: Images = np.rint(np.dstack([rgb, opacity])).clip(0, 255).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels[::-1], mode="RGBA").save(buffer, format="PNG")
    return buffer.getvalue()
