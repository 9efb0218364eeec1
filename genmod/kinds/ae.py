"""The plain autoencoder: an encoder and a decoder that learn only to rebuild images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from genmod.kinds import layers as parts
from genmod.kinds.config import Config
from genmod.kinds.kind import NATS, Kind, Moment, Number, Plot, Preset, Prior, Row, Scale, told, training_and_held_out
from genmod.kinds.layers import Layer
from genmod.kinds.setting import setting

ENCODER, DECODER = "encoder", "decoder"
DENSE, CONVOLUTIONAL = "dense", "conv"
MIRRORED, OWN = "mirrored", "own"
STRIDE = 2  # of each convolution: it halves the picture, and its counterpart doubles it


def architecture_setting() -> Any:
    """What an autoencoder is made of."""
    return setting(
        DENSE, "Layers",
        "Dense layers join every pixel with every unit. Convolutions look at neighbouring pixels together: fewer "
        "weights and sharper images, slower training.",
        "architecture", choices=(DENSE, CONVOLUTIONAL), since=5,
    )  # fmt: skip


def filters_setting() -> Any:
    """The convolutions of an encoder, which its decoder mirrors."""
    return setting(
        (16, 32), "Filters",
        "How many patterns each convolution of the encoder looks for, separated by commas; each halves the picture. "
        "The hidden layers come after them, and the decoder mirrors both.",
        "architecture", low=2, high=128, longest=2, since=5, only_with=("architecture", (CONVOLUTIONAL,)),
    )  # fmt: skip


def latent_dim_setting() -> Any:
    """How many numbers an autoencoder squeezes an image into."""
    return setting(
        4, "Latent size",
        "How many numbers describe an image. 2 can be drawn as a map, 16 keep far more detail.",
        "architecture", low=1, high=32, first=2,
    )  # fmt: skip


def hidden_units_setting() -> Any:
    """The hidden layers of an encoder, which its decoder mirrors."""
    return setting(
        (128,), "Hidden layers",
        "The width of each hidden layer of the encoder, separated by commas. The decoder mirrors them.",
        "architecture", low=4, high=1024, longest=4,
    )  # fmt: skip


def decoder_layers_setting() -> Any:
    """Whether a decoder has the hidden layers of its encoder in reverse."""
    return setting(
        MIRRORED, "Decoder's layers",
        "Mirrored: the decoder's hidden layers are the encoder's in reverse. Own: they have widths of their own; to "
        "draw from few latent numbers takes more layers than to find them.",
        "architecture", choices=(MIRRORED, OWN), since=5,
    )  # fmt: skip


def decoder_units_setting() -> Any:
    """The hidden layers of a decoder that does not mirror its encoder."""
    return setting(
        (64, 128, 256, 256), "Decoder's widths",
        "The width of each dense hidden layer of the decoder, separated by commas, from the latent numbers on.",
        "architecture", low=4, high=1024, longest=6, since=5, only_with=("decoder_layers", (OWN,)),
    )  # fmt: skip


def latent_skips_setting() -> Any:
    """Whether the latents reach every hidden layer of a decoder."""
    return setting(
        False, "Latents to every layer",
        "Give the latent numbers to every dense hidden layer of the decoder, not to the first alone. Deep decoders "
        "learn faster with it.",
        "architecture", since=5,
    )  # fmt: skip


def activation_setting() -> Any:
    """What the hidden layers do with their sums."""
    return setting(
        "relu", "Activation",
        "What each hidden layer does with its sums: ReLU cuts off what is negative, GELU does so smoothly.",
        "architecture", choices=("relu", "gelu"), since=2,
    )  # fmt: skip


@dataclass(frozen=True)
class AEConfig(Config):
    """A plain autoencoder: the VAE's net without the random draw (Hinton and Salakhutdinov 2006)."""

    kind: ClassVar[str] = "ae"

    architecture: str = architecture_setting()
    latent_dim: int = latent_dim_setting()
    filters: tuple[int, ...] = filters_setting()
    hidden_units: tuple[int, ...] = hidden_units_setting()
    decoder_layers: str = decoder_layers_setting()
    decoder_units: tuple[int, ...] = decoder_units_setting()
    latent_skips: bool = latent_skips_setting()
    activation: str = activation_setting()


class Autoencoder(Kind[AEConfig]):
    """What the project knows of plain autoencoders."""

    name = "ae"
    title = "Autoencoder"
    help = "a plain autoencoder, learns only to rebuild images"
    config = AEConfig
    recipe = 1
    model = "genmod.models.autoencoder:build"
    networks: ClassVar[Mapping[str, tuple[str, ...]]] = {ENCODER: ("z_mean",), DECODER: ("images",)}
    numbers: ClassVar[Mapping[str, Number]] = {"reconstruction_loss": Number("Reconstruction", "{:.1f} nats")}
    loss_parts = ("reconstruction_loss",)
    live = ("reconstruction_loss",)  # the loss is the same number
    presets = (
        Preset(
            AEConfig(preset="article"),
            "The article's starting point: the VAE's net without the random draw. Sharp, but its latent space has "
            "holes.",
        ),
    )

    def layers(self, config: AEConfig) -> list[Layer]:
        """Encoder and decoder."""
        return [*encoder(config, ("z_mean",)), *decoder(config, "the code itself")]

    def story(self, config: AEConfig) -> str:
        """What happens from the first layer to the last, in a sentence."""
        return (
            f"the encoder{looks(config)} squeezes an image into {config.latent_dim} latent numbers, and the decoder "
            "draws the image again."
        )

    def plots(self, config: AEConfig) -> list[Plot]:
        """Its one loss."""
        return [rebuilding()]

    def summary(self, config: AEConfig, last: Row) -> str:
        """The held-out loss."""
        return (
            f"After epoch {last['epoch']:.0f}, on the {config.source.test_images:,} test images: reconstruction "
            f"{last['val_reconstruction_loss']:.1f} nats per image."
        )

    def moments(self, config: AEConfig, facts: Mapping[str, Any]) -> list[Moment]:
        """One image, its code, and its loss."""
        try:
            code, (loss,) = told(facts, "latents"), told(facts, "reconstruction_loss")
        except (KeyError, ValueError):
            return []
        return [
            Moment(
                "The encoder looks at one image of the batch",
                "It squeezes the image into these latent numbers, its code.",
                {"latent": code},
            ),
            Moment("The decoder draws", "From the code it draws the image on the right."),
            Moment(
                "One loss",
                f"Reconstruction, {loss:.1f} nats, says how far the right image is from the left one. A step lowers "
                "its mean over the batch.",
            ),
        ]

    def brief(self, metrics: Row) -> str:
        """Its loss."""
        return f"loss {metrics['loss']:.1f} nats"

    def remark_on_samples(self, source: Prior) -> str:
        """Why its samples are poor, or when they are better."""
        return {
            "normal": "A plain autoencoder was never asked to put its codes anywhere in particular. Latents from the "
            "standard normal distribution mostly miss them and meet holes.",
            "fitted": "One normal distribution with the mean and the covariance of the codes comes nearer to them than "
            "the standard one, but the codes do not fill it: there are holes in it, too.",
            "mixture": "Ten normal distributions that together lie where the codes of training images are. They follow "
            "the codes more closely than one does, and fewer latents meet holes.",
            "codes": "Nothing new is made here: each latent is the code of one training image, which the decoder "
            "rebuilds. No other latents can be expected to do better with this decoder: what is still wrong is its "
            "blur.",
        }[source]


def rebuilding() -> Plot:
    """The chart of the reconstruction loss, which all autoencoders have."""
    return Plot(
        "Reconstruction", NATS, training_and_held_out(("reconstruction_loss",)),
        scale=Scale("test_reconstruction_loss", ("val_reconstruction_loss",)),
    )  # fmt: skip


# The layers that all autoencoders share


def encoder(config: Any, heads: tuple[str, ...]) -> list[Layer]:
    """From the image to the dense heads that say what its code is; the heads stand one above the other."""
    source = config.source
    convolutions = _convolutions(config)
    width = (convolutions[-1].units if convolutions else source.pixels) + told_classes(config)
    found = [parts.images(ENCODER, source.image_shape), *_classes(config, ENCODER), *convolutions]
    found += parts.dense_row(ENCODER, width, config.hidden_units, config.activation, first=len(convolutions) + 1)
    first, *others = (parts.dense(ENCODER, head, config.hidden_units[-1], config.latent_dim) for head in heads)
    return [*found, first, *(parts.beside(head) for head in others)]


def decoder(config: Any, says: str) -> list[Layer]:
    """From the latents back to the image, through the encoder's hidden layers in reverse if it has none of its own."""
    units = config.decoder_units if config.decoder_layers == OWN else config.hidden_units[::-1]
    first, *others = parts.dense_row(DECODER, config.latent_dim + told_classes(config), units, config.activation)
    if config.latent_skips:
        others = [parts.with_latents(layer, config.latent_dim) for layer in others]
    found = [parts.latents(DECODER, config.latent_dim, says), *_classes(config, DECODER), first, *others]
    if config.architecture == DENSE:
        return [*found, parts.dense(DECODER, "logits", units[-1], config.source.pixels, "sigmoid")]
    return [*found, *_enlargements(config, units[-1], len(units) + 1)]


def _convolutions(config: Any) -> list[Layer]:
    """The convolutions of an encoder, each of which halves the picture; none in a dense one."""
    if config.architecture == DENSE:
        return []
    (side, _, before), found = config.source.image_shape, []
    for number, filters in enumerate(config.filters, 1):
        side //= STRIDE
        name, shape = f"hidden_{number}", (side, side, filters)
        found.append(Layer(ENCODER, name, "convolution", shape, before, config.activation, STRIDE))
        before = filters
    return found


def _enlargements(config: Any, width: int, number: int) -> list[Layer]:
    """From the last dense hidden layer to the smallest picture of the encoder, and from there up to the image."""
    *earlier, smallest = _convolutions(config)
    found = [Layer(DECODER, f"hidden_{number}", "dense", smallest.shape, width, config.activation)]
    for layer in reversed(earlier):
        number += 1
        found.append(_enlargement(f"hidden_{number}", layer.shape, found[-1], config.activation))
    return [*found, _enlargement("logits", config.source.image_shape, found[-1], "sigmoid")]


def _enlargement(name: str, shape: tuple[int, ...], before: Layer, activation: str) -> Layer:
    return Layer(DECODER, name, "transposed convolution", shape, before.shape[-1], activation, STRIDE)


def looks(config: Any) -> str:
    """How its encoder looks at an image, to follow its name; empty if that needs no word."""
    return "" if config.architecture == DENSE else ", whose convolutions look at neighbouring pixels together,"


def told_classes(config: Config) -> int:
    """How many numbers a network is told about the class."""
    return config.source.classes if config.conditional else 0


def _classes(config: Config, network: str) -> list[Layer]:
    return [parts.classes(network, config.source.classes, config.source.noun)] if config.conditional else []
