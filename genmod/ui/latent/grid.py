"""The manifold grid: images from evenly likely latents, as one picture to keep."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genmod.drawing import images
from genmod.inference import latent_sources, latent_space
from genmod.inference.planes import Plane
from genmod.ui import links, pictures
from genmod.ui.latent.subject import Space

SIDES = (8, 12, 16, 20)


def side_label(side: int) -> str:
    """The size of the grid, as the link has it."""
    return f"{side} x {side}"


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {"side": links.option("side", SIDES, side_label)}


def show(space: Space, plane: Plane) -> None:
    """The part of the page; along the two latent numbers of the pad, or the first two where it has directions."""
    chosen = st.segmented_control(
        "Grid", SIDES, default=SIDES[1], required=True, key="side", bind="query-params", format_func=side_label,
        help="How many images the manifold grid has along each side.",
    )  # fmt: skip
    side = chosen if chosen in SIDES else SIDES[1]
    axes = plane.axes or (0, 1)
    names = [f"z{place + 1}" for place in axes]
    others = "" if space.latent_dim == 2 else " All other latent numbers are 0."
    if space.sampler.conditional:
        others += f" The model was asked for {space.source.class_phrase(space.wanted)} throughout."
    points = latent_space.manifold_grid(side, space.latent_dim, axes)
    if space.kind.codes_are_points:
        middle, spread = latent_sources.code_scale(space.run)
        points = middle + spread * points
        others = " The normal distribution is moved and stretched to the codes' own means and standard deviations" + (
            "." if space.latent_dim == 2 else ", and all other latent numbers stay at their means."
        )
    sheet = images.contact_sheet(space.decode(np.asarray(points, np.float32)), side, gap=0)
    pictures.show(
        sheet,
        alt=f"A grid of {side} by {side} images drawn from equally likely values of {names[0]} and {names[1]}.",
        caption=f"What the {space.kind.sampler} draws: {names[0]} grows to the right and {names[1]} grows upwards, in "
        "steps that are equally likely under the normal distribution (its inverse cumulative distribution function)."
        + others,
        largest=2,
    )
    st.download_button(
        "Grid as PNG", lambda: images.png(sheet, 2), f"{space.run.id}-manifold.png", "image/png",
        icon=":material/download:", on_click="ignore",
    )  # fmt: skip
