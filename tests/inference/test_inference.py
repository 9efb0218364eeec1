"""LiteRT models of a run: shapes, threads, and damage."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from genmod.datasets import MNIST
from genmod.errors import RunError
from genmod.inference import BATCH, Discriminator, Encoder, Model, Sampler
from genmod.inference.latent_space import prior_samples
from genmod.runs import Run

DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "text": lambda content: b"this is not a model",
    "head": lambda content: content[:100],
    "half": lambda content: content[: len(content) // 2],
    "almost": lambda content: content[:-1000],
    "zeros": lambda content: bytes(len(content)),
    "zeros at the front": lambda content: bytes(2000) + content[2000:],
    "zeros in its plan": lambda content: content[:2000] + bytes(3000) + content[5000:],
    "zeros at the end": lambda content: content[:-6000] + bytes(6000),
}


def test_latents_become_pixels(tiny_run: Run) -> None:
    decoder = Sampler(tiny_run)
    pixels = decoder.decode(prior_samples(3, decoder.latent_dim, 0))
    assert decoder.latent_dim == 4
    assert pixels.shape == (3, 28, 28)
    assert pixels.dtype == np.float32
    assert pixels.min() >= 0.0
    assert pixels.max() <= 1.0
    assert pixels.max() - pixels.min() > 0.1


def test_images_become_means_and_log_variances(tiny_run: Run) -> None:
    z_mean, z_log_var = Encoder(tiny_run).encode(MNIST.load().test_images[:5])
    assert z_mean.shape == z_log_var.shape == (5, 4)
    # A posterior is far narrower than the prior; its means are spread out.
    assert z_log_var.mean() < -0.5
    assert z_mean.std() > 0.5


def test_a_picture_does_not_depend_on_its_company(tiny_run: Run) -> None:
    decoder = Sampler(tiny_run)
    latents = prior_samples(2 * BATCH + 7, 4, 0)
    together = decoder.decode(latents)
    assert len(together) == len(latents)
    for index in (0, BATCH - 1, BATCH, 2 * BATCH + 6):
        np.testing.assert_allclose(decoder.decode(latents[index : index + 1])[0], together[index], atol=1e-6)


def test_classes_take_turns_unless_they_are_given(tiny_gan: Run) -> None:
    decoder = Sampler(tiny_gan)
    assert (decoder.conditional, decoder.latent_dim) == (True, 6)
    latents = prior_samples(BATCH + 5, 6, 0)
    turns = decoder.decode(latents)
    np.testing.assert_allclose(turns, decoder.decode(latents, np.arange(BATCH + 5) % 10), atol=1e-6)
    assert not np.allclose(turns[:10], decoder.decode(latents[:10], np.full(10, 3)))


def test_classes_go_with_no_other_model(tiny_run: Run, tiny_gan: Run) -> None:
    with pytest.raises(ValueError, match="classes go with a model trained by class"):
        Sampler(tiny_run).decode(np.zeros((1, 4), np.float32), np.array([7]))
    with pytest.raises(ValueError, match="classes go with a model trained by class"):
        Discriminator(tiny_gan).judge(MNIST.load().test_images[:1])


def test_results_are_not_overwritten_by_the_next_call(tiny_run: Run) -> None:
    decoder = Sampler(tiny_run)
    first = decoder.decode(prior_samples(2, 4, 0))
    kept = first.copy()
    decoder.decode(prior_samples(2, 4, 1))
    np.testing.assert_array_equal(first, kept)


def test_one_model_serves_many_threads(tiny_run: Run) -> None:
    decoder = Sampler(tiny_run)
    batches = [prior_samples(1 + seed % 5, 4, seed) for seed in range(60)]
    expected = [decoder.decode(batch) for batch in batches]
    with ThreadPoolExecutor(8) as pool:
        for pixels, wanted in zip(pool.map(decoder.decode, batches), expected, strict=True):
            np.testing.assert_allclose(pixels, wanted, atol=1e-6)


@pytest.mark.parametrize("shape", [(4,), (1, 3), (1, 5), (2, 2, 2)])
def test_latents_of_a_wrong_shape_are_named(tiny_run: Run, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"latents have shape .*; expected was \(n, 4\)"):
        Sampler(tiny_run).decode(np.zeros(shape, np.float32))


def test_no_input_is_refused(tiny_run: Run) -> None:
    with pytest.raises(ValueError, match="at least one input"):
        Sampler(tiny_run).decode(np.zeros((0, 4), np.float32))


def test_a_missing_model_gives_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"^The run lost has no decoder.tflite; train it again\.$"):
        Sampler(Run(tmp_path / "lost"))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_model_gives_one_sentence(tiny_run: Run, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "worn"
    folder.mkdir()
    path = folder / "decoder.tflite"
    path.write_bytes(DAMAGES[damage](tiny_run.file("decoder.tflite").read_bytes()))
    with pytest.raises(RunError, match=r"^The file decoder.tflite of run worn is damaged; train it again\.$"):
        Model(path)


def test_a_model_outlives_its_file(tiny_run: Run, tmp_path: Path) -> None:
    shutil.copy(tiny_run.file("decoder.tflite"), tmp_path)
    decoder = Sampler(Run(tmp_path))
    (tmp_path / "decoder.tflite").write_bytes(b"being replaced")
    assert decoder.decode(np.zeros((1, 4), np.float32)).shape == (1, 28, 28)
