"""Two losses that pull against each other: the row from autoencoder to VAE, one beta at a time."""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence

import numpy as np
import streamlit as st

from genmod import runs
from genmod.drawing import images
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.inference import latent_space
from genmod.kinds.setting import shown
from genmod.lesson import filling, squeezing
from genmod.lesson.filling import Balance
from genmod.quality import beta_row
from genmod.quality.beta_row import Step
from genmod.ui import beta_row as maps
from genmod.ui import links, models, pictures, say, terms
from genmod.ui.learn import stacked_bars
from genmod.ui.learn.stacked_bars import Stack
from genmod.ui.pictures import Markup

KEY = "kl_weight"
FIRST = 1.0  # the beta that is shown at first
SAMPLES, COLUMNS = 20, 5
SEED = 0  # of the samples' latents, the same for all runs
STYLE = """
<style>
.gm-codes { margin: 0; width: 248px; max-width: 100%; }
.gm-codes img { display: block; width: 248px; height: 248px; border-radius: 3px;
  outline: 1px solid rgba(128, 128, 128, 0.6); outline-offset: -1px; }
.gm-codes figcaption { font-size: 0.875rem; opacity: 0.82; margin-top: 0.4rem; line-height: 1.45; }
</style>
"""


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {KEY: _beta}


@st.fragment
def play() -> None:
    """A slider for beta, both losses as bars, and three pictures of what they make of the latent space."""
    st.html(STYLE)
    try:
        row = _row()
        titles = [one.step.title for one in row]
        first = next((one.step.title for one in row if one.step.beta == FIRST), titles[0])
        links.forget_other(KEY, titles)
        chosen = st.select_slider(
            "Beta, the weight of the KL divergence", titles, first, key=KEY, bind="query-params",
            help="Each is another training of the same net, with the same data and seed.",
        )  # fmt: skip
        _balance(row, next(one for one in row if one.step.title == chosen))
    except GenmodError as error:
        say.error(str(error))
    terms.row(
        "autoencoder", "VAE", "KL divergence", "reconstruction", "beta", "nats", "prior", "sample", "code", "holes",
        "posterior collapse", "Frechet distance", "latents", "training images", key="two-losses",
    )  # fmt: skip


def _row() -> list[Balance]:
    steps = beta_row.of(runs.shipped().runs())
    if not any(step.beta for step in steps):
        raise RunError(
            "The shipped runs of growing beta, from which this part of the lesson is drawn, are missing in this "
            "installation."
        )
    return filling.balances(steps)


def _balance(row: Sequence[Balance], chosen: Balance) -> None:
    """What the chosen beta makes of the losses and of the latent space."""
    _pictures(chosen.step)
    left, right = st.columns([3, 2], gap="large")
    with left:
        stacks = [
            Stack(one.step.title, (one.step.reconstruction, one.weighted), one.numbers, one == chosen) for one in row
        ]
        said = "; ".join(f"{one.step.title}: {one.numbers}" for one in row)
        stacked_bars.show(
            ("reconstruction", "beta x KL divergence"), stacks,
            f"The loss on test images as reconstruction plus beta times KL divergence, in nats per image. {said}.",
            "Nats per image, on test images.",
        )  # fmt: skip
    with right:
        terms.paragraph(f"{filling.said_of(chosen, row)} {filling.pull(row)}", key="two-losses")


def _pictures(step: Step) -> None:
    """The map of the codes, test images beside their reconstructions, and random samples."""
    run = step.run
    source = run.config().source
    data = source.load()
    found = maps.pictures(run)
    originals = data.test_images[squeezing.examples(data.test_labels, source.classes)]
    remade = squeezing.rebuilt(models.encoder(run), models.sampler(run), originals)
    halves = [
        part[first : first + COLUMNS] for first in range(0, len(originals), COLUMNS) for part in (originals, remade)
    ]
    latents = latent_space.prior_samples(SAMPLES, beta_row.DIMENSIONS, SEED)
    samples = images.to_uint8(models.sampler(run).decode(latents))
    figures = [
        pictures.figure(
            images.contact_sheet(samples, COLUMNS), f"{SAMPLES} random {source.plural} of {step.phrase}.",
            f"Random samples: latents from the prior, decoded with {step.phrase}.", 2,
        ),
        pictures.figure(
            images.contact_sheet(np.concatenate(halves), COLUMNS),
            f"Ten test images, and below each its reconstruction with {step.phrase}.",
            "Test images, and below each its reconstruction.", 2,
        ),
    ]  # fmt: skip
    if found is not None:
        figures.append(_map(found.map, found.outside, step))
    st.html(Markup(f'<div class="gm-figures">{"".join(figures)}</div>'))


def _map(png: bytes, outside: int, step: Step) -> Markup:
    beyond = f" {outside:,} lie outside." if outside else ""
    alt = (
        f"Map of the codes of {maps.POINTS:,} test images with {step.phrase}, coloured by class, with circles at 1 and "
        f"2 standard deviations of the prior.{beyond}"
    )
    words = f"Codes of {maps.POINTS:,} test images by class; circles: 1 and 2 standard deviations of the prior.{beyond}"
    return Markup(
        f'<figure class="gm-codes"><img alt="{html.escape(alt)}" width="248" height="248" decoding="sync" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
        f"<figcaption>{html.escape(words)}</figcaption></figure>"
    )


def _beta(text: str) -> str:
    """What a link says of beta: a title of the row, or the number alone."""
    steps = beta_row.of(runs.shipped().runs())
    known = {step.title: step.title for step in steps} | {
        "none" if step.beta is None else f"{step.beta:g}": step.title for step in steps
    }
    if known and text not in known:
        numbers = ", ".join(name for name in known if name not in known.values())
        raise ConfigError(f"{KEY} is {shown(text)}; it must be one of {numbers}.")
    return known.get(text, text)
