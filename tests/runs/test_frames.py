"""The film of a training on disk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genmod.drawing import images
from genmod.runs import Run, frames


def filmed(folder: Path, epochs: list[int]) -> Run:
    """A run's folder with a picture for each of these epochs."""
    (folder / frames.FOLDER).mkdir(parents=True)
    for epoch in epochs:
        sheet = images.png(np.full((28, 28), epoch % 256, np.uint8))
        (folder / frames.FOLDER / frames.sheet_name(epoch)).write_bytes(sheet)
        (folder / frames.FOLDER / frames.pairs_name(epoch)).write_bytes(sheet)
    return Run(folder)


def test_epochs_are_found_in_order_and_nothing_else(tmp_path: Path) -> None:
    run = filmed(tmp_path / "run", [10, 0, 9])
    (run.path / frames.FOLDER / "epoch-1.png").write_bytes(b"")
    (run.path / frames.FOLDER / "live.png").write_bytes(b"")
    assert run.frames() == [0, 9, 10]
    assert Run(tmp_path / "none").frames() == []


def test_a_torn_frame_is_none_and_the_newest_whole_one_is_the_sheet(tmp_path: Path) -> None:
    run = filmed(tmp_path / "run", [1, 2])
    whole = run.frame(1)
    (run.path / frames.FOLDER / frames.sheet_name(2)).write_bytes(b"torn")
    assert run.frame(2) is None and run.frame(3) is None
    assert run.sheet() == whole is not None


@pytest.mark.parametrize(("count", "most"), [(1, 24), (24, 24), (25, 24), (100, 24), (500, 12), (3, 2), (200, 100)])
def test_chosen_epochs_keep_both_ends_and_are_denser_at_the_start(count: int, most: int) -> None:
    found = list(range(count))
    kept = frames.chosen(found, most)
    assert len(kept) == min(count, most)
    assert kept == sorted(set(kept)) and (kept[0], kept[-1]) == (0, count - 1)
    if count > 2 * most > 8:
        middle = len(kept) // 2
        assert kept[middle] - kept[0] < kept[-1] - kept[middle]


def test_thinning_frees_bytes_and_keeps_pairs_with_their_sheets(tmp_path: Path) -> None:
    run = filmed(tmp_path / "run", list(range(40)))
    before = sum(path.stat().st_size for path in run.path.rglob("*.png"))
    freed = frames.thin(run.path, 10)
    after = sum(path.stat().st_size for path in run.path.rglob("*.png"))
    assert freed == before - after > 0
    assert len(run.frames()) == 10
    assert all(run.reconstructions_after(epoch) is not None for epoch in run.frames())
    assert frames.thin(run.path, 10) == 0
