"""One exported network in LiteRT's format, safe to run from several threads."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from genmod.datasets import Floats, Labels
from genmod.errors import RunError

NO_CLASS = -1  # instead of a class's number: the model is told none
UNASKED = "classes go with a model trained by class, and with no other"
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
    def classes(self) -> int:
        """How many classes it knows; 0 if it was not trained by class."""
        return math.prod(self.class_shape or (0,))

    @property
    def conditional(self) -> bool:
        """Whether it also wants classes."""
        return len(self._inputs) > 1

    def __call__(self, inputs: Floats, labels: Labels | None = None) -> list[Floats]:
        """Run the model on inputs (n, ...), with the numbers of their classes (n,) if it wants them.

        Returns:
            What comes out, (n, ...) each.
        """
        if not len(inputs):
            raise ValueError("a model needs at least one input")
        if self.conditional != (labels is not None):
            raise ValueError(UNASKED)
        given = [inputs] if labels is None else [inputs, self._one_hot(labels)]
        with self._lock:
            parts = [
                self._run([part[first : first + BATCH] for part in given]) for first in range(0, len(inputs), BATCH)
            ]
        return [np.concatenate(outputs) for outputs in zip(*parts, strict=True)]

    def _one_hot(self, labels: Labels) -> Floats:
        if labels.min() < NO_CLASS or labels.max() >= self.classes:
            raise ValueError(
                f"labels go from {labels.min()} to {labels.max()}; this model's from 0 to {self.classes - 1}"
            )
        # The last row, which is all zeros, is that of no class.
        return np.eye(self.classes + 1, self.classes, dtype=np.float32)[labels]

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
