"""Pictures of a model while it learns: the same latents decoded and the same digits rebuilt, again and again."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from genmod.datasets import Dataset, Floats, Images, to_float
from genmod.drawing import images
from genmod.inference import latent_space
from genmod.kinds import Config
from genmod.models.registry import GenerativeModel
from genmod.quality.distances import nearest_distance
from genmod.runs import Run
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

    def reseed(self, config: Config) -> None:
        """Draw the latents anew for a config with another seed; what is compiled stays."""
        self.seed = config.seed
        self.latents = preview_latents(self.model, config)

    def render(self) -> tuple[Images, Images | None]:
        """Two sheets, uint8 (h, w): the fixed latents decoded, and test digits above what the model makes of them.

        There are no reconstructions from a model without an encoder.
        """
        digits = images.contact_sheet(images.to_uint8(self._decoded(self.latents)), self.columns)
        return digits, self._pairs() if self.model.reconstructs else None

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write the pictures: replacing the live ones, or adding an epoch's to the replay."""
        folder = run.file("samples")
        folder.mkdir(exist_ok=True)
        digits, pairs = self.render()
        sheet = images.png(digits)
        if epoch is not None:
            files.write_bytes(folder / f"epoch-{epoch:05d}.png", sheet)  # there will be no other of this epoch
        if live:  # it comes again several times a second; the trainer flushes the last
            files.write_bytes(folder / "live.png", sheet, durable=False)
            if pairs is not None:
                files.write_bytes(folder / "reconstructions.png", images.png(pairs), durable=False)

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
