"""The run picker that all pages share: shipped runs first, then own ones, newest first."""

from __future__ import annotations

import streamlit as st

from genmod import kinds, runs
from genmod.datasets import MNIST, DataSource
from genmod.errors import ConfigError, RunError
from genmod.inference import Sampler
from genmod.runs import Run
from genmod.ui import links, models, say

KEY = "run"
_LISTED = "listed_runs"  # the runs that the picker was drawn with: the page needs no second look at the stores
FAVOURITE = "vae-map"
MOST_LISTED = 200
STANDING = {runs.QUEUED: "It waits in the queue.", runs.RUNNING: "It is training.", runs.PAUSED: "It is paused."}


def choose() -> None:
    """Draw the picker in the sidebar; the choice is part of the link."""
    found = runs.shipped().runs() + [run for run in runs.home().runs() if run.created()][:MOST_LISTED]
    st.session_state[_LISTED] = found
    ids = [run.id for run in found]
    links.check({KEY: lambda wanted: _known(wanted, ids)}, always=True)
    if not found:
        st.sidebar.info("There are no runs to look at. Train one on the Train page.")
        return
    # The default stands first: given an index as well as a state, Streamlit would log a warning with a stack.
    ids.sort(key=lambda name: name != FAVOURITE)
    st.sidebar.selectbox(
        "Run", ids, key=KEY, bind="query-params",
        help="A training and all that came of it. Runs without a random ending ship with the project.",
    )  # fmt: skip
    run = current()
    if run is not None:
        with st.sidebar:
            say.caption(describe(run))


def _known(wanted: str, ids: list[str]) -> str:
    if wanted in ids:
        return wanted
    if (reason := runs.home().why_removed(wanted)) is not None:
        raise ConfigError(f"The run {wanted[:64]!r} was removed: it {reason}.")
    if (run := runs.home().find(wanted)) is not None:
        raise ConfigError(_unlisted(run))
    raise ConfigError(f"There is no run {wanted[:64]!r} here; it may have been deleted.")


def _unlisted(run: Run) -> str:
    """Why a run of the store cannot be chosen."""
    try:
        run.config()
    except RunError as error:
        return str(error)
    return (
        f"The run {run.id} is not among those listed here: its config.json does not say when it was made, or "
        f"{MOST_LISTED} newer ones are."
    )


def available() -> list[Run]:
    """The runs a visitor may choose: the shipped ones, and own ones that say when they were made."""
    found: list[Run] = st.session_state[_LISTED]
    return found


def current() -> Run | None:
    """The chosen run; None if there is none at all."""
    chosen = st.session_state.get(KEY)
    found = {run.id: run for run in available()}
    return found.get(str(chosen)) or found.get(FAVOURITE) or next(iter(found.values()), None)


def source() -> DataSource:
    """The data set of the chosen run; MNIST where no run can say."""
    run = current()
    try:
        return run.config().source if run is not None else MNIST
    except RunError:
        return MNIST


def select(run: Run) -> None:
    """Choose a run; from a callback, before the picker is drawn."""
    st.session_state[KEY] = run.id


def describe(run: Run) -> str:
    """One line on what the run is and where it stands."""
    try:
        config = run.config()
    except RunError as error:
        return str(error)
    if run.shipped:
        origin = "It ships with the project."
    else:
        status = run.status()
        # The sidebar is drawn once a visit: numbers that change belong to the page.
        origin = STANDING.get(status.state, status.message)
    return f"{kinds.of(config).title} of {config.source.title}, preset {kinds.describe(config)}. {origin}"


def opened() -> tuple[Run, Sampler]:
    """The chosen run and what draws its images; without one the page says why and ends here."""
    run = usable()
    try:
        run.config()  # the pages need to know what kind of model it is
        sampler = models.sampler(run)
        return run, sampler
    except RunError as error:
        links.show_complaints()
        say.error(str(error))
        st.stop()


def usable() -> Run:
    """The chosen run if it has models; without one the page says why and ends here."""
    run = current()
    if run is None:
        links.show_complaints()
        st.info("There is no run to look at yet.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train one", icon=":material/model_training:")
        st.stop()
    status = run.status()
    if not run.usable():
        links.show_complaints()
        if status.active or status.waiting:
            say.info(f"{run.id} has no model yet: {status.message}", icon=":material/hourglass_top:")
            st.page_link("pages/train.py", label="Watch its training", icon=":material/model_training:")
        else:
            say.warning(f"{run.id} cannot make pictures. {status.message}")
            st.page_link("pages/train.py", label="See its training", icon=":material/model_training:")
        st.stop()
    return run
