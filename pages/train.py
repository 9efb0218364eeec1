"""Choose settings, train, watch: the network, its numbers, its digits and its curves."""

from collections.abc import Callable

import pandas as pd
import streamlit as st

from genmod import architecture, diagrams, jobs, runs
from genmod.datasets import mnist
from genmod.errors import GenmodError
from genmod.runs import Run, Store
from genmod.ui import frame, links, picker, pictures, settings, training

frame.guard()

REFUSAL = "refusal"  # why the last click was not carried out

frame.header(
    "Train",
    "Choose a kind of model and a preset in the sidebar, change what you like, and press Train. The training runs "
    "on its own: you may look at other pages meanwhile, reload, or come back later with this page's link.",
)
with st.sidebar:
    st.divider()
    config = settings.form()
links.show_complaints("train")


# Callbacks: they read what the form holds at the moment of the click, and may choose a run before the picker is drawn.


def start() -> None:
    """Queue a training of the settings in the form and watch it."""
    try:
        picker.select(jobs.submit(runs.home(), settings.current(), mnist().sha256))
    except GenmodError as error:
        st.session_state[REFUSAL] = str(error)


def control(action: Callable[[Store, Run], None], run: Run) -> None:
    """Stop or resume a run."""
    try:
        action(runs.home(), run)
    except GenmodError as error:
        st.session_state[REFUSAL] = str(error)


run = picker.current()
status = run.status() if run else None
busy = status is not None and (status.active or status.waiting)
with st.container(horizontal=True, vertical_alignment="center"):
    st.button("Train", type="primary", icon=":material/play_arrow:", disabled=config is None, on_click=start)
    st.button("Stop", icon=":material/stop:", disabled=not busy, on_click=control, args=(jobs.stop, run))
    if run is not None and status is not None and not run.shipped and status.state in jobs.RESUMABLE:
        st.button("Resume", icon=":material/resume:", on_click=control, args=(jobs.resume, run))
if refusal := st.session_state.pop(REFUSAL, None):
    st.error(refusal, icon=":material/error:")

if run is not None:
    st.subheader(run.id, anchor=False)
    training.watch(run)
    try:
        beta = getattr(run.config(), "beta", 1.0)
    except GenmodError:
        beta = 1.0
    if beta != 1.0:
        st.caption(
            f"This run minimises reconstruction + {beta:g} x KL. The curves show the parts unweighted, so that runs "
            "with different beta can be compared."
        )

st.subheader("The network these settings build", anchor=False)
if config is None:
    st.caption("Correct the setting named in the sidebar to see it.")
else:
    layers = architecture.layers(config)
    pictures.drawing(diagrams.network(layers, frame.ink(), frame.accent()), diagrams.description(layers))
    st.caption(
        f"{architecture.parameters(config):,} parameters. From left to right: {architecture.story(config)} "
        "Each block's number says how many values it holds."
    )
    with st.expander("Layers and parameters"):
        st.dataframe(
            pd.DataFrame(
                {
                    "network": [layer.part for layer in layers],
                    "layer": [layer.name for layer in layers],
                    "what it does": [layer.does for layer in layers],
                    "values": [layer.units for layer in layers],
                    "parameters": [layer.parameters for layer in layers],
                }
            ),
            hide_index=True,
            alt="The layers of the network with their sizes and numbers of parameters.",
        )
