"""The training image nearest to what the model draws at the point."""

from __future__ import annotations

from genmod.datasets import Floats
from genmod.errors import GenmodError
from genmod.ui import pad
from genmod.ui.latent.subject import Space


def nearest(space: Space, z: Floats) -> pad.Nearest | None:
    """The nearest training image in pixel space; None if the data set cannot be read."""
    try:
        drawn = space.decode(z[None])
        index, distance = space.source.neighbours().nearest(drawn)
        data = space.data
    except GenmodError:
        return None
    label = int(data.train_labels[index[0]])
    words = (
        f"Nearest training image: number {int(index[0]):,}, {space.source.class_phrase(label)}, at a distance of "
        f"{float(distance[0]):.1f} in pixel space."
    )
    return pad.Nearest(data.train_images[index[0]], words)
