"""Arrays to pictures and back: contact sheets and PNG files. Pillow."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

from genmod.datasets import Floats, Images

# Of the gaps and the frame between digits: a grey just lighter than the digits' black ground.
GAP = 48
Image.MAX_IMAGE_PIXELS = 4_000_000  # of a file that is opened; the largest sheet has a fiftieth of that


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


def enlarge(image: Images, scale: int) -> Images:
    """Repeat every pixel `scale` times both ways: whole-number scale, crisp edges."""
    return image.repeat(scale, axis=0).repeat(scale, axis=1)


def png(image: Images, scale: int = 1) -> bytes:
    """A grayscale PNG file of a (h, w) uint8 image."""
    buffer = io.BytesIO()
    Image.fromarray(enlarge(image, scale) if scale > 1 else image, mode="L").save(buffer, format="PNG")
    return buffer.getvalue()


def from_png(content: bytes) -> Images | None:
    """The pixels of a grayscale PNG file, uint8 (h, w); None if it cannot be read or is too large."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=("PNG",)) as opened:
                return np.array(opened.convert("L"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning, Image.DecompressionBombError):
        return None


def corner(sheet: Images, shape: tuple[int, int], rows: int, columns: int, gap: int = 1) -> Images:
    """The first `rows` and `columns` of a contact sheet of images of a shape (height, width)."""
    (height, width) = shape
    return sheet[: rows * (height + gap) - gap, : columns * (width + gap) - gap]
