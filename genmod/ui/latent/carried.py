"""From noise to code: the ways of a few samples over the codes of the held-out images."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genmod import runs
from genmod.drawing import code_maps, way_maps
from genmod.errors import GenmodError
from genmod.inference import ENCODER, latent_sources, planes
from genmod.kinds import Setting
from genmod.runs import Run
from genmod.ui import frame, links, models, pictures, say
from genmod.ui.latent.subject import Space

SEED = Setting("way_seed", int, 0, "Seed of the ways", "Another seed, other noise.", "data", low=0, high=99_999)
WAYS = 12  # samples
CODES = 3_000  # held-out images
SIDE = 504


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return links.readers(SEED)


def run_of_codes(run: Run) -> Run | None:
    """The run whose encoder gave the codes: what this one keeps of it, or else itself; None if both are gone."""
    if run.base().has(ENCODER):
        return run.base()
    item = run.config().base_setting
    found = runs.listed(str(run.config().values[item.name])) if item is not None else None
    try:
        same = found is not None and found.config() == run.config().base
    except GenmodError:
        same = False
    return found if same else None


def show(space: Space) -> None:
    """The part of the page."""
    left, right = st.columns([3, 2], gap="medium")
    with right:
        seed = int(links.number(SEED))
    source = run_of_codes(space.run)
    if source is None:
        say.info(
            f"{space.run.id} does not keep the encoder of the VAE that it is built on, and that VAE is gone: the codes "
            "that the ways lead to cannot be shown."
        )
        return
    codes = models.test_codes(source)[0][:CODES]
    labels = space.data.test_labels[:CODES]
    flat = space.latent_dim == 2
    plane = planes.coordinates(2, (0, 1)) if flat else planes.principal(codes)
    latents = latent_sources.draw(space.run, WAYS, space.latent_dim, seed)
    way = space.sampler.way(latents, space.labels(None, WAYS), **space.drawing)
    lines = np.stack([plane.places(points) for points in way], axis=1)  # (samples, steps + 1, 2)
    places = plane.places(codes)
    reach = max(planes.limit(places), planes.limit(lines.reshape(-1, 2)))
    colors = frame.class_colors(space.source.classes)
    ground = code_maps.draw(places, labels, colors, frame.ink(), frame.ground(), reach, SIDE)
    drawn = way_maps.draw(ground, list(lines), reach, SIDE)
    with left:
        pictures.drawing(
            drawn, drawn,
            f"{WAYS} ways from noise, at rings, to codes, at discs, over the codes of {len(codes):,} held-out images.",
        )  # fmt: skip
    with right:
        steps = len(way) - 1
        say.caption(
            f"{WAYS} samples on their way in {steps} {'step' if steps == 1 else 'steps'}: a ring where the noise "
            f"begins, a disc where it ends. Dots: the codes of {len(codes):,} held-out {space.source.plural}, in the "
            f"colours of their classes. To the right {plane.names[0]}, upwards {plane.names[1]}, each from "
            f"{-reach:g} to {reach:g}."
        )
        if not flat:
            say.caption(
                f"Of {space.latent_dim} latent numbers the drawing shows the two directions in which the codes vary "
                "most; a way that seems to stop or to turn moves in the others."
            )
