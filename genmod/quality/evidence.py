"""What was found out about a set of images and a model's reconstructions: all that the measures are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from genmod.datasets import Doubles, Floats, Indices, Labels
from genmod.kinds.kind import Prior
from genmod.quality.repeats import Repeats


@dataclass(frozen=True)
class Evidence:
    """What the classifier and the search for neighbours found, beside what they find in real images.

    Attributes:
        features: of the images in the classifier, (n, 64).
        probabilities: of the classes, (n, classes).
        asked: the class each image was meant to show, (n,); None where nothing was asked.
        real_moments: mean (64,) and covariance (64, 64) of the features of all training images.
        precision: the share of images that lie among real ones.
        recall: the share of real images that lie among them.
        nearest: the index of the training image nearest to each of the first images, (m,).
        distances: how far it is, (m,).
        nearest_labels: what it shows, (m,).
        closest: for each class, how near any test image comes to a training image of it, (classes,).
        losses: of a model with an encoder, on the test images, in nats per image; empty of any other.
        repeats: how soon the images repeat themselves.
        by_source: of such a model features and class probabilities of samples whose latents come from elsewhere than
            the prior, by source.
    """

    features: Floats
    probabilities: Floats
    asked: Labels | None
    real_moments: tuple[Doubles, Doubles]
    precision: float
    recall: float
    nearest: Indices
    distances: Floats
    nearest_labels: Labels
    closest: Doubles
    losses: Mapping[str, float]
    repeats: Repeats
    by_source: Mapping[Prior, tuple[Floats, Floats]] = field(default_factory=dict)

    @property
    def classes(self) -> Indices:
        """The likeliest class of each image, (n,)."""
        classes: Indices = self.probabilities.argmax(axis=1)
        return classes

    @property
    def confidence(self) -> Floats:
        """The probability of that class, (n,)."""
        confidence: Floats = self.probabilities.max(axis=1)
        return confidence

    @property
    def class_shares(self) -> Doubles:
        """Which share of the images each class has, (classes,)."""
        return np.bincount(self.classes, minlength=self.probabilities.shape[1]) / len(self.probabilities)

    @property
    def agreement_by_class(self) -> Doubles | None:
        """Of the images that were to show a class, the share that does, (classes,); 0 where none was asked for."""
        if self.asked is None:
            return None
        count = self.probabilities.shape[1]
        wanted = np.bincount(self.asked, minlength=count)
        right = np.bincount(self.asked[self.classes == self.asked], minlength=count)
        return np.divide(right, wanted, out=np.zeros(count), where=wanted > 0)
