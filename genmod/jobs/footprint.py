"""How much memory a training will need, from its config alone: measured by `benchmarks/memory_estimate.py`."""

from __future__ import annotations

import functools

from genmod import kinds
from genmod.kinds import Config, Layer

BASE = 1_150_000_000  # bytes: TensorFlow, the compiler, MNIST and the export, whatever is trained
NUMBER = 4  # bytes of a float32
COPIES = 12  # of each weight: itself, its gradient, two of the optimizer, an average, those for saving and export
KEPT = 3.0  # times each layer's values: before and after its activation, and on the way back
KEPT_CONVOLUTION = 7.0  # the same of a convolution, whose pictures are moved for each place in its windows
COMPILED = 250_000_000  # bytes that the compiler takes more for a step with convolutions
EVALUATED = 250  # held-out images at once: `HELD_OUT_BATCH` of the loop


@functools.lru_cache(maxsize=1024)
def needed(config: Config) -> int:
    """Bytes that the process of a training takes at its peak, rather too many than too few."""
    weights = kinds.parameters(config) * COPIES * NUMBER
    batch = min(config.batch_size, config.images)
    training = batch * _values(config) * NUMBER
    evaluating = EVALUATED * _values(config) * NUMBER / KEPT if kinds.of(config).held_out else 0.0
    compiling = COMPILED if any(map(_convolves, kinds.of(config).layers(config))) else 0
    return int(BASE + compiling + weights + max(training, evaluating))


def _values(config: Config) -> float:
    """How many numbers one image of a batch keeps alive in a training step."""
    kind = kinds.of(config)
    passes = kind.passes(config)
    kept = sum(passes[layer.network] * _kept(layer) * layer.units for layer in kind.layers(config))
    return kept + (2 * config.source.pixels if kind.held_out else 0)


def _kept(layer: Layer) -> float:
    return KEPT_CONVOLUTION if _convolves(layer) else KEPT


def _convolves(layer: Layer) -> bool:
    return "convolution" in layer.operation
