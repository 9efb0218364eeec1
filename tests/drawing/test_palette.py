"""The theme and the class colours: the same in both places, and told apart by everyone."""

from __future__ import annotations

import itertools
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from genmod.drawing import palette

Floats = npt.NDArray[np.float64]

CONFIG = Path(__file__).parents[2] / ".streamlit" / "config.toml"
MODES = ("light", "dark")
COLORS = {"light": palette.CLASS_COLORS_LIGHT, "dark": palette.CLASS_COLORS_DARK}
ACCENTS = {"light": palette.ACCENT_LIGHT, "dark": palette.ACCENT_DARK}
FILLS = {"light": palette.ACCENT_FILL_LIGHT, "dark": palette.ACCENT_FILL_DARK}

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# The numerals of the map are text: at 4.5:1 on the page ten colours cannot lie farther apart than this.
SMALLEST_DISTANCE = {
    "light": {"normal": 17.0, "protanopia": 11.2, "deuteranopia": 11.5, "tritanopia": 11.2},
    "dark": {"normal": 19.5, "protanopia": 13.0, "deuteranopia": 13.3, "tritanopia": 12.9},
}


def theme(mode: str) -> dict[str, Any]:
    table: dict[str, Any] = tomllib.loads(CONFIG.read_text())["theme"][mode]
    return table


def linear(color: str) -> Floats:
    """Linear RGB of `#rrggbb`."""
    channels = np.array([int(color[first : first + 2], 16) for first in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""
    low, high = sorted(float(linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: Floats) -> Floats:
    """CIELAB (D65) of linear RGB."""
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    ratios = matrix @ rgb / matrix.sum(axis=1)
    x, y, z = np.where(ratios > 216 / 24389, np.cbrt(ratios), (24389 / 27 * ratios + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def ciede2000(one: Floats, other: Floats) -> float:
    """The CIEDE2000 difference of two CIELAB colours."""
    (l1, a1, b1), (l2, a2, b2) = one.tolist(), other.tolist()
    chroma = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - math.sqrt(chroma**7 / (chroma**7 + 25**7)))
    a1, a2 = a1 * stretch, a2 * stretch
    c1, c2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = math.degrees(math.atan2(b1, a1)) % 360, math.degrees(math.atan2(b2, a2)) % 360
    grey = c1 * c2 == 0
    turn = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    hue = h1 + h2 if grey else (h1 + turn / 2) % 360
    lightness, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = (
        1
        - 0.17 * math.cos(math.radians(hue - 30))
        + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6))
        - 0.20 * math.cos(math.radians(4 * hue - 63))
    )
    rotation = -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    rotation *= math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    dl = (l2 - l1) / (1 + 0.015 * (lightness - 50) ** 2 / math.sqrt(20 + (lightness - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2)) / (1 + 0.015 * chroma * t)
    return math.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # From the test data of Sharma, Wu and Dalal (2005).
        ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
        ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
        ((50.0, 2.5, 0.0), (50.0, 3.2592, 0.3350), 1.0000),
        ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
        ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ],
)
def test_the_distance_is_ciede2000(
    one: tuple[float, float, float], other: tuple[float, float, float], expected: float
) -> None:
    assert ciede2000(np.array(one), np.array(other)) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("mode", MODES)
def test_theme_and_palette_agree(mode: str) -> None:
    assert tuple(theme(mode)["chartCategoricalColors"]) == COLORS[mode]
    for table in (theme(mode), theme(mode)["sidebar"]):
        assert table["primaryColor"] == FILLS[mode]
        assert table["linkColor"] == ACCENTS[mode]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("vision", VISION)
def test_any_two_classes_differ(mode: str, vision: str) -> None:
    seen = [lab(np.clip(VISION[vision] @ linear(color), 0, 1)) for color in COLORS[mode]]
    nearest = min(ciede2000(one, other) for one, other in itertools.combinations(seen, 2))
    assert len(seen) == 10
    assert nearest >= SMALLEST_DISTANCE[mode][vision]


@pytest.mark.parametrize("mode", MODES)
def test_class_colors_can_be_read_as_text_on_the_page(mode: str) -> None:
    ground = theme(mode)["backgroundColor"]
    assert min(contrast(color, ground) for color in COLORS[mode]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_no_class_color_reads_as_black_or_white(mode: str) -> None:
    for color in COLORS[mode]:
        lightness, a, b = lab(linear(color)).tolist()
        assert 25 <= lightness <= 88 and math.hypot(a, b) >= 22, color


@pytest.mark.parametrize("mode", MODES)
def test_text_is_readable(mode: str) -> None:
    for table in (theme(mode), theme(mode)["sidebar"]):
        for ground in (table["backgroundColor"], table["secondaryBackgroundColor"]):
            assert contrast(table["textColor"], ground) >= 7.0
            assert contrast(table["linkColor"], ground) >= 4.5
            assert contrast(table["primaryColor"], ground) >= 3.0
        assert contrast("#ffffff", table["primaryColor"]) >= 4.5
