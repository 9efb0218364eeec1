"""Checkpoints: the whole state of a training, enough to resume bit for bit."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from genmod import files

KEPT = 2
NAME = re.compile(r"epoch-(\d{5})(?:-step-(\d{7}))?\.npz")
SUMS = "sums"  # of the metrics over the steps taken of an unfinished epoch


class Place(NamedTuple):
    """Where a training stands: epochs finished, and steps taken of the next one."""

    epoch: int
    step: int = 0

    @property
    def name(self) -> str:
        """The checkpoint's file name."""
        return f"epoch-{self.epoch:05d}" + (f"-step-{self.step:07d}" if self.step else "") + ".npz"


def save(folder: Path, place: Place, state: Sequence[Any], sums: npt.NDArray[np.float64]) -> None:
    """Write the state at `place` and keep the last two checkpoints.

    Args:
        state: variables with a method `numpy`.
        sums: of the metrics over the steps taken of an unfinished epoch.
    """
    folder.mkdir(exist_ok=True)
    arrays = {f"{index:03d}": np.asarray(variable.numpy()) for index, variable in enumerate(state)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays, **{SUMS: sums})
    files.write_bytes(folder / place.name, buffer.getvalue())
    for _, old in _saved(folder)[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()


def restore(folder: Path, state: Sequence[Any], metrics: int) -> tuple[Place, npt.NDArray[np.float64]]:
    """Set the state from the newest readable checkpoint.

    Args:
        state: variables with `shape` and a method `assign`.
        metrics: how many metrics the training has.

    Returns:
        Where it was saved, the very beginning if there is none, and the metrics' sums over the unfinished epoch.
    """
    files.sweep(folder)
    for place, path in reversed(_saved(folder)):
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                values = [arrays[f"{index:03d}"] for index in range(len(state))]
                sums = arrays[SUMS]
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            continue
        if sums.shape != (metrics,) or any(
            value.shape != tuple(variable.shape) for value, variable in zip(values, state, strict=True)
        ):
            continue
        for value, variable in zip(values, state, strict=True):
            variable.assign(value)
        return place, sums
    return Place(0), np.zeros(metrics)


def _saved(folder: Path) -> list[tuple[Place, Path]]:
    """The checkpoints, oldest first."""
    try:
        found = [(match, path) for path in folder.iterdir() if (match := NAME.fullmatch(path.name))]
    except OSError:
        return []
    return sorted((Place(int(match[1]), int(match[2] or 0)), path) for match, path in found)
