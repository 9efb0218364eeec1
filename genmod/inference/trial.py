"""A process of its own that loads one model and runs it, and may crash of it."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from genmod import inference
from genmod.errors import RunError
from genmod.inference import BATCH, Model
from genmod.system import processes

MEMORY = 4_000_000_000  # bytes of address space
SECONDS = 40  # of the processor


def main() -> int:
    """Read the model's content from standard input; 0 if it does what a model of that name should."""
    processes.bound(MEMORY, SECONDS)
    name = sys.argv[1]
    try:
        model = Model(Path(name), content=sys.stdin.buffer.read())
        inference.check(model, name)
    except RunError:
        return 1
    return 0 if all(sound(model, name, count) for count in (1, BATCH, 7)) else 1


def sound(model: Model, name: str, count: int) -> bool:
    """Whether the model gives numbers for so many random inputs, and probabilities where it should."""
    rng = np.random.default_rng(count)
    inputs = rng.standard_normal((count, *model.input_shape)).astype(np.float32)
    if len(model.input_shape) > 1:
        inputs = np.clip(np.abs(inputs), 0.0, 1.0)
    outputs = model(inputs, inference.turns(count, model.classes) if model.conditional else None)
    if not all(len(output) == count and np.isfinite(output).all() for output in outputs):
        return False
    return name == inference.ENCODER or all(0.0 <= output.min() <= output.max() <= 1.0 for output in outputs)


if __name__ == "__main__":
    sys.exit(main())
