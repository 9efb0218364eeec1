"""The chapter on describing: a digit that is drawn is classified, then a digit that is named is drawn."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genmod.datasets import MNIST, Floats, Images
from genmod.drawing import images, own_digit
from genmod.errors import ConfigError
from genmod.inference import Sampler, latent_sources
from genmod.lesson import describing
from genmod.quality import reference
from genmod.runs import Run
from genmod.ui import links, models, pictures, say, terms
from genmod.ui.learn import answer_bars, labelled, shipped
from genmod.ui.pad import paper
from genmod.ui.pictures import Markup

SOURCE = MNIST
RUN = "gan-conditional"
ASKED = "describe_digit"
KEPT = 8  # of the last pictures stay in sight
PAPER = 300  # pixels that the paper is wide
WIDTH = 760  # pixels of a text, so that its lines are not too long
# In the session: what is on the paper, the image made of it, where that comes from, and why there is none.
_RAW, _IMAGE, _WHENCE, _COMPLAINT = "describe_raw", "describe_image", "describe_whence", "describe_complaint"
_VERSION = "describe_version"  # raised when something else than a stroke changes the paper
_TAKEN = "describe_taken"  # how many test images were taken
_DRAWN = "describe_drawn"  # which digit was asked for each time, newest last
STYLE = """
<style>
.gm-described { display: flex; flex-wrap: wrap; gap: 1rem 1.8rem; align-items: flex-start; }
.gm-described .gm-digits { flex: none; width: 158px; }
.gm-described .gm-answer { flex: 1 1 15rem; }
@media (max-width: 640px) {
  .gm-described .gm-digits { --gm-most: 3; width: 100%; display: flex; gap: 0.8rem; align-items: center; }
  .gm-described .gm-frame { flex: none; }
}
</style>
"""


def play() -> None:
    """From a picture to its digit, and from a digit to pictures."""
    links.check({ASKED: links.class_reader(ASKED, SOURCE)})
    answer_bars.style()
    labelled.style()
    st.html(STYLE)
    say.heading("From a picture to its digit")
    _classified()
    say.heading("From a digit to pictures")
    _asked_for()
    terms.row(
        "classifier", "conditional probability", "discriminative model", "generative model", "class-conditional", "GAN",
        "latents", key="describe",
    )  # fmt: skip


@st.fragment
@shipped.or_why_not
def _classified() -> None:
    """The paper, and what the classifier makes of what is on it."""
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=PAPER):
            raw: Images | None = st.session_state.get(_RAW)
            paper.show(SOURCE, _take_drawing, int(st.session_state.get(_VERSION, 0)), raw)
            st.button(
                "Take a test image", icon=":material/image:", key="describe_test_image", on_click=_take_test_image,
                help=f"One of the {SOURCE.test_images:,} that no model here has learned from.",
            )  # fmt: skip
        with st.container(width="stretch"):
            if complaint := st.session_state.get(_COMPLAINT):
                say.error(str(complaint))
            elif (image := st.session_state.get(_IMAGE)) is None:
                say.info(f"Draw a {SOURCE.noun} on the paper, or take a test image: here stands what it is.")
            else:
                _answer(image)


def _answer(image: Images) -> None:
    """The image as the classifier is given it, and the ten bars."""
    _, shares = reference.of(SOURCE).classifier.classify(image[np.newaxis])
    whence = str(st.session_state.get(_WHENCE, ""))
    shown = pictures.figure(
        image, alt=f"x, the picture that is classified. {whence}", caption=f"x: {whence}", largest=labelled.LARGE
    )
    bars = answer_bars.markup(SOURCE.class_names, shares[0].tolist(), f"p(y | x), for each {SOURCE.noun} y")
    st.html(Markup(f'<div class="gm-described">{shown}{bars}</div>'))
    terms.paragraph(
        f"{describing.answer(SOURCE, shares[0])} You gave it a picture x, {SOURCE.pixels} grey values; it answers with "
        f"p(y | x), a probability for each of the {SOURCE.classes} {SOURCE.plural} y. Together they are always 100 %, "
        "even for a scribble, and it cannot draw.", key="describe-answer",
    )  # fmt: skip


@st.fragment
@shipped.or_why_not
def _asked_for() -> None:
    """The choice of a digit, and the last pictures that were drawn of one."""
    run = shipped.run(RUN)
    sampler = models.sampler(run)
    asked = links.one_class(ASKED, SOURCE, "Say which, and the model draws one.")
    requests: list[int] = st.session_state.setdefault(_DRAWN, [])
    if not requests or requests[-1] != asked:
        requests.append(asked)
    st.button("Again", icon=":material/casino:", type="primary", key="describe_again", on_click=_ask, args=(asked,))
    _pictures(run, sampler, requests)


def _pictures(run: Run, sampler: Sampler, requests: list[int]) -> None:
    """The last pictures with what was asked for and what the classifier sees, the newest first, and what they show."""
    last = np.array(requests[-KEPT:])
    # Each has random numbers of its own, of which the seed is the place among all that were drawn in this visit.
    seeds = range(len(requests) - len(last), len(requests))
    latents = np.concatenate([latent_sources.draw(run, 1, sampler.latent_dim, seed) for seed in seeds])
    drawn = images.to_uint8(sampler.decode(latents, last))
    _, shares = reference.of(SOURCE).classifier.classify(drawn)
    items = [_request(*one) for one in zip(drawn, last.tolist(), shares, strict=True)]
    labelled.row(items[::-1], "The last pictures, the newest first", one_large=True)
    asked, seen = int(last[-1]), shares.argmax(axis=1)
    same = last == asked
    with st.container(width=WIDTH):
        terms.paragraph(
            f"{describing.same_request(SOURCE, asked, drawn[same], seen[same].tolist())} Now y is given and x is "
            "wanted. "
            f"The model {run.id}, a GAN that was told the {SOURCE.noun} of each training image, draws from p(x | y): "
            f"all pictures that are {SOURCE.class_phrase(asked)}, the usual ones more often. {sampler.latent_dim} "
            "random numbers decide which it is.", key="describe-drawn",
        )  # fmt: skip


def _request(drawn: Images, asked: int, shares: Floats) -> Markup:
    """One picture with what was asked for and what the classifier sees, given its probabilities, (classes,)."""
    seen = int(shares.argmax())
    sure = f"{100 * float(shares[seen]):.0f} %"
    return labelled.one(
        drawn, f"Asked for {SOURCE.class_phrase(asked)}; the classifier sees {SOURCE.class_phrase(seen)}, {sure}.",
        f"y: {SOURCE.class_names[asked]}, seen: {SOURCE.class_names[seen]}",
    )  # fmt: skip


def _ask(digit: int) -> None:
    """Draw another picture; a callback."""
    requests: list[int] = st.session_state.setdefault(_DRAWN, [])
    requests.append(digit)


def _take_drawing() -> None:
    """Classify what is on the paper; a callback."""
    drawn = paper.take_drawing(SOURCE)
    if drawn is None:
        return
    st.session_state[_RAW] = drawn
    st.session_state[_COMPLAINT] = st.session_state[_IMAGE] = None
    if drawn.any():
        try:
            st.session_state[_IMAGE] = own_digit.centred(drawn, SOURCE).image
        except ConfigError as error:
            st.session_state[_COMPLAINT] = str(error)
    st.session_state[_WHENCE] = f"your own, made as large as those of {SOURCE.title} and centred."


def _take_test_image() -> None:
    """Lay a test image on the paper, where it can be drawn on; a callback."""
    taken = int(st.session_state.get(_TAKEN, 0))
    data = SOURCE.load()
    index = int(np.random.default_rng(0).permutation(len(data.test_images))[taken % len(data.test_images)])
    image: Images = np.array(data.test_images[index])
    st.session_state.update(
        {
            _TAKEN: taken + 1, _VERSION: int(st.session_state.get(_VERSION, 0)) + 1, _RAW: image, _IMAGE: image,
            _COMPLAINT: None,
            _WHENCE: f"test image {index:,}. Its label says {SOURCE.class_names[int(data.test_labels[index])]}.",
        }
    )  # fmt: skip
