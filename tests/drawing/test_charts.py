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
    "curves": lambda: charts.curves(50, "#0b6e99"),
    "gan_curves": lambda: charts.curves(50, "#0b6e99", ("a", "b"), "probability", ("0.5",), (0.0, 1.0)),
    "one_curve": lambda: charts.curves(50, "#0b6e99", ("a",), "variety", ("real",)),
    "class_counts": lambda: charts.class_counts(*CLASSES),
    "class_shares": lambda: charts.class_shares(*CLASSES),
    "latent_scatter": lambda: charts.latent_scatter("z 1", "z 2", *CLASSES),
}


def history(epochs: int) -> list[dict[str, float]]:
    return [{"epoch": n, "loss": 100.0 - n, "val_a": 60.0, "val_b": 40.0} for n in range(1, epochs + 1)]


def parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every table within a spec."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts(inner)


def test_curves_are_sums_of_columns_named_at_their_ends() -> None:
    rows = charts.curve_rows(history(3), {charts.TRAINING: ["loss"], charts.HELD_OUT: ["val_a", "val_b"]})
    assert list(rows.columns) == ["epoch", "value", "curve", "label"]
    assert rows[rows.curve == charts.TRAINING].value.tolist() == [99, 98, 97]
    assert rows[rows.curve == charts.HELD_OUT].value.tolist() == [100, 100, 100]
    assert rows[rows.label != ""][["epoch", "label"]].values.tolist() == [[3, charts.TRAINING], [3, charts.HELD_OUT]]


def test_a_level_line_spans_all_epochs_and_is_named_at_its_start() -> None:
    rows = charts.curve_rows([], {"a": ["loss"]}, {"ln 2": 0.69}, 40)
    assert rows.values.tolist() == [[0.0, 0.69, "ln 2", "ln 2"], [40.0, 0.69, "ln 2", ""]]


def test_bounds_hold_the_axis_still() -> None:
    encodings = [part["encoding"] for part in parts(SPECS["gan_curves"]()) if "encoding" in part]
    scales = [encoding["y"]["scale"] for encoding in encodings if "scale" in encoding.get("y", {})]
    assert scales
    assert {tuple(scale["domain"]) for scale in scales} == {(0.0, 1.0)}


def test_two_curves_differ_in_more_than_colour() -> None:
    [scale] = {
        json.dumps(part["encoding"]["strokeDash"]["scale"]["range"])
        for part in parts(SPECS["curves"]())
        if "strokeDash" in part.get("encoding", {})
    }
    assert json.loads(scale) == [[1, 0], [5, 3]]


def test_long_curves_are_thinned_and_keep_both_ends() -> None:
    epochs = charts.curve_rows(history(1001), {charts.TRAINING: ["loss"]}).epoch
    assert len(epochs) <= charts.MOST_POINTS
    assert (epochs.iloc[0], epochs.iloc[-1]) == (1, 1001)


@pytest.mark.parametrize("epochs", [299, 300, 301, 599, 600, 601])
def test_a_curve_never_has_more_points_than_allowed(epochs: int) -> None:
    # The last epoch is always kept, which may add one to the evenly spaced ones.
    assert len(charts.curve_rows(history(epochs), {charts.TRAINING: ["loss"]})) <= charts.MOST_POINTS + 1


def test_a_weighted_column_counts_so_much() -> None:
    rows = charts.curve_rows(history(1), {"a": ["val_a", "val_b"]}, weights={"val_b": 0.5})
    assert rows["value"].tolist() == [80.0]


def test_no_history_has_no_rows_but_its_columns() -> None:
    for empty in (charts.curve_rows([], {charts.TRAINING: ["loss"]}), charts.curve_rows(history(2), {"x": ["absent"]})):
        assert len(empty) == 0
        assert list(empty.columns) == ["epoch", "value", "curve", "label"]


def test_class_rows_have_the_names_of_the_classes() -> None:
    rows = charts.class_count_rows(("sandal", "bag"), np.array([3, 4]))
    assert rows["class"].tolist() == ["sandal", "bag"]
    assert rows.images.tolist() == [3, 4]


def test_share_rows_are_in_percent() -> None:
    rows = charts.class_share_rows(NAMES[:2], [0.25, 0.75])
    assert rows["class"].tolist() == ["0", "1"]
    assert rows.share.tolist() == [25.0, 75.0]


def test_equal_shares_are_marked() -> None:
    rule = next(layer for layer in charts.class_shares(*CLASSES)["layer"] if layer["mark"]["type"] == "rule")
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


def test_loss_has_its_units_and_its_epochs_stand_still() -> None:
    encodings = [part["encoding"] for part in parts(charts.curves(50, "#0b6e99")) if "encoding" in part]
    assert {encoding["y"]["title"] for encoding in encodings if "title" in encoding.get("y", {})} == {"nats per image"}
    assert {tuple(encoding["x"]["scale"]["domain"]) for encoding in encodings} == {(0, 50)}


def test_marks_share_a_table_with_the_curves_and_do_not_hide_each_other() -> None:
    rows = charts.mark_rows([(1.5, "beta 2"), (1.6, "paused")])
    assert rows.epoch.tolist() == [1.5, 1.6]
    assert rows["mark"].tolist() == ["beta 2", "paused"]
    assert rows.value.isna().all()
    assert rows.curve.tolist() == ["", ""]
    assert rows.lift.is_unique


def test_each_digit_keeps_its_colour() -> None:
    for spec in (
        charts.class_counts(*CLASSES),
        charts.class_shares(*CLASSES),
        charts.latent_scatter("a", "b", *CLASSES),
    ):
        scales = [
            part["color"]["scale"]
            for part in parts(spec)
            if isinstance(part.get("color"), dict) and "scale" in part["color"]
        ]
        assert scales
        assert all(scale["domain"] == list("0123456789") and scale["range"] == list(COLORS) for scale in scales)


def test_a_click_picks_the_nearest_point() -> None:
    params = charts.latent_scatter("a", "b", *CLASSES)["params"]
    select = next(param["select"] for param in params if param["name"] == "picked")
    assert (select["on"], select["nearest"], select["fields"]) == ("click", True, ["index"])
