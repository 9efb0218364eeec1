"""Arrays to pictures and back: contact sheets and PNG files. Pillow."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from genmod.datasets import Floats, Images

# Of the gaps and the frame between digits: a grey just lighter than the digits' black ground.
GAP = 48
MOST_PIXELS = 4_000_000  # of a sheet
Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # and of all that this process opens: beyond it Pillow warns, or refuses
NOTES = "notes"  # the text chunk of a PNG file that says what is known of the picture


def to_uint8(images: Floats) -> Images:
    """Turn pixel values in [0, 1], shape (n, 28, 28) or (n, 28, 28, 1), into uint8 of shape (n, 28, 28)."""
    if images.ndim == 4:
        images = images[..., 0]
    pixels: Images = np.rint(np.clip(images, 0.0, 1.0) * 255.0).astype(np.uint8)
    return pixels


def contact_sheet(images: Images, columns: int, gap: int = 1, ground: int = GAP) -> Images:
    """Lay images of shape (n, h, w) on one sheet, row by row, with thin even gaps.

    Cells of an unfinished last row stay black. With `columns` = 10 and 100 images of 28 x 28 the sheet
    is 289 x 289: ten digits and nine one-pixel gaps a side.
    """
    count, height, width = images.shape
    rows = -(-count // columns)
    cells = np.zeros((rows * columns, height, width), np.uint8)
    cells[:count] = images
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), ground, np.uint8)
    for index, cell in enumerate(cells):
        top, left = (index // columns) * (height + gap), (index % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = cell
    return sheet


def stacked(tiles: Sequence[Images]) -> Images:
    """Images of one shape (h, w) as one array (n, h, w)."""
    found: Images = np.stack(list(tiles))
    return found


def enlarge(image: Images, scale: int) -> Images:
    """Repeat every pixel `scale` times both ways: whole-number scale, crisp edges."""
    return image.repeat(scale, axis=0).repeat(scale, axis=1)


def png(image: Images, scale: int = 1, notes: Mapping[str, Any] | None = None) -> bytes:
    """A grayscale PNG file of a (h, w) uint8 image.

    Args:
        notes: what is known of the picture, as JSON can say it. It travels inside the file, so that a picture and its
            numbers never come from two moments.
    """
    buffer = io.BytesIO()
    known = PngImagePlugin.PngInfo()
    if notes:
        known.add_text(NOTES, json.dumps(notes, allow_nan=False))
    Image.fromarray(enlarge(image, scale) if scale > 1 else image).save(buffer, format="PNG", pnginfo=known)
    return buffer.getvalue()


def pixels(content: bytes) -> Images:
    """The grey values of a whole PNG file, uint8 (h, w).

    Raises:
        OSError: if it is none.
    """
    with _opened(content) as picture:
        return np.asarray(picture.convert("L"))


def notes_of(content: bytes) -> dict[str, Any]:
    """What `png` wrote into a file beside the picture; empty if there is nothing, or nothing that can be read."""
    try:
        with _opened(content) as picture:
            found = json.loads(getattr(picture, "text", {}).get(NOTES, "{}"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _opened(content: bytes) -> Image.Image:
    """A PNG file of a size that a run folder may hold; a run that was brought along may hold anything."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(content), formats=["PNG"])
        except Image.DecompressionBombWarning:
            raise OSError("the picture is too large") from None
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise OSError(f"the picture has more than {MOST_PIXELS:,} pixels")
    return picture


def corner(sheet: Images, shape: tuple[int, int], rows: int, columns: int, gap: int = 1) -> Images:
    """The first `rows` and `columns` of a contact sheet of images of a shape (height, width)."""
    (height, width) = shape
    return sheet[: rows * (height + gap) - gap, : columns * (width + gap) - gap]
