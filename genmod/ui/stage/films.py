"""Films of runs as files: the fixed latents decoded, epoch after epoch."""

from __future__ import annotations

import threading
from contextlib import suppress

from genmod.datasets import Images
from genmod.drawing import films, images
from genmod.runs import Run, frames
from genmod.system.file_cache import FileCache

MOST_FRAMES = 80
SECONDS = 5.0
_making = threading.Lock()
_kept: FileCache[bytes] = FileCache(8)


def film(run: Run, format: films.Format, scale: int = 2) -> bytes:
    """The film of a run; frames that cannot be read, and those of another size than the last, are left out.

    Raises:
        ValueError: if no frame is left, or if they are too large.
    """
    sheets = [sheet for epoch in frames.chosen(run.frames(), MOST_FRAMES) for sheet in _readable(run.frame(epoch))]
    return films.encode([sheet for sheet in sheets if sheet.shape == sheets[-1].shape], format, SECONDS, scale)


def _readable(sheet: bytes | None) -> list[Images]:
    try:
        return [images.pixels(sheet or b"")]
    except OSError:
        return []


def small(run: Run) -> bytes | None:
    """The film as a WebP file of its own size, for a page that enlarges it; None if there is none.

    One is made at a time: twenty visitors who come at once wait for the same.
    """
    epochs = run.frames()
    if len(epochs) < 2:
        return None
    path = str(run.file(frames.FOLDER) / frames.sheet_name(epochs[-1]))
    with _making, suppress(ValueError):
        return _kept.get(path, lambda _: film(run, "webp", 1))
    return None
