"""From noise to image in few steps or many: what is drawn, and what is said of the numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import Floats
from genmod.inference import Sampler, latent_sources
from genmod.lesson import ways
from genmod.lesson.chapters import chapter
from genmod.runs import Run, Store

RUN = "flow-latent"


class Counting:
    """A sampler whose images are as light as the steps that were taken."""

    def way(self, latents: Floats, **chosen: int) -> list[Floats]:
        return [latents + step for step in range(chosen["steps"] + 1)]

    def drawn(self, points: Floats) -> Floats:
        return np.broadcast_to(points[:, :1, np.newaxis] / 255, (len(points), 3, 3)).astype(np.float32)


@pytest.mark.parametrize(("steps", "stops"), [(1, (0, 1)), (5, (0, 1, 2, 3, 4, 5)), (20, (0, 3, 7, 10, 13, 17, 20))])
def test_ways_are_looked_at_from_their_beginning_to_their_end(steps: int, stops: tuple[int, ...]) -> None:
    found = ways.draw(Counting(), np.zeros((4, 2), np.float32), steps)  # type: ignore[arg-type]
    assert found.stops == stops
    assert found.seen.shape == (len(stops), 4, 3, 3)
    assert found.seen[:, 0, 0, 0].tolist() == list(stops)
    assert (found.last == steps).all()


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([], ""),
        ([(1, 9.0)], ""),
        (
            [(1, 20.0), (2, 8.0), (5, 3.0), (20, 2.0)],
            "falls from 20 in 1 step to 2 in 20 steps. 94% of that is gained with 5 steps already.",
        ),
        ([(1, 20.0), (5, 2.0), (20, 3.0)], "falls from 20 in 1 step to 2 in 5 steps. In 20 steps it is 3: more steps"),
        ([(1, 2.0), (20, 3.0)], "More steps do not help here"),
    ],
)
def test_what_is_gained_is_read_from_the_numbers(pairs: list[tuple[float, float]], said: str) -> None:
    assert said in ways.gained(pairs)


def test_a_flow_draws_from_its_decoder(tiny_flow: Run, store: Store) -> None:
    latents = np.random.default_rng(0).standard_normal((3, 2)).astype(np.float32)
    found = ways.draw(Sampler(tiny_flow), latents, 2)
    assert found.last.shape == (3, 28, 28) and found.stops == (0, 1, 2)
    assert ways.measured(store, tiny_flow) == []
    base = ways.without_steps(store, tiny_flow, runs.shipped())
    assert base is not None and base[0] == "vae-map" and base[1] > 1
    assert ways.parameters(tiny_flow) < 1000  # a velocity network of 16 units, without the decoder


# What the chapter says of the shipped run, computed again.


@pytest.fixture
def shipped() -> Run:
    run = runs.shipped().find(RUN)
    if run is None:
        pytest.skip(f"{RUN} does not ship yet")
    return run


def test_more_steps_gain_less_and_less(shipped: Run, store: Store) -> None:
    pairs = ways.measured(store, shipped)
    assert [count for count, _ in pairs] == list(ways.steps_compared(shipped))
    values = [value for _, value in pairs]
    falls = [before - after for before, after in itertools.pairwise(values)]
    assert falls[0] > 0 and falls[0] == max(falls) and values[-1] < values[0]
    guess = chapter("after").guess
    assert guess.options[guess.right] == "More steps, better pictures, and less and less is gained"


def test_in_one_step_all_images_are_much_alike(shipped: Run) -> None:
    sampler = Sampler(shipped)
    latents = latent_sources.draw(shipped, 20, sampler.latent_dim, 0)
    one, many = (ways.spread(ways.draw(sampler, latents, steps)) for steps in (1, 20))
    assert one < many / 3


def test_steps_draw_better_than_the_decoder_alone(shipped: Run, store: Store) -> None:
    alone = ways.without_steps(store, shipped, runs.shipped())
    assert alone is not None and ways.measured(store, shipped)[-1][1] < alone[1]
