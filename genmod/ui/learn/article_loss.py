"""The article's own loss: how little its KL part weighs, what that does to samples, and a slip of the sign."""

from __future__ import annotations

import streamlit as st

from genmod import runs
from genmod.drawing import images
from genmod.errors import RunError
from genmod.inference import latent_sources
from genmod.kinds.kind import Prior
from genmod.lesson import filling
from genmod.lesson.filling import Blame
from genmod.ui import models, pictures, say, terms
from genmod.ui.learn import stacked_bars
from genmod.ui.learn.stacked_bars import Stack

ARTICLE, FULL = "vae-article", "vae-elbo"
SAMPLES, COLUMNS = 10, 5
WIDTH = 760  # pixels of a text, so that its lines are not too long
SEED = 0  # of the latents, the same for both
WHENCE: dict[Prior, str] = {
    "normal": "Random latents from the prior, decoded",
    "codes": "The codes of training images, decoded",
}
FORMULA = r"""
\begin{aligned}
\text{loss} &= R + \beta D \\[0.4em]
R &= -\textstyle\sum_i \big(x_i \log \hat x_i + (1 - x_i) \log (1 - \hat x_i)\big) \\[0.4em]
D &= -\tfrac12 \textstyle\sum_j \big(1 + \log \sigma_j^2 - \mu_j^2 - \sigma_j^2\big)
\end{aligned}
"""


def play() -> None:
    """Samples of the article's weight and of the full one, whose fault their flaws are, and the formula."""
    article, full = (_blame(name) for name in (ARTICLE, FULL))
    for column, one in zip(st.columns(2, gap="large"), (article, full), strict=True):
        with column:
            _samples(one)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _bars(article, full)
    with right:
        terms.paragraph(filling.said_of_blame(article, full), key="article-loss")
    with st.container(width=WIDTH):
        _slip(article)
    terms.row(
        "VAE", "beta", "KL divergence", "reconstruction", "prior", "ELBO", "nats", "sample", "code",
        "Frechet distance", key="article-loss",
    )  # fmt: skip


def _blame(name: str) -> Blame:
    run = runs.shipped().find(name)
    if run is None:
        raise RunError(f"There is no run {name} in this installation, from which this part of the lesson is drawn.")
    return filling.blame(run)


def _samples(one: Blame) -> None:
    """Images of a run from random latents, and from the codes of training images."""
    sampler = models.sampler(one.run)
    for source, words in WHENCE.items():
        latents = latent_sources.draw(one.run, SAMPLES, sampler.latent_dim, SEED, 1.0, source)
        sheet = images.contact_sheet(images.to_uint8(sampler.decode(latents)), COLUMNS)
        pictures.show(sheet, f"{words}, with beta {one.beta:.3g}.", f"Beta {one.beta:.3g}. {words}.", 3)


def _bars(article: Blame, full: Blame) -> None:
    stacks = [
        Stack(
            f"Beta {one.beta:.3g}", (one.blur, one.prior, one.real),
            f"{one.blur:.1f} + {one.prior:.1f} + {one.real:.1f} = {one.distance:.1f}",
        )
        for one in (article, full)
    ]  # fmt: skip
    said = "; ".join(f"{stack.name}: {stack.said}" for stack in stacks)
    stacked_bars.show(
        ("the decoder's blur", "the prior's fault", "as real test images"), stacks,
        f"The Frechet distance of random samples as the decoder's blur, the prior's fault and what real test images "
        f"have. {said}.",
        "Frechet distance of random samples to real images.",
    )  # fmt: skip


def _slip(article: Blame) -> None:
    """The formula with its symbols, and what the article says of it."""
    say.heading("The formula, and a slip")
    st.latex(FORMULA)
    terms.caption(
        "R is the reconstruction loss and D the KL divergence, which β weighs. x is the image, μ and σ are what the "
        "encoder says of it, x̂ is what the decoder makes of the draw z = μ + σε, and ε is drawn from N(0, I). i runs "
        "over the pixels, j over the latent numbers; log is the natural logarithm.", key="article-loss",
    )  # fmt: skip
    terms.paragraph(
        "The article says that the KL divergence is to be maximised, and that this is why a minus stands before it. "
        "That is a slip. The minus belongs to the formula of the KL divergence, whose bracket is never above 0; the "
        "article's program makes the whole sum small, and with it the KL divergence. What is maximised is the evidence "
        "lower bound, minus this sum at beta 1. The program takes means over the pixels and over the latent numbers, "
        f"and multiplies the second with 0.0001: in nats per image that is beta {article.beta:.3g}, almost an "
        "autoencoder.", key="article-loss",
    )  # fmt: skip
