"""The plain autoencoder: the VAE's networks without the random draw between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import keras
from keras import ops

from genmod.kinds import KINDS
from genmod.kinds.ae import DECODER, ENCODER, AEConfig
from genmod.kinds.layers import Layer, of_network
from genmod.models import networks
from genmod.models.networks import Tensor


def encoder(layers: Sequence[Layer], seeds: Iterator[int], heads: int = 1, to_train: bool = True) -> keras.Model:
    """Images (n, height, width, 1) in [0, 1], with classes if it is told, to each of its heads (n, latent_dim).

    Args:
        to_train: with this project's own convolutions, if it has any; `to_keep` has the same net with those of Keras.
    """
    own = of_network(layers, ENCODER)
    images, classes = networks.given(own)
    body = [layer for layer in own if layer.operation != "input"]
    convolutions = [layer for layer in body if layer.operation == "convolution"]
    picture = networks.stacked(images, convolutions, seeds, to_train=to_train)
    flat = networks.joined(keras.layers.Flatten(name="flatten")(picture), classes)
    hidden = networks.stacked(flat, body[len(convolutions) : -heads], seeds)
    outputs = [networks.weighted(head, seeds)(hidden) for head in body[-heads:]]
    return keras.Model(networks.inputs(images, classes), outputs if heads > 1 else outputs[0], name=ENCODER)


def decoder(
    layers: Sequence[Layer], seeds: Iterator[int], image_shape: tuple[int, ...], to_train: bool = True
) -> tuple[keras.Model, keras.Model]:
    """Latents (n, latent_dim), with classes if it is told, to images (n, height, width, 1) in [0, 1].

    Returns:
        The decoder, and the same net up to its logits (n, pixels), from which the cross-entropy is computed without
        losing precision. They share their weights.
    """
    own = of_network(layers, DECODER)
    latents, classes = networks.given(own)
    body = [layer for layer in own if layer.operation != "input"]
    logits = networks.stacked(networks.joined(latents, classes), body, seeds, to_train=to_train, latents=latents)
    images = keras.layers.Activation("sigmoid", name="pixels")(logits)
    if len(logits.shape) == 2:
        images = keras.layers.Reshape(image_shape, name="image")(images)
    else:
        logits = keras.layers.Flatten(name="logits_in_a_row")(logits)
    given = networks.inputs(latents, classes)
    return keras.Model(given, images, name=DECODER), keras.Model(given, logits, name="decoder_logits")


def to_keep(layers: Sequence[Layer], trained: tuple[keras.Model, keras.Model]) -> tuple[keras.Model, keras.Model]:
    """Encoder and decoder of Keras' layers alone, which can be exported and read without this project.

    Args:
        trained: the encoder and the decoder whose weights they have.
    """
    if not any("convolution" in layer.operation for layer in layers):
        return trained
    seeds, image_shape = networks.layer_seeds(0), trained[1].output_shape[1:]
    kept = (
        encoder(layers, seeds, len(trained[0].outputs), to_train=False),
        decoder(layers, seeds, image_shape, to_train=False)[0],
    )
    for plain, quick in zip(kept, trained, strict=True):
        plain.set_weights(quick.get_weights())
    return kept


class Autoencoder(keras.Model):
    """An autoencoder after Hinton and Salakhutdinov (2006), trained in one piece.

    It learns only to rebuild images: `loss` is the cross-entropy summed over the pixels, in nats per
    image. With the same seed its layers start with the weights of a VAE's of the same sizes.
    """

    metric_names: ClassVar = ("loss", "reconstruction_loss")
    held_out_names: ClassVar = ("loss", "reconstruction_loss")
    compiles_with_xla: ClassVar = True
    picture_names: ClassVar[tuple[str, ...]] = ()
    reconstructs: ClassVar = True
    judges: ClassVar = False
    explained_images: ClassVar = 1
    conditional: ClassVar = False

    def __init__(self, config: AEConfig) -> None:
        super().__init__(name="autoencoder")
        seeds = networks.layer_seeds(config.seed)
        layers = self.drawn = KINDS[config.kind].layers(config)
        self.latent_dim = config.latent_dim
        self.encoder = encoder(layers, seeds)
        next(seeds)  # a VAE's z_log_var has it: so the decoder starts with the same weights as beside a VAE's encoder
        self.decoder, self.decoder_logits = decoder(layers, seeds, config.source.image_shape)
        self.adjustable = networks.Adjustable(learning_rate=config.learning_rate)
        self.compile(optimizer=networks.optimizer(config, self.adjustable["learning_rate"]))
        self.built = True
        self.optimizer.build(self.trainable_variables)

    def call(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """Reconstruct images (n, height, width, 1) through their `z_mean`."""
        return self.decoder(self.encode(images))

    def encode(self, images: Tensor) -> Tensor:
        """The codes (n, latent_dim) of images (n, height, width, 1)."""
        return self.encoder(images)

    def generate(self, latents: Tensor, classes: Tensor | None = None) -> Tensor:
        """Images (n, height, width, 1) in [0, 1] of latents (n, latent_dim)."""
        return self.decoder(latents)

    def reconstruction_loss(self, images: Tensor) -> Tensor:
        """The mean over images (n, height, width, 1) of what rebuilding each costs, a scalar."""
        return ops.mean(networks.reconstruction_losses(images, self.decoder_logits(self.encode(images))))

    def train_step(self, images: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """One step on images (n, height, width, 1)."""
        import tensorflow as tf  # Keras has no gradient of its own; this is the backend's.

        with tf.GradientTape() as tape:
            loss = self.reconstruction_loss(images)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "reconstruction_loss": loss}

    def held_out_step(self, images: Tensor, epsilon: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """The loss on held-out images; there is no random draw, so `epsilon` is not used."""
        loss = self.reconstruction_loss(images)
        return {"loss": loss, "reconstruction_loss": loss}

    def explain(self, images: Tensor, noise: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """Each image's code, the image drawn from it, and its loss; there is no random draw."""
        latents = self.encode(images)
        losses = networks.reconstruction_losses(images, self.decoder_logits(latents))
        return {"images": self.generate(latents), "latents": latents, "reconstruction_loss": losses}

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads: weights, adjustable numbers and optimizer."""
        return [*self.variables, *self.adjustable.variables.values(), *self.optimizer.variables]

    def exports(self) -> dict[str, tuple[keras.Model, list[str]]]:
        """The models that the app runs, by file name, with the names of their outputs."""
        encoder, decoder = to_keep(self.drawn, (self.encoder, self.decoder))
        return {ENCODER: (encoder, ["z_mean"]), DECODER: (decoder, ["images"])}

    def take_home(self) -> keras.Model:
        """One plain Keras model with layers `encoder` and `decoder`; loads without this project."""
        encoder, decoder = to_keep(self.drawn, (self.encoder, self.decoder))
        images = keras.Input(encoder.input_shape[1:], name="images")
        z_mean = encoder(images)
        outputs = {"z_mean": z_mean, "reconstruction": decoder(z_mean)}
        return keras.Model(images, outputs, name="autoencoder")


def build(config: AEConfig) -> Autoencoder:
    """A new autoencoder with weights drawn from the config's seed."""
    return Autoencoder(config)
