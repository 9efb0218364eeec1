"""How the training of a GAN fails: runs that are bad on purpose as short films, each with its name."""

from __future__ import annotations

import streamlit as st

from genmod import runs
from genmod.errors import RunError
from genmod.lesson import steps
from genmod.runs import Run
from genmod.ui import links, moving, say, terms
from genmod.ui.learn import endings, shipped

RUNS = ("mode-collapse", "discriminator-wins", "generator-wins", "learning-rate-too-high")
KEY = "duel_failure"
SIDE = 5  # rows and columns of the pictures of a film that are shown
SECONDS = 4.0


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {KEY: links.option(KEY, RUNS)}


@st.fragment
@shipped.or_why_not
def play() -> None:
    """One of the runs: its film, its answers, and what the project itself says of it."""
    there = [run_id for run_id in RUNS if runs.shipped().find(run_id) is not None]
    if not there:
        shipped.run(RUNS[0])  # says that it is missing
    links.forget_other(KEY, there)
    run = shipped.run(say.segments("Bad on purpose", there, KEY, wrap=True))
    end = steps.ending(run)
    if end is None or end.diagnosis is None:
        raise RunError(f"The numbers of run {run.id} are missing or damaged.")
    left, right = st.columns([2, 3], gap="medium")
    with left:
        _film(run)
    with right:
        say.heading(end.diagnosis.state.capitalize())
        terms.paragraph(end.diagnosis.sentence, key="failure")
        terms.caption(run.kind().preset(run.config().preset).reason, key="failure")
        endings.curves(end, "failure")
    terms.row("mode collapse", "learning rate", "epoch", "discriminator", "generator", key="failure")


def _film(run: Run) -> None:
    """A corner of the film of a run."""
    epochs = run.frames()
    frames = shipped.corners(run, epochs, SIDE, SIDE)
    if not frames:
        raise RunError(f"The film of run {run.id} is missing or damaged.")
    words = f"{run.id} while it trains, from before the first step to after epoch {epochs[-1]}"
    moving.show(frames, frames[-1], 2, SECONDS, (f"Film: {words}.", f"The last picture of a film: {words}."))
    say.caption(f"{words}: the same random numbers each time.")
