"""Making a finished run small enough to ship: weights in less than half precision, and a compressed Keras model."""

from __future__ import annotations

import zipfile
from pathlib import Path

import keras
import numpy as np

from genmod import kinds
from genmod.models import registry
from genmod.models.registry import load_keras
from genmod.runs import Run, checksums
from genmod.system import files
from genmod.training.export import write_litert

BITS = 9  # a weight is then off by at most 0.2 %, and the Keras model compresses far better than with the full 11
LARGE = 30_000  # weights in one layer


def shrink(run: Path, target: Path, replay: bool = False) -> None:
    """Write the models of the run in folder `run` to `target` in about 3.6 bytes a parameter, all files together.

    The weights are rounded first, so that the LiteRT models and the Keras model stay the same.

    Args:
        replay: leave out what only somebody wants who works on with the model: what judges its images, and the Keras
            model.
    """
    model = load_keras(run / "model.keras")
    config = Run(run).config()
    model = registry.simplified(config, model)
    round_weights(model)
    kind = kinds.of(config)
    for name, outputs in kind.networks.items():
        if replay and name not in (kind.sampler, "encoder"):
            continue
        write_litert(model.get_layer(name), target / f"{name}.tflite", outputs, half=True)
    if not replay:
        with files.replacing(target / "model.keras") as temporary:
            model.save(temporary)
            temporary.write_bytes(compressed(temporary))
    checksums.write(target)


def round_weights(model: keras.Model) -> None:
    """Round every weight to a number that half precision holds, those of large layers to `BITS` significant bits.

    The small layers, above all those next to a few latent numbers, cost little and matter most.
    """
    for weight in model.weights:
        value = np.asarray(weight)
        if value.dtype == np.float32:
            if value.size >= LARGE:
                mantissa, exponent = np.frexp(value)
                value = np.ldexp(np.round(np.ldexp(mantissa, BITS)), exponent - BITS)
            weight.assign(value.astype(np.float16).astype(np.float32))


def compressed(path: Path) -> bytes:
    """The content of a zip file, its members compressed by bzip2; Keras stores them as they are.

    On rounded weights that takes a fifth less than zip's usual deflate, and every Python can read it.
    """
    again = path.with_suffix(".again")
    try:
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_BZIP2) as new:
            for member in old.infolist():
                new.writestr(member.filename, old.read(member))
        return again.read_bytes()
    finally:
        again.unlink(missing_ok=True)
