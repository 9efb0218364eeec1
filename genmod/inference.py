"""Running exported models with LiteRT: decode, encode. No TensorFlow."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import numpy.typing as npt
from ai_edge_litert.interpreter import Interpreter

from genmod.datasets import Images, to_float
from genmod.errors import RunError
from genmod.runs import Run

Floats = npt.NDArray[np.float32]
BATCH = 500  # images per call: large enough to be fast, small enough to stay small


class Model:
    """One `.tflite` file, safe to use from several threads."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        """Load the file.

        Raises:
            RunError: if it is missing or is not a LiteRT model.
        """
        self._lock = threading.Lock()
        try:
            # From bytes, not from the path: the file may be replaced while it is in use.
            self._interpreter = Interpreter(model_content=path.read_bytes(), num_threads=threads)
            # Once with no input to speak of: damage shows now, and not when the model is used.
            self._interpreter.allocate_tensors()
            self._interpreter.invoke()
        except OSError:
            raise RunError(f"The run {path.parent.name} has no {path.name}; train it again.") from None
        except (ValueError, RuntimeError):
            raise RunError(f"The file {path.name} of run {path.parent.name} is damaged; train it again.") from None
        self._input = self._interpreter.get_input_details()[0]
        self._outputs = [detail["index"] for detail in self._interpreter.get_output_details()]
        self._batch = 0

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input, without the batch."""
        return tuple(int(size) for size in self._input["shape"][1:])

    def __call__(self, inputs: Floats) -> list[Floats]:
        """Run the model on inputs (n, ...); returns its outputs, each (n, ...)."""
        if not len(inputs):
            raise ValueError("a model needs at least one input")
        with self._lock:
            parts = [self._run(inputs[first : first + BATCH]) for first in range(0, len(inputs), BATCH)]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _run(self, inputs: Floats) -> list[Floats]:
        if len(inputs) != self._batch:
            self._interpreter.resize_tensor_input(self._input["index"], inputs.shape)
            self._interpreter.allocate_tensors()
            self._batch = len(inputs)
        self._interpreter.set_tensor(self._input["index"], np.ascontiguousarray(inputs, np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]


class Decoder:
    """Latent vectors to images."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = Model(run.file("decoder.tflite"), threads)

    @property
    def latent_dim(self) -> int:
        """The length of a latent vector."""
        return self._model.input_shape[0]

    def decode(self, latents: Floats) -> Floats:
        """Pixels in [0, 1], shape (n, 28, 28), of latents (n, latent_dim)."""
        if latents.ndim != 2 or latents.shape[1] != self.latent_dim:
            raise ValueError(f"latents have shape {latents.shape}; expected was (n, {self.latent_dim})")
        return self._model(latents)[0][..., 0]


class Encoder:
    """Images to the mean and log-variance of their latent vectors."""

    def __init__(self, run: Run, threads: int = 1) -> None:
        self._model = Model(run.file("encoder.tflite"), threads)

    def encode(self, images: Images) -> tuple[Floats, Floats]:
        """`z_mean` and `z_log_var`, each (n, latent_dim), of uint8 images (n, 28, 28)."""
        # Scaled batch by batch: all test images at once would be 31 MB of floats.
        parts = [self._model(to_float(images[first : first + BATCH])) for first in range(0, len(images), BATCH)]
        z_mean, z_log_var = (np.concatenate(outputs) for outputs in zip(*parts, strict=True))
        return z_mean, z_log_var
