"""Making a finished run small enough to ship: weights in less than half precision, and a compressed Keras model."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np

from genmod import kinds
from genmod.inference import ENCODER
from genmod.models import registry
from genmod.models.registry import load_keras
from genmod.quality import likelihood
from genmod.runs import Run, checksums
from genmod.system import files
from genmod.training.export import write_litert

BITS = 9  # a weight is then off by at most 0.2 %, and the Keras model compresses far better than with the full 11
SAME = 5e-5  # of the held-out loss: what half precision may change; together with Keras' own it stays below 1e-4
LARGE = 30_000  # weights in one layer


def shrink(run: Path, target: Path, with_keras: bool = True) -> None:
    """Write the models of the run in folder `run` to `target` in about 3.6 bytes a parameter, all files together.

    The weights are rounded first, so that the LiteRT models and the Keras model stay the same.

    Args:
        run: holds the exported models and `config.json`.
        target: holds `config.json`.
        with_keras: False leaves out what only somebody wants who works on with the model: what judges its images, and
            the Keras model. Without that there is nothing to compress, and the weights keep half precision, or where
            that would change a held-out loss all of it.
    """
    model = load_keras(run / "model.keras")
    config = Run(run).config()
    model = registry.simplified(config, model)
    if with_keras:
        round_weights(model)
    kind = kinds.of(config)
    wanted = [
        name for name in kind.networks if with_keras or name in (*kind.draws_with, ENCODER.removesuffix(".tflite"))
    ]
    own = [name for name in wanted if name not in kind.borrowed]
    for name in (f"{name}.tflite" for name in wanted if name not in own):  # as it stands beside it, byte for byte
        files.write_bytes(target / name, checksums.verified(Run(run), name))
    for name in own:
        write_litert(model.get_layer(name), target / f"{name}.tflite", kind.networks[name], half=with_keras)
    if not with_keras:
        for name in own:
            _halve(model.get_layer(name), name, kind.networks[name], Run(run), Run(target))
    if with_keras:
        with files.replacing(target / "model.keras") as temporary:
            model.save(temporary)
            temporary.write_bytes(compressed(temporary))
    checksums.write(target)


def _halve(part: keras.Model, name: str, outputs: Sequence[str], exact: Run, target: Run) -> None:
    """Keep one network of `target` in half precision, if the losses on held-out images stay what they are."""
    path = target.file(f"{name}.tflite")
    full = path.read_bytes()
    write_litert(part, path, outputs, half=True)
    checksums.write(target.path)
    # A collapsed decoder draws one picture for all: there what rounding changes does not average out.
    if kinds.of(exact.config()).encodes and not _same_losses(exact, target):
        path.write_bytes(full)


def _same_losses(exact: Run, rounded: Run) -> bool:
    """Whether half precision has changed each held-out loss by no more than `SAME` of the whole."""
    before, after = likelihood.evaluate(exact), likelihood.evaluate(rounded)
    return all(abs(after[name] - value) <= SAME * before["test_loss"] for name, value in before.items())


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
