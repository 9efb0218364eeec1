"""The plain autoencoder: the VAE's networks without the random draw between them."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

import keras
from keras import ops

from genmod.config import AEConfig
from genmod.models import networks

Tensor: TypeAlias = keras.KerasTensor


class Autoencoder(keras.Model):
    """An autoencoder after Hinton and Salakhutdinov (2006), trained in one piece.

    It learns only to rebuild images: `loss` is the cross-entropy summed over the 784 pixels, in nats per
    image. With the same seed its layers start with the weights of a VAE's of the same sizes.
    """

    metric_names: ClassVar = ("loss", "reconstruction_loss")
    held_out_names: ClassVar = ("loss", "reconstruction_loss")
    compiles_with_xla: ClassVar = True
    picture_names: ClassVar[tuple[str, ...]] = ()
    reconstructs: ClassVar = True
    conditional: ClassVar = False

    def __init__(self, config: AEConfig) -> None:
        super().__init__(name="autoencoder")
        seeds = networks.layer_seeds(config.seed)
        self.latent_dim = config.latent_dim
        self.encoder = networks.dense_encoder(
            config.hidden_units, config.latent_dim, seeds, config.activation, variational=False
        )
        self.decoder, self.decoder_logits = networks.dense_decoder(
            config.hidden_units, config.latent_dim, seeds, config.activation
        )
        self.knobs = networks.Knobs(learning_rate=config.learning_rate)
        self.compile(optimizer=networks.optimizer(config, self.knobs["learning_rate"]))
        self.built = True
        self.optimizer.build(self.trainable_variables)

    def call(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """Reconstruct images (n, 28, 28, 1) through their `z_mean`."""
        return self.decoder(self.encode(images))

    def encode(self, images: Tensor) -> Tensor:
        """The codes (n, latent_dim) of images (n, 28, 28, 1)."""
        return self.encoder(images)

    def generate(self, latents: Tensor, classes: Tensor | None = None) -> Tensor:
        """Images (n, 28, 28, 1) in [0, 1] of latents (n, latent_dim)."""
        return self.decoder(latents)

    def reconstruction_loss(self, images: Tensor) -> Tensor:
        """The mean over images (n, 28, 28, 1) of what rebuilding each costs, a scalar."""
        return ops.mean(networks.reconstruction_losses(images, self.decoder_logits(self.encode(images))))

    def train_step(self, images: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """One step on images (n, 28, 28, 1)."""
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

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads: weights, knobs and optimizer."""
        return [*self.variables, *self.knobs.variables.values(), *self.optimizer.variables]

    def exports(self) -> dict[str, tuple[keras.Model, list[str]]]:
        """The models that the app runs, by file name, with the names of their outputs."""
        return {"encoder": (self.encoder, ["z_mean"]), "decoder": (self.decoder, ["images"])}

    def take_home(self) -> keras.Model:
        """One plain Keras model with layers `encoder` and `decoder`; loads without this project."""
        images = keras.Input(self.encoder.input_shape[1:], name="images")
        z_mean = self.encoder(images)
        outputs = {"z_mean": z_mean, "reconstruction": self.decoder(z_mean)}
        return keras.Model(images, outputs, name="autoencoder")
