"""history.csv: one row a finished epoch, read so that a torn or damaged line spoils no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from genmod.system import files
from genmod.system.file_cache import FileCache

NAME = "history.csv"
LARGEST = 1_000_000  # bytes of it
MOST_EPOCHS = 1_000_000  # whatever a damaged file may say

Rows = list[dict[str, float]]
_known: FileCache[tuple[Rows, str]] = FileCache(64)  # a page reads it several times a second


def read(folder: Path) -> tuple[Rows, str]:
    """The rows of the history in a run's folder, and one sentence on what is wrong with it; empty if nothing is."""
    rows, sentence = _known.get(str(folder / NAME), lambda _: _read(folder))
    return list(rows), sentence


def _read(folder: Path) -> tuple[Rows, str]:
    try:
        columns, lines = files.read_table(folder / NAME, LARGEST)
    except FileNotFoundError:
        return [], ""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        return [], f"The {NAME} of run {folder.name} cannot be read ({why}); its curves are not shown."
    rows: Rows = []
    for line in lines:
        try:
            row = dict(zip(columns, map(float, line), strict=True))
        except ValueError:
            continue  # a line of another length, or with something that is no number
        epoch = row.get("epoch", 0.0)
        in_order = (rows[-1]["epoch"] if rows else 0) < epoch <= MOST_EPOCHS and epoch.is_integer()
        if in_order and all(map(files.finite, row.values())):
            rows.append(row)
    if left_out := len(lines) - len(rows):
        return rows, f"The {NAME} of run {folder.name} is damaged; {left_out:,} of its lines cannot be used."
    return rows, ""


def write(folder: Path, columns: Sequence[str], rows: Sequence[Mapping[str, float]]) -> None:
    """Replace the whole history."""
    lines = [",".join(columns), *(_line(columns, row) for row in rows)]
    files.write_bytes(folder / NAME, ("\n".join(lines) + "\n").encode())


def append(folder: Path, columns: Sequence[str], row: Mapping[str, float]) -> None:
    """Add one epoch's row and flush it to disk."""
    files.append(folder / NAME, (_line(columns, row) + "\n").encode())


def _line(columns: Sequence[str], row: Mapping[str, float]) -> str:
    return ",".join(f"{row[name]:.7g}" if isinstance(row[name], float) else str(row[name]) for name in columns)
