"""The run picker that all pages share: shipped runs first, then own ones, newest first."""

from __future__ import annotations

import streamlit as st

from genmod import runs
from genmod.errors import RunError
from genmod.inference import Decoder
from genmod.runs import Run
from genmod.ui import links, models

KEY = "run"
_LISTED = "listed_runs"  # the runs that the picker was drawn with: the page needs no second look at the stores
FAVOURITE = "vae-map"
MOST_LISTED = 200


def choose() -> None:
    """Draw the picker in the sidebar; the choice is part of the link."""
    found = runs.shipped().runs() + [run for run in runs.home().runs() if run.created()][:MOST_LISTED]
    st.session_state[_LISTED] = found
    if not found:
        st.sidebar.info("There are no runs to look at. Train one on the Train page.")
        return
    ids = [run.id for run in found]
    wanted = st.query_params.get(KEY)
    if wanted is not None and wanted not in ids:
        links.complain(KEY, _missing(wanted))
    default = ids.index(FAVOURITE) if FAVOURITE in ids else 0
    st.sidebar.selectbox(
        "Run", ids, index=default, key=KEY, bind="query-params",
        help="A training and all that came of it. Runs without a random ending ship with the project.",
    )  # fmt: skip
    run = current()
    if run is not None:
        st.sidebar.caption(describe(run))


def _missing(wanted: str) -> str:
    if (reason := runs.home().why_removed(wanted)) is not None:
        return f"The run {wanted[:64]!r} was removed: it {reason}."
    return f"There is no run {wanted[:64]!r} here; it may have been deleted."


def available() -> list[Run]:
    """The runs a visitor may choose: the shipped ones, and own ones that say when they were made."""
    found: list[Run] = st.session_state[_LISTED]
    return found


def current() -> Run | None:
    """The chosen run; None if there is none at all."""
    chosen = st.session_state.get(KEY)
    found = {run.id: run for run in available()}
    return found.get(str(chosen)) or found.get(FAVOURITE) or next(iter(found.values()), None)


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
        origin = "It is in training." if status.active or status.waiting else status.message
    return f"{config.title}, preset {config.describe()}. {origin}"


def opened() -> tuple[Run, Decoder]:
    """The chosen run and its decoder; without one the page says why and ends here."""
    run = usable()
    try:
        run.config()  # the pages need to know what kind of model it is
        return run, models.decoder(run)
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        st.stop()


def usable() -> Run:
    """The chosen run if it has models; without one the page says why and ends here."""
    run = current()
    if run is None:
        st.info("There is no run to look at yet.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train one", icon=":material/model_training:")
        st.stop()
    status = run.status()
    if not run.usable():
        if status.active or status.waiting:
            st.info(f"{run.id} has no model yet: {status.message}", icon=":material/hourglass_top:")
            st.page_link("pages/train.py", label="Watch its training", icon=":material/model_training:")
        else:
            st.warning(f"{run.id} cannot make pictures. {status.message}", icon=":material/error:")
            st.page_link("pages/train.py", label="See its training", icon=":material/model_training:")
        st.stop()
    return run
