"""A training on the screen: where it stands, its numbers, its pictures and its curves."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

import streamlit as st

from genmod import diagnosis, jobs, runs
from genmod.config import Config
from genmod.errors import RunError
from genmod.runs import Run, Status
from genmod.ui import curves, frame, pictures

TICK = 0.4  # seconds between two looks at a run that trains
CURVES_TICK = 1.0  # and at its curves, which change less

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
    st.fragment(_look, run_every=TICK if changing else None)(run, config, changing)
    st.fragment(_look_at_curves, run_every=CURVES_TICK if changing else None)(run, config)


def _look(run: Run, config: Config, was_changing: bool) -> None:
    """Where the run stands, its numbers and its pictures."""
    status = run.status()
    if was_changing and status.ended:
        st.rerun()  # once, so that the timers end and the buttons change
    history = run.history()
    _standing(run, status, run.progress() if status.active else {})
    _diagnosis(config, history, run.progress() if status.active else {}, status)
    _pictures(run, config, status, len(history))
    if words := curves.latest(config, history):
        st.caption(words)


def _look_at_curves(run: Run, config: Config) -> None:
    """The curves so far."""
    curves.draw(config, run.history(), run.progress() if run.status().active else {})


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
        **curves.words(progress["metrics"]),
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


def _diagnosis(config: Config, history: list[dict[str, float]], progress: Mapping[str, Any], status: Status) -> None:
    """One sentence on how the training goes, read from its numbers."""
    diverged = status.state == runs.FAILED and "diverge" in status.message
    found = diagnosis.diagnose(config, history, progress.get("metrics") or {}, diverged)
    if found is not None:
        st.markdown(f"**{found.state.capitalize()}.** {found.sentence}")


def _pictures(run: Run, config: Config, status: Status, epochs: int) -> None:
    """The fixed latents decoded, and beside them test digits with their reconstructions."""
    sheet, pairs = run.sheet(), run.reconstructions()
    if sheet is None:
        st.caption("Here the digits will form: fifty random latents, always the same, decoded again and again.")
        return
    when = "now" if status.active else f"after {epochs} epoch{'s' if epochs != 1 else ''}"
    network = "generator" if config.kind == "gan" else "decoder"
    which = (
        f"Five random latents, one a row, each drawn as the digits 0 to 9 {when}."
        if config.by_class
        else f"Fifty random latents decoded {when}."
    )
    found = [
        pictures.figure(
            sheet,
            alt=f"Fifty digits made from fixed random latents, {when}"
            + (", the digits 0 to 9 from left to right." if config.by_class else "."),
            caption=f"{which} They stay the same all through the training: only the {network} changes.",
            largest=2,
        )
    ]
    if pairs is not None:
        found.append(
            pictures.figure(
                pairs,
                alt="Ten test digits from 0 to 9 above their reconstructions.",
                caption="Above: ten test images, which the model never trains on. Below: what comes back from their "
                "codes.",
                largest=1,
            )
        )
    pictures.row(*found)
