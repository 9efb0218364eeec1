"""Pictures of a training: the same latents decoded, and the same test digits remade, again and again."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from genmod import files, images, latent
from genmod.config import Config
from genmod.datasets import Dataset, Images, to_float
from genmod.latent import Floats
from genmod.models.registry import GenerativeModel
from genmod.runs import Run

PREVIEWS = 50  # digits of the fixed-latents picture
PREVIEW_COLUMNS = 10


def preview_latents(model: GenerativeModel, config: Config) -> Floats:
    """The latents of the picture that forms while training, shape (PREVIEWS, latent_dim)."""
    return latent.prior_samples(PREVIEWS, model.decoder.input_shape[1], config.seed)


class Pictures:
    """Draws what a model makes right now and writes it into the run's folder `samples`."""

    def __init__(self, model: GenerativeModel, config: Config, data: Dataset) -> None:
        self.latents = preview_latents(model, config)
        self.originals = data.test_images[[int(np.argmax(data.test_labels == digit)) for digit in range(10)]]
        self._decode = tf.function(model.decoder, jit_compile=model.compiles_with_xla)
        self._reconstruct = tf.function(model, jit_compile=model.compiles_with_xla)

    def render(self) -> tuple[Images, Images]:
        """The fixed latents decoded, and test digits above what the model makes of them: two sheets, uint8 (h, w)."""
        digits = images.to_uint8(self._decode(tf.constant(self.latents)).numpy())
        remade = images.to_uint8(self._reconstruct(tf.constant(to_float(self.originals))).numpy())
        pairs = images.contact_sheet(np.concatenate([self.originals, remade]), len(self.originals))
        return images.contact_sheet(digits, PREVIEW_COLUMNS), pairs

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
            files.write_bytes(folder / "reconstructions.png", images.png(pairs), durable=False)
