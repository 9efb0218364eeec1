"""What a latent number does: it is swept from one end to the other for several images, as a table of pictures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from genmod.datasets import Doubles, Floats
from genmod.drawing import images
from genmod.inference import latent_sources, planes
from genmod.quality.factors import correlation_ratio
from genmod.ui import links, pictures, say, terms
from genmod.ui.latent.subject import Space

KEY = "swept"
STEPS = 9
ROWS = 6
SEED = 1  # of the random rows; 0 draws the point where such a run begins
REACH = 0.75  # of the pad's reach, in both directions


def readers(most: int) -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {KEY: links.option(KEY, [f"z{number}" for number in range(1, most + 1)])}


def show(space: Space, information: Doubles | None, limit: float, z: Floats) -> None:
    """The part of the page.

    Args:
        information: how much each latent number says; None where that is not known.
        limit: how far the pad reaches.
        z: the point, whose image is the first row.
    """
    order = np.arange(space.latent_dim) if information is None else np.argsort(-information, kind="stable")
    names = [f"z{place + 1}" for place in map(int, order)]
    links.forget_other(KEY, names)

    chosen = st.selectbox("Latent number", names, key=KEY, bind="query-params", width=220)
    place = int((chosen if chosen in names else names[0])[1:]) - 1
    values = np.linspace(-REACH * limit, REACH * limit, STEPS)
    rows, words = _rows(space, z)
    points = np.repeat(rows, STEPS, axis=0)
    points[:, place] = np.tile(values, len(rows))
    sheet = images.contact_sheet(space.decode(points), STEPS)
    ends = f"{values[0]:.1f} to {values[-1]:.1f}".replace("-", "\u2212")
    says = ""
    if information is not None and not space.kind.codes_are_points:
        nats = information[place]
        if nats < planes.SILENT:
            says = (
                f" The encoder puts next to nothing into it, {nats:.2f} nats; the decoder may react to it all the same."
            )
    pictures.show(
        sheet,
        alt=f"A table of images: each row is one image, and z{place + 1} goes from {ends} from left to right.",
        caption=f"From left to right z{place + 1} goes from {ends}; all other latent numbers stay as they are.{says} "
        f"Rows: {words}.",
        largest=3,
    )
    if space.kind.encodes and space.source.factors:
        _factors(space)


def _rows(space: Space, z: Floats) -> tuple[Floats, str]:
    """The latents that the rows begin with, (n, latent_dim), and what they are."""
    if not space.kind.encodes:
        others = latent_sources.draw(space.run, ROWS - 1, space.latent_dim, SEED)
        return np.concatenate([z[np.newaxis], others]), "the point on the pad, and five random draws"
    labels = space.data.test_labels
    classes = np.linspace(0, space.source.classes - 1, min(ROWS - 1, space.source.classes)).astype(int)
    firsts = [int(np.argmax(labels == number)) for number in classes]
    named = ", ".join(space.source.class_phrase(int(number)) for number in classes)
    asked = f", all drawn as {space.source.class_phrase(space.wanted)}" if space.sampler.conditional else ""
    words = f"the point on the pad, and test images of {named}{asked}"
    return np.concatenate([z[np.newaxis], space.z_mean[firsts]]), words


def _factors(space: Space) -> None:
    """How closely each latent number follows each number that the images were drawn from."""
    known = space.data.test_factors
    assert known is not None
    say.heading("Beside the true factors")
    table = {"latent number": [f"z{number}" for number in range(1, space.latent_dim + 1)]}
    shares = {
        factor.title: np.round(100 * correlation_ratio(space.z_mean, known[factor.name]))
        for factor in space.source.factors
    }
    terms.caption(
        "These images were drawn by code from known factors. The table says which share of a latent number's variance "
        "each factor explains, in percent, over the test images: near 100, the number has found that factor."
    )
    st.dataframe(pd.DataFrame({**table, **shares}), hide_index=True, alt="Latent numbers by true factors, in percent.")
