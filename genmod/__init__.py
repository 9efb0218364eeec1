"""See generative models learn: an autoencoder, a VAE and a GAN on MNIST, in a browser and in Python."""

from __future__ import annotations

import typing

__version__ = "0.1.0"
__all__ = ["__version__", "load"]

if typing.TYPE_CHECKING:
    from genmod.inference.library import load


def __getattr__(name: str) -> object:
    """Import `load` when it is first used, so that `import genmod` stays light."""
    if name == "load":
        from genmod.inference.library import load

        return load
    raise AttributeError(f"module 'genmod' has no attribute {name!r}")
