"""Maps of codes: dots where the codes are, in their classes' colours, and the prior's circles on the same scale."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from genmod.datasets import Floats, Images
from genmod.drawing import code_maps, palette

INK, GROUND = "#2b2b2b", "#ffffff"
COLORS = palette.class_colors(10, dark=False)
REACH, SIDE = 5.0, 201  # twenty pixels a latent unit


def drawn(codes: Floats, labels: list[int]) -> Images:
    """The map's pixels, (side, side, 3)."""
    png = code_maps.draw(codes, np.array(labels), COLORS, INK, GROUND, REACH, SIDE)
    with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
        return np.asarray(picture.convert("RGB"))


def rgb(color: str) -> list[int]:
    """A colour's three numbers."""
    return list(bytes.fromhex(color[1:]))


def test_a_code_lies_to_the_right_and_upwards_in_the_colour_of_its_class() -> None:
    pixels = drawn(np.array([[4.0, 3.0], [-4.0, -3.0]], np.float32), [7, 2])
    assert pixels[40, 180].tolist() == rgb(COLORS[7])
    assert pixels[160, 20].tolist() == rgb(COLORS[2])
    assert pixels[160, 180].tolist() == pixels[40, 20].tolist() == rgb(GROUND)


def test_the_circles_lie_one_and_two_standard_deviations_from_the_middle_over_all_codes() -> None:
    codes = np.random.default_rng(0).uniform(-5, 5, (20_000, 2)).astype(np.float32)
    for pixels in (drawn(codes, [4] * len(codes)), drawn(codes[:0], [])):
        for sigma in code_maps.SIGMAS:
            for angle in np.linspace(0, 2 * np.pi, 50):
                across, up = 20 * sigma * np.cos(angle), 20 * sigma * np.sin(angle)
                assert pixels[round(100 - up), round(100 + across)].tolist() == rgb(INK)
        # Nowhere else: two rings of two pixels and of 20 and 40 pixels' radius.
        count = (pixels == rgb(INK)).all(axis=2).sum()
        assert 0.8 < count / (2 * np.pi * 60 * 2 * code_maps.LINE) < 1.2


def test_only_the_given_colours_are_in_it_and_later_dots_lie_over_earlier_ones() -> None:
    codes = np.full((2, 2), 3.0, np.float32)
    pixels = drawn(codes, [1, 6])
    assert pixels[40, 160].tolist() == rgb(COLORS[6])
    found = {tuple(color) for color in pixels.reshape(-1, 3).tolist()}
    assert found == {tuple(rgb(color)) for color in (INK, GROUND, COLORS[6])}


def test_codes_beyond_the_reach_are_counted_and_leave_no_mark() -> None:
    codes = np.array([[5.1, 0.0], [0.0, -100.0], [5.0, -5.0]], np.float32)
    assert code_maps.outside(codes, REACH).tolist() == [True, True, False]
    np.testing.assert_array_equal(drawn(codes[:2], [0, 0]), drawn(codes[:0], []))
    assert drawn(codes, [0, 0, 3])[200, 200].tolist() == rgb(COLORS[3])


def test_a_map_of_thousands_is_small() -> None:
    codes = np.random.default_rng(0).standard_normal((3_000, 2)).astype(np.float32)
    assert len(code_maps.draw(codes, np.arange(3_000) % 10, COLORS, INK, GROUND, 6.0)) < 15_000
