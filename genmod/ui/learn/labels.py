"""The part of a chapter on labels: the same random numbers for a model that was told the class and one that was not."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genmod import runs
from genmod.datasets import Images, Labels
from genmod.drawing import images
from genmod.inference import latent_space
from genmod.lesson.labels import Row, said_of_row, said_of_shares
from genmod.quality import measurements, reference
from genmod.runs import Run
from genmod.ui import links, models, say, terms
from genmod.ui.learn import answer_bars, labelled, shipped

UNTOLD, TOLD = "vae-elbo", "vae-conditional"
ASKED = "label_digit"
COUNT = 10  # pictures in a row
_SEED = "label_seed"  # in the session: how often other random numbers were taken


@st.fragment
@shipped.or_why_not
def show() -> None:
    """Two rows of pictures, the shares of the classes nobody asked for, and what both say of labels."""
    untold, told = shipped.run(UNTOLD), shipped.run(TOLD)
    source = told.config().source
    asked = links.one_class(ASKED, source, "What the model that knows the classes is asked for.")
    st.button("Other random numbers", icon=":material/casino:", key="label_again", on_click=_again)
    seed = int(st.session_state.get(_SEED, 0))
    first, second = models.sampler(untold), models.sampler(told)
    latents = latent_space.prior_samples(COUNT, max(first.latent_dim, second.latent_dim), seed)
    without = images.to_uint8(first.decode(latents[:, : first.latent_dim]))
    requested = images.to_uint8(second.decode(latents[:, : second.latent_dim], np.full(COUNT, asked)))
    terms.paragraph(f"Not asked for any {source.noun}: {untold.id} has seen images and never a label.", key="labels")
    seen = _row(without, untold, f"Drawn by {untold.id} without being asked for any")
    terms.paragraph(
        f"Asked for {source.class_phrase(asked)}: {told.id} was told the label of each image.", key="labels"
    )
    met = _row(requested, told, f"Drawn by {told.id}, asked for {source.class_phrase(asked)}")
    left, right = st.columns([1, 1], gap="medium")
    with left:
        terms.paragraph(said_of_row(source, Row(asked, seen.tolist(), met.tolist())), key="labels")
        terms.paragraph(
            "Training without labels is called unsupervised: the model learns p(x), what images look like, and no name "
            "for them. With the label y of each image x it learns p(x | y), and can be asked for one.",
            key="labels",
        )  # fmt: skip
    with right:
        _shares(untold, told)


def _row(drawn: Images, run: Run, label: str) -> Labels:
    """Show pictures with what the classifier sees in each, and say it."""
    source = run.config().source
    _, shares = reference.of(source).classifier.classify(drawn)
    seen = shares.argmax(axis=1)
    items = [
        labelled.one(
            picture, f"{label}: the classifier sees {source.class_phrase(number)}.", source.class_names[number]
        )
        for picture, number in zip(drawn, seen.tolist(), strict=True)
    ]
    labelled.row(items, f"{label}, with what the classifier sees in each.")
    return np.asarray(seen)


def _shares(untold: Run, told: Run) -> None:
    """How often each class comes when none is asked for, and how often one comes that is."""
    source = untold.config().source
    found = [measurements.result(runs.home(), run) for run in (untold, told)]
    try:
        if found[0] is None or found[1] is None:
            raise ValueError
        said = said_of_shares(source, found[0], found[1])
    except (KeyError, ValueError):
        say.info(f"How often each class comes was not measured for {untold.id} and {told.id}.")
        return
    names, shares = source.class_names, found[0].shares("class_shares")
    caption = f"Not asked for any: how often each {source.noun} comes of {untold.id}"
    st.html(answer_bars.markup(names, shares, caption, longest=max(shares)))
    terms.paragraph(said, key="labels")


def _again() -> None:
    """Take other random numbers; a callback."""
    st.session_state[_SEED] = int(st.session_state.get(_SEED, 0)) + 1
