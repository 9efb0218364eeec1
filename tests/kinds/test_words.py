"""What kinds say of their losses: written as they are minimised, and adding up."""

from __future__ import annotations

import re

import pytest

from genmod import kinds, runs
from genmod.kinds import VAEConfig

VAE = kinds.kind("vae")
NUMBER = r"([\d.]+)"


@pytest.mark.parametrize("name", ["vae-article", "vae-elbo", "vae-map", "vae-best", "fashion-vae-map"])
def test_the_losses_of_shipped_runs_add_up(name: str) -> None:
    run = runs.find(name)
    config, last = run.config(), run.history()[-1]
    assert isinstance(config, VAEConfig)
    said = VAE.summary(config, last)
    for reconstruction, beta, kl, total in re.findall(
        rf"reconstruction {NUMBER} \+ (?:{NUMBER} x )?KL {NUMBER} = {NUMBER} nats", said
    ):
        assert float(reconstruction) + float(beta or 1) * float(kl) == pytest.approx(float(total), abs=0.11)
    assert ("Compared at beta 1" in said) == (config.beta != 1.0)
    assert f"= {last['val_reconstruction_loss'] + config.beta * last['val_kl_loss']:.1f} nats" in said


def test_the_live_numbers_add_up() -> None:
    shown = VAE.shown({"loss": 140.25, "reconstruction_loss": 138.6, "kl_loss": 42.1})
    assert shown == {"Loss": "140.2 nats", "Reconstruction": "138.6 nats", "+ beta x KL": "0.0392 x 42.1 = 1.7 nats"}
    assert VAE.shown({"loss": 9.0, "reconstruction_loss": 9.0, "kl_loss": 0.0})["+ beta x KL"] == "0.0 nats"
    assert "Loss" not in VAE.shown({"kl_loss": 3.0})


@pytest.mark.parametrize(("loss", "reconstruction"), [(140.25, 138.6), (131.294, 129.996), (9.0, 9.0)])
def test_the_three_large_numbers_add_up_to_the_last_digit(loss: float, reconstruction: float) -> None:
    shown = VAE.headline(VAEConfig(), {"loss": loss, "reconstruction_loss": reconstruction})
    whole, *parts = (float(text.removesuffix(" nats")) for text in shown.values())
    assert round(sum(parts), 2) == whole
    assert list(VAE.headline(VAEConfig(), {}).values()) == ["", "", ""]


def test_the_loss_is_drawn_as_it_is_minimised() -> None:
    first, *_ = VAE.plots(VAEConfig(beta=0.0392))
    assert first.title == "Loss: reconstruction + 0.0392 x KL"
    row = {"loss": 140.2, "reconstruction_loss": 138.6, "kl_loss": 42.0}
    parts = [sum(weight * row[name] for name, weight in part.items()) for part in first.stacked.values()]
    assert list(first.stacked) == ["reconstruction", "beta x KL"]
    assert parts == pytest.approx([138.6, 1.6]) and sum(parts) == pytest.approx(row["loss"])
    assert first.curves == {"held-out": ("val_reconstruction_loss", "val_kl_loss")}
    assert first.weights == {"val_kl_loss": 0.0392}
    assert VAE.plots(VAEConfig(beta=1.0))[0].title == "Loss: reconstruction + KL"


def test_without_a_kl_part_no_chart_shows_it_growing() -> None:
    config = kinds.from_preset("vae", "no-kl")
    assert not [plot.title for plot in VAE.plots(config) if "KL" in plot.title]
    assert "no part of the loss" in VAE.remark_on_curves(config, {"beta": 0.0})
