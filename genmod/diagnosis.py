"""How a training goes, in one sentence, from its measured numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def nearest_distance(images: npt.NDArray[np.float32]) -> float:
    """The mean Euclidean distance from each image (n, ...) to the nearest other one."""
    flat = images.reshape(len(images), -1).astype(np.float64)
    lengths = (flat**2).sum(axis=1)
    squares = lengths[:, np.newaxis] + lengths - 2.0 * flat @ flat.T
    np.fill_diagonal(squares, np.inf)
    return float(np.sqrt(np.maximum(squares.min(axis=1), 0.0)).mean())
