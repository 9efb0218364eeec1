"""Pictures to films: animated GIF and WebP files in which every pixel is exact. Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, Literal

from PIL import Image

from genmod.datasets import Images
from genmod.drawing import images

Format = Literal["gif", "webp"]

MIME: dict[Format, str] = {"gif": "image/gif", "webp": "image/webp"}
MOST_FRAMES = 1_000
LARGEST_SIDE = 4_000  # pixels, enlarged; WebP itself ends at 16,383
MOST_PIXELS = 100_000_000  # of all frames together, enlarged: each takes a byte or more while a file is made
SHORTEST, LONGEST = 0.02, 60.0  # seconds; browsers show a frame of less than 0.02 for 0.1


def encode(
    frames: Sequence[Images], format: Format, seconds: float, scale: int = 1, hold: float = 2.0, loop: bool = True
) -> bytes:
    """An animated GIF or WebP file in which every frame has exactly the pixels it was given.

    WebP is written without loss; a GIF's palette has room for all 256 greys. Neighbouring frames that are equal become
    one that stays for as long as both, so that the file may hold fewer frames than it was given.

    Args:
        frames: uint8 pictures of one shape (h, w), from black 0 to white 255, in the order of time.
        seconds: how long each frame stays. GIF counts in hundredths.
        scale: how often every pixel is repeated both ways.
        hold: how long the last frame stays.
        loop: begin again after the last frame, forever; otherwise the film ends on it.

    Raises:
        ValueError: if there is no frame, or they differ in shape, or the film would be too long or too large.
    """
    _check(frames, seconds, scale, hold)
    kept, stays = _without_repeats(frames, seconds, hold)
    first, *rest = (Image.fromarray(images.enlarge(frame, scale), mode="L") for frame in kept)
    buffer = io.BytesIO()
    durations = stays if len(stays) > 1 else stays[0]
    first.save(buffer, format.upper(), save_all=True, append_images=rest, duration=durations, **_options(format, loop))
    return buffer.getvalue()


def _options(format: Format, loop: bool) -> dict[str, Any]:
    if format == "gif":
        # Without "loop" a GIF plays once. Optimised, its greys would be numbered anew in each frame: larger here.
        return {"optimize": False} | ({"loop": 0} if loop else {})
    # Beyond method 4 the encoder takes a hundred times as long for a thousandth of the size.
    return {"lossless": True, "method": 4, "loop": 0 if loop else 1}


def _check(frames: Sequence[Images], seconds: float, scale: int, hold: float) -> None:
    if not 1 <= len(frames) <= MOST_FRAMES:
        raise ValueError(f"A film has 1 to {MOST_FRAMES:,} frames, not {len(frames):,}.")
    shapes = {frame.shape for frame in frames}
    if len(shapes) > 1 or len(shape := shapes.pop()) != 2 or any(frame.dtype != "uint8" for frame in frames):
        raise ValueError("The frames of a film are uint8 pictures (h, w) of one shape; convert them first.")
    for name, value in (("seconds", seconds), ("hold", hold)):
        if not SHORTEST <= value <= LONGEST:
            raise ValueError(f"{name} is {value}; a frame stays for {SHORTEST} to {LONGEST:.0f} seconds.")
    height, width = (side * scale for side in shape)
    if not all(1 <= side <= LARGEST_SIDE for side in (height, width)):
        raise ValueError(
            f"A frame would be {width} x {height} pixels; a side has 1 to {LARGEST_SIDE}: take another scale."
        )
    if len(frames) * height * width > MOST_PIXELS:
        raise ValueError(
            f"{len(frames)} frames of {width} x {height} are more than {MOST_PIXELS:,} pixels; take fewer frames or a "
            "smaller scale."
        )


def _without_repeats(frames: Sequence[Images], seconds: float, hold: float) -> tuple[list[Images], list[int]]:
    """The frames that differ from the one before, and for how many milliseconds each stays."""
    kept: list[Images] = []
    stays: list[int] = []
    for index, frame in enumerate(frames):
        milliseconds = round(1000 * (hold if index == len(frames) - 1 else seconds))
        if kept and (kept[-1] == frame).all():
            stays[-1] += milliseconds
        else:
            kept.append(frame)
            stays.append(milliseconds)
    return kept, stays
