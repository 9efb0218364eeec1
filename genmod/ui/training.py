"""A training on the screen: where it stands, its numbers, its pictures and its curves."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from genmod import charts, control, jobs, logs, runs, workers
from genmod.config import Config
from genmod.errors import GenmodError, RunError
from genmod.runs import Run, Status
from genmod.ui import frame, pictures, steering

TICK = 0.4  # seconds between two looks at a run that trains
CURVES_TICK = 1.0  # and at its curves, which change less

CURVES = {
    "Total: reconstruction + KL": ("reconstruction_loss", "kl_loss"),
    "Reconstruction": ("reconstruction_loss",),
    "KL divergence": ("kl_loss",),
}
ICONS = {
    runs.DONE: ":material/check_circle:",
    runs.STOPPED: ":material/stop_circle:",
    runs.INTERRUPTED: ":material/power_off:",
    runs.FAILED: ":material/error:",
}


def watch(run: Run) -> None:
    """Show the run, and keep showing it for as long as it changes."""
    status = run.status()
    try:
        config = run.config()
    except RunError as error:
        st.error(str(error), icon=":material/error:")
        return
    changing = status.active or status.waiting
    st.fragment(_look, run_every=TICK if changing else None)(run, status.state)
    if status.active:
        steering.changes(run, config)
    st.fragment(_look_at_curves, run_every=CURVES_TICK if changing else None)(run, config)
    _log(run)


def _look(run: Run, shown: str) -> None:
    """Where the run stands, its numbers and its pictures."""
    status = run.status()
    if status.state != shown:
        st.rerun()  # once, so that the buttons change, and the timers when it has ended
    history = run.history()
    _standing(run, status, run.progress() if status.active else {})
    _pictures(run, status, len(history))
    _latest(history)


def _look_at_curves(run: Run, config: Config) -> None:
    """The curves so far."""
    events = control.events(run)
    marks = [(event.epoch, steering.words(event, config)) for event in events]
    _curves(config, run.history(), run.progress() if run.status().active else {}, marks)
    if marks:
        st.caption(
            "Done while it trained: " + "; ".join(f"{what} in epoch {int(epoch) + 1}" for epoch, what in marks) + "."
        )


def _standing(run: Run, status: Status, progress: Mapping[str, Any]) -> None:
    """The state in words; while training also a bar and the live numbers, in one element."""
    if status.waiting:
        _waiting(run)
    elif status.active:
        st.html(_live_numbers(progress, status.state == runs.PAUSED))
    else:
        show = (
            st.error if status.state == runs.FAILED else st.warning if status.state == runs.INTERRUPTED else st.success
        )
        show(status.message, icon=ICONS[status.state])


def _waiting(run: Run) -> None:
    """Its place in the queue and when it will start."""
    try:
        jobs.ensure_worker(runs.home())
    except GenmodError as error:
        st.error(str(error), icon=":material/error:")
    if trouble := workers.trouble(runs.home()):
        st.error(trouble, icon=":material/error:")
        return
    st.info(waiting_sentence(jobs.outlook(runs.home(), run)), icon=":material/hourglass_top:")


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


def _live_numbers(progress: Mapping[str, Any], paused: bool) -> str:
    if not progress:
        return '<p role="status">Getting ready: the compiler builds the training step.</p>'
    left = None if progress["seconds_left"] is None else max(0, round(progress["seconds_left"]))
    share = progress["share"]
    numbers = {
        "Epoch": f"{progress['epoch']} of {progress['epochs']}",
        "Step": f"{progress['step']} of {progress['steps']}",
        "Time left": "paused" if paused else "-" if left is None else f"{left // 60}:{left % 60:02d} min",
        "Speed": "-" if paused else f"{progress['images_per_second']:,.0f} images/s",
        **{_word(name): f"{value:.1f} nats" for name, value in progress["metrics"].items()},
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
    """What the trainer said, for who wants to know."""
    if (text := logs.tail(run.file(logs.NAME))) and not run.shipped:
        with st.expander("Log of the training"):
            st.code(text, language=None, height=300, wrap_lines=True)


def _word(metric: str) -> str:
    return {"loss": "Loss", "reconstruction_loss": "Reconstruction", "kl_loss": "KL divergence"}.get(metric, metric)


def _pictures(run: Run, status: Status, epochs: int) -> None:
    """The fixed latents decoded, and beside them test digits with their reconstructions."""
    sheet, pairs = run.sheet(), run.reconstructions()
    if sheet is None or pairs is None:
        st.caption("Here the digits will form: fifty random latents, always the same, decoded again and again.")
        return
    if status.active:
        when = "now"
    elif status.state == runs.DONE:
        when = f"after {epochs} epoch{'s' if epochs != 1 else ''}"
    else:
        when = "where the training stands"
    pictures.row(
        pictures.figure(
            sheet,
            alt=f"Fifty digits decoded from fixed random latents, {when}.",
            caption=f"Fifty random latents decoded {when}. They stay the same all through the training: "
            "only the decoder changes.",
            largest=2,
        ),
        pictures.figure(
            pairs,
            alt="Ten test digits from 0 to 9 above their reconstructions.",
            caption="Above: ten test images, which the model never trains on. Below: what comes back from their codes.",
            largest=1,
        ),
    )


def _latest(history: list[dict[str, float]]) -> None:
    if not history:
        return
    last = history[-1]
    st.caption(
        f"After epoch {last['epoch']:.0f}, on the 10,000 test images: reconstruction "
        f"{last['val_reconstruction_loss']:.1f} + KL {last['val_kl_loss']:.1f} = {last['val_loss']:.1f} nats per image."
    )


def _curves(
    config: Config,
    history: list[dict[str, float]],
    progress: Mapping[str, Any],
    marks: Sequence[tuple[float, str]] = (),
) -> None:
    """Three charts, each with the training and the held-out curve, and marks where something was changed."""
    rows = list(history)
    if progress and progress["metrics"] and progress["epoch"] > len(history):
        rows.append({"epoch": progress["epoch"] - 1 + progress["step"] / progress["steps"], **progress["metrics"]})
    accent = frame.accent()
    for column, (title, names) in zip(st.columns(3), CURVES.items(), strict=True):
        table = charts.loss_rows(
            rows, {charts.TRAINING: names, charts.HELD_OUT: tuple(f"val_{name}" for name in names)}
        )
        if marks:
            table = pd.concat([table, charts.mark_rows(marks)], ignore_index=True)
        last = history[-1] if history else {}
        said = (
            f", {sum(last[name] for name in names):.1f} in training and "
            f"{sum(last['val_' + name] for name in names):.1f} held out after epoch {last['epoch']:.0f}"
            if last
            else ", no values yet"
        )
        with column:
            st.markdown(f"**{title}**")
            st.vega_lite_chart(
                table,
                charts.loss_curves(config.epochs, accent),
                key=f"curve_{names[0]}_{len(names)}",
                alt=f"{title} in nats per image over the epochs{said}.",
            )
