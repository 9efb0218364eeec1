"""Shipped runs as the lesson shows them: found by name, or missed in one sentence, and pieces of their films."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from genmod import runs
from genmod.datasets import Images
from genmod.drawing import images
from genmod.errors import GenmodError, RunError
from genmod.runs import Run
from genmod.ui import say


def run(run_id: str) -> Run:
    """A run that ships with the project.

    Raises:
        RunError: if it is missing.
    """
    found = runs.shipped().find(run_id)
    if found is None:
        raise RunError(f"There is no run {run_id} in this installation, from which this part of the lesson is drawn.")
    return found


def or_why_not(play: Callable[[], None]) -> Callable[[], None]:
    """The same part of a chapter, which says in one sentence why it cannot be shown."""

    @functools.wraps(play)
    def shown() -> None:
        try:
            play()
        except GenmodError as error:
            say.error(str(error))

    return shown


def corners(run: Run, epochs: Sequence[int], rows: int, columns: int) -> list[Images]:
    """The first images of the film's pictures of these epochs, a sheet of each; those that cannot be read are left out.

    Raises:
        RunError: if the run's settings cannot be read.
    """
    height, width = run.config().source.image_shape[:2]
    found = []
    for epoch in epochs:
        try:
            found.append(images.corner(images.pixels(run.frame(epoch) or b""), (height, width), rows, columns))
        except OSError:
            continue
    return [sheet for sheet in found if sheet.shape == found[-1].shape]
