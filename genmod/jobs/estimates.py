"""When a waiting run will start: estimated from how long finished runs of its kind took."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from genmod import kinds, runs
from genmod.errors import GenmodError
from genmod.jobs import workers
from genmod.jobs.overviews import Overview, overview
from genmod.runs import Run, Store

OVERHEAD = 50_000  # what an image costs besides the weights it meets, in parameters


@dataclass(frozen=True)
class Outlook:
    """What a waiting run has before it.

    Attributes:
        place: in the queue, counted from 1; 0 if the run does not wait.
        ahead: trainings before it, those under way and those that wait longer.
        seconds: until it will start, as far as can be told; None if nobody can tell.
    """

    place: int
    ahead: int
    seconds: float | None


def outlook(store: Store, run: Run) -> Outlook:
    """The run's place in the queue, and an estimate of when it will start."""
    now = overview(store)
    place = now.waiting.index(run) + 1 if run in now.waiting else 0
    if place == 0:
        return Outlook(0, 0, 0.0)
    before = now.waiting[: place - 1]
    ahead = len(now.active) + len(before)
    if ahead < workers.allowed():
        return Outlook(place, ahead, 0.0)
    speeds = _speeds(now)
    parts = [_seconds_left(other) for other in now.active] + [_seconds(other, speeds) for other in before]
    known = [part for part in parts if part is not None]
    return Outlook(place, ahead, sum(known) / workers.allowed() if len(known) == len(parts) else None)


def _seconds_left(run: Run) -> float | None:
    """How long a training will go on; None while it is paused or too young to tell."""
    if run.status().state == runs.PAUSED:
        return None
    left = run.progress().get("seconds_left")
    return float(left) if isinstance(left, (int, float)) else None


@dataclass(frozen=True)
class Extent:
    """How much work a training is: its kind, what one image costs (in parameters), and how many images it sees."""

    kind: str
    cost: int
    images: int


def _seconds(run: Run, speeds: list[tuple[Extent, float]]) -> float | None:
    """How long a training will take, going by the finished one of the same kind that is nearest in size."""
    extent = _extent(run)
    if extent is None:
        return None
    known = [
        (abs(other.cost - extent.cost), seconds * extent.cost / other.cost)
        for other, seconds in speeds
        if other.kind == extent.kind
    ]
    return min(known)[1] * extent.images if known else None


def _speeds(now: Overview) -> list[tuple[Extent, float]]:
    """Extent and seconds an image of the last finished runs here; of those that ship if there are none."""
    found = map(_speed, now.finished or runs.shipped().runs())
    return [speed for speed in found if speed is not None]


# What a run was asked for and what a finished one took stay as they are: every viewer of a waiting run asks for them.


@functools.lru_cache(maxsize=1024)
def _extent(run: Run) -> Extent | None:
    try:
        config = run.config()
        return Extent(config.kind, kinds.parameters(config) + OVERHEAD, config.epochs * len(config.learned))
    except GenmodError:
        return None


@functools.lru_cache(maxsize=1024)
def _speed(run: Run) -> tuple[Extent, float] | None:
    history, extent = run.history(), _extent(run)
    if extent is None or not history or history[-1].get("seconds", 0.0) <= 0:
        return None
    return extent, history[-1]["seconds"] / (len(history) * len(run.config().learned))
