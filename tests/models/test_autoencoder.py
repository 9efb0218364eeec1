"""The plain autoencoder: the VAE's net without the draw."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from genmod import kinds
from genmod.datasets import MNIST, to_float
from genmod.kinds import AEConfig, VAEConfig
from genmod.models.autoencoder import Autoencoder
from genmod.models.vae import VAE
from genmod.quality.likelihood import binary_crossentropy


def batch(count: int = 20) -> keras.KerasTensor:
    return keras.ops.convert_to_tensor(to_float(MNIST.load().train_images[:count]))


def _autoencoder(architecture: str) -> Autoencoder:
    return Autoencoder(AEConfig(seed=3, architecture=architecture))


def _vae(architecture: str) -> VAE:
    return VAE(VAEConfig(seed=3, architecture=architecture))


def test_it_is_the_article_s_net_without_one_layer() -> None:
    assert Autoencoder(AEConfig()).take_home().count_params() == 203_288 - 129 * 4
    assert kinds.parameters(AEConfig()) == 203_288 - 129 * 4


@pytest.mark.parametrize("architecture", ["dense", "conv"])
def test_it_starts_with_the_vae_s_own_weights(architecture: str) -> None:
    ae, vae = (build(architecture) for build in (_autoencoder, _vae))
    ours = {v.path.removeprefix("autoencoder/"): np.array(v) for v in ae.trainable_variables}
    theirs = {v.path.removeprefix("vae/"): np.array(v) for v in vae.trainable_variables}
    assert {path for path in theirs if path not in ours} == {"z_log_var/kernel", "z_log_var/bias"}
    kernels = [v.numpy() for part in (ae.encoder, ae.decoder) for v in part.trainable_variables if v.name == "kernel"]
    wanted = [
        layer.kernel.numpy()
        for part in (vae.encoder, vae.decoder)
        for layer in part.layers
        if hasattr(layer, "kernel") and layer.name != "z_log_var"
    ]
    assert len(kernels) == len(wanted) == {"dense": 4, "conv": 8}[architecture]
    for one, other in zip(kernels, wanted, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_loss_is_the_cross_entropy_of_what_comes_back() -> None:
    ae = Autoencoder(AEConfig())
    expected = binary_crossentropy(np.asarray(batch()), np.asarray(ae(batch()))).mean()
    assert float(ae.held_out_step(batch(), None)["loss"]) == pytest.approx(expected, rel=1e-4)
    assert float(ae.train_step(batch())["reconstruction_loss"]) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("architecture", ["dense", "conv"])
def test_steps_lower_the_loss(architecture: str) -> None:
    ae = _autoencoder(architecture)
    first = float(ae.train_step(batch(100))["loss"])
    for _ in range(8):
        last = float(ae.train_step(batch(100))["loss"])
    assert last < 0.9 * first
