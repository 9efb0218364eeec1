"""Autoencoders of 1 to 32 numbers, one at a time: ten digits before and after, and what is lost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from genmod.datasets import Images
from genmod.drawing import images, palette, size_curve
from genmod.drawing.size_curve import Look
from genmod.errors import ConfigError, GenmodError
from genmod.kinds.setting import shown
from genmod.lesson import squeezing
from genmod.quality import reference
from genmod.quality.size_row import Size
from genmod.ui import frame, links, models, pictures, say, terms
from genmod.ui.pictures import Markup

KEY = "bottleneck"
FIRST = 2  # numbers in the middle, at first
NARROW = 5  # digits side by side on a phone
CURVE = 350  # pixels across


def readers(row: Sequence[Size]) -> dict[str, links.Reader]:
    """What reads this part's link."""
    known = [str(size.numbers) for size in row]

    def read(text: str) -> str:
        if known and text not in known:
            raise ConfigError(f"{KEY} is {shown(text)}; it must be one of {', '.join(known)}.")
        return text

    return {KEY: read}


@st.fragment
def play(row: Sequence[Size]) -> None:
    """A slider for the size, ten digits before and after, and what is lost."""
    sizes = [one.numbers for one in row]
    links.forget_other(KEY, sizes)
    chosen = st.select_slider(
        "Numbers in the middle", sizes, FIRST if FIRST in sizes else sizes[0], key=KEY, bind="query-params",
        help="Into how many numbers the encoder squeezes an image. Each size is another autoencoder, trained alike.",
    )  # fmt: skip
    try:
        _show(row, next(one for one in row if one.numbers == chosen))
    except GenmodError as error:
        say.error(str(error))
    terms.row(
        "autoencoder", "encoder", "decoder", "code", "latents", "classifier", "reconstruction", "loss",
        "binary cross-entropy", "nats", "training images", key="bottlenecks",
    )  # fmt: skip


def _show(row: Sequence[Size], size: Size) -> None:
    """The digits, the curve, and the sentences."""
    source = size.run.config().source
    data = source.load()
    originals = data.test_images[squeezing.examples(data.test_labels, source.classes)]
    remade = squeezing.rebuilt(models.encoder(size.run), models.sampler(size.run), originals)
    read = squeezing.read_as(reference.of(source), remade)
    _pairs(originals, remade, size, ", ".join(source.class_names[number] for number in read))
    shares = {one.numbers: squeezing.recognised(one, models.encoder, models.sampler) for one in row}
    left, right = st.columns([2, 3], gap="large", vertical_alignment="center")
    with left:
        _curve(row, size, squeezing.least_loss(source))
    with right:
        terms.paragraph(squeezing.said_of_size(row, shares, size.numbers, source), key="bottlenecks")
        terms.paragraph(squeezing.gain(row), key="bottlenecks")


def _pairs(originals: Images, remade: Images, size: Size, read: str) -> None:
    """Test images above their reconstructions, on a phone in two rows of pairs."""
    count = _count(size.numbers)
    words = f"Ten test images, and below each what is left of it after it was squeezed into {count}."
    caption = f"Above: test images. Below: each rebuilt from {count}. The classifier reads the rebuilt ones as {read}."
    wide = images.contact_sheet(np.concatenate([originals, remade]), len(originals))
    halves = [
        part[first : first + NARROW] for first in range(0, len(originals), NARROW) for part in (originals, remade)
    ]
    tall = images.contact_sheet(np.concatenate(halves), NARROW)
    st.html(
        Markup(
            f'<div class="gm-wide">{pictures.figure(wide, words, caption, 3)}</div>'
            f'<div class="gm-tall">{pictures.figure(tall, words, caption, 3)}</div>'
        )
    )


def _curve(row: Sequence[Size], size: Size, least: float) -> None:
    grey = palette.GREY_DARK if frame.dark() else palette.GREY_LIGHT
    points = [(one.numbers, one.reconstruction) for one in row]
    look = Look(frame.ink(), grey, frame.accent(), frame.ground())
    drawn = size_curve.drawing(points, size.numbers, least, CURVE, look)
    said = "; ".join(f"{_count(numbers)}, {loss:.1f}" for numbers, loss in points)
    pictures.drawing(
        drawn, drawn,
        f"The reconstruction loss on test images in nats per image: {said}. An exact copy would have {least:.1f}. "
        f"{_count(size.numbers)} is marked.",
    )  # fmt: skip


def _count(numbers: int) -> str:
    return "1 number" if numbers == 1 else f"{numbers} numbers"
