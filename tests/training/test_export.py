"""What a training leaves for others: LiteRT models that agree with Keras, and a Keras model to take home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from genmod import runs
from genmod.datasets import MNIST, to_float
from genmod.inference import Encoder, Sampler
from genmod.inference.latent_space import prior_samples
from genmod.inference.library import LoadedRun
from genmod.kinds import VAEConfig
from genmod.models.vae import VAE
from genmod.runs import Run
from genmod.training.export import export

TAKE_HOME = """
import sys
import keras
model = keras.saving.load_model(sys.argv[1])
assert "genmod" not in sys.modules
print(model.count_params(), [layer.name for layer in model.layers], sorted(model.output))
"""


@pytest.fixture(params=["tiny", "vae-article", "vae-map"])
def run(request: pytest.FixtureRequest, tiny_run: Run) -> Run:
    return tiny_run if request.param == "tiny" else runs.find(request.param)


def test_litert_agrees_with_keras_on_the_same_latents(run: Run) -> None:
    decoder = Sampler(run)
    latents = prior_samples(300, decoder.latent_dim, 1)
    expected = np.asarray(LoadedRun(run).keras_model().get_layer("decoder")(latents))[..., 0]
    assert np.abs(decoder.decode(latents) - expected).max() <= 1e-5


def test_litert_agrees_with_keras_on_the_same_images(run: Run) -> None:
    images = MNIST.load().test_images[:300]
    expected = LoadedRun(run).keras_model().get_layer("encoder")(to_float(images))
    for found, wanted in zip(Encoder(run).encode(images), expected, strict=True):
        wanted = np.asarray(wanted)
        assert np.abs(found - wanted).max() <= 1e-5 * max(1.0, float(np.abs(wanted).max()))


def test_the_encoder_names_its_outputs_and_keeps_their_order(run: Run) -> None:
    interpreter = Interpreter(str(run.file("encoder.tflite")))
    [signature] = interpreter.get_signature_list().values()
    assert sorted(signature["outputs"]) == ["z_log_var", "z_mean"]
    interpreter.allocate_tensors()
    image = to_float(MNIST.load().test_images[:1])
    by_name = interpreter.get_signature_runner()(**{signature["inputs"][0]: image})
    z_mean, z_log_var = Encoder(run).encode(MNIST.load().test_images[:1])
    np.testing.assert_allclose(by_name["z_mean"], z_mean, atol=1e-6)
    np.testing.assert_allclose(by_name["z_log_var"], z_log_var, atol=1e-6)
    assert not np.allclose(z_mean, z_log_var)


def test_the_decoder_gives_images(run: Run) -> None:
    [signature] = Interpreter(str(run.file("decoder.tflite"))).get_signature_list().values()
    assert signature["outputs"] == ["images"]


def test_an_export_is_that_of_the_model_and_leaves_no_other_file(tmp_path: Path) -> None:
    vae = VAE(VAEConfig(latent_dim=3, hidden_units=(16, 8)))
    export(vae, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["decoder.tflite", "encoder.tflite", "model.keras"]
    run, images = Run(tmp_path), MNIST.load().test_images[:20]
    for found, wanted in zip(Encoder(run).encode(images), vae.encoder(to_float(images)), strict=True):
        np.testing.assert_allclose(found, np.asarray(wanted), atol=1e-5)
    latents = prior_samples(20, 3, 0)
    np.testing.assert_allclose(Sampler(run).decode(latents), np.asarray(vae.decoder(latents))[..., 0], atol=1e-5)


def test_the_take_home_model_loads_with_plain_keras(tiny_run: Run, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ended = subprocess.run(
        [sys.executable, "-c", TAKE_HOME, str(tiny_run.file("model.keras"))],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "203288 ['images', 'encoder', 'decoder'] ['reconstruction', 'z_log_var', 'z_mean']\n"


def test_the_take_home_model_reconstructs_through_z_mean(run: Run) -> None:
    images = MNIST.load().test_images[:10]
    outputs = LoadedRun(run).keras_model()(to_float(images))
    z_mean, _ = Encoder(run).encode(images)
    np.testing.assert_allclose(np.asarray(outputs["z_mean"]), z_mean, atol=1e-4)
    np.testing.assert_allclose(np.asarray(outputs["reconstruction"])[..., 0], Sampler(run).decode(z_mean), atol=1e-4)
