"""MNIST: handwritten digits."""

from __future__ import annotations

import functools
from pathlib import Path

from genmod.datasets.dataset import load
from genmod.datasets.source import DataSource

PATH = Path(__file__).parents[1] / "data" / "mnist" / "mnist.npz"
SHA256 = "06af5dfe73b70e3bc1c36439982b18a8d76803db9b544f6fdf838a37fbb01b64"
DIGITS = tuple("0123456789")

MNIST = DataSource(
    name="mnist",
    title="MNIST",
    noun="digit",
    plural="digits",
    class_names=DIGITS,
    class_phrases=tuple(f"an {digit}" if digit == "8" else f"a {digit}" for digit in DIGITS),
    marks=DIGITS,
    image_shape=(28, 28, 1),
    training_images=60_000,
    test_images=10_000,
    sha256=SHA256,
    licence="CC BY-SA 3.0",
    source="Yann LeCun, Corinna Cortes and Christopher J. C. Burges, The MNIST database of handwritten digits (1998)",
    description="Handwritten digits from 0 to 9, collected from American school pupils and civil servants. Each is "
    "white on black and centred.",
    classifier="classifier",
    longer_side=20,
    centred_by="mass",
    read=functools.partial(load, PATH, SHA256, "mnist"),
    published="For models with one layer of latents Burda et al. (2016, arXiv:1509.00519) report 86.8 nats for a VAE "
    "and 84.8 for an IWAE trained with 50 samples. Both are estimates of the negative log-likelihood from 5,000 "
    "importance samples an image, on randomly binarised test images: this bound stands beside them, not the negative "
    "ELBO.",
)
