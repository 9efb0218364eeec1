"""Checkpoints: the whole state of a training, enough to resume bit for bit."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from genmod.datasets import Doubles
from genmod.errors import RunError
from genmod.system import files

FORMAT = 1  # of a checkpoint; one without a number is of this format, too
LARGEST = 8_000_000_000  # bytes
KEPT = 2
NAME = re.compile(r"epoch-(\d{5})(?:-step-(\d{7}))?\.npz")
FORMAT_NAME = "format"
SUMS = "sums"  # of the metrics over the steps taken of an unfinished epoch


class Place(NamedTuple):
    """Where a training stands: epochs finished, and steps taken of the next one."""

    epoch: int
    step: int = 0

    @property
    def name(self) -> str:
        """The checkpoint's file name."""
        return f"epoch-{self.epoch:05d}" + (f"-step-{self.step:07d}" if self.step else "") + ".npz"


def save(folder: Path, place: Place, state: Sequence[Any], sums: Doubles) -> None:
    """Write the state at `place` and keep the last two checkpoints.

    Args:
        state: variables with a method `numpy`.
        sums: of the metrics over the steps taken of an unfinished epoch.
    """
    folder.mkdir(exist_ok=True)
    arrays = {f"{index:03d}": np.asarray(variable.numpy()) for index, variable in enumerate(state)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays, **{SUMS: sums, FORMAT_NAME: np.array(FORMAT)})
    files.write_bytes(folder / place.name, buffer.getvalue())
    for _, old in _saved(folder)[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()


def restore(folder: Path, state: Sequence[Any], metrics: int) -> tuple[Place, Doubles]:
    """Set the state from the newest readable checkpoint.

    Args:
        state: variables with `shape` and a method `assign`.
        metrics: how many metrics the training has.

    Returns:
        Where it was saved, the very beginning if there is none, and the metrics' sums over the unfinished epoch.

    Raises:
        RunError: if there are checkpoints and none can be used: to begin again would overwrite what is left.
    """
    files.sweep(folder)
    saved = _saved(folder)
    for place, path in reversed(saved):
        arrays = _arrays(path)
        if int(arrays.get(FORMAT_NAME, np.array(FORMAT))) > FORMAT:
            raise RunError(
                f"The checkpoint {path.name} of run {folder.parent.name} is of a newer version; go on with that."
            )
        values = [arrays.get(f"{index:03d}") for index in range(len(state))]
        sums = arrays.get(SUMS)
        if sums is None or not _fits(sums, (metrics,)):
            continue
        fitting = [
            value for value, variable in zip(values, state, strict=True)
            if value is not None and _fits(value, tuple(variable.shape))
        ]  # fmt: skip
        if len(fitting) < len(state):
            continue
        for value, variable in zip(fitting, state, strict=True):
            variable.assign(value)
        return place, sums
    if saved:
        raise RunError(
            f"No checkpoint of run {folder.parent.name} can be read, so it cannot go on; train it anew, or remove its "
            f"folder {folder.name} to let it begin again."
        )
    return Place(0), np.zeros(metrics)


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """What a checkpoint holds; nothing if it is damaged."""
    try:
        with np.load(io.BytesIO(files.read_bytes(path, LARGEST)), allow_pickle=False) as arrays:
            # A member that is no array comes as bytes.
            found = {name: value for name in arrays.files if isinstance(value := arrays[name], np.ndarray)}
    except Exception:  # damage makes NumPy and the decompressor raise nearly anything
        return {}
    number = found.get(FORMAT_NAME)
    sound = number is None or (_fits(number, ()) and number.dtype.kind in "iu")
    return found if sound else {}


def _fits(value: npt.NDArray[Any], shape: tuple[int, ...]) -> bool:
    """Whether an array is one of numbers and of this shape."""
    return value.shape == shape and value.dtype.kind in "fiub"


def _saved(folder: Path) -> list[tuple[Place, Path]]:
    """The checkpoints, oldest first."""
    try:
        found = [(match, path) for path in folder.iterdir() if (match := NAME.fullmatch(path.name))]
    except OSError:
        return []
    return sorted((Place(int(match[1]), int(match[2] or 0)), path) for match, path in found)
