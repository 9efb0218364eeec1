"""The arrays that travel through the project, one name for each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Images = npt.NDArray[np.uint8]  # (n, rows, columns), from 0 for black to 255 for white
Labels = npt.NDArray[np.integer]  # (n,), the number of each image's class
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]
Factors = np.ndarray  # one-dimensional and structured: a field for each factor, a record for each image
