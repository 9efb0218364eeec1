"""Running exported models with LiteRT: decode, encode, judge. No TensorFlow."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from genmod.datasets import CLASSES, DATASETS, Images, to_float
from genmod.errors import RunError
from genmod.runs import Run, checksums

Floats = npt.NDArray[np.float32]
Classes = npt.NDArray[np.integer]  # digits from 0 to 9
DECODER, GENERATOR = "decoder.tflite", "generator.tflite"
ENCODER, DISCRIMINATOR = "encoder.tflite", "discriminator.tflite"
BATCH = 500  # images per call: large enough to be fast, small enough to stay small


class Model:
    """One `.tflite` file, safe to use from several threads."""

    def __init__(self, path: Path, threads: int = 1, content: bytes | None = None) -> None:
        """Load the file.

        Args:
            content: of the file, if it has been read already.

        Raises:
            RunError: if it is missing or is not a LiteRT model.
        """
        self._lock = threading.Lock()
        try:
            # From bytes, not from the path: the file may be replaced while it is in use.
            self._interpreter = Interpreter(
                model_content=path.read_bytes() if content is None else content, num_threads=threads
            )
            # Once with no input to speak of: damage shows now, and not when the model is used.
            self._interpreter.allocate_tensors()
            self._interpreter.invoke()
        except OSError:
            raise RunError(f"The run {path.parent.name} has no {path.name}; train it again.") from None
        except (ValueError, RuntimeError):
            raise RunError(f"The file {path.name} of run {path.parent.name} is damaged; train it again.") from None
        # By name, not by place: the converter may have changed the order.
        self._inputs = sorted(self._interpreter.get_input_details(), key=lambda detail: "classes" in detail["name"])
        outputs = self._interpreter.get_output_details()
        self._outputs = [detail["index"] for detail in outputs]
        self.output_shapes = [tuple(int(size) for size in detail["shape"][1:]) for detail in outputs]
        self._batch = 0

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch."""
        return tuple(int(size) for size in self._inputs[0]["shape"][1:])

    @property
    def class_shape(self) -> tuple[int, ...] | None:
        """The shape of one class that it wants, without the batch; None if it wants none."""
        return tuple(int(size) for size in self._inputs[1]["shape"][1:]) if self.conditional else None

    @property
    def conditional(self) -> bool:
        """Whether it also wants classes."""
        return len(self._inputs) > 1

    def __call__(self, inputs: Floats, classes: Classes | None = None) -> list[Floats]:
        """Run the model on inputs (n, ...), with classes 0 to 9 (n,) if it wants them; outputs are (n, ...) each."""
        if not len(inputs):
            raise ValueError("a model needs at least one input")
        if self.conditional != (classes is not None):
            raise ValueError("classes go with a model trained by class, and with no other")
        given = [inputs] if classes is None else [inputs, np.eye(CLASSES, dtype=np.float32)[classes]]
        with self._lock:
            parts = [
                self._run([part[first : first + BATCH] for part in given]) for first in range(0, len(inputs), BATCH)
            ]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _run(self, given: Sequence[Floats]) -> list[Floats]:
        if len(given[0]) != self._batch:
            for detail, values in zip(self._inputs, given, strict=True):
                self._interpreter.resize_tensor_input(detail["index"], values.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(given[0])
        for detail, values in zip(self._inputs, given, strict=True):
            self._interpreter.set_tensor(detail["index"], np.ascontiguousarray(values, np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


def _exported(run: Run, name: str, threads: int) -> Model:
    """An exported model whose checksum holds and which belongs to the run's settings."""
    model = Model(run.file(name), threads, checksums.verified(run, name))
    check(model, name, run)
    return model


def check(model: Model, name: str, run: Run | None = None) -> None:
    """See to it that a model has the inputs and outputs that its file's name promises.

    Args:
        run: the run it belongs to, whose settings it must fit as well.

    Raises:
        RunError: if it has others.
    """
    sources = list(DATASETS.values()) if run is None or not _has_config(run) else [run.config().source]
    shapes = [source.image_shape for source in sources]
    counts = [(source.classes,) for source in sources]
    decodes, judges = name in (DECODER, GENERATOR), name == DISCRIMINATOR
    latents = [model.input_shape] if decodes else [(1,)] if judges else model.output_shapes
    if (
        (decodes and (len(model.output_shapes) != 1 or model.output_shapes[0] not in shapes))
        or (not decodes and model.input_shape not in shapes)
        or (judges and model.output_shapes != [(1,)])
        or not 1 <= len(latents) <= 2
        or any(len(shape) != 1 or shape != latents[0] for shape in latents)
        or model.class_shape not in (None, *counts)
    ):
        raise RunError(f"The file {name} does not hold such a network; train the run again.")
    if run is None or not _has_config(run):
        return
    config = run.config()
    latent_dim = config.values["latent_dim"]
    fits = judges or latents[0] == (latent_dim,)
    if not fits or model.conditional != config.conditional:
        raise RunError(
            f"The file {name} of run {run.id} does not fit its settings, which say latent_dim {latent_dim} and "
            f"{'' if config.conditional else 'not '}by class; it may be of another run: restore it or train it again."
        )


def _has_config(run: Run) -> bool:
    return os.path.lexists(run.file("config.json"))


class Decoder:
    """Latent vectors to images: the decoder of an autoencoder, or the generator of a GAN."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = _exported(run, run.sampler(), threads)

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._model.input_shape[0]

    @property
    def conditional(self) -> bool:
        """Whether it is told which digit to draw."""
        return self._model.conditional

    def decode(self, latents: Floats, classes: Classes | None = None) -> Floats:
        """Pixels in [0, 1], shape (n, 28, 28), of latents (n, latent_dim).

        Args:
            classes: for a conditional model the digit to draw from each, shape (n,); if not given they take
                turns from 0 to 9.
        """
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"latents have shape {latents.shape}; expected was (n, {self.latent_dim})")
        if self.conditional and classes is None:
            classes = turns(len(latents))
        return self._model(latents, classes)[0][..., 0]


def turns(count: int) -> Classes:
    """The classes 0 to 9 again and again, shape (count,)."""
    return np.arange(count, dtype=np.int64) % CLASSES


class Encoder:
    """Images to the mean and log-variance of their latent vectors."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = _exported(run, ENCODER, threads)

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._model.output_shapes[0][0]

    @property
    def conditional(self) -> bool:
        """Whether it is told which digit each image shows."""
        return self._model.conditional

    def encode(self, images: Images, classes: Classes | None = None) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, each (n, latent_dim), of uint8 images (n, 28, 28).

        A plain autoencoder's code is a point: its `z_log_var` is minus infinity everywhere.

        Args:
            classes: for a conditional model the digit that each image shows, shape (n,).
        """
        # Scaled batch by batch: all test images at once would be 31 MB of floats.
        parts = [
            self._model(
                to_float(images[first : first + BATCH]), None if classes is None else classes[first : first + BATCH]
            )
            for first in range(0, len(images), BATCH)
        ]
        z_mean, *rest = (np.concatenate(outputs) for outputs in zip(*parts, strict=True))
        return z_mean, rest[0] if rest else np.full_like(z_mean, -np.inf)


class Discriminator:
    """Images to the probability that they are real."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = _exported(run, DISCRIMINATOR, threads)

    def judge(self, images: Images, classes: Classes | None = None) -> Floats:
        """The probability that each of uint8 images (n, 28, 28) is real, shape (n,).

        Args:
            classes: for a conditional model the digit that each image is said to show, shape (n,).
        """
        return self._model(to_float(images), classes)[0][:, 0]
