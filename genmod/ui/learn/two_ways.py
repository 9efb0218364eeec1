"""Chapter 2: points in the plane, a discriminative and a generative model of them, and a point far from all."""

from __future__ import annotations

import base64
import html
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from genmod.drawing import plane_map
from genmod.drawing.plane_map import Shows
from genmod.errors import ConfigError
from genmod.kinds import Setting
from genmod.lesson import joint_table, opinions, plane
from genmod.lesson.joint_table import JointTable
from genmod.lesson.opinions import Opinion
from genmod.lesson.plane import CLASSES, MOST, NONE, READY, SIDE, Placed
from genmod.ui import frame, links, say, terms
from genmod.ui.learn import board
from genmod.ui.learn.board import STRIPS, Picture, Sign
from genmod.ui.pictures import Markup

if TYPE_CHECKING:
    from genmod.lesson.two_models import TwoModels

POINTS, SHOWS, GAUSSIANS = plane.LINK, "plane_shows", "gaussians"
TEST = tuple(
    Setting(
        f"test_x{axis}", float, default, f"Test point, x{sign}", "It belongs to no class, and no model learns from it.",
        "data", low=0.0, high=SIDE, step=0.1,
    )
    for axis, sign, default in ((1, "\u2081", 9.2), (2, "\u2082", 9.0))
)  # fmt: skip
FIRST = "two-clouds"
DRAWN = 20  # new points at a time
UNDONE = 40  # steps back
SETS = {
    "two-clouds": "Two clouds",
    "three-clouds": "Three clouds",
    "moons": "Moons",
    "rings": "Rings",
    "one-inside": "One inside another",
}
SHOWN: dict[Shows, str] = {"both": "Both", "boundary": "Discriminative", "densities": "Generative"}
COUNTS = (1, 3, 6)  # Gaussians for each class
_SET = "plane_set"
_KEPT = "placed_kept"  # in the session: the points while another chapter is shown
_PAST = "plane_past"  # in the session: what Undo goes back to
_DRAWS = "plane_draws"  # in the session: how often new points were asked for since the points were changed


def play() -> None:
    """Place points, look at both models of them, draw new ones, and move a test point."""
    links.check(
        {
            POINTS: plane.canonical,
            SHOWS: links.option(SHOWS, SHOWN, _shown_label),
            GAUSSIANS: links.option(GAUSSIANS, COUNTS),
            **links.readers(*TEST),
        }
    )
    if POINTS not in st.session_state and POINTS not in st.query_params and (kept := st.session_state.get(_KEPT)):
        links.put(POINTS, kept)
    board.style()
    _plane()
    terms.row(
        "discriminative model", "generative model", "logistic regression", "boundary", "density", "joint probability",
        "conditional probability", "normal distribution", "mixture", "sample",
    )  # fmt: skip


@st.fragment
def _plane() -> None:
    """All that changes when a point is placed."""
    left, right = st.columns([6, 5], gap="large")
    with left:
        drawing, acts = st.container(), st.container()
    with right:
        ready = st.container()
        shows, gaussians = _choices()
        told = st.container()
        say.heading("The test point")
        test = _test_point()
        asked = st.container()
    tables = st.container()
    with st.expander("The points as text"):
        text = _text_input()
    try:
        placed = plane.read(text)
    except ConfigError as error:
        with ready:
            say.error(str(error))
        placed = Placed()
    st.session_state[_KEPT] = plane.spelled(placed)
    models = _learn(placed, gaussians) if placed.points else None
    samples = _samples(models)
    with ready:
        _ready_sets(placed)
    with drawing:
        board.show(
            placed, test, _picture(models, shows), samples, _legend(models, shows, bool(samples)), _colors(),
            _words(placed, test, samples), _take_move,
        )  # fmt: skip
    with acts:
        _acts(placed)
        _remarks(placed, samples)
    with told:
        terms.paragraph(
            opinions.how_well(models, placed, gaussians)
            if models
            else "No points, no models: place some, or take a ready-made set.",
            key="told",
        )
    with asked:
        if models:
            _opinions(opinions.of(models, test))
        else:
            say.caption("Without points neither model knows anything.")
    if models:
        with tables:
            _tables(joint_table.table(models.strips(STRIPS)), models.classes)


# Inputs


def _text_input() -> str:
    return str(
        st.text_input(
            "Points", FIRST, key=POINTS, bind="query-params", max_chars=plane.LONGEST_TEXT, on_change=_forget_draws,
            help="The letter of a class, then four digits for each of its points: two for x\u2081, two for x\u2082, "
            "in tenths.",
        )
    )  # fmt: skip


def _choices() -> tuple[Shows, int]:
    shows = say.segments("Show", list(SHOWN), SHOWS, _shown_label)
    gaussians = say.segments(
        "Gaussians for each class", COUNTS, GAUSSIANS, on_change=_forget_draws,
        help="How many normal distributions the generative model has for each class; fewer where there are few points.",
    )  # fmt: skip
    return shows, gaussians


def _test_point() -> tuple[float, float]:
    with st.container(horizontal=True):
        first, second = (float(links.number(item, format="%.1f", width=160)) for item in TEST)
    return first, second


def _ready_sets(placed: Placed) -> None:
    """Buttons for the ready-made sets, of which one is marked as long as its points are as they were."""
    name = plane.spelled(placed)
    st.session_state[_SET] = name if name in READY else None
    st.pills("Ready-made points", list(SETS), key=_SET, format_func=_set_label, on_change=_take_set)


def _acts(placed: Placed) -> None:
    with st.container(horizontal=True):
        st.button(
            f"Draw {DRAWN} new points", icon=":material/casino:", type="primary", on_click=_draw,
            disabled=not placed.points, help="From the generative model. The discriminative one cannot.",
        )  # fmt: skip
        st.button("Undo", icon=":material/undo:", on_click=_undo, disabled=not st.session_state.get(_PAST))
        st.button("Clear", icon=":material/delete:", on_click=_change, args=(NONE,), disabled=not placed.points)


def _set_label(name: str) -> str:
    return SETS[name]


def _shown_label(shows: Shows) -> str:
    return SHOWN[shows]


# Callbacks


def _take_set() -> None:
    if name := st.session_state.get(_SET):
        _change(str(name))


def _take_move() -> None:
    moved = board.take_move()
    if moved.placed is not None:
        _change(plane.spelled(moved.placed))
    if moved.test is not None:
        for item, value in zip(TEST, moved.test, strict=True):
            st.session_state[item.name] = round(value, 1)


def _change(text: str) -> None:
    """Take other points, and remember those before."""
    before = str(st.session_state.get(POINTS, FIRST))
    if text != before:
        st.session_state[_PAST] = [*st.session_state.get(_PAST, []), before][-UNDONE:]
        st.session_state[POINTS] = text
        _forget_draws()


def _undo() -> None:
    if past := st.session_state.get(_PAST):
        st.session_state[POINTS] = past[-1]
        st.session_state[_PAST] = past[:-1]
        _forget_draws()


def _draw() -> None:
    st.session_state[_DRAWS] = int(st.session_state.get(_DRAWS, 0)) + 1


def _forget_draws() -> None:
    """The model that has drawn them is no more."""
    st.session_state.pop(_DRAWS, None)


# Models and picture


def _learn(placed: Placed, gaussians: int) -> TwoModels:
    """Both models of the points. The first visitor of this chapter waits for scikit-learn."""
    if "genmod.lesson.two_models" in sys.modules:
        from genmod.lesson import two_models

        return two_models.learn(placed, gaussians)
    with st.spinner("Loading scikit-learn"):
        from genmod.lesson import two_models

        return two_models.learn(placed, gaussians)


def _samples(models: TwoModels | None) -> list[tuple[float, float, int]]:
    draws = int(st.session_state.get(_DRAWS, 0))
    if models is None or not draws:
        return []
    points, classes = models.draw(DRAWN, draws)
    return [(float(point[0]), float(point[1]), int(number)) for point, number in zip(points, classes, strict=True)]


def _picture(models: TwoModels | None, shows: Shows) -> Picture:
    if models is None:
        return Picture()
    hues = [_colors()[number] for number in models.classes]
    boundary = models.boundary_grid
    solid = "" if boundary is None else plane_map.boundary(boundary)
    if shows == "boundary":
        return Picture(None if boundary is None else plane_map.certainty(boundary, hues), solid)
    return Picture(
        plane_map.densities(models.joint_grid, hues),
        solid if shows == "both" else "",
        plane_map.boundary(models.joint_grid),
        dict(zip(models.classes, plane_map.around(models.joint_grid), strict=True)),
    )


def _colors() -> tuple[str, str, str]:
    return plane_map.colors(frame.dark())


def _words(placed: Placed, test: tuple[float, float], samples: Sequence[object]) -> str:
    """What is to be seen, for those who cannot see it."""
    counts = ", ".join(f"{placed.count(number)} of class {CLASSES[number]}" for number in placed.classes)
    drawn = f" {len(samples)} new points of the generative model." if samples else ""
    return (
        f"Plane with {len(placed.points)} points{': ' if counts else ''}{counts}.{drawn} The test point is at "
        f"{test[0]:.1f}, {test[1]:.1f}."
    )


# What is said


def _remarks(placed: Placed, samples: Sequence[tuple[float, float, int]]) -> None:
    if len(placed.points) >= MOST:
        say.info(f"The plane is full: it holds {MOST} points. Erase some to place others.")
    if lonely := opinions.lonely(placed):
        terms.caption(lonely)
    if samples:
        terms.caption(opinions.drawn(samples))


def _opinions(opinion: Opinion) -> None:
    """What each model says of the test point, side by side, and what that shows."""
    if opinion.discriminative is None:
        first = Markup("<p>Nothing to tell apart: it needs two classes.</p>")
    else:
        first = _bar(opinion.discriminative_class, opinion.discriminative)
    st.html(
        Markup(
            '<div class="gm-opinions">'
            f"<div><strong>Discriminative: p(y | x)</strong>{first}<p>It has no p(x): how common such a point is, it "
            "cannot say.</p></div>"
            "<div><strong>Generative: p(y | x) and p(x)</strong>"
            f"{_bar(opinion.generative_class, opinion.generative)}"
            f"<p>{html.escape(opinions.how_common(opinion))}</p></div></div>"
        )
    )
    terms.paragraph(opinions.verdict(opinion), key="verdict")


def _bar(name: str, probability: float) -> Markup:
    """A class and its probability, with a bar as long as that."""
    return Markup(
        f"<p>Class {html.escape(name)}: {html.escape(opinions.probability(probability))}</p>"
        f'<div class="gm-bar" style="--gm-accent: {frame.accent()}"><i style="width: {100 * probability:.1f}%"></i>'
        "</div>"
    )


def _legend(models: TwoModels | None, shows: Shows, drawn: bool) -> list[tuple[Sign, str]]:
    """What the lines and marks are."""
    if models is None:
        return []
    two = models.discriminative is not None
    shares = " and ".join(f"{100 * share:.0f} %" for share in plane_map.SHARES)
    entries: list[tuple[Sign, str, bool]] = [
        ("solid", "boundary, discriminative", two and shows != "densities"),
        ("dashed", "boundary, generative", two and shows != "boundary"),
        ("around", f"{shares} of a class lie within", shows != "boundary"),
        ("placed", "placed", True),
        ("drawn", "drawn by the generative model", drawn),
    ]
    return [(sign, words) for sign, words, shown in entries if shown]


def _tables(table: JointTable, classes: Sequence[int]) -> None:
    """p(x, y), and p(y | x) beside it."""
    say.heading("The generative model as a table")
    joint = [[f"{value / joint_table.THOUSAND:.3f}" for value in row] for row in table.joint]
    conditional = [
        ["\u2013"] * len(classes) if row is None else [f"{value / joint_table.HUNDRED:.2f}" for value in row]
        for row in table.conditional
    ]
    of_x = [f"{value / joint_table.THOUSAND:.3f}" for value in table.of_x]
    of_y = [f"{value / joint_table.THOUSAND:.3f}" for value in (*table.of_y, sum(table.of_y))]
    ones = ["\u2013" if row is None else f"{sum(row) / joint_table.HUNDRED:.2f}" for row in table.conditional]
    first = _table("p(x, y)", "strip x and class y together", classes, joint, "p(x)", of_x, ("p(y)", of_y))
    second = _table("p(y | x)", "each row divided by its p(x)", classes, conditional, "sum", ones, None)
    _side_by_side(first, second, terms.marked(opinions.of_table(table, classes), "table"))


def _side_by_side(first: Markup, second: Markup, said: Markup) -> None:
    st.html(Markup(f'<div class="gm-two-tables"><div>{first}</div><div>{second}</div><p>{said}</p></div>'))


def _table(
    name: str,
    what: str,
    classes: Sequence[int],
    rows: Sequence[Sequence[str]],
    sums: str,
    last: Sequence[str],
    foot: tuple[str, Sequence[str]] | None,
) -> Markup:
    heads = "".join(f'<th scope="col">{_head(number)}</th>' for number in classes)
    body = "".join(
        f'<tr><th scope="row">strip {place}</th>{_cells(row)}<td class="gm-sum">{html.escape(total)}</td></tr>'
        for place, (row, total) in enumerate(zip(rows, last, strict=True), 1)
    )
    below = ""
    if foot:
        *shares, whole = foot[1]
        below = (
            f'<tfoot><tr><th scope="row">{html.escape(foot[0])}</th>{_cells(shares)}'
            f'<td class="gm-sum">{html.escape(whole)}</td></tr></tfoot>'
        )
    return Markup(
        f'<table class="gm-joint"><caption><b>{html.escape(name)}</b>: {html.escape(what)}</caption>'
        f'<thead><tr><td></td>{heads}<th scope="col" class="gm-sum">{html.escape(sums)}</th></tr></thead>'
        f"<tbody>{body}</tbody>{below}</table>"
    )


def _cells(values: Sequence[str]) -> Markup:
    return Markup("".join(f"<td>{html.escape(value)}</td>" for value in values))


def _head(number: int) -> Markup:
    """The mark and the letter of a class."""
    sign = plane_map.mark(number, _colors()[number])
    return Markup(
        '<img alt="" width="12" height="12" '
        f'src="data:image/svg+xml;base64,{base64.b64encode(sign.encode()).decode()}"> '
        f"{html.escape(CLASSES[number])}"
    )
