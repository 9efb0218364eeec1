"""What the stage is given: words, numbers and curves against the run's history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genmod import jobs, kinds, runs
from genmod.runs import Run, Store
from genmod.ui import stage
from genmod.ui.stage import acts

GAN_ROW = {
    "seconds": 1.0, "d_loss": 1.2, "g_loss": 0.9, "d_real": 0.55, "d_fake": 0.35, "real_accuracy": 0.62,
    "fake_accuracy": 0.81, "variety": 0.9,
}  # fmt: skip


def shown(run: Run) -> dict[str, object]:
    return acts.act(run, run.config(), stage.situation(run))


def test_each_row_tells_its_own_epoch(tiny_run: Run) -> None:
    act = shown(tiny_run)
    rows, history = act["rows"], tiny_run.history()
    assert isinstance(rows, list)
    assert [row["e"] for row in rows] == tiny_run.frames() == [0, *(row["epoch"] for row in history)]
    assert rows[0]["n"] == [] and "random" in rows[0]["t"]
    for row, past in zip(rows[1:], history, strict=True):
        assert row["n"][0] == f"{past['loss']:.2f} nats"
        until = history[: int(past["epoch"])]
        found = tiny_run.kind().diagnose(tiny_run.config(), until, {})
        assert row["t"] == (found.sentence if found else tiny_run.kind().latest(tiny_run.config(), until))
        assert found is None or f"{past['val_kl_loss']:.0f} nats" in row["t"]
    assert act["now"] is None and act["share"] == 1.0 and act["pairs"]
    json.dumps(act, allow_nan=False)


def test_a_diagnosis_is_that_of_its_own_epoch(tmp_path: Path) -> None:
    config = kinds.from_preset("gan", "dense", epochs=4)
    run = Store(tmp_path).create(config, "duel")
    ahead = {**GAN_ROW, "real_accuracy": 0.95, "fake_accuracy": 0.99, "d_real": 0.8, "d_fake": 0.1}
    rows = [{"epoch": 1, **ahead}, *({"epoch": epoch, **GAN_ROW} for epoch in (2, 3, 4))]
    run.write_history(["epoch", *GAN_ROW], rows)
    found = shown(run)["rows"]
    assert isinstance(found, list)
    assert found[0]["s"] == "Discriminator ahead" and "95%" in found[0]["t"] and found[0]["d"] == [0.8, 0.1]
    assert found[3]["s"] == "Close" and "62%" in found[3]["t"] and found[3]["n"] == ["62%", "81%", "0.90"]


def test_the_unfinished_epoch_is_a_row_of_its_own(tmp_path: Path) -> None:
    config = kinds.from_preset("gan", "dense", epochs=4)
    run = Store(tmp_path).create(config, "duel")
    run.write_history(["epoch", *GAN_ROW], [{"epoch": 1, **GAN_ROW}])
    metrics = {name: GAN_ROW[name] for name in ("d_loss", "g_loss", "d_real", "d_fake", "fake_accuracy")}
    progress = {
        "epoch": 2, "epochs": 4, "step": 600, "steps": 1200, "share": 0.375, "seconds": 3.0,
        "images_per_second": 1e4, "seconds_left": 95.0, "metrics": {**metrics, "real_accuracy": 0.5}, "pace": 0.0,
    }  # fmt: skip
    with jobs.hold(run):
        run.set_status(runs.RUNNING, "Training.")
        assert shown(run)["now"] is None  # before the first numbers
        run.write_progress(progress)
        act = shown(run)
    now = act["now"]
    assert isinstance(now, dict)
    assert now["e"] == 1.5 and now["w"] == "Epoch 2 of 4, 1:35 min left"
    assert now["n"] == ["50%", "81%", "0.90"]  # variety as it was after the last epoch
    assert now["p"] == [[0.35, 0.55], [1.2, 0.9], [None]]
    assert act["share"] == 0.375


def test_curves_hold_what_the_history_holds(tiny_run: Run) -> None:
    plots = shown(tiny_run)["plots"]
    assert isinstance(plots, list)
    history = tiny_run.history()
    loss = plots[0]["curves"]
    assert [(curve["name"], curve["stacked"]) for curve in loss] == [
        ("reconstruction", True), ("beta x KL", True), ("held-out", False),
    ]  # fmt: skip
    for point, row in zip(zip(*(curve["points"] for curve in loss[:2]), strict=True), history, strict=True):
        assert sum(value for _, value in point) == pytest.approx(row["loss"], rel=1e-4)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_stage_before_a_training_has_the_size_it_will_have(kind: str) -> None:
    config = kinds.from_preset(kind)
    act = acts.empty(config, "")
    assert act["rows"] == [] and act["id"] == "" and act["tiles"] == 50 and act["columns"] == 10
    assert len(act["numbers"]) in (1, 2, 3) and act["plots"]
    assert (act["second"] == "dial") == act["frame"] == (kind == "gan")


def test_a_run_by_class_has_a_column_for_each_class(tiny_shapes: Run) -> None:
    act = shown(tiny_shapes)
    assert (act["columns"], act["tiles"]) == (3, 15)
