"""The exported models of runs, loaded once per process and shared by all visitors."""

from __future__ import annotations

from genmod.datasets import Floats
from genmod.inference import ENCODER, Encoder, Sampler
from genmod.runs import Run
from genmod.system.file_cache import FileCache

# Plain caches of the process, not Streamlit's: any client can clear those for everybody.
_samplers: FileCache[Sampler] = FileCache(16)
_test_codes: FileCache[tuple[Floats, Floats]] = FileCache(8)


def sampler(run: Run) -> Sampler:
    """What draws the run's images: a decoder or a generator.

    Raises:
        RunError: if it is missing or damaged.
    """
    return _samplers.get(str(run.exported(run.sampler())), lambda _: Sampler(run))


def test_codes(run: Run) -> tuple[Floats, Floats]:
    """`z_mean` and `z_log_var` of all test images, each (n, latent_dim).

    Raises:
        RunError: if the encoder is missing or damaged.
    """
    return _test_codes.get(str(run.exported(ENCODER)), lambda _: _encoded(run))


def _encoded(run: Run) -> tuple[Floats, Floats]:
    data, model = run.config().source.load(), Encoder(run)
    return model.encode(data.test_images, data.test_labels if model.conditional else None)
