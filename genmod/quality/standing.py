"""Is this loss good? Where a training's curves stand between noise and the best run known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genmod import kinds, quality
from genmod.errors import GenmodError
from genmod.kinds import Config, Plot, Scale
from genmod.quality import measurements, reference
from genmod.quality.result import NAME, stamp
from genmod.runs import Run, Store
from genmod.system.file_cache import FileCache

ENDS = "test_reconstruction_loss"  # whose noise end all losses in nats share: noise says nothing, so its KL is 0
MOST_OWN = 100  # runs of the store that are asked, the newest first
Row = Mapping[str, float]
_Kept = tuple[Mapping[str, Any], Mapping[str, float | None]]
_kept: FileCache[_Kept | None] = FileCache(500)


@dataclass(frozen=True)
class Standing:
    """Whether the numbers of one plot are good.

    Attributes:
        short: for the line at its curves; empty if nothing can be said.
        sentence: the same as a sentence.
    """

    short: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Best:
    """The lowest value that a run is known to have."""

    value: float
    run_id: str


def of(config: Config, rows: Sequence[Row], known: Sequence[Run], store: Store) -> list[Standing]:
    """What to think of each plot of a training.

    Args:
        rows: its history.
        known: the runs to compare with; the one itself may be among them.
        store: where shipped runs' numbers may lie as well.
    """
    return [_of(config, plot, rows, known, store) for plot in kinds.of(config).plots(config)]


def _of(
    config: Config, plot: Plot, rows: Sequence[Mapping[str, float]], known: Sequence[Run], store: Store
) -> Standing:
    if plot.scale is None:
        return Standing(plot.remark, plot.reason)
    if not rows:
        return Standing()
    last = rows[-1]
    value = sum(last.get(column, math.nan) for column in plot.scale.columns)
    if not math.isfinite(value):
        return Standing()
    try:
        noise = reference.ends(config.source)[ENDS][1]
    except GenmodError:
        return Standing()
    among = "run of these classes" if config.classes else "run here"
    return _said(plot.scale, last["epoch"], value, noise, best(config, plot.scale, known, store), among)


def _said(scale: Scale, epoch: float, value: float, noise: float, found: Best | None, among: str) -> Standing:
    number, other = f"{value:.1f} nats", f"{noise:.1f}"
    if found is None:
        short, more = f"noise {other}", f"noise gets {other}."
    elif round(value, 1) <= round(found.value, 1):
        short, more = f"noise {other}, no {among} is better", f"noise gets {other}, and no {among} is better."
    else:
        short = f"noise {other}, best run {found.run_id} {found.value:.1f}"
        more = f"noise gets {other}, the best {among}, {found.run_id}, {found.value:.1f}."
    first = f"{scale.note}, a" if scale.note else "A"
    return Standing(
        f"{number}{' ' + scale.note.lower() if scale.note else ''}; {short}",
        f"{first}fter epoch {epoch:.0f} it is {number} on the test images: {more}",
    )


def best(config: Config, scale: Scale, known: Sequence[Run], store: Store) -> Best | None:
    """The run with the least of a scale's measure, among those with the same task; None if none was measured."""
    found = []
    for run in known:
        try:
            places = measurements.places(store, run) if _alike(config, run.config(), scale) else []
        except GenmodError:
            continue
        for place in places:
            kept = _kept.get(str(place / NAME), lambda _, place=place: _read(place))  # type: ignore[misc]
            if kept is not None and (value := kept[1].get(scale.measure)) is not None:
                found.append((value, run.id, run, kept[0]))
    # Whether a number still holds is asked of the least first: that costs a look at the run's models.
    for value, run_id, run, stamped in sorted(found, key=lambda one: one[:2]):
        if dict(stamped) == stamp(run):
            return Best(value, run_id)
    return None


def compared_with(own: Store, shipped: Store) -> list[Run]:
    """The runs whose numbers count as known."""
    return [*shipped.runs(), *own.runs()[:MOST_OWN]]


def _alike(config: Config, other: Config, scale: Scale) -> bool:
    """Whether another run had the same task: images of the same classes, told the class or not, and the same sum."""
    same_sum = not scale.whole or kinds.of(other).loss_parts == kinds.of(config).loss_parts
    return (
        other.source == config.source
        and other.classes == config.classes
        and other.conditional == config.conditional
        and kinds.of(other).encodes
        and same_sum
    )


def _read(place: Any) -> _Kept | None:
    """The part of a `quality.json` that is remembered."""
    found = quality.kept(place)
    if found is None:
        return None
    return found.stamp, {name: found.number(name) for name in ("test_reconstruction_loss", "test_loss")}
