"""Choose settings, train, watch: the network, its numbers, its digits and its curves."""

import pandas as pd
import streamlit as st

from genmod import jobs, kinds, runs
from genmod.drawing import diagrams
from genmod.errors import GenmodError
from genmod.jobs import workers
from genmod.ui import clicks, frame, links, picker, pictures, say, settings, steering, training

frame.guard()

JOINED = "joined"  # the run that is watched because the same training was there already
REMOVED = "removed"  # the runs that had to make room

frame.header(
    "Train",
    "Choose a kind of model and a preset in the sidebar, change what you like, and press Train. The training runs "
    "on its own: you may look at other pages meanwhile, reload, or come back later with this page's link.",
)
with st.sidebar:
    st.divider()
    config = settings.form()
if config is not None:
    workers.hint(runs.home(), config)
links.show_complaints()


# A callback: it reads what the form holds at the moment of the click, and may choose a run before the picker is drawn.


def start(insist: bool = False) -> None:
    """Queue a training of the settings in the form, or find the one that is there already, and watch it."""
    found = jobs.submit(runs.home(), settings.current(), insist)
    picker.select(found.run)
    st.session_state[JOINED] = found.run.id if found.joined else None
    st.session_state[REMOVED] = found.removed


run = picker.current()
status = run.status() if run else None
with st.container(horizontal=True, vertical_alignment="center"):
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        disabled=config is None,
        on_click=clicks.attempt,
        args=(start,),
    )
    if run is not None and status is not None:
        steering.buttons(run, status)
clicks.show_refusal()
if removed := st.session_state.pop(REMOVED, ()):
    say.info(f"To make room, the oldest runs were removed: {', '.join(removed)}.", icon=":material/delete:")
if run is not None and status is not None and st.session_state.get(JOINED) == run.id:
    with st.container(horizontal=True, vertical_alignment="center"):
        there = "has been done already" if status.state == runs.DONE else "is under way already"
        say.info(f"A training with exactly these settings {there}: this is it.", icon=":material/group:")
        st.button("Train again anyway", on_click=clicks.attempt, args=(start, True))

if run is not None and status is not None:
    say.heading(run.id)
    training.watch(run, status)
    try:
        remark = training.remark(run)
    except GenmodError:
        remark = ""
    if remark:
        say.caption(remark)

st.subheader("The network these settings build", anchor=False)
if config is None:
    st.caption("Correct the setting named in the sidebar to see it.")
else:
    kind = kinds.of(config)
    layers = kind.layers(config)
    pictures.drawing(diagrams.network(layers, frame.ink(), frame.accent()), diagrams.description(layers))
    say.caption(
        f"{kinds.parameters(config):,} parameters. From left to right: {kind.story(config)} "
        "Each block's number says how many values it holds."
    )
    with st.expander("Layers and parameters"):
        st.dataframe(
            pd.DataFrame(
                {
                    "network": [layer.network for layer in layers],
                    "layer": [layer.name for layer in layers],
                    "what it does": [layer.does for layer in layers],
                    "values": [layer.units for layer in layers],
                    "parameters": [layer.parameters for layer in layers],
                }
            ),
            hide_index=True,
            alt="The layers of the network with their sizes and numbers of parameters.",
        )
