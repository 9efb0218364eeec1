"""How far the measures of a preset move when nothing but the seed changes, and which differences that explains."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmod.errors import GenmodError
from genmod.kinds import Config
from genmod.quality import reference, result
from genmod.quality.metrics import Metric
from genmod.quality.result import Quality
from genmod.runs import Run
from genmod.runs.recipe import fingerprint
from genmod.system import files
from genmod.system.file_cache import FileCache

NAME = "seeds.json"
FORMAT = 1
FEWEST = 2  # seeds from which a standard deviation can be told
LARGEST = 1_000_000  # bytes of the file

# Student's t at 97.5 %, by degrees of freedom. With three seeds the standard deviation may itself be off by a factor of
# two or more, and 4.30 takes the place of the 1.96 of a known one.
STUDENT = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23)
RULE = (
    "A difference counts as chance if two trainings that differ in their seed alone would differ as much 5 % of the "
    "time or more, by Student's t and the standard deviation over the seeds. A few seeds give that deviation only "
    "roughly, so the limits are wide and what lies within them may still be a true difference; and of twenty measures "
    "one lies beyond them by chance."
)


@dataclass(frozen=True)
class Spread:
    """One measure of several trainings that differ in their seed alone."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return statistics.fmean(self.values)

    @property
    def deviation(self) -> float:
        """The standard deviation over the seeds, with n - 1 in the denominator."""
        return statistics.stdev(self.values)

    @property
    def student(self) -> float:
        """Student's t for 95 %, with one degree of freedom fewer than seeds."""
        return STUDENT[min(len(self.values) - 1, len(STUDENT)) - 1]

    def text(self, metric: Metric) -> str:
        """Mean and standard deviation as people read them."""
        return f"{metric.give_or_take(self.mean, self.deviation)} over {len(self.values)} seeds"


def chance(spread: Spread, other: Spread | None = None) -> float:
    """The largest difference between two values that chance explains 95 % of the time.

    Args:
        spread: of the one run's settings.
        other: of the other run's settings; None if only the first is known. Then it is how far another training with
            the first settings may lie from the mean of their seeds: a value within that needs no other explanation.
    """
    if other is None:
        return spread.student * spread.deviation * math.sqrt(1.0 + 1.0 / len(spread.values))
    return max(spread.student, other.student) * math.hypot(spread.deviation, other.deviation)


def of(run: Run, path: Path | None = None) -> dict[str, Spread]:
    """The spreads over seeds of the preset whose settings a run has exactly, by measure; empty where none are known.

    The seed may be any. A preset's name says nothing here: it stays in a run whose settings were changed.
    """
    try:
        config = run.config()
    except GenmodError:
        return {}
    for entry in _known.get(str(path or reference.SHIPPED / NAME), _read):
        if entry.fingerprint == _regardless_of_seed(config) and entry.stamp == stamp(config):
            return dict(entry.spreads)
    return {}


def entry(config: Config, found: Mapping[int, Quality]) -> dict[str, Any]:
    """What the file says of a preset.

    Args:
        config: the preset's settings.
        found: what was measured of the training with each seed, at least two.
    """
    names = [
        name
        for name in next(iter(found.values())).values
        if all(one.number(name) is not None for one in found.values())
    ]
    spreads = {name: Spread(tuple(one.number(name) or 0.0 for one in found.values())) for name in names}
    return {
        "kind": config.kind,
        "preset": config.preset,
        "fingerprint": _regardless_of_seed(config),
        "stamp": stamp(config),
        "seeds": list(found),
        "measures": {
            name: {
                "mean": one.mean,
                "standard_deviation": one.deviation,
                "seeds": len(one.values),
                "values": list(one.values),
            }
            for name, one in spreads.items()
        },
    }


def write(path: Path, new: Mapping[str, Any]) -> None:
    """Put the entry of one preset into the file, in place of an older one; the others stay."""
    data = files.read_json(path, LARGEST) or {}
    kept = data.get("presets") if data.get("format") == FORMAT else None
    others = [one for one in kept or [] if (one["kind"], one["preset"]) != (new["kind"], new["preset"])]
    entries = sorted([*others, dict(new)], key=lambda one: (one["kind"], one["preset"]))
    files.write_json(path, {"format": FORMAT, "presets": entries})


def stamp(config: Config) -> dict[str, Any]:
    """The way of measuring and the classifier that numbers of a data set depend on."""
    return {"version": result.VERSION, "classifier": reference.description(config.source)["sha256"]}


def _regardless_of_seed(config: Config) -> str:
    return fingerprint(config.replace(seed=0))


@dataclass(frozen=True)
class _Entry:
    fingerprint: str
    stamp: Mapping[str, Any]
    spreads: Mapping[str, Spread]


def _read(path: str) -> Sequence[_Entry]:
    """The entries of the file that are whole; none if there is no file that can be read."""
    data = files.read_json(path, LARGEST)
    if data is None or data.get("format") != FORMAT or not isinstance(data.get("presets"), list):
        return ()
    found = []
    for one in data["presets"]:
        try:
            spreads = {str(name): Spread(tuple(map(float, about["values"]))) for name, about in one["measures"].items()}
            found.append(_Entry(str(one["fingerprint"]), dict(one["stamp"]), spreads))
        except (AttributeError, KeyError, TypeError, ValueError):
            continue
    return [one for one in found if all(_sound(spread) for spread in one.spreads.values())]


def _sound(spread: Spread) -> bool:
    return len(spread.values) >= FEWEST and all(map(math.isfinite, spread.values))


_known: FileCache[Sequence[_Entry]] = FileCache(4)
