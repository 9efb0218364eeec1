"""A training on the screen: where it stands, the stage, what can be done about it, and its details."""

from __future__ import annotations

import functools
from typing import Any

import pandas as pd
import streamlit as st

from genmod import jobs, kinds, runs
from genmod.drawing import films, images
from genmod.errors import GenmodError, RunError
from genmod.jobs import dispatch, workers
from genmod.kinds import Config, Diagnosis
from genmod.lesson import experiments
from genmod.runs import Run, Status, control, logs
from genmod.system import files
from genmod.ui import clicks, pictures, say, settings, stage, steering

MOST_MARKS = 200
TICK = 0.4  # seconds between two looks at a run that trains
NUMBERS_TICK = 4.0  # and at all its numbers, which are folded away
FILMS: dict[films.Format, str] = {"gif": "GIF", "webp": "WebP"}
STEP_TICK = 0.3  # and at what one of its steps does
EXPERIMENT = "An experiment of the lesson comes first and takes a few minutes: then this training starts by itself."


def watch(run: Run | None, config: Config, status: Status | None, beside: Run | None = None) -> None:
    """Show the run, and keep showing it for as long as it changes.

    Args:
        run: None shows the stage before a training with these settings.
        status: the one by which the page has drawn its buttons: when it is another, the page is drawn again.
        beside: another run, shown in step with it.
    """
    changing = status is not None and (status.active or status.waiting)
    changing = changing or (beside is not None and beside.status().active)
    # Always the same fragment: the stage stays in its place from one run to the next, and nothing below it moves.
    st.fragment(_draw, run_every=TICK if changing else None)(run, config, status, beside)
    if run is not None and status is not None and status.active and not steering.is_stopping(run, status):
        steering.changes(run, config)


def settings_of(run: Run) -> Config | None:
    """The settings of a run; None, with a sentence on the page, if they cannot be read."""
    try:
        return run.config()
    except RunError as error:
        say.error(str(error))
        return None


def can_be_shown(run: Run) -> bool:
    """Whether a run has pictures, and settings that say what they are of."""
    try:
        return bool(run.frames()) and run.config() is not None
    except RunError:
        return False


def complaints(run: Run) -> list[str]:
    """One sentence for each of the run's files that is damaged."""
    return [*run.complaints(), *control.complaints(run)]


def details(run: Run) -> None:
    """What one step does, all numbers, what to know of the curves, and the log; folded away."""
    try:
        config = run.config()
    except RunError:
        return
    status = run.status()
    st.fragment(_good, run_every=NUMBERS_TICK if status.active else None)(run, config)
    if (status.active or run.step_picture() is not None) and not run.shipped:
        with st.expander("One step in slow motion", key="one_step"):
            # At full speed no step is shown; a change of the speed draws the page again.
            seen = status.active and (status.state == runs.PAUSED or control.read(run).pace > 0)
            st.fragment(_draw_step, run_every=STEP_TICK if seen else None)(run, config)
    _download(run)
    st.fragment(_numbers, run_every=NUMBERS_TICK if status.active else None)(run, config)
    _log(run)


def remark(run: Run) -> str:
    """What to know of the run's curves; empty if there is nothing."""
    config = run.config()
    adjusted = {name: value for name, (_, value) in control.read(run).settings.items()}
    return kinds.of(config).remark_on_curves(config, adjusted)


# Where it stands


def _draw(run: Run | None, config: Config, drawn: Status | None, beside: Run | None) -> None:
    """Where the run stands, and the stage."""
    if run is None or drawn is None:
        with st.container(horizontal=True, vertical_alignment="center", key="standing"):
            say.info("Nothing has been trained with these settings yet. Press Train to begin.")
        stage.show([stage.empty(config, "")])
        return
    status = run.status()
    if status.state != drawn.state:
        st.rerun()  # once, so that the buttons change, and the timers when it has ended
    now = stage.situation(run, steering.STOPPING if steering.is_stopping(run, status) else "")
    found = run.diagnosis(run.history(), now.metrics)
    with st.container(horizontal=True, vertical_alignment="center", key="standing"):
        _say_standing(run, status, found)
        _advise(run, config, status, found)
    if status.state == runs.FAILED and not run.frames():
        return  # there is nothing to see but the sentence
    acts = [stage.act(run, config, now, _marks(run, config))]
    if beside is not None and can_be_shown(beside):
        other = beside.config()
        acts.append(stage.act(beside, other, stage.situation(beside), _marks(beside, other)))
    stage.show(acts)


def _say_standing(run: Run, status: Status, found: Diagnosis | None) -> None:
    if status.waiting:
        _waiting(run)
    elif steering.is_stopping(run, status):
        say.info(steering.STOPPING, icon=":material/stop_circle:")
    elif status.state == runs.PAUSED:
        say.info(f"{status.message} Go on, or take single steps.", icon=":material/pause_circle:")
    elif status.active:
        say.info(
            "Training. You may look at other pages meanwhile, reload, or come back later with this link.",
            icon=":material/model_training:",
        )
    elif status.state == runs.FAILED:
        say.error(status.message)
    elif status.state == runs.INTERRUPTED:
        say.warning(status.message, icon=":material/power_off:")
    else:
        _ended(status, found)


def _ended(status: Status, found: Diagnosis | None) -> None:
    """How a training ended: green only if it came to its end and learned what it should."""
    if status.state == runs.STOPPED:
        say.info(status.message, icon=":material/stop_circle:")
    elif found is not None and not found.sound:
        say.warning(f"{status.message} It did not learn what it should: {found.state}.", icon=":material/check_circle:")
    else:
        say.success(status.message, icon=":material/check_circle:")


def _advise(run: Run, config: Config, status: Status, found: Diagnosis | None) -> None:
    """A button that does what usually helps: to this run while it trains, in the form for a new one afterwards."""
    if found is None or found.sound or steering.is_stopping(run, status):
        return
    values = steering.remedy(run, config, found)
    if not values:
        return
    words = steering.remedy_words(config, values)
    if status.active:
        st.button(
            say.plain(words), icon=":material/healing:", on_click=clicks.attempt, args=(_change, run, values),
            help="From the next step on; or stop, and begin anew with it.",
        )  # fmt: skip
    elif status.ended:
        st.button(
            say.plain(words), icon=":material/healing:", on_click=clicks.attempt, args=(settings.set_values, values),
            help="Puts it into the settings. Then press Train.",
        )  # fmt: skip


def _change(run: Run, values: dict[str, float]) -> None:
    control.change(run, **values)


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
    if outlook.seconds == 0.0 and experiments.holding(runs.home()):
        say.info(EXPERIMENT, icon=":material/hourglass_top:")
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


def _marks(run: Run, config: Config) -> list[tuple[float, str]]:
    return [(event.epoch, steering.words(event, config)) for event in control.events(run)[-MOST_MARKS:]]


# Folded away


def _good(run: Run, config: Config) -> None:
    """Whether the numbers of the curves are good, in a sentence each."""
    rows = run.history()
    if not rows:
        return
    stands = stage.acts.standings(config, rows)
    told = [
        f"{plot.title}. {stand.sentence}"
        for plot, stand in zip(kinds.of(config).plots(config), stands, strict=True)
        if stand.sentence
    ]
    if told:
        with st.expander("Is this loss good?", key="loss_good"):
            for sentence in told:
                say.paragraph(sentence)


def _draw_step(run: Run, config: Config) -> None:
    """What the latest step did with a few images of its batch."""
    picture = run.step_picture()
    moments = kinds.of(config).moments(config, images.notes_of(picture)) if picture is not None else []
    if picture is None or not moments:
        st.caption("Choose a slower speed, or press Pause and Step: then each step is shown here.")
        return
    step = files.whole_number(images.notes_of(picture).get("step"))
    pictures.show(
        picture,
        alt="Images of the batch, and below or beside them what the networks make of them.",
        caption=f"After step {step + 1} of the epoch, as the networks are now.",
        largest=3,
    )
    for number, moment in enumerate(moments, 1):
        st.markdown(f"**{number:d}. {say.plain(moment.title)}.** {say.plain(moment.sentence)}")
        if moment.table:
            names = [f"{place}" for place in range(1, 1 + max(map(len, moment.table.values())))]
            rows = pd.DataFrame(list(moment.table.values()), index=list(moment.table), columns=names)
            st.table(rows.map(lambda value: f"{value:.2f}"))


def _download(run: Run) -> None:
    """The film as a file to take along."""
    if len(run.frames()) < 2:
        return
    with st.container(horizontal=True):
        for format in FILMS:
            st.download_button(
                say.plain(f"Film as {FILMS[format]}"), functools.partial(stage.films.film, run, format),
                f"{run.id}.{format}", films.MIME[format], icon=":material/download:", on_click="ignore",
                key=f"film_{format}",
            )  # fmt: skip


def _numbers(run: Run, config: Config) -> None:
    """All numbers of the training, in words and as they are."""
    kind, status = kinds.of(config), run.status()
    progress = run.progress() if status.active else {}
    rows = run.history()
    with st.expander("All numbers", key="all_numbers"):
        if words := kind.latest(config, rows):
            say.caption(words)
        if words := kind.explanation(config):
            say.caption(words)
        try:
            if words := remark(run):
                say.caption(words)
        except GenmodError:
            pass
        if marks := _marks(run, config):
            done = "; ".join(f"{what} in epoch {int(epoch) + 1}" for epoch, what in marks)
            say.caption(f"Done while it trained: {done}.")
        live = live_numbers(kind, progress, status.state == runs.PAUSED)
        if live:
            say.caption(" · ".join(f"{name}: {value}" for name, value in live.items()))
        if rows:
            st.dataframe(
                pd.DataFrame(rows), hide_index=True, height=240,
                alt="The history of the training, one row an epoch.",
            )  # fmt: skip


def live_numbers(kind: kinds.Kind[Any], progress: Any, paused: bool) -> dict[str, str]:
    """The numbers of the unfinished epoch, each with its unit; empty before there are any."""
    if not progress.keys() >= stage.acts.LIVE:
        return {}
    left = None if progress["seconds_left"] is None else max(0, round(progress["seconds_left"]))
    return {
        "Epoch": f"{progress['epoch']} of {progress['epochs']}",
        "Step": f"{progress['step']} of {progress['steps']}",
        "Time left": "paused" if paused else "-" if left is None else f"{left // 60}:{left % 60:02d} min",
        "Speed": "-" if paused else f"{progress['images_per_second']:,.0f} images/s",
        **kind.shown(progress["metrics"]),
    }


def _log(run: Run) -> None:
    """What the trainer wrote in its log."""
    if (text := logs.tail(run.file(logs.NAME))) and not run.shipped:
        with st.expander("Log of the training", key="log"):
            st.code(text, language=None, height=300, wrap_lines=True)
