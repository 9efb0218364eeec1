"""Drawings of a model's layers as SVG: layers in, text out."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Sequence

from genmod.kinds.layers import Layer

HEIGHT = 196
MIDDLE = 82
STEP = 104
BLOCK = 22
MARGIN = 46
NARROW, ROW, BAR, BAR_TOP = 330, 50, 14, 24  # of the drawing for a narrow screen
LATENT = ("z_mean", "z_log_var", "latents")
CLASS = ("classes", "class_weights")
OUTPUT = "logits"  # the last layer of a network that ends in probabilities: of each pixel, or of one question


def network(layers: Sequence[Layer], ink: str, accent: str) -> str:
    """The layers from left to right, each block as tall as the logarithm of its units.

    `z_mean` and `z_log_var` stand one above the other: both are read from the same hidden layer. A class stands
    above what it goes with. Colours are CSS values; the drawing has no ground of its own.
    """
    columns = _columns(layers)
    room = max(_room(column) for column in columns)
    width, height = 2 * MARGIN + STEP * (len(columns) - 1) + BLOCK, HEIGHT + room
    shapes = [_connection(left, right, index) for index, (left, right) in enumerate(itertools.pairwise(columns))]
    shapes += [
        _block(column, position, index, accent)
        for index, column in enumerate(columns)
        for position in range(len(column))
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {-room} {width} {height}" width="{width}" '
        f'height="{height}" color="{html.escape(ink)}" font-family="Helvetica, Arial, sans-serif">'
        f"{''.join(shapes)}</svg>"
    )


def network_tall(layers: Sequence[Layer], ink: str, accent: str) -> str:
    """The same for a narrow screen: the layers from top to bottom, each as wide as the logarithm of its units."""
    columns = _columns(layers)
    height = ROW * len(columns)
    shapes = [
        _join(left, right, index)
        for index, pair in enumerate(itertools.pairwise(columns))
        for left in _lying(pair[0])
        for right in _lying(pair[1])
    ]
    shapes += [_bar(place, index, accent) for index, column in enumerate(columns) for place in _lying(column)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {NARROW} {height}" width="{NARROW}" height="{height}" '
        f'color="{html.escape(ink)}" font-family="Helvetica, Arial, sans-serif">{"".join(shapes)}</svg>'
    )


def _lying(column: list[Layer]) -> list[tuple[Layer, float]]:
    """The layers of a row with the middle of each."""
    return [(layer, NARROW * (2 * place + 1) / (2 * len(column))) for place, layer in enumerate(column)]


def _join(left: tuple[Layer, float], right: tuple[Layer, float], index: int) -> str:
    (a, xa), (b, xb) = left, right
    start, end = ROW * index + BAR_TOP + BAR, ROW * (index + 1) + BAR_TOP
    ha, hb = _reach(a), _reach(b)
    points = f"{xa - ha:.1f},{start} {xb - hb:.1f},{end} {xb + hb:.1f},{end} {xa + ha:.1f},{start}"
    return f'<polygon points="{points}" fill="currentColor" opacity="0.10"/>'


def _bar(place: tuple[Layer, float], index: int, accent: str) -> str:
    layer, x = place
    reach, top = _reach(layer), ROW * index + BAR_TOP
    fill = f'fill="{html.escape(accent)}"' if layer.name in LATENT else 'fill="currentColor" opacity="0.55"'
    return f'<rect x="{x - reach:.1f}" y="{top}" width="{2 * reach:.1f}" height="{BAR}" rx="3" {fill}/>' + _text(
        x, top - 7, f"{_name(layer)} {layer.units:,}"
    )


def _reach(layer: Layer) -> float:
    return 6 + 5 * math.log2(layer.units)


def description(layers: Sequence[Layer]) -> str:
    """The drawing in words."""
    return "Layers from left to right: " + ", ".join(f"{layer.name} {layer.units:,}" for layer in layers) + "."


def _columns(layers: Sequence[Layer]) -> list[list[Layer]]:
    columns: list[list[Layer]] = []
    for layer in layers:
        if layer.beside:
            columns[-1].append(layer)
        else:
            columns.append([layer])
    return columns


def _half(units: int) -> float:
    return 4 + 5.4 * math.log2(units)


def _with_class(column: list[Layer]) -> bool:
    return column[-1].name in CLASS


def _room(column: list[Layer]) -> int:
    """How much height a class needs above the rest of the drawing."""
    top = _centre(1, column) - _half(column[1].units) - 22 if _with_class(column) else 0.0
    return max(0, math.ceil(-top))


def _centre(position: int, column: list[Layer]) -> float:
    if _with_class(column):
        return MIDDLE - position * (_half(column[0].units) + 8 + _half(column[1].units))
    apart = max(46.0, 2 * _half(column[0].units) + 4)  # the blocks of a pair never touch
    return MIDDLE + (position - (len(column) - 1) / 2) * apart


def _connection(left: list[Layer], right: list[Layer], index: int) -> str:
    start, end = MARGIN + index * STEP + BLOCK, MARGIN + (index + 1) * STEP
    parts = []
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            ya, yb, ha, hb = _centre(i, left), _centre(j, right), _half(a.units), _half(b.units)
            points = f"{start},{ya - ha:.1f} {end},{yb - hb:.1f} {end},{yb + hb:.1f} {start},{ya + ha:.1f}"
            parts.append(f'<polygon points="{points}" fill="currentColor" opacity="0.10"/>')
    return "".join(parts)


def _block(column: list[Layer], position: int, index: int, accent: str) -> str:
    layer = column[position]
    x, y, half = MARGIN + index * STEP, _centre(position, column), _half(layer.units)
    latent = layer.name in LATENT
    fill = f'fill="{html.escape(accent)}"' if latent else 'fill="currentColor" opacity="0.55"'
    rectangle = f'<rect x="{x}" y="{y - half:.1f}" width="{BLOCK}" height="{2 * half:.1f}" rx="3" {fill}/>'
    return rectangle + "".join(
        _text(x + BLOCK / 2, at, words) for at, words in _words(layer, y, half, position, column)
    )


def _words(layer: Layer, y: float, half: float, position: int, column: list[Layer]) -> list[tuple[float, str]]:
    """What is written at a block, with its height: below the drawing, or right at a block of a pair."""
    if layer.name in CLASS:
        return [(y - half - 7, f"{_name(layer)} {layer.units}")]
    if len(column) > 1 and not _with_class(column):
        return [(y - half - 7 if position == 0 else y + half + 16, f"{_name(layer)} {layer.units}")]
    return [(HEIGHT - 24, _name(layer)), (HEIGHT - 8, f"{layer.units:,}")]


def _name(layer: Layer) -> str:
    if layer.name in LATENT:
        return layer.name
    if layer.name == OUTPUT:
        return "image" if layer.units > 1 else "real?"
    shown = {"images": "image", "classes": "class", "class_weights": "class"}
    return shown.get(layer.name, layer.name.replace("_", " "))


def _text(x: float, y: float, words: str) -> str:
    return (
        f'<text x="{x}" y="{y:.1f}" text-anchor="middle" fill="currentColor" font-size="13">{html.escape(words)}</text>'
    )
