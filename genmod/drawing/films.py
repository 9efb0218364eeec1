"""Films: pictures of one size as an animated GIF or WebP file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

from PIL import Image

from genmod.datasets import Images
from genmod.drawing.images import enlarge

Format = Literal["gif", "webp"]
MOST_FRAMES = 200
MOST_PIXELS = 60_000_000  # of all frames together, enlarged
SIDE = 280  # pixels at most of a film between two images; never fewer than the images have
MIME: dict[Format, str] = {"gif": "image/gif", "webp": "image/webp"}


def encode(
    frames: Sequence[Images],
    format: Format,
    seconds: float = 6.0,
    scale: int = 1,
    hold: float = 2.0,
    loop: bool = True,
) -> bytes:
    """An animated file of grey frames, uint8 (h, w) each, every pixel as it is.

    A GIF holds up to 256 colours, which are all the greys there are; WebP is written without loss.

    Args:
        seconds: of the whole film, without the time that the last frame stays.
        scale: how many times as large, each pixel repeated.
        hold: seconds for which the last frame stays.
        loop: whether it begins again at its end.

    Raises:
        ValueError: if there is no frame, if their shapes differ, or if they are too many or too large.
    """
    if not frames:
        raise ValueError("A film needs at least one frame.")
    if len({frame.shape for frame in frames}) > 1:
        raise ValueError("The frames of a film must all have one shape.")
    height, width = frames[0].shape
    if len(frames) > MOST_FRAMES or len(frames) * height * width * scale**2 > MOST_PIXELS:
        raise ValueError(
            f"A film may have {MOST_FRAMES} frames and {MOST_PIXELS:,} pixels in all; "
            f"this one has {len(frames)} of {width * scale} x {height * scale}."
        )
    pictures = [Image.fromarray(enlarge(frame, scale)) for frame in frames]
    each = max(20, round(1000 * seconds / len(frames) / 10) * 10)  # GIF counts in hundredths of a second
    durations = [each] * (len(pictures) - 1) + [max(each, round(100 * hold) * 10)]
    buffer = io.BytesIO()
    first, *others = pictures if format == "gif" else [picture.convert("RGB") for picture in pictures]
    options: dict[str, int | bool] = {"disposal": 1} if format == "gif" else {"lossless": True, "method": 3}
    if loop:
        options["loop"] = 0
    elif format == "webp":
        options["loop"] = 1  # a GIF that says nothing plays once
    first.save(buffer, format=format.upper(), save_all=True, append_images=others, duration=durations, **options)
    return buffer.getvalue()


def between(images: Images, format: Format, seconds: float = 4.0) -> bytes:
    """An animated file that runs through images, uint8 (n, h, w), forward and back, again and again.

    Both ends are shown once, so that the way back begins without a stop. The scale is a whole number.

    Args:
        seconds: of the way forward and back together.

    Raises:
        ValueError: if there is no image, or if they are too many or too large.
    """
    frames = [*images, *images[-2:0:-1]]
    scale = max(1, SIDE // max(images.shape[1:]))
    return encode(frames, format, seconds, scale, hold=0.0)
