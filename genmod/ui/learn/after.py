"""The chapter on what came after: noise becomes a digit in few steps or many, as in image models of today."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genmod import runs
from genmod.drawing import charts, images
from genmod.errors import ConfigError, RunError
from genmod.inference import latent_sources
from genmod.kinds.setting import shown
from genmod.lesson import ways
from genmod.lesson.ways import Drawn
from genmod.runs import Run
from genmod.ui import frame, links, models, pictures, say, terms
from genmod.ui.learn import shipped

RUN = "flow-latent"
KEY = "after_steps"
COUNT, ACROSS = 20, 5
FOLLOWED = 5  # images whose way is shown
NOISE_SEED = 0  # always the same noises: only the number of steps changes
TODAY = (
    "Many image models of today begin with noise, as here, and take some tens of steps. Latent diffusion "
    "(Rombach and others, 2022) takes them in the latent space of an autoencoder, and flow matching (Lipman and "
    "others, 2023) is one of the ways to train the network that says where to go.",
    "A text goes in as the condition: another network turns it into numbers, and these go into every step, as the "
    "digit does in a conditional run of this project. The idea is the same; networks, data and images are far larger.",
)


def play() -> None:
    """One slider, twenty images from always the same noises, and their ways."""
    _steps_to_image()
    say.heading("Where image models stand today")
    for text in TODAY:
        terms.paragraph(text, key="today")


@st.fragment
@shipped.or_why_not
def _steps_to_image() -> None:
    run = shipped.run(RUN)
    choices = ways.steps_compared(run)
    if not choices:
        raise RunError(f"The run {run.id} takes no steps from noise to image.")
    sampler = models.sampler(run)
    links.check({KEY: lambda text: _known(text, choices)})
    steps = st.select_slider(
        "Steps from noise to image", choices, value=choices[0], key=KEY, bind="query-params",
        help="In how many steps the same twenty noises become images. Each step asks the network anew where to go.",
    )  # fmt: skip
    latents = latent_sources.draw(run, COUNT, sampler.latent_dim, NOISE_SEED)
    drawn = ways.draw(sampler, latents, int(steps))
    left, right = st.columns([1, 1], gap="medium")
    pairs = ways.measured(runs.home(), run)
    with left:
        _show_images(run, drawn, int(steps), pairs)
    with right:
        _show_ways(run, drawn, int(steps))
    _show_gain(run, pairs)
    terms.row("flow matching", "noise", "latent space", "decoder", "code", "sample", "Frechet distance", key="after")


def _known(text: str, choices: tuple[int, ...]) -> str:
    if text not in map(str, choices):
        raise ConfigError(f"{KEY} is {shown(text)}; it must be one of {', '.join(map(str, choices))}.")
    return text


def _show_images(run: Run, drawn: Drawn, steps: int, pairs: list[tuple[float, float]]) -> None:
    """The twenty images at the end of their ways."""
    words = f"{steps} step{'s' if steps != 1 else ''}"
    distance = dict(pairs).get(steps)
    measured = f" Frechet distance of such images: {distance:.3g}." if distance is not None else ""
    pictures.show(
        images.contact_sheet(drawn.last, ACROSS),
        alt=f"Twenty {run.config().source.plural} that {run.id} draws in {words}.",
        caption=f"The same twenty noises, drawn by {run.id} in {words}.{measured}", largest=3,
    )  # fmt: skip


def _show_ways(run: Run, drawn: Drawn, steps: int) -> None:
    """The way of a few of them: what the decoder draws at the points that they come by."""
    strip = np.concatenate([drawn.seen[:, row] for row in range(FOLLOWED)])
    stops = ", ".join(map(str, drawn.stops))
    pictures.show(
        images.contact_sheet(strip, len(drawn.stops)),
        alt="Five images on their ways, a row each: from noise on the left to the end of the way on the right.",
        caption=f"The first five on their ways, after {stops} of {steps} steps: what the decoder draws at the point "
        "that the noise has come to.", largest=3,
    )  # fmt: skip


def _show_gain(run: Run, pairs: list[tuple[float, float]]) -> None:
    """The distances for all numbers of steps, and what they say."""
    left, right = st.columns([1, 1], gap="medium")
    with left:
        if pairs:
            st.vega_lite_chart(
                charts.distance_rows(pairs), charts.distances("steps", frame.quiet(), frame.accent()),
                key="after_distances",
            )  # fmt: skip
            say.caption("Frechet distance of 10,000 samples from the same noise, logarithmic scale. Less is better.")
        else:
            say.caption("How the number of steps changes the Frechet distance has not been measured for this run.")
    with right:
        terms.paragraph(
            "The network looks at a point in latent space and at the time, and says where the point is to move. From "
            "noise alone it cannot know which digit it will become, so the first direction leads to the middle of "
            "all codes: in one step all images are much alike. In many steps it looks again on the way, and each digit "
            f"parts from the others. {ways.gained(pairs)}", key="gain",
        )  # fmt: skip
        terms.paragraph(_against_its_vae(run, pairs), key="vae")


def _against_its_vae(run: Run, pairs: list[tuple[float, float]]) -> str:
    """How the same decoder draws without any step, if both were measured; and how large the network is."""
    found = ways.without_steps(runs.home(), run, runs.shipped())
    size = f"The network has {ways.parameters(run):,} weights; those of large image models have billions."
    if found is None or not pairs:
        return size
    base, distance = found
    return (
        f"The decoder is that of {base}, unchanged. Given noise itself it draws with a Frechet distance of "
        f"{distance:.3g}, at the ends of these ways with {pairs[-1][1]:.3g}. {size}"
    )
