"""One image's story: its reconstruction, the distribution that the encoder gives it, and draws from that."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from genmod.datasets import Doubles, Floats, Indices, to_float
from genmod.drawing import bell_curves, images
from genmod.drawing.bell_curves import Bell
from genmod.quality import likelihood
from genmod.ui import frame, links, pictures, say, terms
from genmod.ui.latent import subject
from genmod.ui.latent.subject import DIGIT, Space, Subject
from genmod.ui.pad import point
from genmod.ui.pictures import Markup

DRAWS = 20
MOST_BELLS = 8
COLUMNS = ("latent number", "mean", "log-variance", "sigma", "epsilon", "latent")
TABLE_STYLE = """
<style>
.gm-steps { max-height: 21rem; overflow: auto; }
.gm-steps table { border-collapse: collapse; width: 100%; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
.gm-steps th, .gm-steps td { text-align: right; padding: 0.25rem 0.4rem; font-weight: 400;
  border-bottom: 1px solid rgba(128, 128, 128, 0.35); }
.gm-steps th:first-child { text-align: left; }
.gm-steps thead th { position: sticky; top: 0; background: var(--gm-page); font-weight: 600; }
</style>
"""
SEED = "draw_seed"  # in the session: of the draws


def seen() -> tuple[object, ...]:
    """What is told of which image."""
    own = st.session_state.get(subject.OWN)
    looked_at = bool(st.session_state.get(subject.LOOKED_AT))
    drawn = own[1].tobytes() if own is not None else b""
    return looked_at, links.held(DIGIT), drawn, st.session_state.get(subject.WHO), st.session_state.get(SEED, 0)


def draws(space: Space, found: Subject) -> tuple[Floats, Floats] | None:
    """Noise and latents of twenty draws from an image's distribution, (20, latent_dim) each; None if it has none."""
    if found.sigma is None:
        return None
    rng = np.random.default_rng(int(st.session_state.get(SEED, 0)))
    epsilon = rng.standard_normal((DRAWS, space.latent_dim)).astype(np.float32)
    return epsilon, found.z_mean + found.sigma * epsilon


def _again() -> None:
    st.session_state[SEED] = int(st.session_state.get(SEED, 0)) + 1


def choose(space: Space) -> None:
    """Let the visitor choose the image that is looked at: by its number, or their own."""
    own = subject.own_image(space.source) is not None
    if own:
        st.toggle(say.plain(f"Your own {space.source.noun}"), key=subject.LOOKED_AT)
    looks_at_own = own and bool(st.session_state.get(subject.LOOKED_AT))
    links.number(DIGIT, disabled=looks_at_own, width=150, on_change=lambda: _move_to(space))


def _move_to(space: Space) -> None:
    """Move the point to the code of the image that was typed; a callback."""
    index = int(str(links.held(DIGIT)))
    if index < len(space.z_mean):
        point.set_point(space.z_mean[index])


def show(space: Space, information: Doubles, reach: float) -> None:
    """The part of the page.

    Args:
        information: how much each latent number says, for the order of the curves.
        reach: how far the curves' axis goes.
    """
    found = subject.chosen(space)
    remade = space.sampler.decode(found.z_mean[np.newaxis], space.labels(found.label, 1))
    nats = float(likelihood.binary_crossentropy(to_float(found.image[np.newaxis]), remade)[0])
    noise = draws(space, found)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        pictures.show(
            images.contact_sheet(np.stack([found.image, images.to_uint8(remade)[0]]), 2),
            alt=f"Two images: {found.words}, and what the decoder makes of its code.",
            caption=f"{found.words}, and its reconstruction from "
            f"{'the mean of its code' if noise is not None else 'its code'}.",
            largest=5,
        )
        if noise is None:
            terms.caption(
                f"Reconstruction loss {nats:.1f} nats. The code of a plain autoencoder is a point: there is nothing to "
                "draw at random."
            )
            return
        kl = float(likelihood.kl_divergence(found.z_mean[np.newaxis], found.z_log_var[np.newaxis])[0])
        terms.caption(f"Reconstruction loss {nats:.1f} nats; KL divergence {kl:.1f} nats.")
    with right:
        order = np.argsort(-information, kind="stable")[:MOST_BELLS]
        _bells(space, found, noise[1][0], order, reach)
    say.heading("From the mean to a draw")
    st.button("Draw again", icon=":material/casino:", on_click=_again)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        terms.caption(
            "The encoder gives a mean and a log-variance for each latent number. Sigma is the standard deviation, "
            "exp(log-variance / 2). Chance draws an epsilon from N(0, 1), and the latent number is "
            "mean + sigma x epsilon."
        )
        st.html(TABLE_STYLE)
        st.html(_steps(found, noise, np.argsort(-information, kind="stable")))
    with right:
        labels = space.labels(found.label, DRAWS)
        sheet = images.contact_sheet(images.to_uint8(space.sampler.decode(noise[1], labels)), 5)
        pictures.show(
            sheet,
            alt=f"Twenty images decoded from twenty draws from the distribution of {found.name}.",
            caption=f"Twenty draws from the distribution of {found.name}; the first is the one in the table. On the "
            "pad they are the small dots.",
            largest=2,
        )


def _bells(space: Space, found: Subject, draw: Floats, order: Indices, reach: float) -> None:
    sigma = found.sigma
    assert sigma is not None
    bells = [
        Bell(f"z{place + 1}", float(found.z_mean[place]), float(sigma[place]), float(draw[place]))
        for place in map(int, order)
    ]
    wide, tall = (
        bell_curves.drawing(bells, reach, columns, frame.ink(), frame.accent()) for columns in (min(3, len(bells)), 2)
    )
    said = ", ".join(f"{bell.name} {bell.mean:.2f} plus or minus {bell.sigma:.2f}" for bell in bells)
    pictures.drawing(wide, tall, f"The distribution of each latent number for {found.name}: {said}.")
    terms.caption(
        "Filled: what the encoder says of each latent number, mean ± sigma. Dashed: the prior, N(0, 1). The line is "
        "the draw below. Each curve has its own height."
    )
    if len(bells) < space.latent_dim:
        say.caption(f"These {len(bells)} say most of the {space.latent_dim}.")


def _steps(found: Subject, noise: tuple[Floats, Floats], order: Indices) -> Markup:
    """One draw, one row a latent number; plain markup, for Streamlit's own table takes a fifth of a second to load."""
    sigma = found.sigma
    assert sigma is not None
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in COLUMNS)
    rows = "".join(
        f"<tr><th scope='row'>z{place + 1:d}</th><td>{found.z_mean[place]:.2f}</td>"
        f"<td>{found.z_log_var[place]:.2f}</td><td>{sigma[place]:.2f}</td><td>{noise[0][0][place]:.2f}</td><td>{noise[1][0][place]:.2f}</td></tr>"
        for place in order
    )
    return Markup(
        '<div class="gm-steps" tabindex="0" role="region" aria-label="One draw, step by step, one row a latent number">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
