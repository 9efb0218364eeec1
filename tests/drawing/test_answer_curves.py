"""The curves of a discriminator's answers: their rows, and names that lie neither on each other nor outside."""

from __future__ import annotations

import json

import pytest

from genmod.drawing import answer_curves
from genmod.drawing.answer_curves import GENERATED, REAL


def test_each_curve_has_a_row_an_epoch_and_its_name_at_its_end() -> None:
    rows = answer_curves.rows([(1, 0.9, 0.1), (2, 0.6, 0.4)])
    assert rows[["epoch", "answer", "of"]].values.tolist() == [
        [1, 0.9, REAL], [2, 0.6, REAL], [1, 0.1, GENERATED], [2, 0.4, GENERATED],
    ]  # fmt: skip
    assert rows["end"].isna().tolist() == [True, False, True, False]
    assert answer_curves.rows([]).empty


@pytest.mark.parametrize("ends", [(0.5, 0.5), (0.53, 0.47), (0.48, 0.98), (0.999, 0.001), (1.0, 0.0), (0.0, 1.0)])
def test_names_lie_apart_and_within_the_chart(ends: tuple[float, float]) -> None:
    places = answer_curves.rows([(1, *ends)])["end"].tolist()
    assert abs(places[0] - places[1]) > 0.1 and all(0 < place < 1 for place in places)
    assert all(abs(place - end) < 0.1 for place, end in zip(places, ends, strict=True))


def test_the_spec_holds_the_level_line_and_no_rows() -> None:
    spec = answer_curves.spec(0.45, "#0b6e99", "#70706c", "#2b2b2b", "#ffffff")
    inline = [layer["data"]["values"] for layer in spec["layer"] if "data" in layer]
    assert inline == [[{"even": 0.45}]] and "datasets" not in spec and "data" not in spec
    assert json.loads(json.dumps(spec)) == spec
