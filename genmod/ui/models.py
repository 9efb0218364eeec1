"""The exported models of runs, loaded once per process and shared by all visitors."""

from __future__ import annotations

from genmod.datasets import Floats
from genmod.inference import DISCRIMINATOR, ENCODER, Discriminator, Encoder, Sampler, planes
from genmod.inference.planes import Plane
from genmod.runs import Run
from genmod.system.file_cache import FileCache

# Plain caches of the process, not Streamlit's: any client can clear those for everybody.
_samplers: FileCache[Sampler] = FileCache(16)
_encoders: FileCache[Encoder] = FileCache(8)
_discriminators: FileCache[Discriminator] = FileCache(8)
_generator_planes: FileCache[Plane] = FileCache(8)
_test_codes: FileCache[tuple[Floats, Floats]] = FileCache(8)


def sampler(run: Run) -> Sampler:
    """What draws the run's images: a decoder or a generator.

    Raises:
        RunError: if it is missing or damaged.
    """
    # A network that is taken over as it is stays the same file when the other one is trained anew.
    own = run.kind().velocity or run.kind().sampler
    return _samplers.get(str(run.exported(f"{own}.tflite")), lambda _: Sampler(run))


def test_codes(run: Run) -> tuple[Floats, Floats]:
    """`z_mean` and `z_log_var` of all test images, each (n, latent_dim).

    Raises:
        RunError: if the encoder is missing or damaged.
    """
    return _test_codes.get(str(run.exported(ENCODER)), lambda _: _encoded(run))


def encoder(run: Run) -> Encoder:
    """What gives the run's codes.

    Raises:
        RunError: if it is missing or damaged.
    """
    return _encoders.get(str(run.exported(ENCODER)), lambda _: Encoder(run))


def discriminator(run: Run) -> Discriminator:
    """What judges images for the run.

    Raises:
        RunError: if it is missing or damaged.
    """
    return _discriminators.get(str(run.exported(DISCRIMINATOR)), lambda _: Discriminator(run))


def generator_plane(run: Run) -> Plane:
    """The two directions along which the run's images change most.

    Raises:
        RunError: if what draws them is missing or damaged.
    """
    drawn = sampler(run)

    def found(_: str) -> Plane:
        return planes.of_generator(lambda latents: drawn.decode(latents), drawn.latent_dim)

    return _generator_planes.get(str(run.exported(run.sampler())), found)


def _encoded(run: Run) -> tuple[Floats, Floats]:
    data, model = run.config().source.load(), encoder(run)
    return model.encode(data.test_images, data.test_labels if model.conditional else None)
