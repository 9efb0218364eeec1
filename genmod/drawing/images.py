"""Arrays to pictures and back: contact sheets and PNG files. Pillow."""

from __future__ import annotations

import io
import json
import struct
import threading
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from PIL import Image, PngImagePlugin

from genmod.datasets import Floats, Images

# Of the gaps and the frame between digits: a grey just lighter than the digits' black ground.
GAP = 48
MOST_PIXELS = 4_000_000  # of a sheet
MOST_PHOTO_PIXELS = 25_000_000  # of a visitor's picture
MOST_SCANS = 100  # of a JPEG file: each goes over the whole picture, 42 bytes of a file suffice for one, ten are usual
STRIP = 64  # rows of the small picture that are made of the large one at once
T = TypeVar("T")
# Of all that this process opens: beyond it Pillow warns, or refuses. What is allowed here is checked before decoding.
Image.MAX_IMAGE_PIXELS = MOST_PHOTO_PIXELS
_DECODING = threading.Lock()  # held while a visitor's picture is decoded: one of the largest takes 150 MB
UPRIGHT: dict[int, Callable[[Images], Images]] = {  # by the orientation that a camera notes
    2: lambda grey: grey[:, ::-1],
    3: lambda grey: grey[::-1, ::-1],
    4: lambda grey: grey[::-1],
    5: lambda grey: grey.T,
    6: lambda grey: grey.T[:, ::-1],
    7: lambda grey: grey[::-1, ::-1].T,
    8: lambda grey: grey.T[::-1],
}
ORIENTATION = 0x0112  # the number of this tag of EXIF
NOTES = "notes"  # the text chunk of a PNG file that says what is known of the picture


class TooManyPixelsError(OSError):
    """A picture is larger than it may be."""


@dataclass(frozen=True)
class Photograph:
    """A visitor's picture as grey values.

    Attributes:
        grey: uint8 (h, w), whose longer side is as long as was asked for or shorter.
        opacity: uint8 (h, w), 0 where the picture is transparent; None if it is so nowhere.
        colour: whether the file holds colours.
        upright: whether it was turned or mirrored, as its camera noted.
        moving: whether it is the first frame of an animation.
        lossy: whether the file keeps grey values only roughly, as JPEG does.
    """

    grey: Images
    opacity: Images | None
    colour: bool
    upright: bool
    moving: bool
    lossy: bool


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
        OSError: if it is none, or one that is too large.
    """
    return _read(content, lambda picture: np.asarray(picture.convert("L")))


def notes_of(content: bytes) -> dict[str, Any]:
    """What `png` wrote into a file beside the picture; empty if there is nothing, or nothing that can be read."""
    try:
        found = json.loads(_read(content, lambda picture: getattr(picture, "text", {}).get(NOTES, "{}")))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def photograph(content: bytes, longest: int) -> Photograph:
    """A visitor's PNG or JPEG file in shades of grey, made so small that no side is longer than `longest` pixels.

    Raises:
        TooManyPixelsError: if it has more than `MOST_PHOTO_PIXELS`.
        OSError: if it is no such file, or one that is damaged or cut off.
    """
    if content.startswith(b"\xff\xd8") and content.count(b"\xff\xda") > MOST_SCANS:
        raise OSError(f"the picture has more than {MOST_SCANS} scans")
    with _DECODING:
        return _read(content, lambda picture: _photograph(picture, longest), ("PNG", "JPEG"), MOST_PHOTO_PIXELS)


def _photograph(picture: Image.Image, longest: int) -> Photograph:
    colour, moving = picture.mode not in ("1", "L", "LA", "I;16"), bool(getattr(picture, "is_animated", False))
    lossy = picture.format != "PNG"
    if lossy:
        picture.draft("L", (longest, longest))  # a JPEG decoder can leave out what a small picture does not need
    picture.load()
    layers = _small(picture, -(-max(picture.size) // longest))
    turn = UPRIGHT.get(_orientation(picture))
    if turn is not None:
        layers = [turn(layer) for layer in layers]
    grey, *opacity = layers
    transparent = bool(opacity) and opacity[0].min() < 255
    # Cameras put several pictures into one JPEG file that are no animation.
    return Photograph(grey, opacity[0] if transparent else None, colour, turn is not None, moving and not lossy, lossy)


def _small(picture: Image.Image, factor: int) -> list[Images]:
    """The grey values and, where the file has it, the opacity of a picture a whole number of times as small."""
    # Strip by strip: conversions of the whole would each take as much memory as the picture.
    width, height = picture.size
    deep = max(0, int(picture.getextrema()[1]).bit_length() - 8) if picture.mode.startswith("I") else None  # type: ignore[arg-type]
    strips = []
    for top in range(0, height, STRIP * factor):
        strip = picture.crop((0, top, width, min(top + STRIP * factor, height)))
        strips.append(np.asarray(_grey(strip, deep).reduce(factor)))
    whole: Images = np.concatenate(strips)
    return [whole] if whole.ndim == 2 else [whole[..., 0], whole[..., 1]]


def _grey(picture: Image.Image, deep: int | None) -> Image.Image:
    """The same in the mode L, or LA where it may be transparent; of 16 bits the lowest `deep` are left out."""
    if deep is not None:
        return Image.fromarray((np.asarray(picture) >> deep).astype(np.uint8))
    if picture.has_transparency_data:
        return picture.convert("RGBA").convert("LA")
    return picture.convert("RGB").convert("L") if picture.mode != "L" else picture


def _orientation(picture: Image.Image) -> int:
    """The number under which the camera noted how it was held; 1, as it is, where that cannot be read."""
    try:
        found = picture.getexif().get(ORIENTATION, 1)
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, struct.error):
        return 1
    return found if isinstance(found, int) else 1


def _read(
    content: bytes, take: Callable[[Image.Image], T], formats: tuple[str, ...] = ("PNG",), most: int = MOST_PIXELS
) -> T:
    """Take something from an image file; a visitor's, or a run's that was brought along, may hold anything.

    Raises:
        OSError: if it is not what it should be.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of torn notes beside a picture that can be read
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=formats) as picture:
                if picture.width * picture.height > most:  # as its header says: nothing is decoded yet
                    raise TooManyPixelsError(f"the picture has more than {most:,} pixels")
                return take(picture)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise TooManyPixelsError(f"the picture has more than {most:,} pixels") from None
    except (ValueError, SyntaxError, EOFError) as error:  # Pillow's words for torn data and overlong texts
        raise OSError(f"the picture cannot be read ({error})") from None


def corner(sheet: Images, shape: tuple[int, int], rows: int, columns: int, gap: int = 1) -> Images:
    """The first `rows` and `columns` of a contact sheet of images of a shape (height, width)."""
    (height, width) = shape
    return sheet[: rows * (height + gap) - gap, : columns * (width + gap) - gap]
