"""The variational autoencoder: codes that are distributions, kept near N(0, I)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from genmod.kinds import ae
from genmod.kinds.config import Config
from genmod.kinds.kind import (
    HELD_OUT,
    NATS,
    Diagnosis,
    Kind,
    Moment,
    Number,
    Plot,
    Preset,
    Prior,
    Row,
    Scale,
    told,
    training_and_held_out,
)
from genmod.kinds.layers import Layer
from genmod.kinds.setting import conditional_setting, setting

# In nats per image.
SILENT = 1.0  # KL divergence below which the codes say nothing
STEP_LOSSES = ("reconstruction_loss", "kl_loss", "beta")
CODE = ("z_mean", "sigma", "epsilon", "latents")  # of the facts of a step
LOOSE = 20.0  # KL divergence for each latent number beyond which random latents hardly ever meet a code


@dataclass(frozen=True)
class VAEConfig(Config):
    """A variational autoencoder, dense or convolutional (Kingma and Welling 2014, arXiv:1312.6114)."""

    kind: ClassVar[str] = "vae"
    adjustable: ClassVar[tuple[str, ...]] = ("learning_rate", "beta")

    architecture: str = ae.architecture_setting()
    latent_dim: int = ae.latent_dim_setting()
    filters: tuple[int, ...] = ae.filters_setting()
    hidden_units: tuple[int, ...] = ae.hidden_units_setting()
    decoder_layers: str = ae.decoder_layers_setting()
    decoder_units: tuple[int, ...] = ae.decoder_units_setting()
    latent_skips: bool = ae.latent_skips_setting()
    activation: str = ae.activation_setting()
    conditional: bool = conditional_setting()
    # The article's KL weight: mean binary cross-entropy over 784 pixels minus 1e-4 times the mean of
    # (1 + log_var - mean^2 - exp(log_var)) over 4 coordinates. Times 784, in nats per image, the factor
    # in front of KL = -1/2 sum(...) is 784 * 1e-4 * 2 / 4 = 0.0392.
    beta: float = setting(
        0.0392, "Beta",
        "The weight of the KL part of the loss. 1 is the evidence lower bound; near 0 the model becomes "
        "almost a plain autoencoder; large values make all images alike.",
        "training", low=0.0, high=100.0, first=3,
    )  # fmt: skip
    beta_warm_up: int = setting(
        0, "Beta's warm-up",
        "Over how many epochs beta grows from 0. Latent numbers that the KL part would switch off at the start get "
        "time to become useful.",
        "training", low=0, high=100, since=2,
    )  # fmt: skip
    weight_decay: float = setting(
        0.0, "Weight decay",
        "By which part of the learning rate each step draws all weights towards 0. A net that may not grow large "
        "weights learns fewer training images by heart.",
        "training", low=0.0, high=1.0, step=0.01, since=6,
    )  # fmt: skip
    binarise: bool = setting(
        False, "Black and white at random",
        "While it trains, show the encoder each pixel as black or white, drawn anew each time: the brighter the "
        "pixel, the likelier white. It cannot learn the images by heart.",
        "training", since=3,
    )  # fmt: skip


class VariationalAutoencoder(Kind[VAEConfig]):
    """What the project knows of variational autoencoders."""

    name = "vae"
    title = "Variational autoencoder"
    help = "a variational autoencoder, learns to rebuild images and to make new ones"
    config = VAEConfig
    recipe = 2
    model = "genmod.models.vae:build"
    networks: ClassVar[Mapping[str, tuple[str, ...]]] = {
        ae.ENCODER: ("z_mean", "z_log_var"),
        ae.DECODER: ("images",),
    }
    adds_noise = True
    loss_parts = ("reconstruction_loss", "kl_loss")
    numbers: ClassVar[Mapping[str, Number]] = {
        "loss": Number("Loss", "{:.1f} nats"),
        "reconstruction_loss": Number("Reconstruction", "{:.1f} nats"),
        "kl_loss": Number("KL divergence", "{:.1f} nats"),
    }
    presets = (
        Preset(
            VAEConfig(preset="article"),
            "A small net whose loss hardly weighs the KL part: sharp reconstructions, poor random samples.",
        ),
        Preset(
            VAEConfig(preset="elbo", beta=1.0),
            "The same small net with the full KL part (beta 1): its random samples look like digits.",
        ),
        Preset(
            VAEConfig(
                preset="map", latent_dim=2, hidden_units=(192, 96, 64), decoder_layers="own",
                decoder_units=(64, 128, 256, 256, 256), latent_skips=True, activation="gelu", binarise=True,
                weight_decay=0.02, beta=1.0, optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine",
                batch_size=200, epochs=190,
            ),
            "Two latent numbers and a deep decoder: the whole latent space can be drawn as a map.",
        ),
        Preset(
            VAEConfig(
                preset="best", architecture="conv", latent_dim=24, hidden_units=(128,), activation="gelu",
                binarise=True, beta=1.0, beta_warm_up=10, optimizer="adam", learning_rate=2e-3,
                learning_rate_schedule="cosine", batch_size=100, epochs=130,
            ),
            "Convolutions, twenty-four latent numbers and a long training: the closest to the images that a VAE here "
            "comes.",
        ),
        Preset(
            VAEConfig(
                preset="conv", architecture="conv", latent_dim=16, hidden_units=(128,), activation="gelu", beta=1.0,
                beta_warm_up=4, optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine", batch_size=100,
                epochs=20,
            ),
            "Convolutions look at neighbouring pixels together: sharp images in a few minutes.",
        ),
        Preset(
            VAEConfig(
                preset="conditional", latent_dim=5, hidden_units=(128, 64), activation="gelu", beta=1.0,
                conditional=True, optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine",
                batch_size=100, epochs=40,
            ),
            "The model is told the class of each image: ask for a digit and get it.",
        ),
        Preset(
            VAEConfig(
                preset="fashion-map", dataset="fashion-mnist", latent_dim=2, hidden_units=(192, 96, 64),
                activation="gelu", binarise=True, beta=1.0, optimizer="adam",
                learning_rate=7e-4,  # with more the loss jumps, or diverges: these images have more white in them
                learning_rate_schedule="cosine", batch_size=200, epochs=100,
            ),
            "The map of Fashion-MNIST: clothes, shoes and bags laid out by two latent numbers.",
        ),
        Preset(
            VAEConfig(preset="no-kl", beta=0.0, epochs=10),
            "On purpose bad: without the KL part nothing keeps the codes near the middle, so random latents meet "
            "holes.",
            fails_as="holes",
        ),
        Preset(
            VAEConfig(preset="kl-too-strong", beta=30.0, epochs=10),
            "On purpose bad: the KL part outweighs the images, the codes say nothing, and all digits come out alike "
            "(posterior collapse).",
            fails_as="posterior collapse",
        ),
    )  # fmt: skip

    def layers(self, config: VAEConfig) -> list[Layer]:
        """Encoder with two heads, and decoder."""
        return [*ae.encoder(config, ("z_mean", "z_log_var")), *ae.decoder(config, "one random draw")]

    def story(self, config: VAEConfig) -> str:
        """What happens from the first layer to the last, in a sentence."""
        told = f", told which {config.source.noun} it is," if config.conditional else ""
        return (
            f"the encoder{told or ae.looks(config)} squeezes an image into the mean and the log-variance of "
            f"{config.latent_dim} latent numbers; one random draw from them goes into the decoder, which{told} draws "
            "the image again."
        )

    def plots(self, config: VAEConfig) -> list[Plot]:
        """The loss as it is minimised, and its parts; a KL part of no weight only grows, and is none of the loss."""
        minimised = Plot(
            f"Loss: {_formula(config.beta)}", NATS,
            {HELD_OUT: ("val_reconstruction_loss", "val_kl_loss")},
            weights={"val_kl_loss": config.beta},
            stacked={
                "reconstruction": {"reconstruction_loss": 1.0},
                # Not beta times KL: in a warm-up, or when beta is changed, the weight is another at each step.
                "beta x KL": {"loss": 1.0, "reconstruction_loss": -1.0},
            },
            scale=Scale(
                "test_loss", ("val_reconstruction_loss", "val_kl_loss"), whole=True,
                note="" if config.beta == 1.0 else "At beta 1",
            ),
        )  # fmt: skip
        if config.beta == 0.0:
            return [ae.rebuilding()]
        divergence = Plot(
            "KL divergence", NATS, training_and_held_out(("kl_loss",)),
            remark="Neither end is good: 0 says nothing, much lies far from the prior",
            reason="It has no good end: at 0 the codes say nothing about the image, and the larger it is, the further "
            "they lie from where random latents are drawn.",
        )  # fmt: skip
        return [minimised, ae.rebuilding(), divergence]

    def summary(self, config: VAEConfig, last: Row) -> str:
        """The held-out loss as it is minimised, and apart from it the sum that runs of any beta are compared by."""
        reconstruction, kl = last["val_reconstruction_loss"], last["val_kl_loss"]
        compared = f"reconstruction {reconstruction:.1f} + KL {kl:.1f} = {last['val_loss']:.1f} nats per image"
        where = f"After epoch {last['epoch']:.0f}, on the {config.source.test_images:,} test images"
        if config.beta == 1.0:
            return f"{where}: {compared}."
        loss = reconstruction + config.beta * kl
        return (
            f"{where}: reconstruction {reconstruction:.1f} + {config.beta:g} x KL {kl:.1f} = {loss:.1f} nats per "
            f"image. Compared at beta 1: {compared}."
        )

    def shown(self, metrics: Row) -> dict[str, str]:
        """The loss and its two parts, which add up to it."""
        if not {"loss", "reconstruction_loss", "kl_loss"} <= metrics.keys():
            return super().shown(metrics)
        loss, reconstruction, kl = (metrics[name] for name in ("loss", "reconstruction_loss", "kl_loss"))
        weighted = loss - reconstruction
        share = f"{weighted / kl:.3g} x {kl:.1f} = " if kl else ""
        return {
            "Loss": f"{loss:.1f} nats",
            "Reconstruction": f"{reconstruction:.1f} nats",
            "+ beta x KL": f"{share}{weighted:.1f} nats",
        }

    def headline(self, config: VAEConfig, metrics: Row) -> dict[str, str]:
        """The loss and its two parts, which add up to it."""
        if not {"loss", "reconstruction_loss"} <= metrics.keys():
            return dict.fromkeys(("Loss", "Reconstruction", "+ beta x KL"), "")
        loss, reconstruction = metrics["loss"], metrics["reconstruction_loss"]
        return {
            "Loss": f"{loss:.2f} nats",
            "Reconstruction": f"{reconstruction:.2f} nats",
            # As a difference, so that the three add up to the last digit shown.
            "+ beta x KL": f"{round(loss, 2) - round(reconstruction, 2):.2f} nats",
        }

    def moments(self, config: VAEConfig, facts: Mapping[str, Any]) -> list[Moment]:
        """One image, its code, the draw from it, and its two losses."""
        try:
            code = {name: told(facts, name) for name in CODE}
            (reconstruction,), (kl,), (beta,) = (told(facts, name) for name in STEP_LOSSES)
        except (KeyError, ValueError):
            return []
        return [
            Moment(
                "The encoder looks at one image of the batch",
                "It answers with a mean and a standard deviation sigma for each latent number.",
                {"mean": code["z_mean"], "sigma": code["sigma"]},
            ),
            Moment(
                "One draw",
                "Chance draws an epsilon for each; the latent number is mean + sigma x epsilon.",
                {"epsilon": code["epsilon"], "latent": code["latents"]},
            ),
            Moment("The decoder draws", "From these latent numbers it draws the image on the right."),
            Moment(
                "Two losses",
                f"Reconstruction, {reconstruction:.1f} nats, says how far the right image is from the left one; KL, "
                f"{kl:.1f} nats, how far the code is from the standard normal distribution. For this image the loss is "
                f"{reconstruction:.1f} + {beta:.4g} x {kl:.1f} = {reconstruction + beta * kl:.1f} nats. A step lowers "
                "its mean over the batch.",
            ),
        ]

    def brief(self, metrics: Row) -> str:
        """Its loss."""
        return f"loss {metrics['loss']:.1f} nats"

    def diagnose(self, config: VAEConfig, history: Sequence[Row], live: Row) -> Diagnosis | None:
        """Whether the codes say nothing, or lie too far from the prior."""
        kl = history[-1].get("val_kl_loss", math.nan) if history else math.nan
        if kl < SILENT:
            return Diagnosis(
                "posterior collapse",
                f"The codes of the test images carry {kl:.2f} nats: the encoder says next to nothing about an image, "
                "so the decoder draws them all alike.",
                sound=False,
            )
        if kl > LOOSE * config.latent_dim:
            return Diagnosis(
                "holes",
                f"The codes of the test images are {kl:.0f} nats away from the normal distribution: they are narrow "
                "and far apart, so random latents mostly fall between them, where the decoder has never learned what "
                "to draw.",
                sound=False,
            )
        return None

    def remark_on_curves(self, config: VAEConfig, adjusted: Row) -> str:
        """How the parts of the loss are weighed, where that is not plain from the curves."""
        beta = adjusted.get("beta", config.beta)
        if beta != config.beta:
            return (
                f"Beta was changed to {beta:g} while it trained. The held-out loss is drawn with the beta it began "
                f"with, {config.beta:g}."
            )
        if beta == 0.0:
            return "Beta is 0: the KL divergence is no part of the loss, and nothing holds it."
        return ""

    def remark_on_samples(self, source: Prior) -> str:
        """What to expect of them."""
        return {
            "normal": "Not all of them are good. Where the training put no codes, the decoder has never learned what "
            "to draw.",
            "fitted": "One normal distribution with the mean and the covariance of the codes of training images. If "
            "they already lie as the prior does, little changes: one bell curve cannot show clusters or holes.",
            "mixture": "Ten normal distributions that together lie where the codes of training images are. They leave "
            "out many of the places between the clusters, where the decoder has never learned what to draw.",
            "codes": "Nothing new is made here: each latent is drawn from what the encoder says of one training image, "
            "which the decoder rebuilds. No other latents can be expected to do better with this decoder: what is "
            "still wrong is its blur.",
        }[source]


def _formula(beta: float) -> str:
    return "reconstruction + KL" if beta == 1.0 else f"reconstruction + {beta:g} x KL"
