"""What each measure of quality is called, which way it is better, and what it means."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import Literal

from genmod.datasets import DataSource

Direction = Literal["lower", "higher", "neither"]

Group = Literal["samples", "classes", "copies", "test images"]


@dataclass(frozen=True)
class Metric:
    """One number and how to read it.

    Attributes:
        group: what it is about.
        name: its key in `quality.json` and in what `python -m genmod evaluate --json` prints.
        title: what people call it.
        unit: "%" for a share, which is kept in [0, 1]; otherwise what follows the number.
        direction: which way is better.
        sentence: what it means, in a sentence or two.
        digits: decimals worth showing.
        logarithmic: whether its scale is, because bad values are hundreds of times the good ones.
        best: what stands at the good end of its scale.
        worst: what stands at the bad end.
    """

    group: Group
    name: str
    title: str
    unit: str
    direction: Direction
    sentence: str
    digits: int = 1
    logarithmic: bool = False
    best: str = "real test images"
    worst: str = "noise"

    def text(self, value: float) -> str:
        """The value as people read it, with its unit."""
        if self.unit == "%":
            return f"{100 * value:.{self.digits}f} %"
        return f"{value:,.{self.digits}f} {self.unit}".strip().replace("-", "−")

    def scale(self, best: float, worst: float) -> str:
        """Both ends of the scale in words."""
        return f"{self.best} {self.text(best)}, {self.worst} {self.text(worst)}"

    def place(self, value: float, best: float, worst: float) -> float:
        """Where the value stands between the worst end, 0, and the best, 1; what lies beyond an end stays at it.

        Where neither direction is better, a value on the far side of the best end is as good as one as far on the near.
        """
        if self.direction == "neither":
            value = best + abs(value - best) * (1.0 if worst > best else -1.0)
        if self.logarithmic:
            value, best, worst = (math.log(max(number, 1e-9)) for number in (value, best, worst))
        if best == worst:
            return 1.0
        return min(1.0, max(0.0, (value - worst) / (best - worst)))


_ITSELF = "every test image itself"
_STATIC = "noise instead of each image"


@functools.cache
def of(source: DataSource) -> tuple[Metric, ...]:
    """All measures, in the words of a data set."""
    classes = source.classes
    return (
        Metric(
            "samples", "frechet_distance", "Frechet distance", "", "lower",
            "How far the samples lie from the training images in the 64 features of a classifier, both taken as "
            "normal distributions: wrong shapes and missing variety both raise it. The scale is logarithmic.",
            digits=2, logarithmic=True,
        ),
        Metric(
            "samples", "confident_share", f"Clear {source.plural}", "%", "higher",
            "The share of samples of which the classifier is more than 90 % sure which class they are.",
        ),
        Metric(
            "samples", "class_agreement", "As asked", "%", "higher",
            "How often the classifier sees the class that was asked for.",
        ),
        Metric(
            "samples", "precision", "Precision", "%", "higher",
            "The share of samples that lie among real images: how many look right.",
        ),
        Metric(
            "samples", "recall", "Recall", "%", "higher",
            "The share of real images that lie among samples: how much of the real variety is there.",
        ),
        Metric(
            "classes", "class_coverage", "Classes covered", f"of {classes}", "higher",
            f"How many of the {classes} classes make up at least 1 % of the samples.",
            digits=0,
        ),
        Metric(
            "classes", "class_entropy", "Balance of the classes", "nats", "higher",
            f"The entropy of the classes that the classifier sees: {math.log(classes):.2f} nats, the logarithm of "
            f"{classes}, if all are equally frequent, 0 if there is only one.",
            digits=2,
        ),
        Metric(
            "classes", "smallest_class_share", "Rarest class", "%", "higher",
            "The share of the class that is seen least.",
        ),
        Metric(
            "classes", "largest_class_share", "Commonest class", "%", "lower",
            "The share of the class that is seen most.",
        ),
        Metric(
            "copies", "nearest_distance", "Distance to the nearest training image", "", "neither",
            "The median distance in pixel space from a sample to the most similar of the "
            f"{source.training_images:,} training images. Below that of real test images, samples are copies or "
            "smoother than real images; above it, they stray. The mark shows how far it is from theirs, either way.",
            digits=2,
        ),
        Metric(
            "copies", "copied_share", "Copies", "%", "lower",
            "The share of samples nearer to a training image of some class than any of the "
            f"{source.test_images:,} test images comes to one of that class: learned by heart, or a very plain shape.",
            worst="the training images themselves",
        ),
        Metric(
            "test images", "test_reconstruction_loss", "Reconstruction", "nats", "lower",
            "What is lost when a test image is encoded and decoded again: the cross-entropy over its "
            f"{source.pixels} pixels.",
            best=_ITSELF, worst=_STATIC,
        ),
        Metric(
            "test images", "test_kl_loss", "KL divergence", "nats", "neither",
            "How much the codes say about the test images. It has no good end of its own: at 0 they say nothing, and "
            "the larger it is, the further they lie from where random latents are drawn.",
        ),
        Metric(
            "test images", "test_elbo", "ELBO", "nats", "higher",
            "The evidence lower bound: minus reconstruction, minus KL, averaged over the test images. The model gives "
            "an image at least this log-likelihood.",
            best=_ITSELF, worst=_STATIC,
        ),
        Metric(
            "test images", "test_log_likelihood_bound", "Log-likelihood, at least", "nats", "higher",
            "A tighter bound from many weighted codes an image instead of one (importance-weighted). The gap to the "
            "ELBO is what the encoder's simple shape costs.",
            best=_ITSELF, worst=_STATIC,
        ),
    )  # fmt: skip
