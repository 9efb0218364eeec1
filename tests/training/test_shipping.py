"""Runs made small enough to ship: the same digits from a quarter of the bytes."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from genmod import files
from genmod.config import AEConfig, Config, GANConfig, VAEConfig
from genmod.library import LoadedRun
from genmod.models import gan_networks, registry
from genmod.models.gan import GAN
from genmod.runs import Run, Store
from genmod.training import shipping
from genmod.training.export import export

GAN_CONFIG = GANConfig(generator_units=(64, 32), discriminator_units=(64,), latent_dim=6)
CONFIGS = [
    AEConfig(hidden_units=(64,)),
    VAEConfig(hidden_units=(64,), conditional=True),
    GAN_CONFIG,
    GAN_CONFIG.replace(architecture="conv", conditional=True, generator_filters=(8, 4)),
]


def trained(config: Config, store: Store) -> Run:
    """A run whose weights and statistics are not those of the start."""
    run = store.create(config, "whole")
    model = registry.build(config)
    images = keras.ops.convert_to_tensor(np.random.default_rng(0).random((8, 28, 28, 1)).astype(np.float32))
    for _ in range(3):
        model.train_step(images, *([keras.ops.one_hot(np.arange(8), 10)] if config.by_class else []))
    export(model, run.path)
    return run


def digits(run: Run) -> np.ndarray:
    loaded = LoadedRun(run)
    latents = np.random.default_rng(1).standard_normal((50, loaded.latent_dim)).astype(np.float32)
    return loaded.decode(latents)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: f"{config.kind}-{config.describe()[:30]}")
def test_a_shipped_run_is_smaller_and_its_two_forms_agree(config: Config, store: Store, tmp_path: Path) -> None:
    run = trained(config, store)
    target = Run(tmp_path / "small")
    target.path.mkdir()
    shipping.shrink(run.path, target.path)
    files.write_json(target.file("config.json"), files.read_json(run.file("config.json")))
    assert {path.name for path in target.path.iterdir()} == {
        path.name for path in run.path.iterdir() if path.suffix in (".tflite", ".keras", ".json")
    } - {"status.json"}
    for name in ("model.keras", *(path.name for path in run.path.glob("*.tflite"))):
        assert target.file(name).stat().st_size < run.file(name).stat().st_size
    np.testing.assert_allclose(digits(target), digits(run), atol=5e-3)

    small = LoadedRun(target)
    latents = np.random.default_rng(2).standard_normal((20, small.latent_dim)).astype(np.float32)
    given = [keras.ops.convert_to_tensor(latents)]
    given += [keras.ops.one_hot(np.arange(20) % 10, 10)] if config.by_class else []
    name = "generator" if config.kind == "gan" else "decoder"
    expected = small.keras_model().get_layer(name)(given if len(given) > 1 else given[0])
    assert np.abs(small.decode(latents) - np.asarray(expected)[..., 0]).max() <= 1e-5


@pytest.mark.parametrize("architecture", ["dense", "conv"])
def test_folding_batch_normalisation_changes_no_pixel(architecture: str) -> None:
    config = GAN_CONFIG.replace(architecture=architecture)
    gan = registry.build(config)
    assert isinstance(gan, GAN)
    images = keras.ops.convert_to_tensor(np.random.default_rng(0).random((8, 28, 28, 1)).astype(np.float32))
    for _ in range(3):
        gan.train_step(images)
    folded = gan_networks.without_norms(config, gan.generator)
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in folded.layers)
    latents = np.random.default_rng(1).standard_normal((50, 6)).astype(np.float32)
    np.testing.assert_allclose(folded(latents), gan.generator(latents, training=False), atol=1e-5)
