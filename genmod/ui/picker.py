"""The run picker that all pages share: own runs first, then the shipped ones, each shown as what it is."""

from __future__ import annotations

import datetime
import html

import streamlit as st

from genmod import kinds, runs
from genmod.datasets import MNIST, DataSource
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.inference import Sampler
from genmod.quality import measurements, metrics, reference
from genmod.runs import Run
from genmod.ui import frame, links, models, pictures, say, thumbnails
from genmod.ui.pictures import Markup

KEY = "run"
_WANTED = "wanted_run"  # chosen in the gallery: the picker takes it up before it is drawn
_LISTED = "listed_runs"  # the runs that the picker was drawn with: the page needs no second look at the stores
FAVOURITE = "vae-map"
MOST_LISTED = 200
MOST_IN_GALLERY = 40
MEASURE = "frechet_distance"  # the one dial by which runs are told apart
STANDING = {runs.QUEUED: "It waits in the queue.", runs.RUNNING: "It is training.", runs.PAUSED: "It is paused."}

STYLE = """
<style>
.gm-card { display: flex; flex-direction: column; gap: 0.3rem; margin: 0; font-size: 0.8125rem; line-height: 1.35; }
.gm-card .gm-digits { line-height: 0; }
.gm-no-images { height: 46px; border-radius: 6px; border: 1px solid rgba(128, 128, 128, 0.35); }
.gm-card p { margin: 0; font-size: 0.8125rem; line-height: 1.35; }
.gm-dial-line { display: flex; align-items: center; gap: 0.5rem; font-variant-numeric: tabular-nums; }
.gm-dial-line b { flex: 1; height: 8px; border-radius: 4px; min-width: 4rem; position: relative;
  background: linear-gradient(90deg, rgba(128, 128, 128, 0.25), rgba(128, 128, 128, 0.6)); }
.gm-dial-line b i { position: absolute; top: -2px; width: 12px; height: 12px; border-radius: 50%; margin-left: -6px;
  background: var(--gm-accent); border: 2px solid var(--gm-ground); box-sizing: border-box; }
</style>
"""


def choose(shown: bool = True) -> None:
    """Draw the picker in the sidebar; the choice is part of the link.

    Args:
        shown: whether the page has a use for a run; without, the choice is kept for the pages that have.
    """
    own = [run for run in runs.home().runs() if run.created()][:MOST_LISTED]
    found = own + runs.shipped().runs()
    st.session_state[_LISTED] = found
    ids = [run.id for run in found]
    if (chosen := st.session_state.pop(_WANTED, None)) in ids:
        st.session_state[KEY] = chosen
    links.check({KEY: lambda wanted: _known(wanted, ids)}, always=True)
    if not shown:
        if (wanted := st.session_state.get(KEY, st.query_params.get(KEY))) in ids:
            st.session_state[KEY] = wanted
        return
    if not found:
        st.sidebar.info("There are no runs to look at. Train one on the Train page.")
        return
    with st.sidebar:
        st.html(STYLE)
        st.selectbox(
            "Run", ids, index=ids.index(FAVOURITE) if FAVOURITE in ids else 0, key=KEY, bind="query-params",
            help="A training and all that came of it. Type a part of its name to find it. Your own runs come first; "
            "those without a random ending ship with the project.",
        )  # fmt: skip
        if (run := current()) is not None:
            st.html(card(run))
        if st.button("Look at all runs", icon=":material/grid_view:", width="stretch"):
            _gallery()


def card(run: Run) -> Markup:
    """What a run is, as markup: some of its images, its kind and data set, its quality, its age."""
    colors = f"--gm-accent:{frame.accent()};--gm-ground:{frame.ground()}"
    return Markup(
        f'<div class="gm-card" style="{colors}">{_images(run)}<p>{html.escape(describe(run))}</p>{_dial(run)}</div>'
    )


def _images(run: Run) -> Markup:
    row = thumbnails.row(run)
    if row is None:
        return Markup('<div class="gm-no-images"></div>')  # of their height: nothing moves when they come
    return pictures.figure(row, alt=f"The first images that {run.id} draws.", largest=1)


def _dial(run: Run) -> Markup:
    found = quality(run)
    if found is None:
        return Markup("")
    text, share = found
    return Markup(
        f'<p class="gm-dial-line"><span>{html.escape(text)}</span>'
        f'<b role="img" aria-label="{html.escape(_dial_words(text, share))}">'
        f'<i style="left:{100 * share:.1f}%"></i></b></p>'
    )


def _dial_words(text: str, share: float) -> str:
    return f"{text}: {100 * share:.0f} % of the way from noise to real images, on a logarithmic scale"


def quality(run: Run) -> tuple[str, float] | None:
    """The run's Frechet distance in words, and its place between noise, 0, and real images, 1; None if not measured."""
    try:
        known = measurements.result(runs.home(), run)
        source = run.config().source
        ends = reference.ends(source)
    except GenmodError:
        return None
    value = known.number(MEASURE) if known is not None else None
    metric = next(metric for metric in metrics.of(source) if metric.name == MEASURE)
    if value is None or metric.ends(ends) is None:
        return None
    return f"{metric.title} {metric.text(value)}", metric.place(value, *ends[MEASURE])


@st.dialog("All runs", width="large")
def _gallery() -> None:
    """Every run with its images; one can be chosen."""
    wanted = st.text_input("Find", placeholder="A part of a name, a kind or a data set", key="gallery_find")
    found = [run for run in available() if wanted.strip().lower() in _searched(run)]
    if not found:
        say.caption("No run has that in its name, kind or data set.")
    for run in found[:MOST_IN_GALLERY]:
        with st.container(border=True):
            left, right = st.columns([4, 1], vertical_alignment="center")
            with left:
                say.paragraph(run.id)
                st.html(card(run))
            with right:
                if st.button("Choose", key=f"choose_{run.id}", width="stretch", disabled=run == current()):
                    st.session_state[_WANTED] = run.id
                    st.rerun()
    if len(found) > MOST_IN_GALLERY:
        say.caption(f"{len(found) - MOST_IN_GALLERY} more; type a part of a name to find them.")


def _searched(run: Run) -> str:
    try:
        config = run.config()
    except RunError:
        return run.id
    return f"{run.id} {config.kind} {kinds.of(config).title} {config.source.title} {config.preset}".lower()


def age(created: str, now: datetime.datetime | None = None) -> str:
    """How long ago a run was made, as people say it, from its time in ISO 8601; empty if that is not known."""
    try:
        made = datetime.datetime.fromisoformat(created)
    except ValueError:
        return ""
    if made.tzinfo is None:
        made = made.replace(tzinfo=datetime.UTC)
    seconds = max(0.0, ((now or datetime.datetime.now(datetime.UTC)) - made).total_seconds())
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _known(wanted: str, ids: list[str]) -> str:
    if wanted in ids:
        return wanted
    if (reason := runs.home().why_removed(wanted)) is not None:
        raise ConfigError(f"The run {wanted[:64]!r} was removed: it {reason}.")
    if (run := runs.home().find(wanted)) is not None:
        raise ConfigError(_unlisted(run))
    raise ConfigError(f"There is no run {wanted[:64]!r} here; it may have been deleted.")


def _unlisted(run: Run) -> str:
    """Why a run of the store cannot be chosen."""
    try:
        run.config()
    except RunError as error:
        return str(error)
    return (
        f"The run {run.id} is not among those listed here: its config.json does not say when it was made, or "
        f"{MOST_LISTED} newer ones are."
    )


def available() -> list[Run]:
    """The runs a visitor may choose: the shipped ones, and own ones that say when they were made."""
    found: list[Run] = st.session_state[_LISTED]
    return found


def current() -> Run | None:
    """The chosen run; None if there is none at all."""
    chosen = st.session_state.get(KEY)
    found = {run.id: run for run in available()}
    return found.get(str(chosen)) or found.get(FAVOURITE) or next(iter(found.values()), None)


def source() -> DataSource:
    """The data set of the chosen run; MNIST where no run can say."""
    run = current()
    try:
        return run.config().source if run is not None else MNIST
    except RunError:
        return MNIST


def select(run: Run) -> None:
    """Choose a run; from a callback, before the picker is drawn."""
    st.session_state[KEY] = run.id


def describe(run: Run) -> str:
    """One line on what the run is and where it stands."""
    try:
        config = run.config()
    except RunError as error:
        return str(error)
    if run.shipped:
        origin = "It ships with the project."
    else:
        status = run.status()
        # The sidebar is drawn once a visit: numbers that change belong to the page.
        origin = f"{STANDING.get(status.state, status.message)} Made {age(run.created())}."
    return f"{kinds.of(config).title} of {config.source.title}, preset {kinds.describe(config)}. {origin}"


def opened() -> tuple[Run, Sampler]:
    """The chosen run and what draws its images; without one the page says why and ends here."""
    run = usable()
    try:
        run.config()  # the pages need to know what kind of model it is
        sampler = models.sampler(run)
        return run, sampler
    except RunError as error:
        links.show_complaints()
        say.error(str(error))
        st.stop()


def usable() -> Run:
    """The chosen run if it has models; without one the page says why and ends here."""
    run = current()
    if run is None:
        links.show_complaints()
        st.info("There is no run to look at yet.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train one", icon=":material/model_training:")
        st.stop()
    status = run.status()
    if not run.usable():
        links.show_complaints()
        if status.active or status.waiting:
            say.info(f"{run.id} has no model yet: {status.message}", icon=":material/hourglass_top:")
            st.page_link("pages/train.py", label="Watch its training", icon=":material/model_training:")
        else:
            say.warning(f"{run.id} cannot make pictures. {status.message}")
            st.page_link("pages/train.py", label="See its training", icon=":material/model_training:")
        st.stop()
    return run
