"""Steering a training on the screen: pause, step, slow motion, stop, other settings from the next step on."""

from __future__ import annotations

import contextlib

import streamlit as st

from genmod import jobs, kinds, runs
from genmod.errors import ConfigError
from genmod.kinds import Config
from genmod.runs import Run, Status, control
from genmod.ui import links
from genmod.ui.clicks import attempt

WIDTH = 120  # pixels of the button whose words change
PACES = {"Full speed": 0.0, "20 steps a second": 20.0, "4 steps a second": 4.0, "1 step a second": 1.0}


def buttons(run: Run, status: Status) -> None:
    """What can be done to this run now; drawn beside the Train button.

    All buttons are there as long as a run can be steered at all, those that do not count now are grey: nothing moves
    when the state changes, for a click that is under way would land on the button beside.
    """
    store, stopping = runs.home(), is_stopping(run, status)
    steered = status.active and not stopping
    st.button(
        "Stop",
        key="stop",  # the stage's script listens to it
        icon=":material/stop:",
        disabled=stopping or not (status.active or status.waiting),
        on_click=attempt,
        args=(jobs.stop, store, run),
    )
    if status.state == runs.PAUSED:
        st.button(
            "Go on", icon=":material/resume:", width=WIDTH, disabled=stopping, on_click=attempt,
            args=(control.resume, run),
        )  # fmt: skip
    elif resumable(run, status):
        st.button("Resume", icon=":material/resume:", width=WIDTH, on_click=attempt, args=(jobs.resume, store, run))
    else:
        st.button(
            "Pause", icon=":material/pause:", width=WIDTH, disabled=not steered, on_click=attempt,
            args=(control.pause, run),
        )  # fmt: skip
    st.button("Step", icon=":material/skip_next:", disabled=not steered, on_click=_step, args=(run,))
    st.number_input(
        "Steps at once", 1, control.MOST_STEPS, key=f"steps_{run.id}", label_visibility="collapsed", width=120,
        disabled=not steered,
    )  # fmt: skip


STOPPING = "Stopping: the present steps are finished, and what was learned is saved."


def is_stopping(run: Run, status: Status) -> bool:
    """Whether the run was asked to stop and has not stopped yet."""
    return status.active and control.read(run).wanted == control.STOP


def resumable(run: Run, status: Status) -> bool:
    """Whether going on could end otherwise than before: a training that diverged would only diverge again."""
    return not run.shipped and status.state in jobs.RESUMABLE and status.cause != runs.DIVERGED


def remedy(run: Run, config: Config, found: kinds.Diagnosis | None) -> dict[str, float]:
    """The settings that usually mend what is wrong, and their new values; empty if there are none left to try.

    A setting that was changed while the run trained is not offered again.
    """
    if found is None:
        return {}
    now, changed = _values(run, config), control.read(run).settings
    values = {}
    for name, factor in found.remedy.items():
        if name in config.adjustable and name not in changed:
            item = config.setting(name)
            assert item.low is not None
            values[name] = float(f"{max(item.low, now[name] * factor):.2g}")
    return {name: value for name, value in values.items() if value != now[name]}


def remedy_words(config: Config, values: dict[str, float]) -> str:
    """What a remedy does, for its button."""
    return "Set " + " and ".join(f"{config.setting(name).label.lower()} to {value:g}" for name, value in values.items())


def changes(run: Run, config: Config) -> None:
    """Slow motion, and the settings that may change while it trains; each holds from the next step on."""
    now = _values(run, config)
    with st.expander("Change it while it trains"):
        columns = st.columns(1 + len(config.adjustable))
        columns[0].selectbox(
            "Speed",
            list(PACES),
            index=list(PACES.values()).index(now[control.PACE]) if now[control.PACE] in PACES.values() else 0,
            key=f"pace_{run.id}",
            on_change=_change_pace,
            args=(run,),
            help="In slow motion every step can be seen on the picture.",
        )
        for column, name in zip(columns[1:], config.adjustable, strict=True):
            item = config.setting(name)
            assert item.low is not None and item.high is not None
            column.number_input(
                item.label,
                item.low,
                item.high,
                now[name],
                step=links.step(item),
                format="%g",
                key=f"{name}_{run.id}",
                on_change=_change,
                args=(run, name),
                help=item.help,
            )
        st.caption("A change holds from the next step on and is marked in the curves.")


def _values(run: Run, config: Config) -> dict[str, float]:
    """What the settings are by now."""
    requests = control.read(run)
    values = {name: float(config.values[name]) for name in config.adjustable}  # type: ignore[arg-type]
    for name, (_, value) in requests.settings.items():
        if name in values:
            with contextlib.suppress(ConfigError):  # a damaged file may ask for anything
                values[name] = float(config.setting(name).parse(value))  # type: ignore[arg-type]
    return values | {control.PACE: requests.pace}


def _step(run: Run) -> None:
    attempt(control.step, run, int(st.session_state.get(f"steps_{run.id}", 1)))


def _change(run: Run, name: str) -> None:
    value = st.session_state[f"{name}_{run.id}"]
    attempt(lambda: control.change(run, **{name: value}))


def _change_pace(run: Run) -> None:
    pace = PACES[st.session_state[f"pace_{run.id}"]]
    attempt(lambda: control.change(run, **{control.PACE: pace}))


def words(event: control.Event, config: Config) -> str:
    """What was done, for a mark in a chart, such as "beta 2"."""
    if event.name in config.adjustable:
        return f"{config.setting(event.name).label.lower()} {event.value:g}"
    if event.name == control.PACE:
        return f"{event.value:g} steps/s" if event.value else "full speed"
    if event.name == "step":
        return f"{event.value:.0f} step{'s' if event.value != 1 else ''}"
    return {"pause": "paused", "resume": "went on", "stop": "stopped"}.get(event.name, event.name)
