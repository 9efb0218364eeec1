"""The layers of a network as plain data: what is drawn on the page, counted, and built in Keras."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

KERNEL = 4  # pixels along each side that a convolution looks at; a multiple of every stride
WORDS = {"relu": "ReLU", "gelu": "GELU", "leaky_relu": "leaky ReLU", "sigmoid": "sigmoid"}

Operation = Literal["input", "dense", "convolution", "transposed convolution", "fixed"]


@dataclass(frozen=True)
class Layer:
    """One layer: enough to draw it, to count its weights and to build it.

    Attributes:
        network: the network it belongs to, such as "encoder".
        name: as in the Keras model.
        operation: how its values come from those before it; a fixed one learns nothing.
        shape: of what comes out of it for one image: (units,) or (height, width, channels).
        inputs: how many values (dense) or channels (convolutions) go in; 0 for an input.
        activation: what happens to each value, such as "relu"; empty if nothing does.
        stride: of a convolution; a transposed one enlarges by it.
        normalised: how many means and variances batch normalisation keeps after it; 0 without. Fewer than it has
            values means one for each channel.
        dropout: the share of its values that training switches off at random.
        bias: whether a constant is added to each output.
        beside: whether it stands beside the layer before it rather than after it.
        with_latents: whether it also takes what its network begins with; counted in `inputs`.
        says: what it does in two or three words, where its operation does not tell.
    """

    network: str
    name: str
    operation: Operation
    shape: tuple[int, ...]
    inputs: int = 0
    activation: str = ""
    stride: int = 1
    normalised: int = 0
    dropout: float = 0.0
    bias: bool = True
    beside: bool = False
    with_latents: bool = False
    says: str = ""

    @property
    def units(self) -> int:
        """How many numbers come out of it."""
        return math.prod(self.shape)

    @property
    def parameters(self) -> int:
        """How many weights it learns, those of batch normalisation included: a scale and a shift for each channel."""
        if self.operation in ("input", "fixed"):
            return 0
        taps, outputs = (1, self.units) if self.operation == "dense" else (KERNEL * KERNEL, self.shape[-1])
        return (taps * self.inputs + self.bias) * outputs + 2 * self.normalised

    @property
    def does(self) -> str:
        """What it does, in two or three words."""
        if self.says:
            return self.says
        words = ["dense" if self.operation == "dense" else "convolution"]
        if self.activation:
            words.append(WORDS[self.activation])
        if len(self.shape) == 3:
            words.append(f"{self.shape[0]} x {self.shape[1]}")
        return ", ".join(words)


def images(network: str, shape: tuple[int, int, int]) -> Layer:
    """The images that a network looks at."""
    return Layer(network, "images", "input", shape, says=f"{shape[0]} x {shape[1]} pixels")


def latents(network: str, size: int, says: str) -> Layer:
    """The latents that a network draws from."""
    return Layer(network, "latents", "input", (size,), says=says)


def classes(network: str, count: int, noun: str) -> Layer:
    """The class that a network is told, beside the input it belongs to; `noun` is what an image shows."""
    return Layer(network, "classes", "input", (count,), beside=True, says=f"which {noun}")


def dense(network: str, name: str, inputs: int, units: int, activation: str = "") -> Layer:
    """A dense layer."""
    return Layer(network, name, "dense", (units,), inputs, activation)


def beside(layer: Layer) -> Layer:
    """The same layer, beside the one before it."""
    return replace(layer, beside=True)


def with_latents(layer: Layer, latent_dim: int) -> Layer:
    """The same dense layer, which also takes the latents."""
    return replace(layer, inputs=layer.inputs + latent_dim, with_latents=True)


def dense_row(
    network: str,
    inputs: int,
    units: Sequence[int],
    activation: str,
    dropout: float = 0.0,
    normalised: bool = False,
    first: int = 1,
) -> list[Layer]:
    """Hidden dense layers one after another, numbered from `first` on."""
    return [
        replace(
            dense(network, f"hidden_{number}", before, after, activation),
            dropout=dropout,
            normalised=after if normalised else 0,
        )
        for number, (before, after) in enumerate(itertools.pairwise((inputs, *units)), first)
    ]


def of_network(found: Sequence[Layer], network: str) -> list[Layer]:
    """The layers of one network, in order."""
    return [layer for layer in found if layer.network == network]
