"""How good a model's images are: three dials, all runs in one picture, and every measure on its scale."""

import streamlit as st

from genmod import runs
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.quality import (
    Quality,
    comparison,
    faults,
    measurements,
    metrics,
    overview,
    reference,
    seeds,
    verdict,
    whole,
)
from genmod.runs import Run
from genmod.system import files
from genmod.ui import clicks, dials, frame, links, measures, picker, run_map, say, terms, time_to_quality
from genmod.ui import comparison as side_by_side
from genmod.ui.dials import STYLE as DIALS_STYLE
from genmod.ui.run_map import STYLE as MAP_STYLE

frame.guard()

NONE = "no other run"
HEADINGS = {
    "samples": "Do they look real?",
    "fitted": "Where latents come from",
    "classes": "Are all classes there?",
    "variety": "How many different ones?",
    "copies": "Learned by heart?",
    "test images": "What the model makes of test images",
}

frame.header(
    "Quality",
    "A picture can be judged by eye; ten thousand cannot. Here a small classifier looks at random samples of "
    "the chosen run and compares them with real images.",
)
st.html(DIALS_STYLE + MAP_STYLE)
chosen = picker.current()


def comparable(other: Run) -> bool:
    """Whether another run has models and learned from the same data set: only then are the scales the same."""
    try:
        return other != chosen and other.usable() and other.config().source == picker.source()
    except RunError:
        return False


others = [other.id for other in picker.available() if comparable(other)]


def known_other(wanted: str) -> str:
    """Refuse a link's run to compare with that is none."""
    if wanted not in (NONE, *others):
        raise ConfigError(
            f"There is no run {wanted[:64]!r} to compare with; it must be another run of {picker.source().title}."
        )
    return wanted


links.check({"beside": known_other, **links.readers(side_by_side.SEED)})
run = picker.usable()
links.show_complaints()
try:
    source = run.config().source  # which numbers there will be depends on it and on the kind of model
    ends = reference.ends(source)
except GenmodError as error:
    say.error(str(error))
    st.stop()
with st.sidebar:
    beside = st.selectbox(
        "Compare with", [NONE, *others], key="beside", bind="query-params",
        help=f"A second run of {source.title}, whose numbers stand on the same scales.",
    )  # fmt: skip
    pair_seed = int(links.number(side_by_side.SEED)) if beside != NONE else 0
other = next((found for found in picker.available() if found.id == beside and found.id != run.id), None)


def result(which: Run) -> Quality | None:
    """What was measured of a run; None if there is nothing that can be shown."""
    known = measurements.result(runs.home(), which)
    return known if known is not None and whole(known, source.classes) else None


def stand(which: Run, known: Quality | None) -> None:
    """The buttons of one run, and how its measurement goes."""
    busy = measurements.standing(runs.home(), which).changing
    what = "the quality" if which == run else which.id
    label = f"Measure {what}" if known is None else "Measure again" if which == run else f"Measure {what} again"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            say.plain(label),
            type="primary" if known is None and which == run else "secondary",
            icon=":material/straighten:", disabled=busy, on_click=clicks.attempt,
            args=(measurements.ask, runs.home(), which),
            key=f"measure_{which.id}",
        )  # fmt: skip
        if busy:
            st.button(
                "Cancel", icon=":material/close:", on_click=clicks.attempt,
                args=(measurements.cancel, runs.home(), which),
                key=f"cancel_{which.id}",
            )  # fmt: skip
    measures.watch(which)


def complain(which: Run, known: Quality | None) -> None:
    """What keeps a run's numbers from being true of it."""
    if complaint := measurements.complaint(runs.home(), which):
        say.warning(complaint)
    if known is not None and known.stale(which):
        say.warning(
            f"These numbers of {which.id} belong to an earlier state of its model, or to an earlier way of measuring. "
            "Measure again to see where it stands now.",
            icon=":material/history:",
        )


def answer(known: Quality, name: str = "") -> None:
    """What the dials of a run say together, in words."""
    if (said := verdict.verdict(source, known, ends)) is not None:
        say.heading(f"{name}: {said.headline[0].lower()}{said.headline[1:]}" if name else said.headline)
        terms.paragraph(said.sentences, name)


def one_run(known: Quality) -> None:
    """The result of one run: its verdict and dials, and the samples behind them."""
    answer(known)
    dials.show([(run.id, verdict.dials(source, known, ends))])


def two_runs(other: Run) -> None:
    """Two runs beside each other: what they draw, where they stand, and in what they differ."""
    say.heading("From the same seed")
    side_by_side.grids(run, other, pair_seed)
    say.caption(side_by_side.remark(run, other, pair_seed))
    for name, quality in found:
        answer(quality, name)
    if found:
        if len(found) > 1:
            measures.key(found)
        dials.show([(name, verdict.dials(source, quality, ends)) for name, quality in found])
    if len(found) > 1:
        say.heading("In numbers, like beside like")
        terms.paragraph(comparison.from_prior(source, found[0], found[1], ends))
        if apart := comparison.fitted(source, found[0], found[1]):
            terms.paragraph(apart)
        if moved := comparison.by_chance(source, found[0], found[1], spreads):
            terms.paragraph(moved)
    say.heading("The settings that differ")
    side_by_side.settings(run, other)


def all_runs() -> None:
    """Every measured run of the data set in one picture."""
    listed = overview.of(runs.home(), source, picker.available(), run, other)
    if not listed.shown:
        return
    say.heading(f"All measured runs of {source.title}")
    terms.paragraph(
        "The best place is at the top right, beside real test images: high precision and high recall. A run at the top "
        "left draws what looks right, but always much the same. Each picture is a link that chooses its run.",
    )
    run_map.show(
        source,
        listed.shown,
        ends,
        [run, *([other] if other else [])],
        {name: st.query_params.get_all(name) for name in st.query_params},
    )
    if run not in [one.run for one in listed.shown]:
        say.caption(f"{run.id} is not among them: there are no numbers of its present model.")
    if listed.left_out:
        say.caption(
            f"The first {overview.MOST} are shown, shipped runs before own ones and newer own runs before older; "
            f"{listed.left_out} more have been measured."
        )
    if listed.in_row:
        terms.caption(f"{listed.in_row:d} more that differ in beta alone stand side by side on the Latent space page.")
    if listed.of_sizes:
        terms.caption(f"{listed.of_sizes:d} autoencoders that differ in their number of latents alone stand in Learn.")


def all_numbers() -> None:
    """Every measure on its scale, with the classes and the nearest training images."""
    with st.expander("All numbers", icon=":material/straighten:", expanded=not found):
        if len(found) > 1:
            measures.key(found)
        for group, heading in HEADINGS.items():
            if group == "fitted" and not encoding:
                continue
            say.heading(heading)
            if group == "test images" and not encoding:
                st.caption("This kind of model has no encoder: it draws images, but cannot be asked about one.")
                continue
            measures.rows(source, group, names, found, ends, spreads)
            if group == "fitted":
                for name, quality in found:
                    where_it_fails(name, quality)
            if group == "classes":
                for column, (name, quality) in zip(st.columns(len(found)) if found else (), found, strict=True):
                    with column:
                        measures.shares(source, name, quality)


def where_it_fails(name: str, known: Quality) -> None:
    """What of a run's Frechet distance is the prior's fault, what the decoder's; and what could not be measured."""
    if said := faults.sentence(known, ends):
        terms.paragraph(f"{name}: {said}" if len(found) > 1 else said, name)
    for sentence in known.notes.get("unmade", {}).values():
        say.caption(f"Not measured: {files.one_line(sentence)}")


def made() -> str:
    """On how much and when the numbers were measured."""
    notes = found[0][1].notes
    return (
        f"Measured on {notes.get('samples', 0):,} samples from seed {notes.get('seed', 0)}, their nearest training "
        f"images on the first {notes.get('searched', 0):,}"
        + (
            f", the log-likelihood bound on {notes['bound_images']:,} test images, {notes['bound_draws']} codes each"
            if "bound_draws" in notes
            else ""
        )
        + (f". {binarised}" if (binarised := metrics.binarised_on(source, notes)) else "")
        + f". Real test images are held to the same measure. Made {found[0][1].made[:16].replace('T', ' at ')} UTC."
    )


clicks.show_refusal()
known, other_known = result(run), result(other) if other else None
complain(run, known)
if other:
    complain(other, other_known)
found = [(which.id, known) for which, known in ((run, known), (other, other_known)) if which and known]
spreads = {which.id: seeds.of(which) for which in (run, other) if which}
encoding = run.kind().encodes or (other is not None and other.kind().encodes)
if found:
    names = [
        metric.name
        for metric in metrics.of(source)
        if any(quality.number(metric.name) is not None for _, quality in found)
    ]
else:
    names = measures.expected(run)

if known is None:
    say.caption(
        f"{run.id} has not been measured yet. It takes about ten seconds of both processor cores, longer when others "
        "use them too; the page stays usable. These are the scales on which its numbers will stand."
    )
    stand(run, known)
if other:
    two_runs(other)
elif known:
    one_run(known)
else:
    dials.show([(run.id, verdict.dials(source, None, ends))])
if other and other_known is None:
    stand(other, other_known)
all_runs()
time_to_quality.show(source, ends)
if found:
    say.heading("What the classifier sees")
for name, quality in found:
    measures.sheets(source, name, quality)
    terms.paragraph(measures.told(source, name, quality, ends), f"told-{name}")
if found:
    say.heading("Invented or copied?")
for column, (name, quality) in zip(st.columns(len(found)) if found else (), found, strict=True):
    with column:
        measures.neighbours(name, quality)
all_numbers()
if found:
    say.caption(made())
if known is not None:
    stand(run, known)
if other and other_known is not None:
    stand(other, other_known)
kinds = [which.kind() for which in (run, other) if which]
terms.row_for(
    "precision recall samples classifier training images prior latents normal distribution codes encoder seed",
    *measures.sentences(source, names), *(f"{kind.title} {kind.help}" for kind in kinds if other),
    made() if found else "",
)  # fmt: skip
