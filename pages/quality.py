"""How good a model's images are: each measure on a scale from noise to real images."""

import streamlit as st

from genmod import runs
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.quality import Quality, measurements, metrics, reference, whole
from genmod.runs import Run
from genmod.ui import clicks, frame, links, measures, picker, say

frame.guard()

NONE = "no other run"
GAP = 0.05  # in the share of clear samples: more than that is worth a word
HEADINGS = {
    "samples": "Do they look real?",
    "classes": "Are all classes there?",
    "copies": "Learned by heart?",
    "test images": "What the model makes of test images",
}

frame.header(
    "Quality",
    "A picture can be judged by eye; ten thousand cannot. Here a small classifier looks at random samples of "
    "the chosen run and compares them with real images.",
)
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


links.check({"beside": known_other})
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
    if complaint := measurements.complaint(runs.home(), which):
        say.warning(complaint)
    if known is not None and known.stale(which):
        say.warning(
            f"These numbers of {which.id} belong to an earlier state of its model, or to an earlier way of measuring. "
            "Measure again to see where it stands now.",
            icon=":material/history:",
        )


def verdict(name: str, known: Quality) -> str:
    """The result in two sentences."""
    distance, clear = known.number("frechet_distance") or 0.0, known.number("confident_share") or 0.0
    shares = known.shares("class_shares")
    rarest, commonest = (source.class_phrase(shares.index(share)) for share in (min(shares), max(shares)))
    return (
        f"Of {known.notes.get('samples', 0):,} random samples of {name} the classifier finds {100 * clear:.1f} % "
        f"clear; of real test images {100 * ends['confident_share'][0]:.1f} %. Their Frechet distance to the training "
        f"images is {distance:.2f}, where real test images have {ends['frechet_distance'][0]:.2f}. Most often it sees "
        f"{commonest} ({100 * max(shares):.1f} %), least often {rarest} ({100 * min(shares):.1f} %)." + holes(known)
    )


def holes(known: Quality) -> str:
    """What the prior costs a model with an encoder, against latents that lie where its codes do."""
    clear, fitted = known.number("confident_share"), known.number("fitted_confident_share")
    if clear is None or fitted is None:
        return ""
    return (
        f" All of them came from the prior, the standard normal distribution. With latents fitted to its codes "
        f"{100 * fitted:.1f} % are clear instead of {100 * clear:.1f} %: "
        + (
            "the gap is what holes between its codes cost."
            if fitted - clear > GAP
            else "its codes lie about where the prior draws."
        )
    )


clicks.show_refusal()
known = result(run)
stand(run, known)
other_known = result(other) if other else None
if other:
    stand(other, other_known)
found = [(which.id, known) for which, known in ((run, known), (other, other_known)) if which and known]

if not found:
    say.caption(
        f"{run.id} has not been measured yet. It takes about ten seconds of both processor cores, longer when others "
        "use them too; the page stays usable. These are the scales on which its numbers will stand."
    )
for name, quality in found:
    if len(found) > 1:
        say.heading(name)
    say.paragraph(verdict(name, quality))
    measures.sheets(source, name, quality)
if len(found) > 1:
    measures.key(found)
if found:
    names = [
        metric.name
        for metric in metrics.of(source)
        if any(quality.number(metric.name) is not None for _, quality in found)
    ]
else:
    names = measures.expected(run)
for group, heading in HEADINGS.items():
    say.heading(heading)
    if group == "test images" and not run.kind().held_out and (other is None or not other.kind().held_out):
        st.caption("This kind of model has no encoder: it draws images, but cannot be asked about one.")
        continue
    measures.rows(source, group, names, found, ends)
    for column, (name, quality) in zip(st.columns(len(found)) if found else (), found, strict=True):
        with column:
            if group == "classes":
                measures.shares(source, name, quality)
            elif group == "copies":
                measures.neighbours(name, quality)
if found:
    notes = found[0][1].notes
    say.caption(
        f"Measured on {notes.get('samples', 0):,} samples from seed {notes.get('seed', 0)}, their nearest training "
        f"images on the first {notes.get('searched', 0):,}"
        + (
            f", the log-likelihood bound on {notes['bound_images']:,} test images, {notes['bound_draws']} codes each"
            if "bound_draws" in notes
            else ""
        )
        + f". Real test images are held to the same measure. Made {found[0][1].made[:16].replace('T', ' at ')} UTC."
    )
