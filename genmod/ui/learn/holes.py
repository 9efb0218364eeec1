"""The map of an autoencoder's codes, on which any place can be pressed: what the decoder draws where no code is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import streamlit as st

from genmod.datasets import Floats
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.inference import ENCODER, Sampler, planes
from genmod.inference.planes import Plane
from genmod.kinds.setting import shown
from genmod.lesson import squeezing
from genmod.lesson.squeezing import Place
from genmod.quality import reference
from genmod.quality.reference import Reference
from genmod.quality.size_row import Size
from genmod.runs import Run
from genmod.system.file_cache import FileCache
from genmod.ui import links, models, pad, say, terms
from genmod.ui.pad import point

KEY = "hole"
FLAT = 2  # latent numbers, so that a map shows all of them
POINTS = 1_000  # codes on the map
OUTLYING = 0.02  # of the codes, which the map need not show
MINUS = "\u2212"
WIDTH = 760  # pixels of a text, so that its lines are not too long
PAD = "holes"
_TURN = "hole_turn"  # in the session: of which test image the code was looked at last


@dataclass(frozen=True)
class _Map:
    """What is known of a run's codes as a whole: how far apart they usually are, a hole, and the plane of the map."""

    usual: float
    hole: Floats
    plane: Plane


_maps: FileCache[_Map] = FileCache(4)


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {KEY: _place}


def play(row: Sequence[Size]) -> None:
    """The map of the autoencoder with two numbers.

    Raises:
        RunError: if there is none in the row.
    """
    flat = next((size.run for size in row if size.numbers == FLAT), None)
    if flat is None:
        raise RunError("The shipped autoencoder with two numbers, whose map this is, is missing in this installation.")
    pad.style()
    _explore(flat)
    terms.row("autoencoder", "latent space", "code", "encoder", "decoder", "classifier", "holes", key="holes")


@st.fragment
def _explore(run: Run) -> None:
    """The map, what the decoder draws at the place that was pressed, and how far that is from any code."""
    try:
        source = run.config().source
        codes, _ = models.test_codes(run)
        labels = source.load().test_labels
        sampler, against = models.sampler(run), reference.of(source)
        known = _maps.get(str(run.exported(ENCODER)), lambda _: _known(codes, sampler, against))
        z = _chosen(known.hole)
        found = squeezing.place(z, codes, known.usual, sampler, against)
        terms.caption(
            "Each mark is the code of a test image. Press on the map, also where no code is: the decoder draws "
            "something for every place.", key="holes",
        )  # fmt: skip
        with st.container(horizontal=True):
            st.button("Into a hole", icon=":material/blur_on:", on_click=_move, args=(known.hole,))
            st.button("Onto a code", icon=":material/my_location:", on_click=_move_onto, args=(codes,))
        _board(run, found, known.plane)
        with st.container(width=WIDTH):
            said = squeezing.said_of(found, source, int(labels[found.nearest]))
            terms.paragraph(
                f"{said} Nobody told this autoencoder which {source.noun} is which: images that look alike got codes "
                f"that lie close together. The farthest code of a test image has a number {np.abs(codes).max():.0f} "
                "away from 0. Of numbers drawn from N(0, I), which the dashed circles stand for, nearly all lie in the "
                "small middle.", key="holes",
            )  # fmt: skip
    except GenmodError as error:
        say.error(str(error))


def _known(codes: Floats, sampler: Sampler, against: Reference) -> _Map:
    usual = squeezing.usual_distance(codes)
    return _Map(usual, squeezing.hole(codes, usual, sampler, against), _plane(codes))


def _plane(codes: Floats) -> Plane:
    """The map of both numbers, around the middle of the codes: a plain autoencoder puts them where it likes."""
    flat = planes.coordinates(FLAT, (0, 1))
    ends = np.quantile(codes, (OUTLYING, 1 - OUTLYING), axis=0)
    middle = np.rint(ends.mean(axis=0))
    across, up = (
        f"z{place + 1} counted from {MINUS if value < 0 else ''}{abs(value):.0f}" for place, value in enumerate(middle)
    )
    return replace(flat, middle=middle.astype(np.float32), names=(across, up))


def _board(run: Run, found: Place, plane: Plane) -> None:
    """The pad with the place, and the test image whose code is nearest."""
    codes, spread = models.test_codes(run)
    source = run.config().source
    data = source.load()
    label = int(data.test_labels[found.nearest])
    words = (
        f"Nearest code: test image {found.nearest:,}, {source.class_phrase(label)}, at a distance of "
        f"{found.distance:.2f}."
    )
    view = pad.View(
        run, plane, planes.limit(plane.places(codes)), "plain", POINTS, True,
        nearest=pad.Nearest(data.test_images[found.nearest], words),
    )  # fmt: skip
    sliders = pad.numbers(FLAT, planes.information(codes, spread), spread=True)
    pad.show([view], found.z, sliders, _take_move, key=PAD)


def _chosen(start: Floats) -> Floats:
    """The place that was pressed; a hole if none was."""
    text = str(st.session_state.get(KEY) or st.query_params.get(KEY, ""))
    try:
        return np.asarray(point.read(_place(text)), np.float32) if text else start
    except ConfigError:
        return start


def _move(z: Floats) -> None:
    """Look at another place; a callback."""
    text = " ".join(point.spelled([float(value)]) for value in z)
    st.session_state[KEY] = st.query_params[KEY] = text


def _move_onto(codes: Floats) -> None:
    """Look at the code of a test image, each time of another; a callback."""
    place = int(st.session_state.get(_TURN, -1)) + 1
    st.session_state[_TURN] = place
    _move(codes[place % min(POINTS, len(codes))])


def _take_move() -> None:
    """Take over where a hand left the point; a callback."""
    moved = pad.take_move(FLAT, 0, key=PAD)
    if moved.z:
        _move(np.asarray(moved.z, np.float32))


def _place(text: str) -> str:
    """What a link says of the place that is looked at."""
    try:
        found = point.read(text)
    except ConfigError:
        found = []
    if len(found) != FLAT:
        raise ConfigError(f"{KEY} is {shown(text)}; it must be two numbers from -999 to 999 separated by a space.")
    return text
