"""The layers of a model, computed from its config alone: no Keras needed to draw or count them."""

from __future__ import annotations

from dataclasses import dataclass

from genmod.config import PIXELS, Config, VAEConfig
from genmod.errors import ConfigError


@dataclass(frozen=True)
class Layer:
    """One layer as a person reads it.

    Attributes:
        part: the network it belongs to, "encoder" or "decoder".
        name: as in the Keras model.
        does: what it does, in two or three words.
        units: how many numbers come out of it.
        parameters: how many weights it learns.
    """

    part: str
    name: str
    does: str
    units: int
    parameters: int


def layers(config: Config) -> list[Layer]:
    """All layers from the image to the remade image."""
    if not isinstance(config, VAEConfig):
        raise ConfigError(f"There is no drawing for the kind {config.kind!r}.")
    found = [Layer("encoder", "images", "28 x 28 pixels", PIXELS, 0)]
    width = PIXELS
    for number, units in enumerate(config.hidden_units, 1):
        found.append(_dense("encoder", f"hidden_{number}", "dense, ReLU", width, units))
        width = units
    found.append(_dense("encoder", "z_mean", "dense", width, config.latent_dim))
    found.append(_dense("encoder", "z_log_var", "dense", width, config.latent_dim))
    found.append(Layer("decoder", "latents", "one random draw", config.latent_dim, 0))
    width = config.latent_dim
    for number, units in enumerate(reversed(config.hidden_units), 1):
        found.append(_dense("decoder", f"hidden_{number}", "dense, ReLU", width, units))
        width = units
    found.append(_dense("decoder", "logits", "dense, sigmoid", width, PIXELS))
    return found


def parameters(config: Config) -> int:
    """How many weights the whole model learns."""
    return sum(layer.parameters for layer in layers(config))


def _dense(part: str, name: str, does: str, inputs: int, units: int) -> Layer:
    return Layer(part, name, does, units, (inputs + 1) * units)
