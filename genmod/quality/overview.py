"""Where every measured run of a data set stands in precision and recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genmod import quality
from genmod.datasets import DataSource
from genmod.errors import GenmodError
from genmod.quality import beta_row, measurements, size_row
from genmod.quality.result import NAME, stamp
from genmod.runs import Run, Store
from genmod.system.file_cache import FileCache

MOST = 20  # runs in one picture; more could not be told apart


@dataclass(frozen=True)
class Measured:
    """One run and where it stands."""

    run: Run
    precision: float
    recall: float


@dataclass(frozen=True)
class Overview:
    """The runs of one picture.

    Attributes:
        shown: at most `MOST`, in the order in which they were given, the chosen ones first.
        left_out: how many more there are.
        in_row: how many shipped ones stand in a picture of their own, as `beta_row.of` has them; none is counted above.
        of_sizes: the same for those that `size_row.of` has.
    """

    shown: Sequence[Measured]
    left_out: int
    in_row: int = 0
    of_sizes: int = 0


@dataclass(frozen=True)
class _Kept:
    """What is remembered of a `quality.json`: its sheets would take a hundred times the memory."""

    precision: float | None
    recall: float | None
    stamp: Mapping[str, Any]


_kept: FileCache[_Kept | None] = FileCache(500)


def of(store: Store, source: DataSource, runs: Sequence[Run], *chosen: Run | None) -> Overview:
    """The measured ones among these runs that learned from a data set; of too many the first ones, and the chosen.

    Shipped runs that differ in beta alone, or in the number of latents alone, are left out unless they are chosen: they
    lie too close to be told apart.
    """
    shipped = [run for run in runs if run.shipped]
    row = [step.run for step in beta_row.of(shipped) if step.run not in chosen]
    sizes = [size.run for size in size_row.of(shipped) if size.run not in (*row, *chosen)]
    ordered = sorted((run for run in runs if run not in (*row, *sizes)), key=lambda run: run not in chosen)
    found = [one for run in ordered if _learned_from(run, source) and (one := measured(store, run)) is not None]
    counts = [sum(_learned_from(run, source) for run in apart) for apart in (row, sizes)]
    return Overview(found[:MOST], max(0, len(found) - MOST), *counts)


def measured(store: Store, run: Run) -> Measured | None:
    """Where a run stands; None if it was not measured, or if its model or the way to measure has changed since."""
    for place in measurements.places(store, run):
        known = _kept.get(str(place / NAME), lambda _, place=place: _read(place))  # type: ignore[misc]
        if known is None or known.precision is None or known.recall is None:
            continue
        if dict(known.stamp) == stamp(run):
            return Measured(run, known.precision, known.recall)
    return None


def _read(place: Any) -> _Kept | None:
    known = quality.kept(place)
    return _Kept(known.number("precision"), known.number("recall"), known.stamp) if known is not None else None


def _learned_from(run: Run, source: DataSource) -> bool:
    try:
        return run.config().source == source
    except GenmodError:
        return False
