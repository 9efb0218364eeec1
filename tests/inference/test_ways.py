"""Following a velocity: Euler, Heun and guidance against what they come to by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genmod.datasets import Floats
from genmod.inference import ways
from genmod.kinds.kind import Schedule


def schedule(steps: int, heun: bool = False, guidance: float = 1.0) -> Schedule:
    times = tuple(number / steps for number in range(steps + 1))
    return Schedule(times, tuple((time,) for time in times), heun, guidance)


def growing(given: Floats, with_classes: bool) -> Floats:
    """The velocity whose true way ends at e times where it began."""
    return given[:, :-1]


@pytest.mark.parametrize(("heun", "order"), [(False, 1), (True, 2)])
def test_twice_as_many_steps_come_nearer_as_the_solver_promises(heun: bool, order: int) -> None:
    start = np.ones((1, 2), np.float32)
    errors = [
        abs(float(ways.followed(growing, schedule(steps, heun), start, False)[-1][0, 0]) - math.e)
        for steps in (10, 20)
    ]  # fmt: skip
    assert errors[0] / errors[1] == pytest.approx(2**order, rel=0.15)


def test_a_way_begins_at_the_latents_and_has_a_place_after_each_step() -> None:
    start = np.array([[1.0, -2.0]], np.float32)
    way = ways.followed(lambda given, _: np.ones((1, 2), np.float32), schedule(4), start, False)
    np.testing.assert_allclose(np.concatenate(way)[:, 0], [1.0, 1.25, 1.5, 1.75, 2.0])


@pytest.mark.parametrize(("guidance", "end"), [(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)])
def test_guidance_goes_further_from_the_answer_to_no_class(guidance: float, end: float) -> None:
    def velocity(given: Floats, with_classes: bool) -> Floats:
        return np.full((1, 1), 3.0 if with_classes else 1.0, np.float32)

    way = ways.followed(velocity, schedule(5, guidance=guidance), np.zeros((1, 1), np.float32), True)
    assert float(way[-1][0, 0]) == pytest.approx(end, rel=1e-5)
