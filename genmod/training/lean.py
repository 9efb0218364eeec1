"""Importing Keras without the libraries that it loads for wrappers no training uses."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

# A second and 60 MB in every trainer. They are installed for `genmod.inference.mixture_fit` and the lesson's points.
UNUSED = ("sklearn", "scipy")


@contextlib.contextmanager
def lean() -> Iterator[None]:
    """Let what is imported inside take scikit-learn and SciPy for not installed, unless they are loaded already."""
    hidden = [name for name in UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
