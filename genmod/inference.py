"""Running exported models with LiteRT: decode, encode, judge. No TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from genmod.datasets import CLASSES, Images, to_float
from genmod.errors import RunError
from genmod.runs import Run

Floats = npt.NDArray[np.float32]
Classes = npt.NDArray[np.integer]  # digits from 0 to 9
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
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._batch = 0

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch."""
        return tuple(int(size) for size in self._inputs[0]["shape"][1:])

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
    try:
        content = run.read_export(name)
    except OSError:
        raise RunError(f"The run {run.id} has no {name}; train it again.") from None
    return Model(run.file(name), threads, content)


class Decoder:
    """Latent vectors to images: the decoder of an autoencoder, or the generator of a GAN."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        generator = run.exported("generator.tflite").is_file()
        self._model = _exported(run, "generator.tflite" if generator else "decoder.tflite", threads)

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
        self._model = _exported(run, "encoder.tflite", threads)

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
        self._model = _exported(run, "discriminator.tflite", threads)

    def judge(self, images: Images, classes: Classes | None = None) -> Floats:
        """The probability that each of uint8 images (n, 28, 28) is real, shape (n,).

        Args:
            classes: for a conditional model the digit that each image is said to show, shape (n,).
        """
        return self._model(to_float(images), classes)[0][:, 0]
