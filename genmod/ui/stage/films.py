"""Films of runs as files: the fixed latents decoded, epoch after epoch."""

from __future__ import annotations

from genmod.drawing import films, images
from genmod.runs import Run, frames
from genmod.system.file_cache import FileCache

MOST_FRAMES = 80
SECONDS = 5.0
_kept: FileCache[bytes] = FileCache(8)


def film(run: Run, format: films.Format, scale: int = 2) -> bytes:
    """The film of a run; torn frames, and those of another size, are left out.

    Raises:
        ValueError: if there is no frame.
    """
    found = (run.frame(epoch) for epoch in frames.chosen(run.frames(), MOST_FRAMES))
    sheets = [images.pixels(sheet) for sheet in found if sheet is not None]
    return films.encode([sheet for sheet in sheets if sheet.shape == sheets[-1].shape], format, SECONDS, scale)


def small(run: Run) -> bytes | None:
    """The film as a WebP file of its own size, for a page that enlarges it; None if there are no two frames."""
    epochs = run.frames()
    if len(epochs) < 2:
        return None
    path = str(run.file(frames.FOLDER) / frames.sheet_name(epochs[-1]))
    return _kept.get(path, lambda _: film(run, "webp", 1))
