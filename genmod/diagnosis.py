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
    "starting", "balanced", "discriminator winning", "generator winning", "collapsing", "diverged",
    "learning", "posterior collapse", "holes",
]  # fmt: skip
RECENT = 3  # epochs whose mean is looked at: single ones jump about
LN_2 = math.log(2.0)

# A GAN's. Answers are probabilities; variety is 1 for test images.
SURE = 0.8  # mean answer to real images above which the discriminator has won, with the generated ones below 1 - SURE
FOOLED = 0.55  # mean answer to generated images above which the generator is ahead
SAME = 0.35  # variety below which the pictures repeat each other
WILD = 20.0  # g_loss or d_loss beyond which nothing is learned any more: odds of a billion to one, on average

# A VAE's, in nats per image.
SILENT = 1.0  # KL divergence below which the codes say nothing
LOOSE = 60.0  # KL divergence for each latent number... see `_vae`


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
