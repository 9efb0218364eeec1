"""From noise to image in few steps or many: what each step more gains, in numbers and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genmod.datasets import Floats, Images
from genmod.drawing import images
from genmod.errors import GenmodError
from genmod.inference import Sampler
from genmod.quality import measurements
from genmod.runs import Run, Store

MEASURE = "frechet_distance"
ENOUGH = 0.9  # of all that steps gain
MOST_STOPS = 7
Pairs = Sequence[tuple[float, float]]  # numbers of steps, in order, and the Frechet distance with each


@dataclass(frozen=True)
class Drawn:
    """Images on their way from noise.

    Attributes:
        last: where the ways end, uint8 (n, rows, columns).
        stops: after how many steps the way was looked at, beginning with 0.
        seen: what the decoder draws there, uint8 (stops, n, rows, columns).
    """

    last: Images
    stops: tuple[int, ...]
    seen: Images


def draw(sampler: Sampler, latents: Floats, steps: int) -> Drawn:
    """The images of latents (n, latent_dim) after so many steps, and those of a few points on their ways."""
    way = sampler.way(latents, steps=steps)
    stops = sorted({round(place) for place in np.linspace(0, len(way) - 1, min(MOST_STOPS, len(way)))})
    seen = np.stack([images.to_uint8(sampler.drawn(way[stop])) for stop in stops])
    return Drawn(seen[-1], tuple(stops), seen)


def spread(drawn: Drawn) -> float:
    """How much images at the end of their ways differ: the mean standard deviation of a pixel, white is 1."""
    return float((drawn.last / 255).std(axis=0).mean())


def steps_compared(run: Run) -> tuple[int, ...]:
    """In how many steps a measurement draws, to compare them; none for a run that takes no steps."""
    compared = run.kind().compared
    return tuple(compared[1]) if compared is not None else ()


def measured(store: Store, run: Run) -> list[tuple[float, float]]:
    """Numbers of steps with the Frechet distance of samples drawn so; empty if it was not measured."""
    try:
        found = measurements.result(store, run)
    except GenmodError:
        return []
    return sorted(found.compared()) if found is not None else []


def distance(store: Store, run: Run) -> float | None:
    """The Frechet distance of a run's samples; None if it was not measured."""
    try:
        found = measurements.result(store, run)
    except GenmodError:
        return None
    return found.number(MEASURE) if found is not None else None


def without_steps(store: Store, run: Run, shipped: Store) -> tuple[str, float] | None:
    """The shipped run whose decoder a run has taken over, and its own Frechet distance; None if that is not known."""
    config = run.config()
    item = config.base_setting
    base = shipped.find(str(config.values[item.name])) if item is not None else None
    found = distance(store, base) if base is not None else None
    return (base.id, found) if base is not None and found is not None else None


def gained(pairs: Pairs) -> str:
    """What more steps gain, in words; empty with fewer than two numbers of steps."""
    if len(pairs) < 2:
        return ""
    (fewest, first), (most, last) = pairs[0], pairs[-1]
    values = [value for _, value in pairs]
    least = min(values)
    if last > first:
        return (
            f"More steps do not help here: the Frechet distance is {first:.3g} in {_steps(fewest)} and {last:.3g} in "
            f"{_steps(most)}."
        )
    fall = first - least
    enough = next(count for count, value in pairs if first - value >= ENOUGH * fall)
    best = next(count for count, value in pairs if value == least)
    told = f"The Frechet distance falls from {first:.3g} in {_steps(fewest)} to {least:.3g} in {_steps(best)}."
    if enough < best:
        told += f" {_share(pairs, enough):.0%} of that is gained with {_steps(enough)} already."
    if best < most:
        told += f" In {_steps(most)} it is {last:.3g}: more steps gain nothing any more."
    return told


def _share(pairs: Pairs, count: float) -> float:
    """Which part of all that is gained so many steps gain."""
    first = pairs[0][1]
    return (first - dict(pairs)[count]) / (first - min(value for _, value in pairs))


def _steps(count: float) -> str:
    return f"{count:g} step{'s' if count != 1 else ''}"


def parameters(run: Run) -> int:
    """How many numbers training has set in the network that a run asks at each step."""
    kind = run.kind()
    return sum(layer.parameters for layer in kind.layers(run.config()) if layer.network == kind.velocity)
