"""Pictures of a model while it learns: the same latents decoded and the same digits rebuilt, again and again."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from genmod import files, images, latent
from genmod.config import Config
from genmod.datasets import CLASSES, Dataset, to_float
from genmod.diagnosis import nearest_distance
from genmod.models.registry import GenerativeModel
from genmod.runs import Run

PREVIEWS = 50  # digits of the fixed-latents picture
PREVIEW_COLUMNS = 10
COMPARED = 4 * PREVIEWS  # pictures whose variety is measured


class Pictures:
    """Draws into a run's folder what its model makes of fixed latents and of fixed test digits."""

    def __init__(self, run: Run, model: GenerativeModel, config: Config, data: Dataset) -> None:
        self.folder = run.file("samples")
        self.model = model
        self.seed = config.seed
        self.latents, self.classes = self._fixed_inputs()
        firsts = [int(np.argmax(data.test_labels == digit)) for digit in range(CLASSES)]
        self.originals = data.test_images[firsts]
        self._real = data.test_images[:COMPARED]
        self._digits = np.eye(CLASSES, dtype=np.float32)
        self._generate = tf.function(model.generate, jit_compile=model.compiles_with_xla)
        self._reconstruct = tf.function(model, jit_compile=model.compiles_with_xla)

    def _fixed_inputs(self) -> tuple[latent.Floats, latent.Floats | None]:
        """The latents of the picture, and their classes: a conditional model draws each row's latents as 0 to 9."""
        if not self.model.conditional:
            return latent.prior_samples(PREVIEWS, self.model.latent_dim, self.seed), None
        rows = latent.prior_samples(PREVIEWS // CLASSES, self.model.latent_dim, self.seed)
        return rows.repeat(CLASSES, axis=0), np.tile(np.eye(CLASSES, dtype=np.float32), (len(rows), 1))

    def draw(self, epoch: int | None = None, live: bool = False) -> None:
        """Write the pictures: replacing the live ones, or adding an epoch's to the replay."""
        self.folder.mkdir(exist_ok=True)
        digits = images.to_uint8(self._decoded(self.latents, self.classes))
        sheet = images.png(images.contact_sheet(digits, PREVIEW_COLUMNS))
        if epoch is not None:
            files.write_bytes(self.folder / f"epoch-{epoch:05d}.png", sheet, durable=False)
        if live:
            files.write_bytes(self.folder / "live.png", sheet, durable=False)
            if self.model.reconstructs:
                files.write_bytes(self.folder / "reconstructions.png", images.png(self._pairs()), durable=False)

    def _pairs(self) -> images.Images:
        """The test digits above what comes back from their codes."""
        given = [tf.constant(to_float(self.originals))]
        if self.model.conditional:
            given.append(tf.constant(self._digits))
        remade = images.to_uint8(self._reconstruct(*given).numpy())
        return images.contact_sheet(np.concatenate([self.originals, remade]), len(self.originals))

    def measures(self) -> dict[str, float]:
        """What the model's `picture_names` name, measured on fresh pictures of fixed latents."""
        return {"variety": self.variety()} if "variety" in self.model.picture_names else {}

    def variety(self) -> float:
        """How far a picture is from its nearest other one among a few hundred, for test images being 1."""
        latents = latent.prior_samples(COMPARED, self.model.latent_dim, self.seed)
        turns = np.eye(CLASSES, dtype=np.float32)[np.arange(COMPARED) % CLASSES] if self.model.conditional else None
        # In parts of one size, which is compiled already.
        parts = [slice(first, first + PREVIEWS) for first in range(0, COMPARED, PREVIEWS)]
        drawn = [self._decoded(latents[part], None if turns is None else turns[part]) for part in parts]
        return nearest_distance(np.concatenate(drawn)) / nearest_distance(to_float(self._real))

    def _decoded(self, latents: latent.Floats, classes: latent.Floats | None) -> latent.Floats:
        given = [tf.constant(latents)] if classes is None else [tf.constant(latents), tf.constant(classes)]
        pixels: latent.Floats = self._generate(*given).numpy()
        return pixels
