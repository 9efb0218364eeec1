"""Who learns from whom in a GAN, as an SVG drawing: an image's way to its verdict, and the error's way back."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Step = Literal["judge", "discriminator", "generator"]
STEPS: tuple[Step, ...] = get_args(Step)
GENERATOR, DISCRIMINATOR = "generator", "discriminator"
NOISE, FORGERY, REAL, ANSWERS, LOSS = "noise", "forgery", "real", "answers", "loss"
SIDE = 56  # of a picture of 28 x 28 pixels
BESIDE = 9.0  # from the way forward to the way back
HEAD = 9.0  # length of an arrow's head
WAYS = (
    (NOISE, GENERATOR), (GENERATOR, FORGERY), (FORGERY, DISCRIMINATOR), (REAL, DISCRIMINATOR), (DISCRIMINATOR, ANSWERS),
    (ANSWERS, LOSS),
)  # fmt: skip
BACK: Mapping[Step, tuple[tuple[str, str], ...]] = {
    "judge": (),
    "discriminator": ((LOSS, ANSWERS), (ANSWERS, DISCRIMINATOR)),
    "generator": (
        (LOSS, ANSWERS), (ANSWERS, DISCRIMINATOR), (DISCRIMINATOR, FORGERY), (FORGERY, GENERATOR),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Look:
    """The colours of a theme, as CSS values: of text, of what stands back, of the way that matters, of the page."""

    ink: str
    quiet: str
    accent: str
    ground: str


@dataclass(frozen=True)
class _Place:
    """A rectangle: its middle and half its sides."""

    x: float
    y: float
    across: float
    down: float


_WIDE: Mapping[str, _Place] = {
    NOISE: _Place(52, 68, 46, 20), GENERATOR: _Place(190, 68, 66, 31), FORGERY: _Place(330, 68, 34, 34),
    REAL: _Place(330, 178, 34, 34), DISCRIMINATOR: _Place(490, 123, 74, 31), ANSWERS: _Place(648, 123, 46, 24),
    LOSS: _Place(772, 123, 40, 28),
}  # fmt: skip
_TALL: Mapping[str, _Place] = {
    NOISE: _Place(96, 24, 60, 14), GENERATOR: _Place(96, 94, 68, 29), FORGERY: _Place(96, 190, 34, 34),
    REAL: _Place(244, 190, 34, 34), DISCRIMINATOR: _Place(170, 302, 76, 29), ANSWERS: _Place(170, 384, 58, 20),
    LOSS: _Place(170, 456, 44, 26),
}  # fmt: skip
_SIZES = {False: (820, 246), True: (340, 492)}


@dataclass(frozen=True)
class Scene:
    """What is drawn.

    Attributes:
        step: what happens.
        forgery: a PNG file of 28 x 28 pixels.
        real: another.
        answers: what the discriminator says, a line for each image.
        loss: the loss of the network that learns, a word and its value; empty while none does.
    """

    step: Step
    forgery: bytes
    real: bytes
    answers: tuple[str, ...]
    loss: tuple[str, ...]


def draw(scene: Scene, look: Look, tall: bool = False) -> str:
    """The drawing, from left to right, or for a narrow screen from top to bottom."""
    places = _TALL if tall else _WIDE
    width, height = _SIZES[tall]
    shown = [name for name in places if name != LOSS or scene.loss]
    ways = [(a, b) for a, b in WAYS if a in shown and b in shown]
    back = BACK[scene.step]
    plain = look.accent if scene.step == "judge" else look.quiet
    parts = [_arrow(places[a], places[b], -BESIDE if (b, a) in back else 0.0, plain, False) for a, b in ways]
    parts += [_arrow(places[a], places[b], -BESIDE, look.accent, True) for a, b in back]
    parts += [_network(name, places[name], scene.step, look) for name in (GENERATOR, DISCRIMINATOR)]
    parts += [_picture(scene.forgery, places[FORGERY], look), _picture(scene.real, places[REAL], look)]
    parts += _labels(places, scene, look, tall)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:d} {height:d}" width="{width:d}" '
        f'height="{height:d}" font-family="Helvetica, Arial, sans-serif" font-size="14">{"".join(parts)}</svg>'
    )


def description(step: Step) -> str:
    """The drawing in words."""
    forward = (
        "Random numbers go into the generator, which draws a forgery. The forgery and a real image go into the "
        "discriminator, which answers to both."
    )
    return {
        "judge": forward,
        "discriminator": f"{forward} From the loss an arrow leads back to the discriminator and ends there: it learns, "
        "and the generator stands still.",
        "generator": f"{forward} From the loss an arrow leads back through the discriminator, which stands still, and "
        "through the forgery to the generator, which learns.",
    }[step]


def _network(name: str, place: _Place, step: Step, look: Look) -> str:
    learns = name == step
    fill, color = (look.accent, look.ground) if learns else (look.ground, look.ink)
    edge = look.accent if learns else look.ink
    dash = ' stroke-dasharray="4 4"' if step != "judge" and not learns else ""
    box = (
        f'<rect x="{place.x - place.across:.1f}" y="{place.y - place.down:.1f}" width="{2 * place.across:.1f}" '
        f'height="{2 * place.down:.1f}" rx="8" fill="{_css(fill)}" stroke="{_css(edge)}" '
        f'stroke-width="1.5"{dash}/>'
    )
    if step == "judge":
        return box + _text(place.x, place.y + 5, name.capitalize(), color, bold=True)
    below = "learns" if learns else "stands still"
    return (
        box
        + _text(place.x, place.y - 3, name.capitalize(), color, bold=True)
        + _text(place.x, place.y + 16, below, color, size=13)
    )


def _picture(png: bytes, place: _Place, look: Look) -> str:
    x, y, half = place.x, place.y, SIDE / 2
    return (
        f'<rect x="{x - half - 4:.1f}" y="{y - half - 4:.1f}" width="{SIDE + 8}" height="{SIDE + 8}" rx="4" '
        f'fill="#000000" stroke="{_css(look.quiet)}"/>'
        f'<image x="{x - half:.1f}" y="{y - half:.1f}" width="{SIDE}" height="{SIDE}" '
        f'style="image-rendering:pixelated" href="data:image/png;base64,{base64.b64encode(png).decode()}"/>'
    )


def _labels(places: Mapping[str, _Place], scene: Scene, look: Look, tall: bool) -> list[str]:
    noise, forgery, real = (places[name] for name in (NOISE, FORGERY, REAL))
    if tall:
        found = [_text(noise.x, noise.y + 5, "random numbers", look.ink)]
        found += [_text(forgery.x - 40, forgery.y + 5, "forgery", look.ink, anchor="end")]
        found += [_text(real.x, real.y - 44, "real image", look.ink)]
    else:
        found = [
            _text(noise.x, noise.y - 2, "random", look.ink), _text(noise.x, noise.y + 15, "numbers", look.ink),
            _text(forgery.x, forgery.y - 44, "forgery", look.ink), _text(real.x, real.y + 54, "real image", look.ink),
        ]  # fmt: skip
    found += _lines(places[ANSWERS], scene.answers, look.ink)
    if scene.loss:
        place = places[LOSS]
        found.append(
            f'<rect x="{place.x - place.across:.1f}" y="{place.y - place.down:.1f}" width="{2 * place.across:.1f}" '
            f'height="{2 * place.down:.1f}" rx="26" fill="none" stroke="{_css(look.accent)}" stroke-width="1.5"/>'
        )
        found += _lines(place, scene.loss, look.ink)
    return found


def _lines(place: _Place, lines: tuple[str, ...], color: str) -> list[str]:
    top = place.y + 5 - 9 * (len(lines) - 1)
    return [_text(place.x, top + 18 * number, line, color) for number, line in enumerate(lines)]


def _arrow(start: _Place, end: _Place, beside: float, color: str, back: bool) -> str:
    """An arrow from edge to edge, moved to its left by `beside`."""
    length = math.hypot(end.x - start.x, end.y - start.y)
    ux, uy = (end.x - start.x) / length, (end.y - start.y) / length
    px, py = uy * beside, -ux * beside
    a, b = _reach(start, ux, uy) + 5, length - _reach(end, ux, uy) - 5
    x1, y1 = start.x + ux * a + px, start.y + uy * a + py
    x2, y2 = start.x + ux * b + px, start.y + uy * b + py
    tip = [(x2, y2)] + [
        (x2 - HEAD * ux + side * 0.55 * HEAD * uy, y2 - HEAD * uy - side * 0.55 * HEAD * ux) for side in (1, -1)
    ]
    dash = ' stroke-dasharray="6 4"' if back else ""
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in tip)
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2 - HEAD * ux:.1f}" y2="{y2 - HEAD * uy:.1f}" stroke="{_css(color)}" '
        f'stroke-width="{2.5 if back else 1.5}"{dash}/><polygon points="{points}" fill="{_css(color)}"/>'
    )


def _reach(place: _Place, ux: float, uy: float) -> float:
    """How far a place reaches from its middle in a direction."""
    return min(place.across / abs(ux) if ux else math.inf, place.down / abs(uy) if uy else math.inf)


def _text(
    x: float, y: float, words: str, color: str, bold: bool = False, size: int = 14, anchor: str = "middle"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{html.escape(anchor)}" font-size="{size:d}" fill="{_css(color)}"'
        f"{weight}>{html.escape(words)}</text>"
    )


def _css(color: str) -> str:
    return html.escape(color)
