"""The way from a latent to where a decoder draws from: a velocity network followed in the steps of a schedule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genmod.datasets import Floats
from genmod.kinds.kind import Schedule

Velocity = Callable[[Floats, bool], Floats]  # of points and what goes with them; the second says whether classes do


def followed(velocity: Velocity, schedule: Schedule, latents: Floats, conditional: bool) -> list[Floats]:
    """Where latents (n, latent_dim) stand before the first step and after each, (n, latent_dim) each.

    Args:
        velocity: from points with what is told of the time, (n, latent_dim + told), to velocities (n, latent_dim).
        conditional: whether it knows classes, so that guidance means something.
    """
    points = np.asarray(latents, np.float32)
    found = [points]
    for number in range(schedule.steps):
        length = np.float32(schedule.times[number + 1] - schedule.times[number])
        moved = _guided(velocity, schedule, points, number, conditional)
        if schedule.heun:
            ahead = _guided(velocity, schedule, points + length * moved, number + 1, conditional)
            moved = np.float32(0.5) * (moved + ahead)
        points = points + length * moved
        found.append(points)
    return found


def _guided(velocity: Velocity, schedule: Schedule, points: Floats, number: int, conditional: bool) -> Floats:
    """The velocity at the time of that number: the answer to the classes, taken further from the answer to none."""
    scale = np.float32(schedule.scales[number] if schedule.scales else 1.0)
    kept = np.float32(schedule.kept[number] if schedule.kept else 0.0)
    told = np.broadcast_to(np.asarray(schedule.told[number], np.float32), (len(points), len(schedule.told[number])))
    given = np.concatenate([scale * points, told], axis=1)
    return kept * points + scale * _answer(velocity, given, np.float32(schedule.guidance if conditional else 1.0))


def _answer(velocity: Velocity, given: Floats, guidance: np.float32) -> Floats:
    if guidance == 1.0:
        return velocity(given, True)
    without = velocity(given, False)
    return without if guidance == 0.0 else without + guidance * (velocity(given, True) - without)
