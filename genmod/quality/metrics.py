"""The measures of quality, an entry each: how it is computed, what it means, which way it is better."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from genmod.datasets import DataSource, Doubles
from genmod.kinds.kind import Prior
from genmod.quality.distances import frechet_distance, moments
from genmod.quality.evidence import Evidence
from genmod.quality.repeats import limit

Direction = Literal["lower", "higher", "neither"]

Group = Literal["samples", "fitted", "classes", "variety", "copies", "test images"]
Needs = Literal["", "classes", "encoder"]
Compute = Callable[[Evidence], float | None]
Value = float | list[float]

SURE = 0.9  # a probability above this counts as confident
SAMPLES = 10_000  # that are judged where nothing else is said
COVERED = 0.01  # a class with at least this share of the samples counts as covered


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
        compute: its value; None where a kind of model has none.
        needs: what a run must have for it: nothing, classes that it was told, or an encoder.
        scale_of: the measure whose scale it shares; its own if empty.
        digits: decimals worth showing.
        logarithmic: whether its scale is, because bad values are hundreds of times the good ones.
        best: what stands at the good end of its scale.
        worst: what stands at the bad end.
        caveat: what has to be known before it is compared with other numbers; empty where that is nothing.
        most: a value from here on says only that the true one is larger.
    """

    group: Group
    name: str
    title: str
    unit: str
    direction: Direction
    sentence: str
    compute: Compute
    digits: int = 1
    logarithmic: bool = False
    best: str = "real test images"
    worst: str = "noise"
    needs: Needs = ""
    scale_of: str = ""
    caveat: str = ""
    most: float = math.inf

    def ends(self, found: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
        """The ends of its scale among those of all measures; None if it has none."""
        return found.get(self.scale_of or self.name)

    def text(self, value: float) -> str:
        """The value as people read it, with its unit."""
        if self.unit == "%":
            return percent(value, self.digits)
        if value >= self.most:
            return f"more than {self.most:,.{self.digits}f} {self.unit}".strip()
        return f"{value:,.{self.digits}f} {self.unit}".strip().replace("-", "−")

    def give_or_take(self, mean: float, deviation: float) -> str:
        """A mean with its standard deviation as people read them, with the unit."""
        factor = 100.0 if self.unit == "%" else 1.0
        both = " ± ".join(f"{factor * number:,.{self.digits}f}" for number in (mean, deviation))
        return f"{both} {self.unit}".strip().replace("-", "−")

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
def of(source: DataSource, samples: int = SAMPLES) -> tuple[Metric, ...]:
    """All measures, in the words of a data set.

    Args:
        samples: how many were judged, for what depends on it.
    """
    classes = source.classes
    return (
        Metric(
            "samples", "frechet_distance", "Frechet distance", "", "lower",
            "How far the samples lie from the training images in the 64 features of a classifier, both taken as "
            "normal distributions: wrong shapes and missing variety both raise it. The scale is logarithmic.",
            lambda seen: frechet_distance(moments(seen.features), seen.real_moments),
            digits=2, logarithmic=True,
        ),
        Metric(
            "samples", "confident_share", f"Clear {source.plural}", "%", "higher",
            "The share of samples of which the classifier is more than 90 % sure which class they are.",
            lambda seen: float((seen.confidence > SURE).mean()),
        ),
        Metric(
            "samples", "class_agreement", "As asked", "%", "higher",
            "How often the classifier sees the class that was asked for.",
            lambda seen: None if seen.asked is None else float((seen.classes == seen.asked).mean()),
            needs="classes",
        ),
        Metric(
            "samples", "precision", "Precision", "%", "higher",
            "The share of samples that lie among real images: how many look right.",
            lambda seen: seen.precision,
        ),
        Metric(
            "samples", "recall", "Recall", "%", "higher",
            "The share of real images that lie among samples: how much of the real variety is there.",
            lambda seen: seen.recall,
        ),
        Metric(
            "fitted", "fitted_frechet_distance", "Frechet distance, latents fitted to the codes", "", "lower",
            "The same distance, with latents from a normal distribution that has the mean and the covariance of the "
            "training images' codes. How much better it is than from the prior says what holes in the latent space "
            "cost.",
            _distance_with("fitted"),
            digits=2, logarithmic=True, needs="encoder", scale_of="frechet_distance",
        ),
        Metric(
            "fitted", "fitted_confident_share", f"Clear {source.plural}, latents fitted to the codes", "%", "higher",
            "The share of clear samples, with latents fitted to the codes.",
            _clear_with("fitted"),
            needs="encoder", scale_of="confident_share",
        ),
        Metric(
            "fitted", "mixture_frechet_distance", "Frechet distance, latents from a mixture", "", "lower",
            "The same distance, with latents from a mixture of ten normal distributions fitted to codes of training "
            "images: they follow the clusters and leave out much of what lies between.",
            _distance_with("mixture"),
            digits=2, logarithmic=True, needs="encoder", scale_of="frechet_distance",
        ),
        Metric(
            "fitted", "mixture_confident_share", f"Clear {source.plural}, latents from a mixture", "%", "higher",
            "The share of clear samples, with latents from that mixture.",
            _clear_with("mixture"),
            needs="encoder", scale_of="confident_share",
        ),
        Metric(
            "fitted", "codes_frechet_distance", "Frechet distance, latents that are real codes", "", "lower",
            "The same distance, with the codes of random training images themselves. Nothing new is made so: it is "
            "what the decoder rebuilds at best, and how far that is from real test images says what its blur costs.",
            _distance_with("codes"),
            digits=2, logarithmic=True, needs="encoder", scale_of="frechet_distance",
        ),
        Metric(
            "fitted", "codes_confident_share", f"Clear {source.plural}, latents that are real codes", "%", "higher",
            "The share of clear images among those rebuilt from codes of training images.",
            _clear_with("codes"),
            needs="encoder", scale_of="confident_share",
        ),
        Metric(
            "classes", "class_coverage", "Classes covered", f"of {classes}", "higher",
            f"How many of the {classes} classes make up at least 1 % of the samples.",
            lambda seen: float((seen.class_shares >= COVERED).sum()),
            digits=0,
        ),
        Metric(
            "classes", "class_entropy", "Balance of the classes", "nats", "higher",
            f"The entropy of the classes that the classifier sees: {math.log(classes):.2f} nats, the logarithm of "
            f"{classes}, if all are equally frequent, 0 if there is only one.",
            lambda seen: _entropy(seen.class_shares),
            digits=2,
        ),
        Metric(
            "classes", "smallest_class_share", "Rarest class", "%", "higher",
            "The share of the class that is seen least.",
            lambda seen: float(seen.class_shares.min()),
        ),
        Metric(
            "classes", "largest_class_share", "Commonest class", "%", "lower",
            "The share of the class that is seen most.",
            lambda seen: float(seen.class_shares.max()),
        ),
        Metric(
            "variety", "different_images", f"Different {source.plural}, estimated", "", "higher",
            "How many different images the model draws from, read from how soon it repeats itself (birthday paradox, "
            "Arora and Zhang 2017, arXiv:1706.08224): if among s samples two are nearly the same half of the time, "
            "it has about 0.7 s² images. Two count as the same if the classifier sees the same class in both and they "
            "lie nearer to each other than all but one in a million pairs of training images of that class. The scale "
            "is logarithmic.",
            lambda seen: seen.repeats.different,
            digits=0, logarithmic=True, worst="one image again and again", most=limit(samples),
            caveat="It takes all images for equally likely: if some come more often there are more. The right order "
            "of magnitude is all it gives. Blurred or plain images resemble each other sooner, so it counts fewer of "
            f"them, and it does not ask whether they look right. {_copier(source)} If fewer than three pairs among s "
            "samples are alike, all that is said is that there are more than s²/6, with which three would be expected.",
        ),
        Metric(
            "copies", "nearest_distance", "Distance to the nearest training image", "", "neither",
            "The median distance in pixel space from a sample to the most similar of the "
            f"{source.training_images:,} training images. Below that of real test images, samples are copies or "
            "smoother than real images; above it, they stray. The mark shows how far it is from theirs, either way.",
            lambda seen: float(np.median(seen.distances)),
            digits=2,
        ),
        Metric(
            "copies", "copied_share", "Copies", "%", "lower",
            "The share of samples nearer to a training image of some class than any of the "
            f"{source.test_images:,} test images comes to one of that class: learned by heart, or a very plain shape.",
            lambda seen: float((seen.distances < seen.closest[seen.nearest_labels]).mean()),
            worst="the training images themselves",
        ),
        Metric(
            "test images", "test_reconstruction_loss", "Reconstruction", "nats", "lower",
            "What is lost when a test image is encoded and decoded again: the cross-entropy over its "
            f"{source.pixels} pixels.",
            lambda seen: seen.losses.get("test_reconstruction_loss"),
            needs="encoder",
            best=_ITSELF, worst=_STATIC,
        ),
        Metric(
            "test images", "test_kl_loss", "KL divergence", "nats", "neither",
            "How much the codes say about the test images. It has no good end of its own: at 0 they say nothing, and "
            "the larger it is, the further they lie from where random latents are drawn.",
            lambda seen: seen.losses.get("test_kl_loss"),
            needs="encoder",
        ),
        Metric(
            "test images", "test_elbo", "ELBO", "nats", "higher",
            "The evidence lower bound: minus reconstruction, minus KL, averaged over the test images. The model gives "
            "an image at least this log-likelihood.",
            lambda seen: seen.losses.get("test_elbo"),
            needs="encoder",
            best=_ITSELF, worst=_STATIC,
        ),
        Metric(
            "test images", "test_mixture_elbo", "ELBO, mixture as prior", "nats", "higher",
            "The same with ten normal distributions, fitted to the codes of training images, in the place of the prior "
            "N(0, I). What it gains is the part of the KL that only says where the codes do not fill the prior.",
            lambda seen: seen.losses.get("test_mixture_elbo"),
            needs="encoder", scale_of="test_elbo",
            best=_ITSELF, worst=_STATIC,
            caveat="Its KL has no formula and is estimated by one code an image, which is exact to about 0.1 nats.",
        ),
        Metric(
            "test images", "test_log_likelihood_bound", "Log-likelihood, at least", "nats", "higher",
            "A tighter bound from many weighted codes an image instead of one (importance-weighted). The gap to the "
            "ELBO is what the encoder's simple shape costs.",
            lambda seen: seen.losses.get("test_log_likelihood_bound"),
            needs="encoder",
            best=_ITSELF, worst=_STATIC,
        ),
        Metric(
            "test images", "test_binarised_negative_elbo", "Negative ELBO, binarised", "nats", "lower",
            "Reconstruction plus KL of test images made black and white at random: each pixel is drawn once, white "
            "with its grey value as probability (dynamic binarisation). The encoder is shown the drawn image, and that "
            "is what the decoder is to give back.",
            lambda seen: seen.losses.get("test_binarised_negative_elbo"),
            needs="encoder", scale_of="test_reconstruction_loss",
            best=_ITSELF, worst=_STATIC,
            caveat="It differs from the grey numbers because the encoder sees another image. With the codes of the "
            "grey images the mean over all such draws would be the grey number, since the cross-entropy is linear in "
            "its target: so the grey number is an upper bound of the mean negative log-likelihood of drawn images.",
        ),
        Metric(
            "test images", "test_binarised_nll_bound", "Negative log-likelihood, binarised, at most", "nats", "lower",
            "The importance-weighted bound for the same black and white images (Burda et al. 2016, arXiv:1509.00519). "
            "More importance samples bring it nearer to the negative log-likelihood, and never below it on average.",
            lambda seen: seen.losses.get("test_binarised_nll_bound"),
            needs="encoder", scale_of="test_reconstruction_loss",
            best=_ITSELF, worst=_STATIC,
            caveat=f"{source.published + ' ' if source.published else ''}Only numbers of dynamically binarised images "
            "may be compared: images cut at a grey value of 0.5 give far lower ones, and a model that is told the "
            "class has an easier task.",
        ),
    )  # fmt: skip


def _copier(source: DataSource) -> str:
    return (
        f"A model that only copied the {source.training_images:,} training images would come to about "
        f"{source.training_images:,}."
    )


def _distance_with(latents: Prior) -> Compute:
    """The Frechet distance of samples whose latents come from there."""

    def compute(seen: Evidence) -> float | None:
        found = seen.by_source.get(latents)
        return None if found is None else frechet_distance(moments(found[0]), seen.real_moments)

    return compute


def _clear_with(latents: Prior) -> Compute:
    """The share of clear samples among those whose latents come from there."""

    def compute(seen: Evidence) -> float | None:
        found = seen.by_source.get(latents)
        return None if found is None else float((found[1].max(axis=1) > SURE).mean())

    return compute


def binarised_on(source: DataSource, notes: Mapping[str, Any]) -> str:
    """On how much the bounds for binarised images were measured, without a full stop; empty where there are none."""
    if "importance_images" not in notes:
        return ""
    return (
        f"Binarised: the negative ELBO on all {source.test_images:,} test images; by how much "
        f"{notes['importance_samples']:,} importance samples an image lower it was measured on "
        f"{notes['importance_images']:,} of them"
    )


def values(source: DataSource, seen: Evidence) -> dict[str, Value]:
    """Every measure that the evidence allows, by name, and the shares of single classes."""
    found: dict[str, Value] = dict(seen.losses)
    for metric in of(source):
        value = metric.compute(seen)
        if value is not None:
            found[metric.name] = value
    found["class_shares"] = seen.class_shares.tolist()
    if (by_class := seen.agreement_by_class) is not None:
        found["class_agreement_by_class"] = by_class.tolist()
    return found


def percent(share: float, digits: int = 1) -> str:
    """A share in [0, 1] as people read it."""
    return f"{100 * share:.{digits}f} %"


def _entropy(shares: Doubles) -> float:
    present = shares[shares > 0]
    return float(-(present * np.log(present)).sum())
