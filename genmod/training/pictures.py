"""Pictures of a model while it learns: the same latents decoded and the same digits rebuilt, again and again."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from genmod.datasets import Dataset, Floats, Images, Labels, to_float
from genmod.drawing import images
from genmod.inference import latent_space
from genmod.kinds import Config
from genmod.models.registry import GenerativeModel
from genmod.quality.distances import nearest_distance
from genmod.runs import Run, frames
from genmod.system import files

PREVIEWS = 50  # digits of the fixed-latents picture
PREVIEW_COLUMNS, PREVIEW_ROWS = 10, 5
COMPARED = 4 * PREVIEWS  # pictures whose variety is measured


def preview_latents(model: GenerativeModel, config: Config) -> Floats:
    """The latents of the picture that forms while training, shape (PREVIEWS, latent_dim).

    A conditional model draws each row's latents as every class; the shape is then (PREVIEW_ROWS * classes, ...).
    """
    if not model.conditional:
        return latent_space.prior_samples(PREVIEWS, model.latent_dim, config.seed)
    rows = latent_space.prior_samples(PREVIEW_ROWS, model.latent_dim, config.seed)
    return rows.repeat(config.source.classes, axis=0)


def originals(data: Dataset, classes: int) -> Images:
    """Test images to be rebuilt: `PREVIEW_COLUMNS`, of the classes in turn, uint8 (n, height, width)."""
    labels = np.arange(PREVIEW_COLUMNS) % classes
    members = [np.flatnonzero(data.test_labels == label)[place // classes] for place, label in enumerate(labels)]
    return data.test_images[members]


class Pictures:
    """Draws what a model makes right now and writes it into the run's folder `samples`."""

    def __init__(self, model: GenerativeModel, config: Config, data: Dataset) -> None:
        self.model = model
        self.classes = config.source.classes
        self.columns = self.classes if model.conditional else PREVIEW_COLUMNS
        self.reseed(config)
        self.originals = originals(data, self.classes)
        self._real = data.test_images[:COMPARED]
        self._generate = tf.function(model.generate, jit_compile=model.compiles_with_xla)
        self._reconstruct = tf.function(model, jit_compile=model.compiles_with_xla)
        self._judge = tf.function(model.judge, jit_compile=model.compiles_with_xla) if model.judges else None
        self._explain = tf.function(model.explain, jit_compile=model.compiles_with_xla)

    def reseed(self, config: Config) -> None:
        """Draw the latents anew for a config with another seed; what is compiled stays."""
        self.seed = config.seed
        self.latents = preview_latents(self.model, config)

    def render(self) -> tuple[bytes, bytes | None]:
        """Two PNG files: the fixed latents decoded, and test images above what the model makes of them.

        A model that judges images says of each of the first sheet, and of the test images, how likely real it is: the
        answers stand in that file's notes, and the second shows the test images alone. A model that neither
        reconstructs nor judges has no second picture.
        """
        drawn = self._decoded(self.latents)
        sheet = images.contact_sheet(images.to_uint8(drawn), self.columns)
        if self.model.judges:
            answers = {name: _rounded(values) for name, values in self._judged(drawn).items()}
            return images.png(sheet, notes=answers), images.png(
                images.contact_sheet(self.originals, len(self.originals))
            )
        return images.png(sheet), images.png(self._pairs()) if self.model.reconstructs else None

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write the pictures: replacing the live ones, or adding an epoch's to the film."""
        folder = run.file("samples")
        folder.mkdir(exist_ok=True)
        sheet, pairs = self.render()
        if epoch is not None:  # there will be no other of this epoch
            files.write_bytes(folder / frames.sheet_name(epoch), sheet)
            if pairs is not None and self.model.reconstructs:
                files.write_bytes(folder / frames.pairs_name(epoch), pairs)
        if live:  # it comes again several times a second; the trainer flushes the last
            files.write_bytes(folder / frames.LIVE, sheet, durable=False)
            if pairs is not None:
                files.write_bytes(folder / frames.PAIRS, pairs, durable=False)

    def explain(self, run: Run, given: Floats, labels: Labels, step: int) -> None:
        """Write what a step does with some images of its batch: them, what is made of them, and the numbers.

        Args:
            given: (n, height, width, 1) in [0, 1].
            labels: what they show, (n,), for a conditional model.
        """
        noise = latent_space.prior_samples(len(given), self.model.latent_dim, step)
        classes = [tf.one_hot(labels, self.classes)] if self.model.conditional else []
        found = {
            name: np.asarray(value)
            for name, value in self._explain(tf.constant(given), tf.constant(noise), *classes).items()
        }
        both = np.concatenate([given, found.pop("images")])
        notes = {name: _rounded(value) for name, value in found.items()}
        # Several above what is made of them; a single one to the left of it.
        sheet = images.contact_sheet(images.to_uint8(both), max(len(given), 2))
        files.write_bytes(
            run.file("samples") / frames.STEP, images.png(sheet, notes={**notes, "step": step}), durable=False
        )

    def _judged(self, drawn: Floats) -> dict[str, Floats]:
        """How likely real the test images and those that the model has drawn are, (n,) each."""
        classes = [*self._classes(len(self.originals)), *self._classes(len(drawn))]
        assert self._judge is not None
        real, generated = self._judge(tf.constant(to_float(self.originals)), tf.constant(drawn), *classes)
        return {"real": real.numpy(), "generated": generated.numpy()}

    def _pairs(self) -> Images:
        given = [tf.constant(to_float(self.originals)), *self._classes(len(self.originals))]
        remade = images.to_uint8(self._reconstruct(*given).numpy())
        return images.contact_sheet(np.concatenate([self.originals, remade]), len(self.originals))

    def measures(self) -> dict[str, float]:
        """What the model's `picture_names` name, measured on fresh pictures of fixed latents."""
        return {"variety": self.variety()} if "variety" in self.model.picture_names else {}

    def variety(self) -> float:
        """How far a picture is from its nearest other one among a few hundred, for test images being 1."""
        latents = latent_space.prior_samples(COMPARED, self.model.latent_dim, self.seed)
        # In parts of one size, which is compiled already.
        parts = [latents[first : first + PREVIEWS] for first in range(0, COMPARED, PREVIEWS)]
        drawn = np.concatenate([self._decoded(part) for part in parts])
        return nearest_distance(drawn) / nearest_distance(to_float(self._real))

    def _decoded(self, latents: Floats) -> Floats:
        pixels: Floats = self._generate(tf.constant(latents), *self._classes(len(latents))).numpy()
        return pixels

    def _classes(self, count: int) -> list[tf.Tensor]:
        """For a conditional model the classes in turn, one-hot (count, classes)."""
        return [tf.one_hot(np.arange(count) % self.classes, self.classes)] if self.model.conditional else []


def _rounded(values: Floats) -> Any:
    """Numbers as a file keeps them; lists for arrays."""
    return np.round(np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=1e9, neginf=-1e9), 4).tolist()
