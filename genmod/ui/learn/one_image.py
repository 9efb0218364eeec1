"""One image's mean and sigma, and draws from them: epsilon, then latents, then an image, again and again."""

from __future__ import annotations

import html

import numpy as np
import streamlit as st

from genmod import runs
from genmod.datasets import MNIST, Floats, Images, Indices
from genmod.drawing import bell_curves, images
from genmod.drawing.bell_curves import Bell
from genmod.errors import GenmodError, RunError
from genmod.inference import planes
from genmod.kinds import Setting
from genmod.lesson import filling, squeezing
from genmod.quality import reference
from genmod.runs import Run
from genmod.ui import frame, links, models, pictures, say, terms
from genmod.ui.pictures import Markup

RUN = "vae-best"
DIGIT = "fill_digit"
DRAW = Setting("fill_draw", int, 1, "Draw", "How often was drawn.", "data", low=1, high=999)
KEPT = 9  # of the last draws stay in sight
SHOWN, COLUMNS = 6, 3  # latent numbers of which the curves are drawn: those that say most
WIDTH = 760  # pixels of a text, so that its lines are not too long
STYLE = """
<style>
.gm-sums { border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.5; }
.gm-sums th, .gm-sums td { text-align: right; padding: 0.15rem 0.5rem; font-weight: 400; border: none; }
.gm-sums th:first-child { text-align: left; font-weight: 600; padding-left: 0; }
.gm-sums thead th { font-size: 0.8125rem; opacity: 0.82; }
.gm-sums td:last-child { font-weight: 600; }
</style>
"""


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {DIGIT: links.class_reader(DIGIT, MNIST), **links.readers(DRAW)}


@st.fragment
def play() -> None:
    """The image, its distribution, the draw step by step, and the last draws."""
    st.html(STYLE)
    try:
        run = runs.shipped().find(RUN)
        if run is None:
            raise RunError(f"There is no run {RUN} in this installation, whose draws are shown here.")
        digit = links.one_class(DIGIT, MNIST, "Of which digit a test image is encoded.")
        _draws(run, digit)
    except GenmodError as error:
        say.error(str(error))
    terms.row(
        "VAE", "encoder", "code", "latents", "standard deviation", "normal distribution", "prior", "decoder",
        "classifier", "training images", key="one-image",
    )  # fmt: skip


def _draws(run: Run, digit: int) -> None:
    """All that is shown of one image."""
    data = MNIST.load()
    index = int(squeezing.examples(data.test_labels, MNIST.classes)[digit])
    codes, spreads = models.test_codes(run)
    mean, sigma = codes[index], np.exp(0.5 * spreads[index])
    number = _number()
    last = list(range(number, max(0, number - KEPT), -1))
    latents = filling.drawn(mean, sigma, last)
    made = images.to_uint8(models.sampler(run).decode(latents))
    seen = squeezing.read_as(reference.of(MNIST), made)
    phrase = MNIST.class_phrase(digit)
    order = np.argsort(-planes.information(codes, spreads), kind="stable")[:SHOWN]
    left, right = st.columns([2, 5], gap="medium")
    with left:
        pictures.show(
            data.test_images[index], f"Test image {index:,}, {phrase}.", f"Test image {index:,}, {phrase}.", largest=6
        )
    with right:
        _bells(mean, sigma, latents[0], order, planes.limit(codes[:, order[:2]]))
    left, right = st.columns([2, 5], gap="medium")
    with left:
        st.button("Draw again", icon=":material/casino:", type="primary", key="fill_again", on_click=_again)
        st.html(_sums(mean, sigma, filling.epsilon(number, len(mean)), latents[0], order))
    with right:
        _last(made, number)
    with st.container(width=WIDTH):
        terms.paragraph(filling.said_of_draws(sigma, seen, digit, MNIST), key="one-image")


def _bells(mean: Floats, sigma: Floats, draw: Floats, order: Indices, reach: float) -> None:
    bells = [
        Bell(f"z{place + 1}", float(mean[place]), float(sigma[place]), float(draw[place])) for place in map(int, order)
    ]
    wide, tall = (bell_curves.drawing(bells, reach, columns, frame.ink(), frame.accent()) for columns in (COLUMNS, 2))
    few = f"These {len(bells)} say most of the {len(mean)}. " if len(bells) < len(mean) else ""
    said = ", ".join(f"{bell.name} {bell.mean:.2f} plus or minus {bell.sigma:.2f}" for bell in bells)
    pictures.drawing(wide, tall, f"What the encoder says of the image: {said}. A line marks the draw.")
    terms.caption(
        "Filled: what the encoder says of each latent number, mean ± sigma. Dashed: the prior, N(0, 1). The line is "
        f"this draw. {few}Each curve has its own height.", key="one-image",
    )  # fmt: skip


def _sums(mean: Floats, sigma: Floats, epsilon: Floats, draw: Floats, order: Indices) -> Markup:
    """One draw, one row a latent number: mean + sigma x epsilon = z."""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "mean", "+ sigma", "× epsilon", "= z"))
    rows = "".join(
        f'<tr><th scope="row">z{place + 1:d}</th><td>{_signed(mean[place])}</td><td>+ {sigma[place]:.2f}</td>'
        f"<td>× {_signed(epsilon[place])}</td><td>= {_signed(draw[place])}</td></tr>"
        for place in map(int, order)
    )
    return Markup(
        '<table class="gm-sums" aria-label="This draw, one row a latent number">'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _signed(value: float) -> Markup:
    return Markup(html.escape(f"{round(float(value), 2) + 0.0:.2f}".replace("-", "\u2212")))


def _last(made: Images, number: int) -> None:
    """The newest draw large, and those before it."""
    figures = [pictures.figure(made[0], f"What the decoder draws from draw {number}.", f"Draw {number}, decoded.", 6)]
    if len(made) > 1:
        first = number - len(made) + 1
        before = f"draw {first}" if first == number - 1 else f"draws {number - 1} to {first}, the newest first"
        sheet = images.contact_sheet(made[1:], 4)
        figures.append(pictures.figure(sheet, f"What the decoder drew before, {before}.", f"Before: {before}.", 2))
    st.html(Markup(f'<div class="gm-figures">{"".join(figures)}</div>'))


def _number() -> int:
    """How often was drawn."""
    return int(str(links.held(DRAW)))


def _again() -> None:
    """Draw once more; a callback."""
    number = min(_number() + 1, int(DRAW.high or 1))
    st.session_state[DRAW.name] = number
    st.query_params[DRAW.name] = str(number)
