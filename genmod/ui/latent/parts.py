"""The parts of the page below the pad, of which one is shown at a time."""

from __future__ import annotations

import streamlit as st

from genmod import runs
from genmod.datasets import Doubles, Floats
from genmod.errors import GenmodError
from genmod.inference.planes import Plane
from genmod.kinds import Setting
from genmod.quality import beta_row
from genmod.ui import beta_row as row
from genmod.ui import links, say
from genmod.ui.latent import between, carried, grid, own, story, sweep
from genmod.ui.latent.subject import Space

KEY = "part"
STORY, OWN, SWEEP, BETWEEN, ROW, GRID = "story", "own", "sweep", "between", "row", "grid"
WAYS = "ways"
WITHOUT_ENCODER = (BETWEEN, SWEEP, OWN, GRID)
WITH_ENCODER = (STORY, OWN, SWEEP, BETWEEN, ROW, GRID)
ALL = (*WITH_ENCODER, WAYS)
MOST_NUMBERS = 128  # of any model


def title(part: str, noun: str) -> str:
    """What a part is called."""
    return {
        STORY: "One image",
        OWN: f"Your own {noun}",
        SWEEP: "What does this number do?",
        BETWEEN: "Between two",
        ROW: "From autoencoder to VAE",
        GRID: "Manifold grid",
        WAYS: "From noise to code",
    }[part]


def readers(noun: str) -> dict[str, links.Reader]:
    """What reads the links of all parts."""
    return {
        KEY: links.option(KEY, ALL, lambda part: title(part, noun)),
        **sweep.readers(MOST_NUMBERS),
        **between.readers(),
        **grid.readers(),
        **carried.readers(),
    }


def of(space: Space) -> tuple[str, ...]:
    """The parts that there are for its kind of model."""
    if space.kind.encodes:
        return WITH_ENCODER if space.latent_dim > 1 else tuple(part for part in WITH_ENCODER if part != GRID)
    return (WAYS, *WITHOUT_ENCODER) if space.kind.velocity else WITHOUT_ENCODER


def shown(space: Space) -> str:
    """Which part is shown."""
    known = of(space)
    titles = {title(part, space.source.noun): part for part in known}
    held = links.held(Setting(KEY, str, "", "", "", "data", choices=(*known, *titles, "")))
    return titles.get(str(held), str(held) if held in known else known[0])


def choose(space: Space) -> str:
    """Let the visitor choose a part."""
    steps = beta_row.of(runs.shipped().runs()) if space.kind.encodes else []
    there = any(step.run.config().source == space.source for step in steps)
    known = tuple(part for part in of(space) if part != ROW or there)
    links.forget_other(KEY, known)
    noun = space.source.noun
    return say.segments("Look closer", known, KEY, lambda part: title(part, noun))


def seen(part: str, z: Floats) -> tuple[object, ...]:
    """All that the pad and the part both show, as something that can be compared.

    Args:
        z: the point, from which one part begins.
    """
    return (
        part, *between.seen(), *story.seen(), tuple(z.tolist()) if part == SWEEP else (),
    )  # fmt: skip


def show(
    part: str, space: Space, information: Doubles | None, limit: float, z: Floats, plane: Plane,
) -> None:  # fmt: skip
    """Show one part, or why it cannot be shown: the run may have been deleted meanwhile."""
    try:
        _show(part, space, information, limit, z, plane)
    except GenmodError as error:
        say.error(str(error))


def _show(
    part: str, space: Space, information: Doubles | None, limit: float, z: Floats, plane: Plane,
) -> None:  # fmt: skip
    if part == STORY and information is not None:
        story.show(space, information, limit)
    elif part == OWN:
        own.show(space)
    elif part == SWEEP:
        sweep.show(space, information, limit, z)
    elif part == BETWEEN:
        between.show(space)
    elif part == ROW:
        link = {name: st.query_params.get_all(name) for name in st.query_params}
        row.show(runs.shipped().runs(), space.run, link)
    elif part == GRID:
        grid.show(space, plane)
    elif part == WAYS:
        carried.show(space)
