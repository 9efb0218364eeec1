"""From autoencoder to VAE on the screen: one scale, the same latents, links, and pictures that are kept."""

from __future__ import annotations

import html
import re

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import MNIST
from genmod.drawing import images
from genmod.errors import RunError
from genmod.inference import Encoder, Sampler, latent_space
from genmod.quality import beta_row
from genmod.quality.beta_row import Step
from genmod.runs import Run
from genmod.ui import beta_row as shown


@pytest.fixture(autouse=True)
def theme(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the theme is dark, for there is no visitor."""
    dark = [False]
    monkeypatch.setattr("genmod.ui.frame.dark", lambda: dark[0])
    return dark


@pytest.fixture
def row() -> list[Step]:
    """The shipped row."""
    return beta_row.of(runs.shipped().runs())


def markup(row: list[Step], chosen: str = "row-beta-1", link: dict[str, list[str]] | None = None) -> str:
    """The row as the page shows it."""
    drawn = [(step, found) for step in row if (found := shown.pictures(step.run)) is not None]
    return shown.markup(drawn, MNIST, runs.find(chosen), link or {})


def test_each_column_is_a_link_with_its_numbers_and_two_described_pictures(row: list[Step]) -> None:
    said = markup(row, link={"run": ["row-beta-1"], "digit": ["7"]})
    columns = said.split("<li>")[1:]
    assert len(columns) == len(row) == 6
    for step, column in zip(row, columns, strict=True):
        assert f'href="latent-space?digit=7&amp;run={step.run.id}"' in column
        label = re.search(r'aria-label="([^"]*)"', column)
        assert label is not None and label[1].startswith(step.title)
        for number in step.numbers:
            assert number in label[1] and f"<span>{number}</span>" in column
        assert re.findall(r'<img class="[a-z-]+" alt="([^"]+)"', column)[1] == f"9 random digits of {step.phrase}."
        assert len(re.findall(r'alt="[^"]', column)) == 2
    assert re.findall(r"run=([a-z0-9-]+)\"[^>]*aria-current", said) == ["row-beta-1"]
    assert len(said) < 100_000


def test_what_lies_outside_the_common_scale_is_counted(row: list[Step]) -> None:
    columns = markup(row).split("<li>")[1:]
    for step, column in zip(row, columns, strict=True):
        codes, _ = Encoder(step.run).encode(MNIST.load().test_images[: shown.POINTS])
        count = int((np.abs(codes) > shown.REACH).any(axis=1).sum())
        assert (f"{count:,} more outside</span>" in column) == (count > 0)
        assert f"from -6 to 6 both ways; {count:,} lie outside." in column
    assert "more outside" in columns[0] and "more outside" not in columns[-1]


def test_the_samples_come_from_the_same_latents(row: list[Step]) -> None:
    for step in row[:2]:
        found = shown.pictures(step.run)
        assert found is not None
        latents = np.random.default_rng(shown.SEED).standard_normal((9, 2)).astype(np.float32)
        np.testing.assert_array_equal(latents, latent_space.prior_samples(9, 2, shown.SEED))
        made = images.to_uint8(Sampler(step.run).decode(latents))
        np.testing.assert_array_equal(images.pixels(found.samples)[:28, 28:56], made[1])


def test_pictures_are_kept_for_each_theme(row: list[Step], theme: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    run = row[0].run
    light = shown.pictures(run)
    theme[0] = True
    dark = shown.pictures(run)
    assert light is not None and dark is not None
    assert light.map != dark.map and light.samples == dark.samples
    monkeypatch.setattr(shown, "_draw", lambda run: pytest.fail("it was drawn before"))
    assert shown.pictures(run) is dark
    theme[0] = False
    assert shown.pictures(run) is light


def test_a_run_whose_models_cannot_be_used_has_no_column(row: list[Step], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(run: Run) -> None:
        raise RunError("It is damaged.")

    monkeypatch.setattr(shown, "_draw", broken)
    monkeypatch.setattr(shown, "_drawn", {dark: type(kept)(24) for dark, kept in shown._drawn.items()})
    assert shown.pictures(row[0].run) is None
    said: list[str] = []
    monkeypatch.setattr("streamlit.html", said.append)
    shown.show([step.run for step in row])
    assert said == []


def test_a_link_s_own_text_is_no_markup(row: list[Step]) -> None:
    said = markup(row, link={"x": ['"><script>']})
    assert "<script" not in said
    assert html.escape("?x=%22%3E%3Cscript%3E&run=row-ae") in said
