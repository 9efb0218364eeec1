"""Time to quality: the Frechet distance of each preset's samples against the seconds that its training took."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from genmod import kinds
from genmod.datasets import DataSource
from genmod.drawing.time_curves import Line
from genmod.quality import reference
from genmod.system import files
from genmod.system.file_cache import FileCache

TABLE = reference.SHIPPED / "time-to-quality.csv"  # written by benchmarks/time_to_quality.py
COLUMNS = ("preset", "seed", "seconds", "epoch", "frechet_distance")  # those that are read
LIMITS = (10.0, 3.0, 1.0)  # Frechet distances whose first crossing is told
HEADINGS = ("preset", "seeds", *(f"below {limit:g}" for limit in LIMITS), "at the end", "whole training")
BEFORE = "-before"  # ends the name of settings that a preset had before
NEVER = "not reached"
LARGEST = 500_000  # bytes of the table
MOST = 1e9  # of a number in it; more is no measurement
_PRESET = re.compile(r"[a-z0-9-]{1,32}:[a-z0-9-]{1,64}")


class Copy(NamedTuple):
    """What a training's weights were worth at one moment."""

    seconds: float
    epoch: int
    frechet_distance: float


@dataclass(frozen=True)
class Timed:
    """The trainings of one preset.

    Attributes:
        kind: the name of the kind of model.
        preset: the name of the preset, without `BEFORE`.
        before: whether these are settings that the preset had before.
        trainings: by seed, the smallest first; the copies of each in order of time, at least one.
    """

    kind: str
    preset: str
    before: bool
    trainings: Mapping[int, tuple[Copy, ...]]

    @property
    def label(self) -> str:
        """A short name for people, such as "GAN dense" or "GAN dense, before"."""
        return f"{self.kind.upper()} {self.preset}" + (", before" if self.before else "")

    @property
    def source(self) -> DataSource:
        """The data set the preset learns from; of a preset that is gone, the one its kind begins with."""
        kind = kinds.kind(self.kind)
        configs = {preset.name: preset.config for preset in kind.presets}
        source: DataSource = configs.get(self.preset, kind.presets[0].config).source
        return source

    def reached(self, limit: float) -> list[float]:
        """For each seed that came below a Frechet distance, the seconds of its first copy there."""
        firsts = (next((c.seconds for c in one if c.frechet_distance < limit), None) for one in self.trainings.values())
        return [seconds for seconds in firsts if seconds is not None]

    @property
    def last(self) -> list[Copy]:
        """For each seed the copy at the end of its training."""
        return [copies[-1] for copies in self.trainings.values()]

    @property
    def line(self) -> Line:
        """The same for the picture."""
        return Line(self.label, f"{self.kind} {self.preset}", self.before, tuple(self.trainings.items()))


def of(source: DataSource, table: Path | None = None) -> list[Timed]:
    """The timed presets of a data set in the order of kinds and presets; none if there is no table that can be read."""
    found = _known.get(str(table or TABLE), _read)
    return [one for one in found if one.source == source]


def rows(found: Sequence[Timed]) -> list[tuple[str, ...]]:
    """The table under the picture: a row a preset, its columns as in `HEADINGS`."""
    return [
        (
            one.label,
            str(len(one.trainings)),
            *(_until(one, limit) for limit in LIMITS),
            _give_or_take([copy.frechet_distance for copy in one.last]),
            f"{statistics.fmean(copy.seconds for copy in one.last):,.0f} s",
        )
        for one in found
    ]


def words(found: Sequence[Timed], real: float) -> str:
    """What the picture shows, for those who do not see it.

    Args:
        real: the Frechet distance of real test images.
    """
    return (
        "Frechet distance against seconds of training, both on logarithmic axes. "
        + " ".join(f"{one.label}: {_course(one)}." for one in found)
        + f" Real test images: {real:.2f}."
    )


def lead(source: DataSource, found: Sequence[Timed]) -> str:
    """What can be seen in the picture."""
    several = any(len(one.trainings) > 1 for one in found)
    before = any(one.before for one in found)
    return (
        f"Each line is a preset: the Frechet distance of its samples to the training images of {source.title}, against "
        "the seconds that its training has taken so far. The farther down and to the left, the sooner its samples are "
        "good. "
        + ("Thin lines are the same settings with other seeds. " if several else "")
        + ("Dashed and grey are the settings that a preset had before. " if before else "")
    ).strip()


def measured(found: Sequence[Timed]) -> str:
    """How the seconds and the distances were measured."""
    count = sum(len(one.trainings) for one in found)
    seeds = sorted({len(one.trainings) for one in found})
    each = f"{seeds[0]} to {seeds[-1]} seeds" if len(seeds) > 1 else f"{seeds[0]} seed{'s' if seeds[0] > 1 else ''}"
    trainings = f"{count} trainings, {each} for each line," if count > 1 else "One training"
    return (
        f"{trainings} on two processor cores; others take other times. The seconds are of the training alone, with "
        "compiling: copies of the weights were kept on the way and measured afterwards." + _resolution(found)
    )


def reading() -> str:
    """What the columns of `rows` hold."""
    limits = [f"{limit:g}" for limit in LIMITS]
    return (
        "Seconds until the first copy whose samples have a Frechet distance below "
        f"{', '.join(limits[:-1])} and {limits[-1]}, the mean over the seeds; and the distance at the end, with its "
        "standard deviation over the seeds."
    )


def _resolution(found: Sequence[Timed]) -> str:
    """How much later than one copy the next one may be."""
    growths = [
        later.seconds / earlier.seconds
        for one in found
        for copies in one.trainings.values()
        for earlier, later in pairwise(copies)
    ]
    if not growths:
        return ""
    return (
        f" From one copy to the next the seconds grow up to {max(growths):.1f}-fold: the time at which a distance is "
        "crossed is known no better."
    )


def _until(one: Timed, limit: float) -> str:
    """The mean seconds until the first copy below a Frechet distance, and how many seeds came there if not all did."""
    if not (reached := one.reached(limit)):
        return NEVER
    some = f" ({len(reached)} of {len(one.trainings)} seeds)" if len(reached) < len(one.trainings) else ""
    return f"{statistics.fmean(reached):,.0f} s{some}"


def _give_or_take(values: Sequence[float]) -> str:
    """Mean and standard deviation over the seeds, with n - 1 in the denominator; of one seed the value alone."""
    mean = f"{statistics.fmean(values):.2f}"
    return f"{mean} ± {statistics.stdev(values):.2f}" if len(values) > 1 else mean


def _course(one: Timed) -> str:
    crossings = [f"below {limit:g} after {_until(one, limit)}" for limit in LIMITS if one.reached(limit)]
    _, seeds, *_, at_the_end, whole = rows([one])[0]
    over = f" over {seeds} seeds" if len(one.trainings) > 1 else ""
    return ", ".join([*crossings, f"{at_the_end}{over} at the end, after {whole}"])


def _read(path: str) -> tuple[Timed, ...]:
    """The whole table; empty if it is missing or anything in it is not what it should be."""
    try:
        columns, lines = files.read_table(path, LARGEST)
        trainings: dict[str, dict[int, list[Copy]]] = {}
        for line in lines:
            row = dict(zip(columns, line, strict=True))
            preset, seed, seconds, epoch, distance = (row[name] for name in COLUMNS)
            copy = Copy(float(seconds), int(epoch), float(distance))
            if not (_PRESET.fullmatch(preset) and all(0 < value < MOST for value in copy) and 0 <= int(seed) < MOST):
                return ()
            trainings.setdefault(preset, {}).setdefault(int(seed), []).append(copy)
    except (OSError, ValueError, KeyError):
        return ()
    found = [_timed(name, seeds) for name, seeds in trainings.items() if name.partition(":")[0] in kinds.KINDS]
    return tuple(sorted(found, key=_place))


def _timed(name: str, trainings: Mapping[int, Sequence[Copy]]) -> Timed:
    kind, _, preset = name.partition(":")
    ordered = {seed: tuple(sorted(trainings[seed])) for seed in sorted(trainings)}
    return Timed(kind, preset.removesuffix(BEFORE), preset.endswith(BEFORE), ordered)


def _place(one: Timed) -> tuple[int, int, str, bool]:
    """Kinds and presets in the order in which they are offered, those that are gone last."""
    names = [preset.name for preset in kinds.kind(one.kind).presets]
    place = names.index(one.preset) if one.preset in names else len(names)
    return list(kinds.KINDS).index(one.kind), place, one.preset, one.before


_known: FileCache[tuple[Timed, ...]] = FileCache(4)
