"""How closely latent numbers follow the true factors of images that were drawn by code. NumPy only."""

from __future__ import annotations

import numpy as np

from genmod.datasets import Doubles, Floats

BINS = 12  # into which a factor of many values is cut


def correlation_ratio(codes: Floats, factor: Doubles | Floats) -> Doubles:
    """Which share of each latent number's variance a factor explains, shape (latent_dim,), each in [0, 1].

    The factor is cut into bins of equally many images; the share is the variance of the bins' means over the whole (the
    squared correlation ratio, eta squared).

    Args:
        codes: (n, latent_dim).
        factor: (n,).
    """
    known, bins = np.unique(np.asarray(factor), return_inverse=True)
    if len(known) > BINS:
        edges = np.quantile(np.asarray(factor, np.float64), np.linspace(0, 1, BINS + 1)[1:-1])
        bins = np.searchsorted(edges, np.asarray(factor, np.float64), side="right")
    whole = codes.var(axis=0, dtype=np.float64)
    middle = codes.mean(axis=0, dtype=np.float64)
    between = np.zeros(codes.shape[1])
    for number in np.unique(bins):
        members = codes[bins == number]
        between += len(members) / len(codes) * (members.mean(axis=0, dtype=np.float64) - middle) ** 2
    return np.asarray(np.divide(between, whole, out=np.zeros_like(between), where=whole > 0))
