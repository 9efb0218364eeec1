"""Ways over a map: where they begin and end, and that a way upwards is drawn upwards."""

from __future__ import annotations

import re

import numpy as np

from genmod.drawing import way_maps


def test_ways_stand_where_the_map_has_them() -> None:
    ways = [np.array([[0.0, 0.0], [1.0, 0.5], [2.0, 2.0]]), np.array([[-4.0, -4.0], [0.0, 0.0], [1.0, 1.0]])]
    drawing = way_maps.draw(b"png", ways, 4.0, 100)
    lines = re.findall(rf'<polyline points="([^"]*)" fill="none" stroke="{way_maps.INK}"', drawing)
    assert lines == ["50.0,50.0 62.5,43.8 75.0,25.0", "0.0,100.0 50.0,50.0 62.5,37.5"]
    ends = re.findall(rf'<circle cx="([^"]*)" cy="([^"]*)" r="{way_maps.END}"', drawing)
    assert ends == [("75.0", "25.0"), ("62.5", "37.5")]
    assert 'href="data:image/png;base64,cG5n"' in drawing


def test_one_step_has_no_stops_between_its_ends() -> None:
    assert way_maps.draw(b"png", [np.zeros((2, 2), np.float32)], 4.0, 100).count("<circle") == 2
