"""A process of its own that fits a mixture of Gaussians to codes: the one place that imports scikit-learn.

It and SciPy take 100 MB, which no other process of the project has to hold.
"""

from __future__ import annotations

import io
import sys

import numpy as np
from sklearn.mixture import GaussianMixture

from genmod.datasets import Doubles
from genmod.inference.mixture import COMPONENTS, IMPOSSIBLE, NO_MEMORY, Mixture, packed
from genmod.system import processes

MEMORY = 4_000_000_000  # bytes of address space
SECONDS = 40  # of the processor
SEED = 0  # of the clustering that the fit begins with


def main() -> int:
    """Read codes as an `.npy` file from standard input and write the mixture as an `.npz` file to standard output."""
    processes.bound(MEMORY, SECONDS)
    try:
        codes = np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False)
        content = packed(fit(codes))
    except MemoryError:
        return NO_MEMORY
    except ValueError:  # a component that has shrunk to a point, or codes that are no numbers
        return IMPOSSIBLE
    sys.stdout.buffer.write(content)
    return 0


def fit(codes: Doubles) -> Mixture:
    """The mixture of Gaussians with full covariances that makes codes (n, latent_dim) likeliest.

    It is found by expectation-maximisation from clusters of k-means, always the same for the same codes.

    Raises:
        ValueError: if the codes are not finite or too few, or a component has no sound covariance.
    """
    found = GaussianMixture(COMPONENTS, covariance_type="full", random_state=SEED).fit(codes)
    roots = np.linalg.cholesky(found.covariances_)
    return Mixture(*(np.asarray(array, np.float32) for array in (found.weights_, found.means_, roots)))


if __name__ == "__main__":
    sys.exit(main())
