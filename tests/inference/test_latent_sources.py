"""The door to all sources of latents."""

from __future__ import annotations

import numpy as np
import pytest

from genmod import kinds
from genmod.errors import RunError
from genmod.inference import codes as coding
from genmod.inference import latent_sources, library
from genmod.inference.latent_sources import SOURCES
from genmod.kinds.kind import Prior
from genmod.runs import Run


@pytest.mark.parametrize("source", SOURCES)
def test_the_first_of_a_longer_draw_are_the_same_points(tiny_run: Run, source: Prior) -> None:
    few, many = (latent_sources.draw(tiny_run, count, 4, 9, source=source) for count in (20, 700))
    assert few.shape == (20, 4) and few.dtype == np.float32
    np.testing.assert_allclose(many[:20], few, atol=1e-4)
    assert not np.allclose(latent_sources.draw(tiny_run, 20, 4, 10, source=source), few)


@pytest.mark.parametrize("source", [source for source in SOURCES if source != "normal"])
def test_without_an_encoder_there_is_only_the_prior(tiny_gan: Run, source: Prior) -> None:
    with pytest.raises(RunError, match=r"^The run tiny-gan has no encoder, .*\.$"):
        latent_sources.draw(tiny_gan, 3, 6, 0, source=source)


def test_a_mixture_lies_closer_to_the_codes_than_the_prior(tiny_ae: Run) -> None:
    """Mean distance to the nearest of many codes, in the codes' own scale."""
    codes = latent_sources.draw(tiny_ae, 400, 4, 1, source="codes")
    distances = {}
    for source in SOURCES:
        drawn = latent_sources.draw(tiny_ae, 300, 4, 2, source=source)
        distances[source] = np.linalg.norm(drawn[:, np.newaxis] - codes, axis=2).min(axis=1).mean()
    assert distances["codes"] < distances["mixture"] < distances["fitted"]


def test_codes_of_a_run_trained_by_class_are_of_the_class_that_is_drawn(tiny_shapes: Run) -> None:
    run = library.load(str(tiny_shapes.path))
    data = run.source.load()
    for label, expected in ((2, np.full(30, 2)), (None, np.arange(30) % 3)):
        _, latents = run.sample(30, 5, label=label, latents="codes")
        chosen = coding.random_images(tiny_shapes, 30, 5, expected)
        np.testing.assert_array_equal(data.train_labels[chosen], expected)
        z_mean, z_log_var = run.encode(data.train_images[chosen], expected)
        np.testing.assert_allclose(coding.sampled(z_mean, z_log_var, 5), latents, atol=1e-5)


@pytest.mark.parametrize("kind", [kind for kind in kinds.KINDS.values() if kind.encodes], ids=lambda kind: kind.name)
def test_each_source_has_its_own_remark(kind: kinds.Kind) -> None:  # type: ignore[type-arg]
    said = [kind.remark_on_samples(source) for source in SOURCES]
    assert len(set(said)) == len(SOURCES)
    assert all(sentence.endswith(".") for sentence in said)
    assert said[SOURCES.index("codes")].startswith("Nothing new is made here")
