"""How a training goes, in one sentence, from its measured numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from genmod.config import Config, GANConfig, VAEConfig

State = Literal[
    "balanced",
    "discriminator ahead",
    "discriminator winning",
    "generator winning",
    "collapsing",
    "diverged",
    "posterior collapse",
    "holes",
]
RECENT = 3  # epochs whose mean is looked at: single ones jump about
SETTLED = 2  # epochs after which the variety of the pictures means something: at the start all are alike

# A GAN's. Answers are probabilities, the gap is between those to real and to generated images; variety is 1 for
# test images. Sound trainings begin with a gap of 0.6 to 0.8 and a variety of 0.3 to 0.5.
WON = 0.9  # gap beyond which the discriminator is right nearly always
AHEAD = 0.6  # gap beyond which it is far ahead
FOOLED = 0.55  # answer to generated images beyond which the generator is ahead
ALIKE = 0.25  # variety below which the pictures repeat each other
WILD = 100.0  # nats of loss beyond which the steps have lost all measure

# A VAE's, in nats per image.
SILENT = 1.0  # KL divergence below which the codes say nothing
LOOSE = 20.0  # KL divergence for each latent number beyond which random latents hardly ever meet a code


@dataclass(frozen=True)
class Diagnosis:
    """A state and the sentence that says it, with the numbers it was read from."""

    state: State
    sentence: str


def nearest_distance(images: npt.NDArray[np.float32]) -> float:
    """The mean Euclidean distance from each image (n, ...) to the nearest other one."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    lengths = (flat**2).sum(axis=1)
    squares = lengths[:, np.newaxis] + lengths - 2.0 * flat @ flat.T
    np.fill_diagonal(squares, np.inf)
    return float(np.sqrt(np.maximum(squares.min(axis=1), 0.0)).mean())


def diagnose(
    config: Config,
    history: Sequence[Mapping[str, float]],
    live: Mapping[str, float] | None = None,
    diverged: bool = False,
) -> Diagnosis | None:
    """The state of a training.

    Args:
        history: one row a finished epoch, as in history.csv.
        live: the metrics of the unfinished epoch, if there is one.
        diverged: whether the training was ended because a loss was no longer a number.

    Returns:
        None if there is nothing to say about this kind of model, or nothing yet.
    """
    if diverged:
        return Diagnosis(
            "diverged",
            "A loss was no longer a number: the steps were too large, and what was learned is lost. Lower learning "
            "rates usually help.",
        )
    if isinstance(config, GANConfig):
        return _gan(config, history, live or {})
    if isinstance(config, VAEConfig) and history:
        return _vae(config, history[-1])
    return None


def _vae(config: VAEConfig, last: Mapping[str, float]) -> Diagnosis | None:
    kl = last.get("val_kl_loss", math.nan)
    if kl < SILENT:
        return Diagnosis(
            "posterior collapse",
            f"The codes of the test images carry {kl:.2f} nats: the encoder says next to nothing about an image, so "
            "the decoder draws them all alike.",
        )
    if kl > LOOSE * config.latent_dim:
        return Diagnosis(
            "holes",
            f"The codes of the test images are {kl:.0f} nats away from the normal distribution: they are narrow and "
            "far apart, so random latents mostly fall between them, where the decoder has never learned what to draw.",
        )
    return None


def _gan(config: GANConfig, history: Sequence[Mapping[str, float]], live: Mapping[str, float]) -> Diagnosis | None:
    rows = [*history, *([live] if "d_real" in live else [])][-RECENT:]
    if not rows:
        return None
    d_real, d_fake = (_mean(rows, name) for name in ("d_real", "d_fake"))
    variety = _mean(history[-SETTLED:], "variety") if len(history) >= SETTLED else math.nan
    return _lost(config, rows) or _repeating(variety) or _game(d_real, d_fake)


def _lost(config: GANConfig, rows: Sequence[Mapping[str, float]]) -> Diagnosis | None:
    """Whether the losses are beyond all measure. Scores have none: there only what is no number counts."""
    d_loss, g_loss = (_mean(rows, name) for name in ("d_loss", "g_loss"))
    far = config.loss == "non-saturating" and max(d_loss, g_loss) > WILD
    if math.isfinite(d_loss) and math.isfinite(g_loss) and not far:
        return None
    return Diagnosis(
        "diverged",
        f"The losses have left all bounds (discriminator {_shown(d_loss)}, generator {_shown(g_loss)}): the steps are "
        "too large for anything to be learned. Lower learning rates usually help.",
    )


def _shown(loss: float) -> str:
    return f"{loss:,.3g}" if math.isfinite(loss) else "no number"


def _repeating(variety: float) -> Diagnosis | None:
    if not variety < ALIKE:
        return None
    return Diagnosis(
        "collapsing",
        f"Each picture differs from the one most like it only {variety:.2f} times as much as test images do: the "
        "generator draws the same few things again and again.",
    )


def _game(d_real: float, d_fake: float) -> Diagnosis:
    """Who is ahead, by the answers alone."""
    answers = f"The discriminator gives real images {d_real:.2f} and generated ones {d_fake:.2f} on average"
    gap = d_real - d_fake
    if gap > WON:
        return Diagnosis(
            "discriminator winning",
            f"{answers}: it is right nearly every time, and the generator cannot catch up.",
        )
    if d_fake > FOOLED or gap < 0:
        return Diagnosis(
            "generator winning", f"{answers}: it is fooled, and nothing tells the generator how to draw better."
        )
    if gap > AHEAD:
        return Diagnosis(
            "discriminator ahead",
            f"{answers}: it sees through most drawings, as it does at the start of a sound training, too.",
        )
    return Diagnosis("balanced", f"{answers}: it often cannot tell, and both go on learning from each other.")


def _mean(rows: Sequence[Mapping[str, float]], name: str) -> float:
    values = [row[name] for row in rows if name in row]
    return sum(values) / len(values) if values else math.nan
