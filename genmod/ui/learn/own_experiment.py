"""An experiment on data augmentation of one's own: its settings, its way through the queue, and what it finds."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from genmod import runs
from genmod.datasets import Images
from genmod.drawing import accuracy_curves, images
from genmod.drawing.accuracy_curves import Look
from genmod.errors import ConfigError
from genmod.jobs.queues import EXPERIMENTS
from genmod.lesson import augmentation, augmentation_findings, experiments
from genmod.lesson.augmentation import BASELINE, FIRST_SEED, GENERATED, SEEDS, SIZES, SOURCE, WAYS, Experiment, Result
from genmod.runs import Store
from genmod.ui import clicks, frame, links, pictures, say, terms, under_way
from genmod.ui.training import duration

OWN_SIZE = "augment_own"
HELPS = "augment_ways"
MANY = (HELPS,)
OTHERS = tuple(name for name in WAYS if name != BASELINE)
DRAWN_ROWS = 3  # of generated images that are shown
TICK = 1.0  # seconds between two looks at an experiment
SHIPPED, OWN = "shipped", "yours"


def readers() -> dict[str, links.Reader]:
    """What reads this part of the link."""
    return {
        OWN_SIZE: links.option(OWN_SIZE, SIZES),
        HELPS: links.option(HELPS, OTHERS, _title),
        **links.readers(GENERATED, SEEDS, FIRST_SEED),
    }


@st.fragment
def show(results: Mapping[int, Result], look: Look) -> None:
    """The whole part of the page.

    Args:
        results: those that ship, by the number of real images.
    """
    say.heading("Run it yourself")
    clicks.show_refusal()
    try:
        experiment = _chosen()
    except ConfigError as error:
        say.error(str(error))
        return
    store = runs.home()
    known, standing = experiments.result(store, experiment), experiments.standing(store, experiment)
    _buttons(store, experiment, known, standing.changing)
    st.fragment(_watch, run_every=TICK if standing.changing else None)(
        store, experiment, results.get(experiment.images), look, standing.changing
    )


def _chosen() -> Experiment:
    """The experiment that the inputs describe.

    Raises:
        ConfigError: if they describe none.
    """
    few = say.segments(f"Real images of each {SOURCE.noun}", SIZES, OWN_SIZE, wrap=True)
    ways = st.pills(
        "Compared with the real images alone", OTHERS, selection_mode="multi", default=OTHERS, key=HELPS,
        bind="query-params", format_func=_title,
    )  # fmt: skip
    drawn, seeds, first = st.columns(3)
    with drawn:
        generated = links.number(GENERATED, step=10)
    with seeds:
        count = links.number(SEEDS)
    with first:
        start = links.number(FIRST_SEED)
    return Experiment(few, int(generated), int(start), int(count), tuple(ways))


def _title(name: str) -> str:
    return WAYS[name].title


def _buttons(store: Store, experiment: Experiment, known: Result, changing: bool) -> None:
    """Start, go on or cancel."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if not known.complete:
            st.button(
                "Go on" if known.cells else "Run it", type="primary", icon=":material/play_arrow:", disabled=changing,
                key="augment_run", on_click=clicks.attempt, args=(experiments.ask, store, experiment),
            )  # fmt: skip
        if changing:
            st.button(
                "Cancel", icon=":material/close:", key="augment_cancel", on_click=clicks.attempt,
                args=(experiments.cancel, store, experiment),
                help="Visitors who ask for the same share one experiment: it ends for all of them. What was found "
                "stays.",
            )  # fmt: skip
    if known.complete or changing:
        return
    left = duration(augmentation.seconds(experiment, len(known.cells)))
    many = "s" if len(known.missing) > 1 else ""
    say.caption(f"{len(known.missing)} classifier{many} to train: about {left} on two quiet processor cores.")


def _watch(store: Store, experiment: Experiment, shipped: Result | None, look: Look, was_changing: bool) -> None:
    """How far the experiment is, and what it has found so far."""
    standing = experiments.standing(store, experiment)
    if was_changing and not standing.changing:
        if standing.state == "idle" and not experiments.result(store, experiment).complete:
            st.toast("The experiment was cancelled, here or by another visitor. What was found stays.")
        st.rerun()
    if standing.changing and (trouble := under_way.trouble(EXPERIMENTS, store)):
        say.warning(trouble)
    elif standing.state == "failed":
        say.error(standing.message)
    elif standing.state == "waiting":
        say.info(_waiting(experiments.place(store, experiment)), icon=":material/hourglass_top:")
    elif standing.state == "running":
        under_way.bar(standing, "The experiment", "% of the whole")
    known = experiments.result(store, experiment)
    if known.cells:
        _found(store, known, shipped, look)


def _seeds(result: Result) -> str:
    seeds = result.experiment.all_seeds
    return f"with seeds {seeds[0]} to {seeds[-1]}"


def first_rows(sheet: bytes | None) -> Images | None:
    """Some generated images of each class, of a PNG file of more; None if there is none that can be read."""
    if sheet is None:
        return None
    try:
        return images.corner(images.pixels(sheet), SOURCE.image_shape[:2], DRAWN_ROWS, SOURCE.classes)
    except OSError:
        return None


def _waiting(place: int) -> str:
    if place <= 1:
        return "First in the queue: it starts as soon as there is a place and memory, and by itself."
    return (
        f"Place {place} in the queue, behind trainings or experiments that were asked for before: it starts by itself."
    )


def _found(store: Store, known: Result, shipped: Result | None, look: Look) -> None:
    """The accuracies beside the shipped ones, the digits that its first generator drew, and what they say."""
    experiment = known.experiment
    groups = [(SHIPPED, shipped), (OWN, known)] if shipped is not None else [(OWN, known)]
    titles = tuple(WAYS[name].title for name in experiment.ways)
    told = [
        (group, [(WAYS[name].title, list(one.accuracies(name).items())) for name in experiment.ways])
        for group, one in groups
    ]
    shares = [cell.accuracy for _, one in groups for cell in one.cells]
    colors = (look.grey, frame.accent())[-len(groups) :]
    left, right = st.columns([4, 5], gap="medium")
    with left:
        st.vega_lite_chart(
            accuracy_curves.strip_rows(told),
            accuracy_curves.strip(
                titles, tuple(group for group, _ in groups), accuracy_curves.bounds(shares),
                Look(colors, look.ink, look.grey, look.ground),
            ),
            key="augment_own_chart",
            alt=augmentation_findings.words_of_one(groups),
        )  # fmt: skip
        beside = f"Grey diamonds are the shipped results, {_seeds(shipped)}; discs are yours. " if shipped else ""
        if shipped and shipped.experiment.generated != experiment.generated:
            beside += (
                f"The shipped ones had {shipped.experiment.generated} generated images of each {SOURCE.noun}, yours "
                f"{experiment.generated}. "
            )
        terms.caption(f"{beside}Each mark is a seed, each bar a mean.", "augment-own")
    with right:
        if (sheet := first_rows(experiments.sheet(store, experiment))) is not None:
            pictures.show(
                sheet,
                f"Digits that your VAE draws after {experiment.images} real ones of each, one {SOURCE.noun} a column.",
                f"What your first VAE draws that has seen {experiment.images} real images of each {SOURCE.noun}",
                largest=2,
            )
    if known.complete:
        terms.paragraph(" ".join(augmentation_findings.about_one(known)), "own")
