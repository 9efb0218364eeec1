"""A training on the screen: where it stands, its numbers, its pictures and its curves."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import streamlit as st

from genmod import charts, jobs, runs
from genmod.config import Config
from genmod.errors import RunError
from genmod.runs import Run, Status
from genmod.ui import frame, pictures

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
    st.fragment(_look, run_every=TICK if changing else None)(run, changing)
    st.fragment(_look_at_curves, run_every=CURVES_TICK if changing else None)(run, config)


def _look(run: Run, was_changing: bool) -> None:
    """Where the run stands, its numbers and its pictures."""
    status = run.status()
    if was_changing and status.ended:
        st.rerun()  # once, so that the timers end and the buttons change
    history = run.history()
    _standing(run, status, run.progress() if status.active else {})
    _pictures(run, status, len(history))
    _latest(history)


def _look_at_curves(run: Run, config: Config) -> None:
    """The curves so far."""
    _curves(config, run.history(), run.progress() if run.status().active else {})


def _standing(run: Run, status: Status, progress: Mapping[str, Any]) -> None:
    """The state in words; while training also a bar and the live numbers, in one element."""
    if status.waiting:
        ahead = jobs.ahead(runs.home(), run)
        jobs.ensure_worker(runs.home())
        st.info(
            "Starting: the training process is getting ready, which takes a few seconds."
            if ahead == 0
            else f"Waiting: {ahead} training{'s' if ahead > 1 else ''} before this one. It starts by itself.",
            icon=":material/hourglass_top:",
        )
    elif status.active:
        st.html(_live_numbers(progress))
    else:
        show = (
            st.error if status.state == runs.FAILED else st.warning if status.state == runs.INTERRUPTED else st.success
        )
        show(status.message, icon=ICONS[status.state])


def _live_numbers(progress: Mapping[str, Any]) -> str:
    if not progress:
        return '<p role="status">Getting ready: the compiler builds the training step.</p>'
    left = max(0, round(progress["seconds_left"]))
    share = progress["share"]
    numbers = {
        "Epoch": f"{progress['epoch']} of {progress['epochs']}",
        "Time left": f"{left // 60}:{left % 60:02d} min",
        "Speed": f"{progress['images_per_second']:,.0f} images/s",
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


def _word(metric: str) -> str:
    return {"loss": "Loss", "reconstruction_loss": "Reconstruction", "kl_loss": "KL divergence"}.get(metric, metric)


def _pictures(run: Run, status: Status, epochs: int) -> None:
    """The fixed latents decoded, and beside them test digits with their reconstructions."""
    sheet, pairs = run.sheet(), run.reconstructions()
    if sheet is None or pairs is None:
        st.caption("Here the digits will form: fifty random latents, always the same, decoded again and again.")
        return
    when = "now" if status.active else f"after {epochs} epoch{'s' if epochs != 1 else ''}"
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


def _curves(config: Config, history: list[dict[str, float]], progress: Mapping[str, Any]) -> None:
    """Three charts, each with the training and the held-out curve."""
    rows = list(history)
    if progress and progress["epoch"] > len(history):
        rows.append({"epoch": progress["epoch"] - 1 + progress["step"] / progress["steps"], **progress["metrics"]})
    accent = frame.accent()
    for column, (title, names) in zip(st.columns(3), CURVES.items(), strict=True):
        table = charts.loss_rows(
            rows, {charts.TRAINING: names, charts.HELD_OUT: tuple(f"val_{name}" for name in names)}
        )
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
