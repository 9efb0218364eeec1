"""Checkpoints: the whole state of a training at an epoch's end, enough to resume bit for bit."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from pathlib import Path

import keras
import numpy as np

from genmod import files

KEPT = 2
NAME = re.compile(r"epoch-(\d{5})\.npz")


def save(folder: Path, epoch: int, state: list[keras.Variable]) -> None:
    """Write the state after `epoch` and keep the last two checkpoints."""
    folder.mkdir(exist_ok=True)
    arrays = {f"{index:03d}": np.asarray(variable.numpy()) for index, variable in enumerate(state)}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    files.write_bytes(folder / f"epoch-{epoch:05d}.npz", buffer.getvalue())
    for old in _saved(folder)[:-KEPT]:
        with contextlib.suppress(OSError):
            old.unlink()


def restore(folder: Path, state: list[keras.Variable]) -> int:
    """Set the state from the newest readable checkpoint.

    Returns:
        The epoch it was saved after; 0 if there is none.
    """
    for path in reversed(_saved(folder)):
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
                values = [arrays[f"{index:03d}"] for index in range(len(state))]
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
            continue
        if any(value.shape != tuple(variable.shape) for value, variable in zip(values, state, strict=True)):
            continue
        for value, variable in zip(values, state, strict=True):
            variable.assign(value)
        match = NAME.fullmatch(path.name)
        assert match is not None
        return int(match[1])
    return 0


def _saved(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if NAME.fullmatch(path.name))
    except OSError:
        return []
