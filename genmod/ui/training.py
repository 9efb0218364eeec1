"""A training on the screen: where it stands, its numbers, its pictures and its curves."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import streamlit as st

from genmod import jobs, kinds, runs
from genmod.errors import GenmodError, RunError
from genmod.jobs import dispatch, workers
from genmod.kinds import Config, Kind
from genmod.runs import Run, Status, control, logs
from genmod.ui import curves, frame, pictures, say, steering

LIVE = {"epoch", "epochs", "step", "steps", "share", "seconds_left", "images_per_second", "metrics"}  # shown
MOST_MARKS = 200
TICK = 0.4  # seconds between two looks at a run that trains
CURVES_TICK = 1.5  # and at its curves, which change less and cost three times as much


def watch(run: Run, status: Status) -> None:
    """Show the run, and keep showing it for as long as it changes.

    Args:
        status: the one by which the page has drawn its buttons: when it is another, the page is drawn again.
    """
    try:
        config = run.config()
    except RunError as error:
        say.error(str(error))
        return
    for sentence in (*run.complaints(), *control.complaints(run)):
        say.warning(sentence)
    changing = status.active or status.waiting
    st.fragment(_draw_state, run_every=TICK if changing else None)(run, config, status.state)
    if status.active:
        steering.changes(run, config)
    st.fragment(_draw_curves, run_every=CURVES_TICK if changing else None)(run, config)
    _log(run)


def remark(run: Run) -> str:
    """What to know of the run's curves; empty if there is nothing."""
    config = run.config()
    adjusted = {name: value for name, (_, value) in control.read(run).settings.items()}
    return kinds.of(config).remark_on_curves(config, adjusted)


def _draw_state(run: Run, config: Config, shown: str) -> None:
    """Where the run stands, its numbers and its pictures."""
    status = run.status()
    if status.state != shown:
        st.rerun()  # once, so that the buttons change, and the timers when it has ended
    history, progress = run.history(), run.progress() if status.active else {}
    _standing(run, config, status, history, progress)
    _diagnosis(config, history, progress, status)
    _pictures(run, config, status, len(history))
    if words := kinds.of(config).latest(config, history):
        say.caption(words)


def _draw_curves(run: Run, config: Config) -> None:
    """The curves so far."""
    events = control.events(run)[-MOST_MARKS:]
    marks = [(event.epoch, steering.words(event, config)) for event in events]
    curves.draw(config, run.history(), run.progress() if run.status().active else {}, marks)
    if marks:
        say.caption(
            "Done while it trained: " + "; ".join(f"{what} in epoch {int(epoch) + 1}" for epoch, what in marks) + "."
        )


def _standing(
    run: Run, config: Config, status: Status, history: list[dict[str, float]], progress: Mapping[str, Any]
) -> None:
    """The state in words; while training also a bar and the live numbers, in one element."""
    if status.waiting:
        _waiting(run)
    elif status.active:
        st.html(_live_numbers(kinds.of(config), progress, status.state == runs.PAUSED))
    else:
        if status.state == runs.FAILED:
            say.error(status.message)
        elif status.state == runs.INTERRUPTED:
            say.warning(status.message, icon=":material/power_off:")
        else:
            _ended(status, kinds.of(config).diagnose(config, history, {}))


def _ended(status: Status, found: kinds.Diagnosis | None) -> None:
    """How a training ended: green only if it came to its end and learned what it should."""
    if status.state == runs.STOPPED:
        say.info(status.message, icon=":material/stop_circle:")
    elif found is not None and not found.sound:
        say.warning(status.message, icon=":material/check_circle:")
    else:
        say.success(status.message, icon=":material/check_circle:")


def _waiting(run: Run) -> None:
    """Its place in the queue and when it will start."""
    try:
        dispatch.ensure_worker(runs.home())
    except GenmodError as error:
        say.error(str(error))
    if trouble := workers.trouble(runs.home()):
        say.error(trouble)
        return
    outlook = jobs.outlook(runs.home(), run)
    if outlook.seconds == 0.0 and (shortage := jobs.shortage(runs.home(), run)):
        say.warning(shortage, icon=":material/hourglass_top:")
        return
    say.info(waiting_sentence(outlook), icon=":material/hourglass_top:")


def waiting_sentence(outlook: jobs.Outlook) -> str:
    """What a waiting run has before it, in words."""
    if outlook.seconds == 0.0:
        return "Starting: the training process is getting ready, which takes a few seconds."
    before = f"{outlook.ahead} training{'s' if outlook.ahead > 1 else ''} before this one"
    if outlook.seconds is None:
        when = "when it starts cannot be told, for one of them is paused or has only just begun"
    else:
        when = f"it starts by itself in about {duration(outlook.seconds)}"
    return f"Place {outlook.place} in the queue, {before}: {when}."


def duration(seconds: float) -> str:
    """A time as people say it, such as "3 minutes"."""
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} seconds"
    if seconds < 5400:
        return f"{round(seconds / 60)} minutes"
    return f"{seconds / 3600:.1f} hours"


def _live_numbers(kind: Kind[Any], progress: Mapping[str, Any], paused: bool) -> str:
    if not progress.keys() >= LIVE:
        return '<p role="status">Getting ready: the compiler builds the training step.</p>'
    left = None if progress["seconds_left"] is None else max(0, round(progress["seconds_left"]))
    share = min(max(progress["share"], 0.0), 1.0)
    numbers = {
        "Epoch": f"{progress['epoch']} of {progress['epochs']}",
        "Step": f"{progress['step']} of {progress['steps']}",
        "Time left": "paused" if paused else "-" if left is None else f"{left // 60}:{left % 60:02d} min",
        "Speed": "-" if paused else f"{progress['images_per_second']:,.0f} images/s",
        **kind.shown(progress["metrics"]),
    }
    items = "".join(
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(text)}</dd></div>" for name, text in numbers.items()
    )
    return (
        f'<dl class="gm-numbers">{items}</dl>'
        '<div class="gm-bar" role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{100 * share:.0f}" style="--gm-accent:{frame.accent()}">'
        f'<i style="width:{100 * share:.1f}%"></i></div>'
    )


def _log(run: Run) -> None:
    """What the trainer wrote in its log."""
    if (text := logs.tail(run.file(logs.NAME))) and not run.shipped:
        with st.expander("Log of the training"):
            st.code(text, language=None, height=300, wrap_lines=True)


def _diagnosis(config: Config, history: list[dict[str, float]], progress: Mapping[str, Any], status: Status) -> None:
    """One sentence on how the training goes, read from its numbers."""
    if status.state == runs.FAILED and status.cause == runs.DIVERGED:
        found: kinds.Diagnosis | None = kinds.DIVERGED
    else:
        found = kinds.of(config).diagnose(config, history, progress.get("metrics") or {})
    if found is not None:
        st.markdown(f"**{say.plain(found.state.capitalize())}.** {say.plain(found.sentence)}")


def _pictures(run: Run, config: Config, status: Status, epochs: int) -> None:
    """The fixed latents decoded, and beside them test digits with their reconstructions."""
    sheet, pairs = run.sheet(), run.reconstructions()
    source = config.source
    if sheet is None:
        say.caption(f"Here the {source.plural} will form: random latents, always the same, decoded again and again.")
        return
    if status.active:
        when = "now"
    elif status.state == runs.DONE:
        when = f"after {epochs} epoch{'s' if epochs != 1 else ''}"
    else:
        when = "where the training stands"
    network = kinds.of(config).sampler
    order = f"one column for each class: {', '.join(source.class_names)}"
    which = (
        f"Five random latents, one a row, each drawn as every class {when}; {order}."
        if config.conditional
        else f"Fifty random latents decoded {when}."
    )
    found = [
        pictures.figure(
            sheet,
            alt=f"{source.plural.capitalize()} made from fixed random latents, {when}"
            + (f", {order}." if config.conditional else "."),
            caption=f"{which} They stay the same all through the training: only the {network} changes.",
            largest=2,
        )
    ]
    if pairs is not None:
        found.append(
            pictures.figure(
                pairs,
                alt="Ten test images, of every class in turn, above their reconstructions.",
                caption="Above: ten test images, which the model never trains on. Below: what comes back from their "
                "codes.",
                largest=1,
            )
        )
    pictures.row(*found)
