"""Charts: data in, constant specs out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from genmod.drawing import charts

COLORS = tuple(f"#{digit}{digit}{digit}" for digit in range(10))
NAMES = tuple("0123456789")
CLASSES = (NAMES, COLORS, "digit")
SPECS = {
    "class_counts": lambda: charts.class_counts(*CLASSES, "#444444"),
    "class_shares": lambda: charts.class_shares(*CLASSES, "#444444"),
    "latent_scatter": lambda: charts.latent_scatter("z 1", "z 2", *CLASSES, "#444444"),
}


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every table within a spec."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def test_class_rows_have_the_names_of_the_classes() -> None:
    rows = charts.class_count_rows(("sandal", "bag"), np.array([3, 4]))
    assert rows["class"].tolist() == ["sandal", "bag"]
    assert rows.images.tolist() == [3, 4]


def test_share_rows_are_in_percent() -> None:
    rows = charts.class_share_rows(NAMES[:2], [0.25, 0.75])
    assert rows["class"].tolist() == ["0", "1"]
    assert rows.share.tolist() == [25.0, 75.0]


def test_equal_shares_are_marked() -> None:
    rule = next(layer for layer in charts.class_shares(*CLASSES, "#444444")["layer"] if layer["mark"]["type"] == "rule")
    assert rule["encoding"]["y"]["datum"] == 10


POINTS = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
LABELS = np.array([7, 0, 9], np.uint8)
MARKS = tuple("abcdefghij")


def test_latent_rows_point_back_to_their_images() -> None:
    rows = charts.latent_rows(POINTS, LABELS, NAMES, MARKS, count=2, chosen=0)
    assert rows.to_dict("list") == {
        "index": [1, 0], "x": [3, 1], "y": [4, 2], "class": ["0", "7"], "mark": ["a", "h"], "chosen": [False, True],
    }  # fmt: skip


def test_the_chosen_image_is_shown_even_beyond_the_others() -> None:
    rows = charts.latent_rows(POINTS, LABELS, NAMES, MARKS, count=1, chosen=2)
    assert rows["index"].tolist() == [0, 2]
    assert rows["chosen"].tolist() == [False, True]


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_is_plain_data_without_rows(name: str) -> None:
    spec = SPECS[name]()
    assert json.loads(json.dumps(spec)) == spec
    assert not any("data" in part or "datasets" in part for part in parts(spec))


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_is_the_same_object_every_time(name: str) -> None:
    assert SPECS[name]() is SPECS[name]()


@pytest.mark.parametrize("name", SPECS)
def test_axes_are_named_and_there_is_no_legend(name: str) -> None:
    encodings = [part["encoding"] for part in parts(SPECS[name]()) if "encoding" in part]
    assert any(encoding["x"].get("title") for encoding in encodings)
    assert any(encoding.get("y", {}).get("title") for encoding in encodings)
    assert all(
        encoding["color"].get("legend", "unset") is None
        for encoding in encodings
        if "scale" in encoding.get("color", {})
    )


def test_each_digit_keeps_its_colour() -> None:
    for spec in (
        charts.class_counts(*CLASSES, "#444444"),
        charts.class_shares(*CLASSES, "#444444"),
        charts.latent_scatter("a", "b", *CLASSES, "#444444"),
    ):
        scales = [
            part["color"]["scale"]
            for part in parts(spec)
            if isinstance(part.get("color"), dict) and "scale" in part["color"]
        ]
        assert scales
        assert all(scale["domain"] == list("0123456789") and scale["range"] == list(COLORS) for scale in scales)


def test_a_click_picks_the_nearest_point() -> None:
    params = charts.latent_scatter("a", "b", *CLASSES, "#444444")["params"]
    select = next(param["select"] for param in params if param["name"] == "picked")
    assert (select["on"], select["nearest"], select["fields"]) == ("click", True, ["index"])
