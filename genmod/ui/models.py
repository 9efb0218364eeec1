"""The exported models of runs, loaded once per process and shared by all visitors."""

from __future__ import annotations

import functools

from genmod.datasets import Floats
from genmod.inference import Encoder, Sampler
from genmod.runs import Run

# Plain caches of the process, not Streamlit's: any client can clear those for everybody.


def sampler(run: Run) -> Sampler:
    """What draws the run's images: a decoder or a generator.

    Raises:
        RunError: if it is missing or damaged.
    """
    return _sampler(run, _stamp(run, run.sampler()))


def test_codes(run: Run) -> tuple[Floats, Floats]:
    """`z_mean` and `z_log_var` of all test images, each (n, latent_dim)."""
    return _test_codes(run, _stamp(run, "encoder.tflite"))


def _stamp(run: Run, name: str) -> int:
    """When the file was written, so that a replaced file is loaded again."""
    try:
        return run.exported(name).stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=16)
def _sampler(run: Run, stamp: int) -> Sampler:
    return Sampler(run)


@functools.lru_cache(maxsize=8)
def _encoder(run: Run, stamp: int) -> Encoder:
    return Encoder(run)


@functools.lru_cache(maxsize=8)
def _test_codes(run: Run, stamp: int) -> tuple[Floats, Floats]:
    data, model = run.config().source.load(), _encoder(run, stamp)
    return model.encode(data.test_images, data.test_labels if model.conditional else None)
