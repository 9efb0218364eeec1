"""The row from autoencoder to VAE: which runs stand in it, in which order, and what is said of it is so."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path

import pytest

from genmod import quality, runs
from genmod.datasets import MNIST
from genmod.quality import beta_row
from genmod.quality.beta_row import Step
from genmod.runs import Run

SHIPPED = ["row-ae", "row-beta-0", "row-beta-0-1", "row-beta-1", "row-beta-5", "row-beta-30"]


@pytest.fixture(scope="module")
def row() -> list[Step]:
    """The shipped row."""
    return beta_row.of(runs.shipped().runs())


@pytest.fixture
def copies(tmp_path: Path) -> list[Run]:
    """The runs of the row in a folder of the test's own, by other names."""
    for place, name in enumerate(SHIPPED):
        shutil.copytree(runs.SHIPPED / name, tmp_path / f"r{place}")
    return [Run(tmp_path / f"r{place}") for place in range(len(SHIPPED))]


def change(run: Run, group: str, **values: object) -> None:
    """Give a run other settings."""
    data = json.loads(run.file("config.json").read_text())
    data[group] |= values
    run.file("config.json").write_text(json.dumps(data))


def test_the_shipped_row_goes_from_the_autoencoder_to_the_heaviest_kl_part(row: list[Step]) -> None:
    assert [step.run.id for step in row] == SHIPPED
    assert [step.beta for step in row] == [None, 0.0, 0.1, 1.0, 5.0, 30.0]
    assert [step.title for step in row] == ["Autoencoder", "Beta 0", "Beta 0.1", "Beta 1", "Beta 5", "Beta 30"]
    for step in row:
        known = quality.kept(step.run.path)
        assert known is not None
        assert step.recognised == known.number("confident_share")
        assert step.distance == known.number("frechet_distance")
        assert step.reconstruction == known.number("test_reconstruction_loss")
        assert f"recognised {100 * step.recognised:.1f} %" in step.numbers


def test_what_is_said_of_the_shipped_row_is_so(row: list[Step]) -> None:
    said = beta_row.sentences(row, MNIST)
    plain, zero, _, one, five, thirty = row
    assert (zero.state, thirty.state) == ("holes", "posterior collapse")
    rebuilt = [step.reconstruction for step in row[1:]]
    assert rebuilt == sorted(rebuilt) and plain.reconstruction > zero.reconstruction
    assert "worse with every step from beta 0 on: the loss on test images grows from 144.7 to 204.5 nats" in said
    drawn = [step.distance for step in row[:4]]
    assert drawn == sorted(drawn, reverse=True) and thirty.distance > plain.distance
    assert one.distance < five.distance
    assert f"falls from {plain.distance:.0f} to {one.distance:.0f}" in said
    assert "every step up to beta 1:" in said
    assert f"with beta 30 (posterior collapse) the reconstruction loss is {thirty.reconstruction:.1f} nats" in said
    assert said.endswith(f"and the Frechet distance {thirty.distance:.0f}.")


def made(*numbers: tuple[float, float]) -> list[Step]:
    """A row with these reconstruction losses and distances."""
    run = runs.find("row-ae")
    return [
        Step(run, None if place == 0 else float(place), loss, distance, 0.5)
        for place, (loss, distance) in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (
            [(100, 50), (110, 40), (120, 30)],
            "Reconstructions get worse with every step from the plain autoencoder on: the loss on test images grows "
            "from 100.0 to 120.0 nats. Random samples get better with every step up to beta 2: their Frechet distance "
            "to real digits falls from 50 to 30.",
        ),
        (
            [(100, 50), (120, 60), (110, 30)],
            "Reconstructions are best with the plain autoencoder, 100.0 nats on test images, and worst with beta 1, "
            "120.0 nats. Random samples are best with beta 2: their Frechet distance to real digits is 30 against 50 "
            "of the plain autoencoder.",
        ),
        (
            [(120, 30), (110, 60), (100, 50)],
            "Reconstructions are best with beta 2, 100.0 nats on test images, and worst with the plain autoencoder, "
            "120.0 nats. Random samples are best with the plain autoencoder: their Frechet distance to real digits is "
            "30. Beyond that beta is too large: with beta 2 the reconstruction loss is 100.0 nats and the Frechet "
            "distance 50.",
        ),
    ],
    ids=["better and better", "up and down", "worse and worse"],
)
def test_other_numbers_get_other_sentences(numbers: list[tuple[float, float]], said: str) -> None:
    assert beta_row.sentences(made(*numbers), MNIST) == said


def test_settings_decide_who_stands_in_the_row_not_names(copies: list[Run]) -> None:
    assert [step.run for step in beta_row.of(copies[::-1])] == copies
    change(copies[0], "training", seed=1)
    change(copies[1], "training", beta_warm_up=3)
    change(copies[4], "architecture", hidden_units=[64, 32])
    assert [step.run for step in beta_row.of(copies)] == [copies[2], copies[3], copies[5]]
    change(copies[2], "data", images=1_000)
    assert beta_row.of(copies) == []


def test_one_without_true_numbers_is_left_out(copies: list[Run]) -> None:
    copies[0].file(quality.NAME).unlink()
    copies[1].file(quality.NAME).write_text("{")
    known = quality.kept(copies[2].path)
    assert known is not None
    quality.save(copies[2].path, dataclasses.replace(known, stamp={"version": 0}))
    assert [step.run for step in beta_row.of(copies)] == copies[3:]
    copies[3].file("config.json").write_text("{")
    assert beta_row.of(copies) == []


def test_four_latent_numbers_make_no_row() -> None:
    # ae-article, vae-article and vae-elbo differ in beta alone, but a map would show half of their codes.
    found = [runs.find(name) for name in ("ae-article", "vae-article", "vae-elbo")]
    assert beta_row.of(found) == []
    assert not re.search("article|elbo", " ".join(step.run.id for step in beta_row.of(runs.shipped().runs())))
