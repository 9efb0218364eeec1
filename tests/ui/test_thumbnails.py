"""Rows of a run's images."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from genmod.drawing import images
from genmod.runs import Run
from genmod.ui import thumbnails


def test_the_row_holds_the_first_images_of_the_newest_picture(tiny_run: Run, tiny_shapes: Run) -> None:
    for run, columns in ((tiny_run, 10), (tiny_shapes, 3)):
        sheet, row = run.sheet(), thumbnails.row(run, 8)
        assert sheet is not None and row is not None
        pixels, cut = images.pixels(sheet), images.pixels(row)
        assert cut.shape == (28, 8 * 29 - 1)
        for place in range(8):
            top, left = place // columns * 29, place % columns * 29
            np.testing.assert_array_equal(
                cut[:, place * 29 : place * 29 + 28], pixels[top : top + 28, left : left + 28]
            )


def test_a_run_without_pictures_has_none(tmp_path: Path) -> None:
    assert thumbnails.row(Run(tmp_path)) is None
