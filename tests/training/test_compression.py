"""What ships with the project is small, and its two forms are still one model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genmod import inference, kinds
from genmod.models import registry
from genmod.quality import likelihood
from genmod.runs import Run, Store
from genmod.training import compression
from genmod.training.compression import BITS, shrink
from genmod.training.export import export


def shipped(
    kind: str, folder: Path, values: dict[str, object] | None = None, with_keras: bool = True
) -> tuple[Path, int]:
    """An untrained run, shrunk, and how many weights it has."""
    wanted = kinds.KINDS[kind].presets[0].config.replace(**(values or {}))
    run = Store(folder / "store").create(wanted)
    model = registry.build(wanted)
    random = np.random.default_rng(0)
    for variable in model.state:
        if "norm_" in variable.path:  # as after a training: what a fresh one would do nothing with
            variable.assign(np.asarray(variable) + random.uniform(0.1, 0.5, variable.shape))
    export(model, run.path)
    target = folder / "shipped"
    target.mkdir()
    (target / "config.json").write_bytes(run.file("config.json").read_bytes())
    shrink(run.path, target, with_keras)
    return target, model.take_home().count_params()


CONV: dict[str, object] = {"architecture": "conv", "generator_filters": (6, 4), "discriminator_filters": (3, 4)}


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("kind", "part", "values"),
    [
        ("vae", "decoder", {}),
        ("vae", "decoder", {"architecture": "conv", "filters": (6, 4), "activation": "gelu"}),
        ("gan", "generator", {}),
        ("gan", "generator", CONV),
        ("gan", "generator", CONV | {"generator_start": 9, "discriminator_head": 5}),
    ],
    ids=["vae", "convolutional vae", "dense", "convolutional", "convolutional between dense layers"],
)
def test_litert_and_keras_still_agree_after_the_rounding(
    kind: str, part: str, values: dict[str, object], tmp_path: Path
) -> None:
    folder, _ = shipped(kind, tmp_path, values)
    latents = np.random.default_rng(0).standard_normal((20, 4 if kind == "vae" else 64)).astype(np.float32)
    before = registry.load_keras(next((tmp_path / "store").glob("*/model.keras"))).get_layer(part)(latents)
    keras_images = np.asarray(registry.load_keras(folder / "model.keras").get_layer(part)(latents)).reshape(20, -1)
    litert_images = inference.Model(folder / f"{part}.tflite")(latents)[0].reshape(20, -1)
    assert np.abs(keras_images - litert_images).max() <= 1e-5
    assert np.abs(np.asarray(before).reshape(20, -1) - litert_images).max() <= 0.02


@pytest.mark.long
def test_weights_are_off_by_no_more_than_the_rounding(tmp_path: Path) -> None:
    folder, _ = shipped("vae", tmp_path)
    rounded = registry.load_keras(folder / "model.keras").get_weights()
    exact = registry.load_keras(next((tmp_path / "store").glob("*/model.keras")))
    for before, after in zip(exact.get_weights(), rounded, strict=True):
        large = np.abs(before) > 1e-3
        assert np.all(np.abs(after - before)[large] <= np.abs(before)[large] / 2**BITS)
        assert np.abs(after - before).max() <= 1e-3


@pytest.mark.long
def test_a_shipped_run_takes_less_than_four_bytes_a_weight(tmp_path: Path) -> None:
    folder, weights = shipped("gan", tmp_path)
    size = sum(path.stat().st_size for path in folder.iterdir())
    assert size <= 4.0 * weights


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("same", "bytes_a_weight"), [(1e-4, 2.0), (-1.0, 4.0)], ids=["the same", "changed"])
def test_half_precision_is_kept_only_where_the_held_out_losses_stay_the_same(
    same: float, bytes_a_weight: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "SAME", same)
    folder, weights = shipped("vae", tmp_path, with_keras=False)
    assert sorted(path.name for path in folder.iterdir()) == [
        "checksums.json", "config.json", "decoder.tflite", "encoder.tflite",
    ]  # fmt: skip
    size = sum(path.stat().st_size for path in folder.glob("*.tflite"))
    assert bytes_a_weight * weights < size < bytes_a_weight * weights + 20_000
    exact = likelihood.evaluate(next(iter(Store(tmp_path / "store").runs())))
    after = likelihood.evaluate(Run(folder))
    assert after == pytest.approx(exact, abs=1e-4 * exact["test_loss"])
    assert (after == exact) == (same < 0)


def test_a_flow_is_shipped_with_what_it_draws_with_and_draws_the_same(tiny_flow: Run, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(tiny_flow.file("config.json").read_bytes())
    shrink(tiny_flow.path, tmp_path, with_keras=False)
    assert sorted(path.name for path in tmp_path.glob("*.*")) == [
        "checksums.json", "config.json", "decoder.tflite", "velocity.tflite",
    ]  # fmt: skip
    noise = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    before, after = (inference.Sampler(run).decode(noise) for run in (tiny_flow, Run(tmp_path)))
    assert np.abs(before - after).max() <= 0.02
    assert np.abs(before - before[:1]).max() > 0.1
