"""What is plotted of a training, for each kind of model, and how its numbers are called."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from genmod import charts
from genmod.config import Config, GANConfig
from genmod.ui import frame

NATS = "nats per image"
GENERATOR, DISCRIMINATOR = "generator", "discriminator"
REAL, GENERATED = "real images", "generated images"


@dataclass(frozen=True)
class Plot:
    """One chart of a training.

    Attributes:
        title: stands above it.
        unit: of its values.
        curves: for each curve the history columns whose sum it shows; the first stands back, the second out.
        rules: level lines with their names.
        bounds: of the values; None follows them.
    """

    title: str
    unit: str
    curves: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, float] = field(default_factory=dict)
    bounds: tuple[float, float] | None = None


def plots(config: Config) -> list[Plot]:
    """The charts that show how a training of this kind goes."""
    if isinstance(config, GANConfig):
        return _gan_plots(config)
    parts: dict[str, tuple[str, ...]] = {"Reconstruction": ("reconstruction_loss",)}
    if config.kind == "vae":
        parts = {
            "Total: reconstruction + KL": ("reconstruction_loss", "kl_loss"),
            **parts,
            "KL divergence": ("kl_loss",),
        }
    return [Plot(title, NATS, _training_and_held_out(names)) for title, names in parts.items()]


def _training_and_held_out(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {charts.TRAINING: names, charts.HELD_OUT: tuple(f"val_{name}" for name in names)}


def _gan_plots(config: GANConfig) -> list[Plot]:
    standard = config.loss == "non-saturating"
    return [
        Plot(
            "What the discriminator answers",
            "probability of being real" if standard else "sigmoid of its score",
            {GENERATED: ("d_fake",), REAL: ("d_real",)},
            {"0.5": 0.5},
            (0.0, 1.0),
        ),
        Plot(
            "The two losses",
            "nats" if standard else "score",
            {DISCRIMINATOR: ("d_loss",), GENERATOR: ("g_loss",)},
            {"2 ln 2": 2 * math.log(2), "ln 2": math.log(2)} if standard else {},
        ),
        Plot("Variety of the pictures", "test images = 1", {"generated": ("variety",)}, {"test images": 1.0}),
    ]


def explanation(config: Config) -> str:
    """What to look for in the charts of a GAN; empty for other kinds."""
    if not isinstance(config, GANConfig):
        return ""
    if config.loss != "non-saturating":
        return (
            f"With the loss {config.loss} the discriminator gives a score instead of a probability; its sigmoid is "
            "shown, where 0.5 stands for no decision. The losses have no fixed level at which the two are even."
        )
    smoothing = (
        f" With label smoothing {config.label_smoothing:g} an undecided discriminator answers "
        f"{(1 - config.label_smoothing) / 2:g}."
        if config.label_smoothing
        else ""
    )
    return (
        "When the generated images are as good as real ones, the discriminator can only guess: both of its lines "
        "meet at 0.5, its loss is 2 ln 2 = 1.39 and the generator's is ln 2 = 0.69." + smoothing + " Variety is how "
        "far each picture is from the one most like it, compared with test images; near 0 all pictures are alike."
    )


def draw(
    config: Config,
    history: Sequence[Mapping[str, float]],
    progress: Mapping[str, Any],
    marks: Sequence[tuple[float, str]] = (),
) -> None:
    """The charts side by side, with the unfinished epoch as the last point.

    Args:
        marks: where something was changed while it trained, in epochs, and what it was.
    """
    rows = [*history, *_unfinished(len(history), progress)]
    found = plots(config)
    for column, plot in zip(st.columns(len(found)), found, strict=True):
        names = tuple(plot.curves)
        table = charts.curve_rows(rows, plot.curves, plot.rules, config.epochs)
        if marks:
            table = pd.concat([table, charts.mark_rows(marks)], ignore_index=True)
        with column:
            st.markdown(f"**{plot.title}**")
            st.vega_lite_chart(
                table,
                charts.curves(config.epochs, frame.accent(), names, plot.unit, tuple(plot.rules), plot.bounds),
                key=f"curve_{config.kind}_{plot.title}",
                alt=f"{plot.title}, {plot.unit}, over the epochs{_said(plot, history)}.",
            )
    if words := explanation(config):
        st.caption(words)


def _unfinished(finished: int, progress: Mapping[str, Any]) -> list[dict[str, float]]:
    if not progress or not progress["metrics"] or progress["epoch"] <= finished:
        return []
    return [{"epoch": progress["epoch"] - 1 + progress["step"] / progress["steps"], **progress["metrics"]}]


def _said(plot: Plot, history: Sequence[Mapping[str, float]]) -> str:
    """The last values in words, for the chart's alternative text."""
    if not history:
        return ", no values yet"
    last = history[-1]
    values = [
        f"{sum(last[name] for name in names):.4g} for {curve}"
        for curve, names in plot.curves.items()
        if all(name in last for name in names)
    ]
    lines = "".join(f"; a level line {name} at {value:.4g}" for name, value in plot.rules.items())
    return f", after epoch {last['epoch']:.0f} {' and '.join(values)}{lines}"


WORDS = {
    "loss": "Loss",
    "reconstruction_loss": "Reconstruction",
    "kl_loss": "KL divergence",
    "d_loss": "Discriminator's loss",
    "g_loss": "Generator's loss",
    "d_real": "D(real)",
    "d_fake": "D(generated)",
    "real_accuracy": "Right on real",
    "fake_accuracy": "Right on generated",
}


def words(metrics: Mapping[str, float]) -> dict[str, str]:
    """A training's latest numbers as a person reads them: name and value with its unit."""
    if set(metrics) == {"loss", "reconstruction_loss"}:
        metrics = {"reconstruction_loss": metrics["reconstruction_loss"]}  # of an autoencoder they are the same
    return {WORDS.get(name, name): _value(name, value) for name, value in metrics.items()}


def _value(name: str, value: float) -> str:
    if name.endswith("accuracy"):
        return f"{value:.0%}"
    if name in ("loss", "reconstruction_loss", "kl_loss"):
        return f"{value:.1f} nats"
    return f"{value:.2f}"


def latest(config: Config, history: Sequence[Mapping[str, float]]) -> str:
    """One sentence with the numbers after the last epoch; empty before the first."""
    if not history:
        return ""
    last = history[-1]
    after = f"After epoch {last['epoch']:.0f}"
    if "d_real" in last:
        return (
            f"{after}: the discriminator was right on {last['real_accuracy']:.0%} of the real and on "
            f"{last['fake_accuracy']:.0%} of the generated images of that epoch; the variety of the pictures is "
            f"{last.get('variety', math.nan):.2f}."
        )
    if "val_kl_loss" in last:
        return (
            f"{after}, on the 10,000 test images: reconstruction {last['val_reconstruction_loss']:.1f} + KL "
            f"{last['val_kl_loss']:.1f} = {last['val_loss']:.1f} nats per image."
        )
    return f"{after}, on the 10,000 test images: reconstruction {last['val_reconstruction_loss']:.1f} nats per image."
