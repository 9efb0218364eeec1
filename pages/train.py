"""Choose settings, train, watch: the digits on stage, their numbers and curves, and the network."""

import pandas as pd
import streamlit as st

from genmod import jobs, kinds, runs
from genmod.drawing import diagrams
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.jobs import workers
from genmod.runs import Run
from genmod.ui import clicks, frame, links, picker, pictures, say, settings, stage, steering, terms, training

frame.guard()

JOINED = "joined"  # the run that is watched because the same training was there already
REMOVED = "removed"  # the runs that had to make room
NONE = "no other run"
MOST_CHANGES = 3  # named in the head; the others are counted

stage.style()
st.title("Train", anchor=False)
top = st.container(horizontal=True, vertical_alignment="center", key="top", gap="small")
head = top.container(key="head")  # filled last: never does one run's name stand over another's pictures
below = st.container(key="below_head")
run = picker.current()
others = [other.id for other in picker.available() if other != run and other.frames()]


def known_other(wanted: str) -> str:
    """Refuse a link's run to show beside that is none."""
    if wanted not in (NONE, *others):
        raise ConfigError(f"There is no run {wanted[:64]!r} to show beside; it must be another run with pictures.")
    return wanted


links.check({"in_step": known_other})
with st.sidebar:
    wanted = st.selectbox(
        "Beside it", [NONE, *others], key="in_step", bind="query-params",
        help="A second run whose film moves in step with this one: both show what they drew after as many images.",
    )  # fmt: skip
    st.divider()
    form = settings.form()
if form.config is not None:
    workers.hint(runs.home(), form.config)
links.show_complaints()


# A callback: it reads what the form holds at the moment of the click, and may choose a run before the picker is drawn.


def start(insist: bool = False) -> None:
    """Queue a training of the settings in the form, or find the one that is there already, and watch it."""
    found = jobs.submit(runs.home(), settings.current(), insist)
    picker.select(found.run)
    st.session_state[JOINED] = found.run.id if found.joined else None
    st.session_state[REMOVED] = found.removed


def title(shown: Run | None) -> str:
    """What the stage shows: the chosen run, or the new one that the form describes."""
    if shown is not None:
        return shown.id
    changes = form.changes
    more = len(changes) - MOST_CHANGES
    if more > 0:
        changes = [*changes[:MOST_CHANGES], f"{more} more change{'s' if more > 1 else ''}"]
    return ", ".join([f"New: {form.start}", *changes])


def subtitle(shown: Run | None) -> str:
    """What kind of model that is, and what it learns from."""
    if shown is not None:
        return picker.describe(shown)
    if form.config is None:
        return "One of the settings cannot be used; the sentence beside it says why."
    return f"{kinds.of(form.config).title} of {form.config.source.title}, not trained yet."


def damaged(which: Run | None) -> bool:
    """Whether a run's settings cannot be read, so that no form can be filled with them."""
    try:
        return which is not None and which.config() is None
    except RunError:
        return True


shown = run if run is not None and (form.shown or damaged(run)) else None
status = shown.status() if shown is not None else None
with top:
    st.button(
        "Train",
        type="primary",
        icon=":material/play_arrow:",
        disabled=form.config is None,
        on_click=clicks.attempt,
        args=(start,),
    )
    if shown is None and run is not None:
        st.button(
            say.plain(f"Back to {run.id}"), icon=":material/undo:", on_click=settings.back_to_the_shown_run,
            help="Give the settings up and show the run again.",
        )  # fmt: skip
    if shown is not None and status is not None and not shown.shipped:
        steering.buttons(shown, status)
clicks.show_refusal()
if removed := st.session_state.pop(REMOVED, ()):
    say.info(f"To make room, the oldest runs were removed: {', '.join(removed)}.", icon=":material/delete:")
if shown is not None and status is not None and st.session_state.get(JOINED) == shown.id:
    with st.container(horizontal=True, vertical_alignment="center"):
        there = "has been done already" if status.state == runs.DONE else "is under way already"
        say.info(f"A training with exactly these settings {there}: this is it.", icon=":material/group:")
        st.button("Train again anyway", on_click=clicks.attempt, args=(start, True))

if shown is not None and status is not None:
    for sentence in training.complaints(shown):
        say.warning(sentence)
beside = next((other for other in picker.available() if other.id == wanted and other.id in others), None)
config = form.config if shown is None else training.settings_of(shown)
if config is not None:
    training.watch(shown, config, status, beside if shown is not None else None)
with head:
    say.heading(title(shown))
with below:
    say.caption(subtitle(shown))

if shown is not None and status is not None:
    try:
        training.details(shown)
    except GenmodError as error:
        say.error(str(error))

if config is not None:
    said = [*stage.acts.texts(config), title(shown), subtitle(shown)]
    terms.row_for(*said, *(f"{item.label} {item.help}" for item in config.settings()))

st.header("The network", anchor=False)
if config is None:
    st.caption("Correct the setting that is named beside the settings to see it.")
else:
    kind = kinds.of(config)
    layers = kind.layers(config)
    colors = frame.ink(), frame.accent()
    pictures.drawing(
        diagrams.network(layers, *colors), diagrams.network_tall(layers, *colors), diagrams.description(layers)
    )
    say.caption(
        f"{kinds.parameters(config):,} parameters. In order: {kind.story(config)} "
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
