"""Maps of codes with two latent numbers, coloured by class, with the prior's circles over them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from genmod.datasets import Floats, Images, Labels

SIGMAS = (1.0, 2.0)  # of the prior: 39 and 86 % of its latents lie within these circles
LINE, HALO = 1.0, 2.4  # half the width of a circle's line, and of the ground beside it, in pixels
DOT = 1.5  # the radius of a dot, in pixels


def draw(
    codes: Floats, labels: Labels, colors: Sequence[str], ink: str, ground: str, reach: float, side: int = 336
) -> bytes:
    """A PNG file of a square map with a dot for each code; every pixel has one of the colours given.

    Args:
        codes: (n, 2); the first number grows to the right, the second upwards. Later ones lie over earlier ones.
        labels: their classes, (n,).
        colors: of each class, as "#rrggbb".
        ink: of the prior's circles.
        ground: what stands where nothing is.
        reach: the map shows latent numbers from -reach to reach.
        side: pixels of a side.
    """
    found = np.zeros((side, side), np.uint8)  # which colour each pixel has: 0 is the ground, 1 the ink
    inside = ~outside(codes, reach)
    columns = np.rint((codes[inside, 0] / reach + 1) / 2 * (side - 1)).astype(int)
    rows = np.rint((1 - codes[inside, 1] / reach) / 2 * (side - 1)).astype(int)
    values = (np.asarray(labels)[inside] % len(colors) + 2).astype(np.uint8)
    spread = range(-int(DOT), int(DOT) + 1)
    shape = [(down, across) for down in spread for across in spread if down**2 + across**2 <= DOT**2]
    # Dot by dot, so that none lies under some pixels of another and over the rest.
    downs, acrosses = (np.array([move[axis] for move in shape]) for axis in (0, 1))
    places = (rows[:, np.newaxis] + downs).clip(0, side - 1), (columns[:, np.newaxis] + acrosses).clip(0, side - 1)
    found[places[0].ravel(), places[1].ravel()] = values.repeat(len(shape))
    _circles(found, reach)
    picture = Image.fromarray(found, mode="P")
    picture.putpalette([value for color in (ground, ink, *colors) for value in _rgb(color)])
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def outside(codes: Floats, reach: float) -> npt.NDArray[np.bool_]:
    """Which codes (n, 2) a map of that reach cannot show, (n,)."""
    return np.asarray(np.abs(codes).max(axis=1) > reach)


def _circles(found: Images, reach: float) -> None:
    """Draw the prior's circles, each with a seam of the ground so that it is seen on every colour."""
    side = len(found)
    across, up = np.meshgrid(np.arange(side) - (side - 1) / 2, np.arange(side) - (side - 1) / 2)
    radius = np.hypot(across, up)
    distance = np.min([np.abs(radius - sigma / reach * (side - 1) / 2) for sigma in SIGMAS], axis=0)
    found[distance <= HALO] = 0
    found[distance <= LINE] = 1


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue
