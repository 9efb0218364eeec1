"""Two runs compared in words: prior with prior, fitted with fitted, and true to the numbers."""

from __future__ import annotations

import itertools
import re

import pytest

from genmod import runs
from genmod.datasets import MNIST
from genmod.quality import Quality, comparison, kept, reference

NAMES = ("ae-article", "vae-elbo", "vae-article", "vae-best", "gan-dense", "gan-conditional")


def known(name: str) -> tuple[str, Quality]:
    """A shipped run and its numbers."""
    found = kept(runs.find(name).path)
    assert found is not None
    return name, found


def number(name: str, metric: str) -> float | None:
    return known(name)[1].number(metric)


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(NAMES, 2)))
def test_the_headline_compares_prior_with_prior(one: str, other: str) -> None:
    said = comparison.from_prior(MNIST, known(one), known(other), reference.ends(MNIST))
    first, second = (number(name, "confident_share") or 0.0 for name in (one, other))
    assert f"sure of {100 * first:.1f} % of the digits of {one} and of {100 * second:.1f} % of those of {other}" in said
    near, far = (number(name, "frechet_distance") or 0.0 for name in (one, other))
    assert f"are {near:.2f} and {far:.2f}" in said
    nearer = re.search(r": (\S+) comes nearer to real images\.$", said)
    if max(near, far) > 1.1 * min(near, far):
        assert nearer is not None
        assert nearer[1] == (one if near < far else other)
    else:
        assert said.endswith(": about the same.")


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(NAMES, 2)))
def test_fitted_latents_are_compared_with_fitted_ones_alone(one: str, other: str) -> None:
    said = comparison.fitted(MNIST, known(one), known(other))
    has = [number(name, "fitted_confident_share") for name in (one, other)]
    if None not in has:
        assert said.startswith("Apart from that, with latents fitted to each one's own codes")
        for name, own in zip((one, other), has, strict=True):
            clear = number(name, "confident_share")
            assert own is not None and clear is not None
            assert (f"{name} loses {100 * (own - clear):.1f} points" in said) == (own - clear > 0.05)
            assert (f"{name} loses next to nothing" in said) == (own - clear <= 0.05)
    elif has == [None, None]:
        assert said == ""
    else:
        encoding, without = (one, other) if has[1] is None else (other, one)
        assert said.startswith(f"Only {encoding} was measured")
        assert f"{without} has no encoder" in said


def test_the_autoencoder_is_behind_the_vae_from_the_prior_and_ahead_when_fitted() -> None:
    one, other = known("ae-article"), known("vae-elbo")
    assert "vae-elbo comes nearer to real images" in comparison.from_prior(MNIST, one, other, reference.ends(MNIST))
    assert ": ae-article comes nearer to real images." in comparison.fitted(MNIST, one, other)


@pytest.mark.parametrize(
    ("own", "clear", "said"),
    [
        (0.6, 0.3, "the gap is what holes between its codes cost"),
        (0.6, 0.58, "its codes lie about where the prior draws"),
        (0.3, 0.6, "a normal distribution does not describe its codes well"),
    ],
)
def test_what_the_gap_says_depends_on_its_sign(own: float, clear: float, said: str) -> None:
    quality = Quality({"confident_share": clear, "fitted_confident_share": own}, {}, {}, {}, "")
    assert comparison.holes(quality).endswith(f"{said}.")
