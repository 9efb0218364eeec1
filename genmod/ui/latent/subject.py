"""What the parts of the page look at: the run's models and codes, and the image that was chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st

from genmod.datasets import Dataset, DataSource, Floats, Images, Labels
from genmod.drawing import images
from genmod.inference import Encoder, Sampler
from genmod.kinds import Setting, Value
from genmod.kinds.kind import Kind
from genmod.runs import Run
from genmod.ui import links, models, pad

DIGIT = Setting(
    "digit", int, 0, "Test image", "Which of the 10,000 test images to look at; a click on the pad sets it.",
    "data", low=0, high=9_999,
)  # fmt: skip
OWN = "own_image"  # in the session: the visitor's own image, uint8 (rows, columns), and the run's data set
LOOKED_AT = "looked_at"  # in the session: whether it is the chosen one
WHO = "who"  # in the session: of what class the visitor says it is


@dataclass(frozen=True)
class Space:
    """A run's latent space.

    Attributes:
        z_mean: of all test images, (n, latent_dim); empty for a kind without an encoder.
        z_log_var: the same.
        wanted: the class that a conditional model is asked for.
        drawing: how a run that draws in several steps is to draw; its defaults where nothing is said.
    """

    run: Run
    sampler: Sampler
    z_mean: Floats
    z_log_var: Floats
    wanted: int
    drawing: Mapping[str, Value] = field(default_factory=dict)

    @property
    def kind(self) -> Kind[Any]:
        """What the project knows of models like this."""
        return self.run.kind()

    @property
    def source(self) -> DataSource:
        """The data set it was trained on."""
        return self.run.config().source

    @property
    def data(self) -> Dataset:
        """Its images."""
        return self.source.load()

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self.sampler.latent_dim

    def labels(self, label: int | None, count: int) -> Labels | None:
        """A class for each of `count` images, for a model that is told one: `label`, or the one that is asked for."""
        if not self.sampler.conditional:
            return None
        return np.full(count, self.wanted if label is None else label, np.int64)

    def decode(self, points: Floats) -> Images:
        """Images, uint8 (n, rows, columns), of points (n, latent_dim); a conditional model is asked for one class."""
        return images.to_uint8(self.sampler.decode(points, self.labels(None, len(points)), **self.drawing))

    def encode(self, image: Images, label: int | None) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, (latent_dim,) each, of one image uint8 (rows, columns)."""
        encoder: Encoder = models.encoder(self.run)
        labels: Labels | None = np.array([self.wanted if label is None else label]) if encoder.conditional else None
        z_mean, z_log_var = encoder.encode(image[np.newaxis], labels)
        return z_mean[0], z_log_var[0]


@dataclass(frozen=True)
class Subject:
    """The image that was chosen.

    Attributes:
        name: such as "test image 12".
        words: the same with what it shows, such as "Test image 12, a 9".
        label: its class; None where nobody has said.
        index: among the test images; None for the visitor's own.
    """

    name: str
    words: str
    image: Images
    label: int | None
    z_mean: Floats
    z_log_var: Floats
    index: int | None

    @property
    def sigma(self) -> Floats | None:
        """The standard deviation of each latent number; None if the code is a point."""
        return np.exp(0.5 * self.z_log_var) if np.isfinite(self.z_log_var).all() else None


def chosen(space: Space) -> Subject:
    """The visitor's own image if that is what they look at, otherwise a test image."""
    own = own_image(space.source)
    if own is not None and st.session_state.get(LOOKED_AT):
        label = own_class(space)
        z_mean, z_log_var = space.encode(own, label)
        return Subject(
            f"your own {space.source.noun}", f"Your own {space.source.noun}", own, label, z_mean, z_log_var, None
        )
    index = int(str(links.held(DIGIT)))
    index = index if 0 <= index < len(space.z_mean) else 0
    label = int(space.data.test_labels[index])
    words = f"Test image {index:,}, {space.source.class_phrase(label)}"
    return Subject(
        f"test image {index:,}", words, space.data.test_images[index], label, space.z_mean[index],
        space.z_log_var[index], index,
    )  # fmt: skip


def own_image(source: DataSource) -> Images | None:
    """The visitor's own image for a data set, uint8 (rows, columns); None if there is none."""
    kept = st.session_state.get(OWN)
    if kept is None or kept[0] != source.name:
        return None
    image: Images = kept[1]
    return image


def keep_own(source: DataSource, image: Images) -> None:
    """Remember the visitor's own image and look at it."""
    st.session_state[OWN] = (source.name, image)
    st.session_state[LOOKED_AT] = True


def said_class(space: Space) -> int | None:
    """Of what class the visitor says their own image is; None as long as they have not."""
    said = st.session_state.get(WHO)
    return said if said in range(space.source.classes) else None


def own_class(space: Space) -> int | None:
    """The class that a model trained by class is told of the visitor's own image: said, or else the one it draws."""
    if not space.sampler.conditional:
        return None
    said = said_class(space)
    return space.wanted if said is None else said


def mark(subject: Subject, source: DataSource) -> pad.Chosen:
    """How the pad shows it."""
    sign = source.marks[subject.label] if subject.label is not None and subject.index is not None else ""
    return pad.Chosen(subject.name, sign, subject.z_mean, subject.sigma, subject.index)
