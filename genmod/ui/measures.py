"""Measured quality on the screen: each number on its scale, sheets of samples, and a measurement under way."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from genmod import runs
from genmod.datasets import DataSource
from genmod.drawing import charts
from genmod.jobs.queues import MEASUREMENTS
from genmod.quality import Quality, columns, comparison, measurements, metrics
from genmod.quality.comparison import Spreads
from genmod.quality.metrics import Metric
from genmod.runs import Run
from genmod.ui import frame, pictures, say, terms, under_way
from genmod.ui.pictures import Markup

TICK = 0.5  # seconds between two looks at a measurement
Ends = Mapping[str, tuple[float, float]]
Named = tuple[str, Quality]  # a run's id and what was measured of it


def watch(run: Run) -> None:
    """Show how far a measurement is, and run the page again when it has ended."""
    changing = measurements.standing(runs.home(), run).changing
    st.fragment(_draw_progress, run_every=TICK if changing else None)(run, changing)


def _draw_progress(run: Run, was_changing: bool) -> None:
    store = runs.home()
    standing = measurements.standing(store, run)
    if was_changing and not standing.changing:
        st.rerun()
    if standing.changing:
        trouble = under_way.trouble(MEASUREMENTS, store)
        if trouble:
            say.warning(trouble)
            return
    if standing.state == "failed":
        say.error(standing.message)
    elif standing.state == "waiting":
        before = measurements.ahead(store, run)
        say.info(
            "Getting ready to measure."
            if before == 0
            else f"Waiting: {before} measurement{'s' if before > 1 else ''} before this one. It starts by itself.",
            icon=":material/hourglass_top:",
        )
    elif standing.state == "running":
        under_way.bar(standing, "Measuring")


def key(found: Sequence[Named]) -> None:
    """Which mark belongs to which run."""
    items = "".join(f"<span>{_mark(place)}{html.escape(name)}</span>" for place, (name, _) in enumerate(found))
    st.html(f'<div class="gm-key" style="{_colors()}">{items}</div>')


def expected(run: Run) -> list[str]:
    """The names of the metrics that a run of this kind will have."""
    config = run.config()
    has = {"": True, "classes": config.conditional, "encoder": run.kind().encodes}
    return [metric.name for metric in metrics.of(config.source) if has[metric.needs]]


def rows(
    source: DataSource, group: str, names: Sequence[str], found: Sequence[Named], ends: Ends, spreads: Spreads
) -> None:
    """Those metrics of a group that are named, each on its scale with a mark for every run that has it.

    A run with exactly a preset's settings has the mean and the standard deviation of that preset beside its number,
    where they are known.
    """
    shown = [metric for metric in metrics.of(source) if metric.group == group and metric.name in names]
    items = "".join(_row(metric, found, metric.ends(ends), spreads) for metric in shown)
    st.html(f'<div class="gm-measures" style="{_colors()}">{items}</div>')


def _row(metric: Metric, found: Sequence[Named], ends: tuple[float, float] | None, spreads: Spreads) -> str:
    numbers = [(name, known.number(metric.name)) for name, known in found]
    said = [
        f"<span>{_mark(place) if len(found) > 1 else ''} "
        f"{html.escape(metric.text(value)) if value is not None else 'none'}</span>"
        for place, (_, value) in enumerate(numbers)
    ]
    return (
        f'<div class="gm-measure"><div><strong>{html.escape(metric.title)}</strong>'
        f'<span class="gm-values">{"".join(said)}</span></div>'
        + (_scale(metric, numbers, *ends) if ends and ends[0] != ends[1] else "")
        + "".join(f"<p>{html.escape(line)}</p>" for line in _over_seeds(metric, found, spreads))
        + f"<p>{_meaning(metric, ends)}</p></div>"
    )


def _over_seeds(metric: Metric, found: Sequence[Named], spreads: Spreads) -> list[str]:
    """What trainings with the settings of each run give, where it is known."""
    known = [(name, spread) for name, _ in found if (spread := spreads.get(name, {}).get(metric.name)) is not None]
    return [f"Trained with the settings of {name}: {spread.text(metric)}." for name, spread in known]


def _meaning(metric: Metric, ends: tuple[float, float] | None) -> Markup:
    return terms.marked(_sentence(metric, ends), metric.name)


def sentences(source: DataSource, names: Sequence[str]) -> list[str]:
    """What is written of those metrics that are named: title, unit, meaning and caveat."""
    shown = [metric for metric in metrics.of(source) if metric.name in names]
    return [f"{metric.title} {metric.unit}. {metric.sentence} {metric.caveat}" for metric in shown]


def told(source: DataSource, name: str, known: Quality, ends: Ends) -> str:
    """What the classifier sees in a run's samples, in a few sentences."""
    distance, clear = known.number("frechet_distance") or 0.0, known.number("confident_share") or 0.0
    shares = known.shares("class_shares")
    rarest, commonest = (source.class_phrase(shares.index(share)) for share in (min(shares), max(shares)))
    return (
        f"Of {known.notes.get('samples', 0):,} random samples of {name} the classifier finds {100 * clear:.1f} % "
        f"clear; of real test images {100 * ends['confident_share'][0]:.1f} %. Their Frechet distance to the training "
        f"images is {distance:.2f}, where real test images have {ends['frechet_distance'][0]:.2f}. Most often it sees "
        f"{commonest} ({100 * max(shares):.1f} %), least often {rarest} ({100 * min(shares):.1f} %). "
        + comparison.holes(known)
    ).strip()


def _sentence(metric: Metric, ends: tuple[float, float] | None) -> str:
    """What the measure means, and where it tells nothing."""
    if ends and ends[0] == ends[1]:
        return f"{metric.sentence} Here it tells nothing: {metric.worst} gets {metric.text(ends[1])} as well."
    return f"{metric.sentence} {metric.caveat}".rstrip()


def _scale(metric: Metric, numbers: Sequence[tuple[str, float | None]], best: float, worst: float) -> str:
    marks = "".join(
        _mark(place, 100 * metric.place(value, best, worst))
        for place, (_, value) in reversed(list(enumerate(numbers)))  # the round mark lies on the other, which is wider
        if value is not None
    )
    values = "; ".join(f"{name} {metric.text(value)}" for name, value in numbers if value is not None)
    kind = "a logarithmic scale" if metric.logarithmic else "a scale"
    words = f"{metric.title} on {kind}: {metric.scale(best, worst)}" + (f"; {values}" if values else "")
    return (
        f'<div class="gm-scale" role="img" aria-label="{html.escape(words)}">{marks}</div>'
        f'<div class="gm-ends"><span>{html.escape(metric.worst)}<br>{html.escape(metric.text(worst))}</span>'
        f"<span>{html.escape(metric.best)}<br>{html.escape(metric.text(best))}</span></div>"
    )


def _mark(place: int, left: float | None = None) -> str:
    where = "" if left is None else f' style="left:{left:.2f}%"'
    return f'<i class="gm-mark{" gm-other" if place else ""}"{where}></i>'


def _colors() -> str:
    return f"--gm-accent:{frame.accent()};--gm-ground:{frame.ground()};--gm-ink:{frame.ink()}"


def shares(source: DataSource, name: str, known: Quality) -> None:
    """Which share each class has among the samples of a run."""
    found = known.shares("class_shares")
    st.vega_lite_chart(
        charts.class_share_rows(source.class_names, found),
        charts.class_shares(source.class_names, frame.class_colors(source.classes), source.noun, frame.quiet()),
        key=f"shares_{name}",
        alt=f"Bars of the share of each {source.noun} among the samples of {name}: "
        + ", ".join(f"{which}: {100 * share:.1f} %" for which, share in zip(source.class_names, found, strict=True)),
    )


def sheets(source: DataSource, name: str, known: Quality) -> None:
    """The clearest samples of each class beside the least clear ones."""
    missing = known.notes.get("clear", {}).get("missing", [])
    absent = f" No sample looks like {_listed([source.class_phrase(number) for number in missing])}." if missing else ""
    sureness = known.notes.get("unclear", {}).get("sureness", [0.0])
    pictures.row(
        pictures.figure(
            known.sheets["clear"],
            alt=f"The two clearest samples of {name} for each {source.noun}: {', '.join(source.class_names)}.{absent}",
            caption=f"The samples of {name} that the classifier is surest of: {_in_rows(source)}, and the next best "
            f"of each below.{absent}",
            largest=3,
        ),
        pictures.figure(
            known.sheets["unclear"],
            alt=f"The {len(sureness)} samples of {name} that the classifier is least sure of.",
            caption=f"The {len(sureness)} samples of {name} that it is least sure of: its best guess has a probability "
            f"of {100 * min(sureness):.0f} to {100 * max(sureness):.0f} %.",
            largest=3,
        ),
    )


def neighbours(name: str, known: Quality) -> None:
    """Samples above the training images they are most like."""
    distances = known.notes.get("nearest", {}).get("distances", [0.0])
    searched = known.notes.get("searched", 0)
    pictures.show(
        known.sheets["nearest"],
        alt=f"{len(distances)} samples of {name} above the training images they are most like, from the nearest to "
        "the farthest.",
        caption=f"Above: samples of {name}. Below: the training image nearest to each, at distances from "
        f"{min(distances):.2f} to {max(distances):.2f}. On the left the nearest pair of {searched:,}, on the right the "
        "farthest.",
        largest=2,
    )


def _in_rows(source: DataSource) -> str:
    """Which classes stand in which row of the sheet of the clearest samples."""
    across = columns(source.classes)
    parts = [source.class_names[first : first + across] for first in range(0, source.classes, across)]
    said = [_span(part, source) for part in parts]
    if len(said) == 1:
        return f"{said[0]} in the first row"
    return ", ".join(f"{part} in the {row} row" for part, row in zip(said, ("first", "second", "third"), strict=False))


def _span(names: Sequence[str], source: DataSource) -> str:
    numbered = source.class_names == tuple(map(str, range(source.classes)))
    return f"{names[0]} to {names[-1]}" if numbered else ", ".join(names)


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
