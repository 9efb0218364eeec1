"""Pictures of a model while it learns: the same latents decoded and the same digits rebuilt, again and again."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from genmod import files, images, latent
from genmod.config import Config
from genmod.datasets import CLASSES, Dataset, Images, to_float
from genmod.diagnosis import nearest_distance
from genmod.latent import Floats
from genmod.models.registry import GenerativeModel
from genmod.runs import Run

PREVIEWS = 50  # digits of the fixed-latents picture
PREVIEW_COLUMNS = 10
COMPARED = 4 * PREVIEWS  # pictures whose variety is measured


def preview_latents(model: GenerativeModel, config: Config) -> Floats:
    """The latents of the picture that forms while training, shape (PREVIEWS, latent_dim).

    A conditional model draws each row's latents as all ten digits.
    """
    if not model.conditional:
        return latent.prior_samples(PREVIEWS, model.latent_dim, config.seed)
    return latent.prior_samples(PREVIEWS // CLASSES, model.latent_dim, config.seed).repeat(CLASSES, axis=0)


class Pictures:
    """Draws what a model makes right now and writes it into the run's folder `samples`."""

    def __init__(self, model: GenerativeModel, config: Config, data: Dataset) -> None:
        self.model = model
        self.reseed(config)
        self.originals = data.test_images[[int(np.argmax(data.test_labels == digit)) for digit in range(CLASSES)]]
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
        digits = images.contact_sheet(images.to_uint8(self._decoded(self.latents)), PREVIEW_COLUMNS)
        return digits, self._pairs() if self.model.reconstructs else None

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write the pictures: replacing the live ones, or adding an epoch's to the replay."""
        folder = run.file("samples")
        folder.mkdir(exist_ok=True)
        digits, pairs = self.render()
        sheet = images.png(digits)
        if epoch is not None:
            files.write_bytes(folder / f"epoch-{epoch:05d}.png", sheet, durable=False)
        if live:
            files.write_bytes(folder / "live.png", sheet, durable=False)
            if pairs is not None:
                files.write_bytes(folder / "reconstructions.png", images.png(pairs), durable=False)

    def _pairs(self) -> Images:
        given = [tf.constant(to_float(self.originals)), *self._classes(CLASSES)]
        remade = images.to_uint8(self._reconstruct(*given).numpy())
        return images.contact_sheet(np.concatenate([self.originals, remade]), len(self.originals))

    def measures(self) -> dict[str, float]:
        """What the model's `picture_names` name, measured on fresh pictures of fixed latents."""
        return {"variety": self.variety()} if "variety" in self.model.picture_names else {}

    def variety(self) -> float:
        """How far a picture is from its nearest other one among a few hundred, for test images being 1."""
        latents = latent.prior_samples(COMPARED, self.model.latent_dim, self.seed)
        # In parts of one size, which is compiled already.
        parts = [latents[first : first + PREVIEWS] for first in range(0, COMPARED, PREVIEWS)]
        drawn = np.concatenate([self._decoded(part) for part in parts])
        return nearest_distance(drawn) / nearest_distance(to_float(self._real))

    def _decoded(self, latents: Floats) -> Floats:
        pixels: Floats = self._generate(tf.constant(latents), *self._classes(len(latents))).numpy()
        return pixels

    def _classes(self, count: int) -> list[tf.Tensor]:
        """For a conditional model the classes 0 to 9 in turn, one-hot (count, 10)."""
        return [tf.one_hot(np.arange(count) % CLASSES, CLASSES)] if self.model.conditional else []
