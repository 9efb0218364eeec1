"""A few images of a run as one small picture, to tell runs apart at a glance."""

from __future__ import annotations

from genmod.drawing import images
from genmod.runs import Run, frames
from genmod.system.file_cache import FileCache

SIDE = 28  # pixels of an image in a sheet, which has one pixel between images
_kept: FileCache[bytes | None] = FileCache(400)


def row(run: Run, count: int = 7) -> bytes | None:
    """The first images of the run's newest picture side by side, a PNG file; None if there is none yet.

    A run trained by class shows its classes in turn.
    """
    name = _newest(run)
    if name is None:
        return None
    path = str(run.file(frames.FOLDER) / name)
    return _kept.get(f"{path}", lambda _: _cut(frames.read(run.path, name), count))


def _newest(run: Run) -> str | None:
    if (run.file(frames.FOLDER) / frames.LIVE).exists():
        return frames.LIVE
    found = run.frames()
    return frames.sheet_name(found[-1]) if found else None


def _cut(sheet: bytes | None, count: int) -> bytes | None:
    """The first images of a sheet, row by row, in one row."""
    if sheet is None:
        return None
    pixels = images.pixels(sheet)
    step = SIDE + 1
    columns, rows = (pixels.shape[1] + 1) // step, (pixels.shape[0] + 1) // step
    tiles = [
        pixels[place // columns * step :, place % columns * step :][:SIDE, :SIDE]
        for place in range(min(count, columns * rows))
    ]
    return images.png(images.contact_sheet(images.stacked(tiles), len(tiles))) if tiles else None
