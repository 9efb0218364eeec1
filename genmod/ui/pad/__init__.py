"""The latent pad: a point that a hand moves over a plane of latent space, and the image that is drawn there."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import streamlit as st

from genmod.datasets import Doubles, Floats, Images
from genmod.drawing import palette
from genmod.errors import ConfigError
from genmod.inference import planes
from genmod.inference.planes import Plane
from genmod.kinds import Value
from genmod.runs import Run
from genmod.ui import frame
from genmod.ui.pad import point, routes
from genmod.ui.pad.look import STYLE
from genmod.ui.pad.script import SCRIPT

__all__ = ["GROUNDS", "Chosen", "Moved", "Nearest", "Number", "View", "follow", "numbers", "show", "style", "take_move"]

Ground = Literal["manifold", "verdict", "density", "plain"]
GROUNDS: dict[Ground, str] = {
    "manifold": "images",
    "verdict": "classifier",
    "density": "density",
    "plain": "nothing",
}
GROUND_WORDS: dict[Ground, str] = {
    "manifold": "Below the point: what the {} draws {} the middle of each square.",
    "verdict": "Below the point: what the classifier sees at each place, paler where it is less sure.",
    "density": "Below the point: where the codes of the held-out images lie most densely.",
    "plain": "",
}
HELP = (
    "Drag or use the arrow keys to move the point. Shift and an arrow key choose the nearest held-out image in that "
    "direction. Home goes to the middle."
)
HELP_WITHOUT_MAP = "Drag or use the arrow keys to move the point. Home goes to the middle."
MOST_OPEN = 16  # sliders that are not folded away
_SERIAL = "pad_serial"
_BOARD = st.components.v2.component(
    "genmod_pad",
    html='<div class="gm-board"></div>\n<!-- filled by board.js -->',
    js=SCRIPT.loader("gm-board", "The latent pad", "board"),
    # In the page itself, not in a shadow tree: the page's own audits and styles reach it.
    isolate_styles=False,
)
_FOLLOWER = st.components.v2.component(
    "genmod_follower",
    html='<div class="gm-follower"></div>\n<!-- nothing to see -->',
    js=SCRIPT.loader("gm-follower", "The page", "follower"),
    isolate_styles=False,
)


@dataclass(frozen=True)
class Chosen:
    """An image that stands out on the pad.

    Attributes:
        name: such as "test image 12".
        mark: of its class; empty if that is not known.
        code: where its encoder puts it, shape (latent_dim,).
        sigma: how far its distribution spreads, shape (latent_dim,); None for a model whose codes are points.
        index: among the test images; None if it is none of them.
    """

    name: str
    mark: str
    code: Floats
    sigma: Floats | None
    index: int | None = None


@dataclass(frozen=True)
class Nearest:
    """The training image nearest to the image at the point, uint8 (rows, columns), and what is said of it."""

    image: Images
    words: str


@dataclass(frozen=True)
class Number:
    """One latent number's slider.

    Attributes:
        place: among the latent numbers, from 0.
        says: how much it says about an image, in words; empty if that is not known.
        silent: whether it says nothing.
        open: whether its slider is shown at once.
    """

    place: int
    says: str
    silent: bool
    open: bool


@dataclass(frozen=True)
class View:
    """How one run is shown.

    Attributes:
        plane: what the pad walks; None shows sliders alone.
        limit: how far the pad reaches in each direction.
        points: how many held-out images it shows; 0 for a run without an encoder.
        held_out: whether they are shown.
        wanted: the class that a conditional model is asked for.
        paths: lines through latent space, each (n, latent_dim).
        draws: single points, (n, latent_dim).
        chosen_drawing: how a run that draws in several steps is to draw; its defaults if not given.
    """

    run: Run
    plane: Plane | None
    limit: float
    ground: Ground = "plain"
    points: int = 0
    held_out: bool = False
    wanted: int = 0
    chosen: Chosen | None = None
    nearest: Nearest | None = None
    paths: Sequence[Floats] = ()
    draws: Floats | None = None
    chosen_drawing: Mapping[str, Value] | None = None


@dataclass(frozen=True)
class Moved:
    """What a hand did: where it left the point, and the test image it chose, if any."""

    z: list[float] = field(default_factory=list)
    digit: int | None = None


def style() -> None:
    """Send the pad's style; called once, at the top of a page."""
    st.html(STYLE)


def numbers(latent_dim: int, information: Doubles | None, spread: bool = False) -> list[Number]:
    """The latent numbers in the order of how much they say, as sliders.

    Args:
        information: of each, as `planes.information` gives it; None where it is not known.
        spread: whether that is a variance, as for a model whose codes are points, and not in nats.
    """
    if information is None:
        return [Number(place, "", False, place < MOST_OPEN) for place in range(latent_dim)]
    found: list[Number] = []
    for place in map(int, np.argsort(-information, kind="stable")):
        silent = bool(information[place] < planes.SILENT)
        says = (
            "next to nothing"
            if silent
            else f"variance {information[place]:.1f}"
            if spread
            else f"{information[place]:.1f} nats"
        )
        found.append(Number(place, says, silent, not silent and len(found) < MOST_OPEN))
    return found


def show(
    views: Sequence[View],
    z: Floats,
    sliders: Sequence[Number],
    on_move: Callable[[], None],
    key: str = "pad",
    version: int = 0,
) -> None:
    """Draw the pad of one run, or of two that share the point.

    Args:
        z: the point, shape (latent_dim,).
        on_move: called when the hand lets go; `take_move` says what it did.
        version: how new what it shows is, beside what `follow` stands for.
    """
    silent = sum(number.silent for number in sliders)
    data = {
        "pad": views[0].plane is not None,
        "z": _plain(z),
        "version": version,
        "serial": int(st.session_state.get(_SERIAL, 0)),
        "reach": max(view.limit for view in views),
        "numbers": [
            {"place": one.place, "name": f"z{one.place + 1}", "says": one.says, "silent": one.silent, "open": one.open}
            for one in sliders
        ],
        "silent_words": f"{silent} of {len(sliders)} say nothing: less than {planes.SILENT} nats each",
        "many_words": f"{sum(not one.open and not one.silent for one in sliders)} more latent numbers",
        "maps": [_map(view) for view in views],
    }
    _BOARD(data=data, key=key, on_moved_change=on_move, on_stale_change=_draw_again)


def follow(version: int) -> None:
    """Draw the fragment in which this stands again when the pad shows something newer, and the other way round."""
    _FOLLOWER(data={"version": version}, key="pad_follower", on_stale_change=_draw_again)


def _draw_again() -> None:
    """Nothing else is to be done: what changed stands in the session already."""


def take_move(latent_dim: int, images: int, key: str = "pad") -> Moved:
    """What the browser sends when a hand lets go; called once, in the callback. It may hold anything.

    Args:
        images: how many test images there are to choose from.
    """
    sent = getattr(st.session_state.get(key), "moved", None)
    sent = sent if isinstance(sent, dict) else {}
    serial, values, digit = (sent.get(name) for name in ("serial", "z", "digit"))
    if type(serial) is int and 0 <= serial < 1 << 50:
        st.session_state[_SERIAL] = serial
    try:
        found = point.read(" ".join(map(str, values))) if isinstance(values, list) and len(values) == latent_dim else []
    except ConfigError:
        found = []
    return Moved(found, digit if type(digit) is int and 0 <= digit < images else None)


def _map(view: View) -> dict[str, Any]:
    run, source, kind = view.run, view.run.config().source, view.run.kind()
    chosen, plane = view.chosen, view.plane
    data: dict[str, Any] = {
        "run": run.id,
        "sampler": routes.address_of_network(run, kind.sampler),
        "velocity": routes.address_of_network(run, kind.velocity) if kind.velocity else None,
        "schedule": _schedule(view),
        "classifier": routes.address_of_classifier(source.name),
        "codes": routes.address_of_codes(run, view.points) if view.points else None,
        "conditional": run.config().conditional,
        "wanted": view.wanted,
        "shape": list(source.image_shape[:2]),
        "noun": source.noun,
        "plural": source.plural,
        "classes": list(source.class_names),
        "phrases": [source.class_phrase(number) for number in range(source.classes)],
        "marks": list(source.marks),
        "colors": list(frame.class_colors(source.classes)),
        "bright": list(palette.class_colors(source.classes, dark=True)),
        "ink": frame.ink(),
        "accent": frame.accent(),
        "page": frame.ground(),
        "limit": view.limit,
        "ground": view.ground,
        "ground_words": GROUND_WORDS[view.ground].format(
            kind.sampler, "where the steps lead from" if kind.velocity else "in"
        ),
        "held_out": view.held_out,
        "help": HELP if view.points else HELP_WITHOUT_MAP,
        "marks_words": _marks(view) if plane is not None else "",
        "plane": None,
        "chosen": None,
        "nearest": None,
        "paths": [[_plain(step) for step in path] for path in view.paths],
        "draws": [] if view.draws is None else [_plain(draw) for draw in view.draws],
    }
    if plane is not None:
        data["plane"] = {
            "names": list(plane.names),
            "middle": _plain(plane.middle, 5),
            "across": _plain(plane.across, 5),
            "up": _plain(plane.up, 5),
        }
    if chosen is not None:
        data["chosen"] = {
            "name": chosen.name,
            "mark": chosen.mark,
            "code": _plain(chosen.code, 3),
            "sigma": None if chosen.sigma is None else _plain(chosen.sigma, 4),
            "index": chosen.index,
        }
    if view.nearest is not None:
        pixels = base64.b64encode(np.ascontiguousarray(view.nearest.image, np.uint8).tobytes()).decode()
        data["nearest"] = {"pixels": pixels, "words": view.nearest.words}
    return data


def _schedule(view: View) -> dict[str, Any] | None:
    """The steps that a browser takes before it decodes; None for a run that draws in one."""
    config, kind = view.run.config(), view.run.kind()
    plan = kind.schedule(config, view.chosen_drawing or kind.chosen(config, {}))
    if plan is None:
        return None
    return {
        "times": list(plan.times),
        "told": [list(row) for row in plan.told],
        "heun": plan.heun,
        "guidance": plan.guidance if config.conditional else 1.0,
        "kept": list(plan.kept),
        "scales": list(plan.scales),
    }


def _marks(view: View) -> str:
    """What is drawn above the ground."""
    said = ["Dashed: one and two standard deviations of N(0, I)."]
    if view.chosen is not None:
        said.append(f"Square: {view.chosen.name}.")
        if view.chosen.sigma is not None:
            said.append("Ellipse around it: two standard deviations of its distribution. Small dots: draws from that.")
    if view.paths:
        said.append("White line: the path between two images.")
    return " ".join(said)


def _plain(values: Floats, digits: int = 2) -> list[float]:
    return [round(float(value), digits) for value in values]
