"""How much memory a training will need, from its config alone: measured by `benchmarks/memory_estimate.py`."""

from __future__ import annotations

import functools

from genmod import kinds
from genmod.kinds import Config, Layer
from genmod.kinds.layers import KERNEL

BASE = 1_150_000_000  # bytes: TensorFlow, the compiler, MNIST and the export, whatever is trained
NUMBER = 4  # bytes of a float32
COPIES = 12  # of each weight: itself, its gradient, two of the optimizer, an average, those for saving and export
KEPT = 3.0  # times each layer's values: before and after its activation, and on the way back
KEPT_CONVOLUTION = 4.0  # the same of a convolution, which also rearranges its pictures
KEPT_WINDOWS = 1.5  # times the rows that windows of a picture are laid out in, which lie over each other
EVALUATED = 2500  # held-out images at once


@functools.lru_cache(maxsize=1024)
def needed(config: Config) -> int:
    """Bytes that the process of a training takes at its peak, rather too many than too few."""
    weights = kinds.parameters(config) * COPIES * NUMBER
    batch = min(config.batch_size, config.images)
    training = batch * _values(config) * NUMBER
    evaluating = EVALUATED * _values(config) * NUMBER / KEPT if kinds.of(config).held_out else 0.0
    return int(BASE + weights + max(training, evaluating))


def _values(config: Config) -> float:
    """How many numbers one image of a batch keeps alive in a training step."""
    kind = kinds.of(config)
    passes = kind.passes(config)
    layers = kind.layers(config)
    kept = sum(passes[layer.network] * _kept(layer) * layer.units for layer in layers)
    if kind.lays_out_windows:
        kept += sum(passes[layer.network] * KEPT_WINDOWS * _windows(layer) for layer in layers)
    return kept + (2 * config.source.pixels if kind.held_out else 0)


def _kept(layer: Layer) -> float:
    return KEPT_CONVOLUTION if "convolution" in layer.operation else KEPT


def _windows(layer: Layer) -> int:
    """How many numbers a convolution has when the windows it looks at are laid out in rows."""
    if "convolution" not in layer.operation:
        return 0
    height, width, _ = layer.shape
    if layer.operation == "convolution":
        return KERNEL * KERNEL * layer.inputs * height * width
    reach = KERNEL // layer.stride
    return reach * reach * layer.inputs * (height // layer.stride + 1) * (width // layer.stride + 1)
