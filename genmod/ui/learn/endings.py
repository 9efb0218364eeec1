"""Where a generator and a discriminator end up: the answers over the epochs, and why one half is no proof."""

from __future__ import annotations

import streamlit as st

from genmod import runs
from genmod.drawing import answer_curves, palette
from genmod.errors import RunError
from genmod.lesson import steps
from genmod.lesson.steps import Ending
from genmod.ui import frame, links, pictures, say, terms
from genmod.ui.learn import shipped

SOUND = ("gan-dense", "gan-conditional", "gan-dcgan")  # those of them that are there can be looked at
COLLAPSED = "mode-collapse"
KEY = "duel_training"


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {KEY: links.option(KEY, SOUND)}


@st.fragment
@shipped.or_why_not
def play() -> None:
    """The answers of one training, and what one half means."""
    found = {run.id: end for run in map(runs.shipped().find, SOUND) if run and (end := steps.ending(run))}
    if not found:
        shipped.run(SOUND[0])  # says that it is missing
        raise RunError("None of the shipped runs of GANs has the numbers of its training.")
    links.forget_other(KEY, list(found))
    chosen = found[say.segments("Training", list(found), KEY, wrap=True)]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        curves(chosen, "even")
    with right:
        terms.paragraph(f"{steps.approach(chosen)} {steps.undecided(chosen.dial)}", key="even")
        terms.paragraph(
            "When forgeries are distributed as real images are, no discriminator does better than to answer one half, "
            "and no change of the generator alone would help it: a Nash equilibrium. Trainings come near it and seldom "
            "reach it.", key="even",
        )  # fmt: skip
    _no_proof()
    terms.row("Nash equilibrium", "discriminator", "generator", "epoch", "mode collapse", "test images", key="even")


def curves(end: Ending, key: str) -> None:
    """The discriminator's answers over the epochs of a run."""
    grey = palette.GREY_DARK if frame.dark() else palette.GREY_LIGHT
    st.vega_lite_chart(
        answer_curves.rows(steps.answers(end.run, end.dial)),
        answer_curves.spec(end.dial.even, frame.accent(), grey, frame.ink(), frame.ground()), key=f"duel_curves_{key}",
    )  # fmt: skip
    say.caption(
        f"What the discriminator of {end.run.id} answers in training, the mean of each epoch. Dotted: the answer of a "
        "discriminator that cannot tell."
    )


def _no_proof() -> None:
    """A run that ends at one half with poor images, where the shipped ones have such a one."""
    run = runs.shipped().find(COLLAPSED)
    end = steps.ending(run) if run is not None else None
    if run is None or end is None or not steps.misleads(end):
        return
    terms.paragraph(
        f"One half alone is no proof. {run.id} ended at {end.real:.2f} for real and {end.generated:.2f} for generated "
        "images, and this is what it draws:", key="proof",
    )  # fmt: skip
    sheets = shipped.corners(run, run.frames()[-1:], 2, 10)
    if sheets:
        sentence = end.diagnosis.sentence if end.diagnosis is not None else ""
        pictures.show(sheets[0], f"Twenty images of {run.id}, much alike.", sentence, largest=2)
