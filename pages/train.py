"""Choose settings, train, watch: the network, its numbers, its digits and its curves."""

import pandas as pd
import streamlit as st

from genmod import architecture, diagrams, jobs, runs
from genmod.config import Config
from genmod.datasets import mnist
from genmod.errors import GenmodError
from genmod.runs import Run
from genmod.ui import frame, links, picker, pictures, settings, training

frame.guard()
frame.header(
    "Train",
    "Choose a preset in the sidebar, change what you like, and press Train. The training runs on its own: "
    "you may look at other pages meanwhile, reload, or come back later with this page's link.",
)
with st.sidebar:
    st.divider()
    config = settings.form()
links.show_complaints("train")


def start(config: Config) -> None:
    """Queue a training of these settings and watch it."""
    try:
        run = jobs.submit(runs.home(), config, mnist().sha256)
    except GenmodError as error:
        st.error(str(error), icon=":material/error:")
        return
    picker.select(run)


def control(action: str, run: Run) -> None:
    """Stop or resume a run."""
    try:
        {"stop": jobs.stop, "resume": jobs.resume}[action](runs.home(), run)
    except GenmodError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


run = picker.current()
status = run.status() if run else None
with st.container(horizontal=True, vertical_alignment="center"):
    train = st.button("Train", type="primary", icon=":material/play_arrow:", disabled=config is None)
    busy = status is not None and (status.active or status.waiting)
    stop = st.button("Stop", icon=":material/stop:", disabled=not busy)
    resumable = status is not None and run is not None and not run.shipped and status.state in jobs.RESUMABLE
    resume = resumable and st.button("Resume", icon=":material/resume:")
if train and config is not None:
    start(config)
if stop and run is not None:
    control("stop", run)
if resume and run is not None:
    control("resume", run)

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
        f"{architecture.parameters(config):,} parameters. From left to right: the encoder squeezes an image into the mean and the "
        f"log-variance of {getattr(config, 'latent_dim', 0)} latent numbers; one random draw from them goes into the decoder, "
        "which draws the image again. Each block's number says how many values it holds."
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
