"""Curves against seconds: one line a preset, its label at the end, what was before in grey."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from genmod.drawing import time_curves
from genmod.drawing.time_curves import Line, Look

LOOK = Look(("#111111", "#222222"), "#888888", "#000000", "#ffffff")
REAL = 0.34
LINES = (
    Line(
        "GAN dense",
        "gan dense",
        False,
        ((3, ((3.0, 1, 140.0), (70.0, 30, 1.2))), (4, ((4.0, 1, 150.0), (71.0, 30, 1.3)))),
    ),
    Line("GAN dense, before", "gan dense", True, ((0, ((3.5, 1, 160.0), (78.0, 25, 1.25))),)),
    Line("VAE best", "vae best", False, ((0, ((5.0, 1, 151.0), (350.0, 140, 20.0))),)),
)


def layers(kind: str) -> list[dict[str, Any]]:
    """The layers of a kind of mark."""
    return [layer for layer in time_curves.spec(LINES, REAL, LOOK)["layer"] if layer["mark"]["type"] == kind]


def test_a_row_for_each_copy_and_one_label_for_each_line() -> None:
    rows = time_curves.rows(LINES, REAL)
    assert list(zip(rows.seconds, rows.distance, strict=True))[:2] == [(3.0, 140.0), (70.0, 1.2)]
    assert rows[rows["first"]].seed.tolist() == [3, 3, 0, 0, 0, 0]
    ends = rows[rows.end.notna()]
    assert ends.preset.tolist() == ["GAN dense", "GAN dense, before", "VAE best"]
    assert ends.seconds.tolist() == [70.0, 78.0, 350.0]


def test_labels_stand_at_their_lines_ends_and_never_on_each_other() -> None:
    rows = time_curves.rows(LINES, REAL)
    dense, before, vae = rows.end.dropna()
    assert vae == pytest.approx(20.0)  # there was room
    low, high = time_curves.spec(LINES, REAL, LOOK)["layer"][2]["encoding"]["y"]["scale"]["domain"]
    apart = abs(math.log(before / dense)) / math.log(high / low) * time_curves.HEIGHT
    assert apart == pytest.approx(time_curves.GAP)
    assert dense < before


def test_both_axes_are_logarithmic_and_hold_all_there_is() -> None:
    encoding = layers("line")[0]["encoding"]
    for axis, inside in (("x", (3.0, 350.0)), ("y", (REAL, 160.0))):
        low, high = encoding[axis]["scale"]["domain"]
        assert encoding[axis]["scale"]["type"] == "log"
        assert low < min(inside) and max(inside) < high
    assert encoding["x"]["axis"]["values"] == [3, 10, 30, 100, 300]
    assert encoding["y"]["axis"]["values"] == pytest.approx([0.3, 1, 3, 10, 30, 100])


def test_what_was_before_is_dashed_and_grey_with_the_marks_of_what_came_after() -> None:
    first = layers("line")[-1]["encoding"]
    assert first["color"]["scale"] == {
        "domain": ["GAN dense", "GAN dense, before", "VAE best"], "range": ["#111111", "#888888", "#222222"],
    }  # fmt: skip
    dashes = first["strokeDash"]["scale"]["range"]
    assert dashes[1] != dashes[0] == dashes[2]
    shapes = layers("point")[0]["encoding"]["shape"]["scale"]["range"]
    assert shapes[0] == shapes[1] != shapes[2]


def test_the_level_of_real_test_images_is_named() -> None:
    level = next(layer for layer in layers("text") if "text" in layer["mark"])
    assert level["mark"]["text"] == "real test images 0.34"
    assert level["data"]["values"][0]["distance"] == REAL


def test_the_cursor_reads_exact_values_of_every_seed() -> None:
    (answering,) = [layer for layer in layers("point") if "tooltip" in layer["encoding"]]
    assert {part["field"] for part in answering["encoding"]["tooltip"]} == {
        "preset", "seed", "seconds", "epoch", "distance",
    }  # fmt: skip
    assert "transform" not in answering


def test_the_page_s_spec_has_no_rows_and_the_picture_s_has_them() -> None:
    spec = time_curves.spec(LINES, REAL, LOOK)
    assert "datasets" not in spec and "data" not in spec
    assert len(json.dumps(spec)) < 20_000
    alone = time_curves.standalone(LINES, REAL, LOOK, 600)
    assert len(alone["data"]["values"]) == 8
    assert not any("tooltip" in layer["encoding"] for layer in alone["layer"])
    json.dumps(alone, allow_nan=False)


def test_one_line_with_one_copy_can_be_drawn() -> None:
    lines = (Line("GAN dense", "gan dense", False, ((0, ((3.0, 1, REAL),)),)),)
    assert time_curves.rows(lines, REAL).end.tolist() == [pytest.approx(REAL)]
    json.dumps(time_curves.standalone(lines, REAL, LOOK, 600), allow_nan=False)
