"""The exported models of runs, loaded once per process and shared by all visitors."""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from genmod.inference import Decoder, Encoder
from genmod.runs import Run

Floats = npt.NDArray[np.float32]

# Plain caches of the process, not Streamlit's: any client can clear those for everybody.


def decoder(run: Run) -> Decoder:
    """The run's decoder, or its generator.

    Raises:
        RunError: if it is missing or damaged.
    """
    return _decoder(run, _stamp(run, run.sampler()))


def test_codes(run: Run) -> tuple[Floats, Floats]:
    """`z_mean` and `z_log_var` of all 10,000 test images, each (10000, latent_dim)."""
    return _test_codes(run, _stamp(run, "encoder.tflite"))


def _stamp(run: Run, name: str) -> int:
    """When the file was written, so that a replaced file is loaded again."""
    try:
        return run.exported(name).stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=16)
def _decoder(run: Run, stamp: int) -> Decoder:
    return Decoder(run)


@functools.lru_cache(maxsize=8)
def _encoder(run: Run, stamp: int) -> Encoder:
    return Encoder(run)


@functools.lru_cache(maxsize=8)
def _test_codes(run: Run, stamp: int) -> tuple[Floats, Floats]:
    data, model = run.config().source.load(), _encoder(run, stamp)
    return model.encode(data.test_images, data.test_labels if model.conditional else None)
