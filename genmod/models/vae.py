"""The variational autoencoder: its networks, its loss and one training step."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from genmod.kinds import KINDS
from genmod.kinds.vae import VAEConfig
from genmod.models import autoencoder, networks, randomness
from genmod.models.networks import Tensor


class VAE(keras.Model):
    """A VAE after Kingma and Welling (2014, arXiv:1312.6114), weighted as in beta-VAE (Higgins et al. 2017).

    All losses are in nats per image: the cross-entropy is summed over the pixels, the KL divergence
    over the latent coordinates, and both are averaged over images.
    """

    metric_names: ClassVar = ("loss", "reconstruction_loss", "kl_loss")
    held_out_names: ClassVar = ("loss", "reconstruction_loss", "kl_loss")
    compiles_with_xla: ClassVar = True
    picture_names: ClassVar[tuple[str, ...]] = ()
    reconstructs: ClassVar = True
    judges: ClassVar = False
    explained_images: ClassVar = 1

    def __init__(self, config: VAEConfig) -> None:
        super().__init__(name="vae")
        seeds = networks.layer_seeds(config.seed)
        self.conditional = config.conditional
        self.latent_dim = config.latent_dim
        self.warm_up_steps = config.beta_warm_up * config.steps_per_epoch
        self.classes = config.source.classes
        layers = self.drawn = KINDS[config.kind].layers(config)
        self.encoder = autoencoder.encoder(layers, seeds, heads=2)
        self.decoder, self.decoder_logits = autoencoder.decoder(layers, seeds, config.source.image_shape)
        self.noise = keras.random.SeedGenerator(next(seeds))
        self.pixels = keras.random.SeedGenerator(next(seeds)) if config.binarise else None
        self.adjustable = networks.Adjustable(learning_rate=config.learning_rate, beta=config.beta)
        self.compile(
            optimizer=networks.optimizer(
                config, self.adjustable["learning_rate"], weight_decay=config.weight_decay or None
            )
        )
        self.built = True
        self.optimizer.build(self.trainable_variables)

    def call(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """Reconstruct images (n, height, width, 1) through their `z_mean`."""
        z_mean, _ = self.encoder(networks.inputs(images, classes))
        return self.generate(z_mean, classes)

    def generate(self, latents: Tensor, classes: Tensor | None = None) -> Tensor:
        """Images (n, height, width, 1) in [0, 1] of latents (n, latent_dim)."""
        return self.decoder(networks.inputs(latents, classes))

    def loss_parts(
        self, images: Tensor, epsilon: Tensor, classes: Tensor | None = None, seen: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Reconstruction and KL of each image, shape (n,) each.

        Args:
            images: (n, height, width, 1) in [0, 1].
            epsilon: draws from N(0, I), (n, latent_dim), for the reparameterised sample.
            classes: one-hot (n, classes), for a conditional model.
            seen: what the encoder is shown instead of `images`.
        """
        z_mean, z_log_var = self.encoder(networks.inputs(images if seen is None else seen, classes))
        latents = z_mean + ops.exp(0.5 * z_log_var) * epsilon
        logits = self.decoder_logits(networks.inputs(latents, classes))
        kl = -0.5 * ops.sum(1.0 + z_log_var - ops.square(z_mean) - ops.exp(z_log_var), axis=-1)
        return networks.reconstruction_losses(images, logits), kl

    def train_step(self, images: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """One step on images (n, height, width, 1): the means of `loss` (with beta) and of its two parts."""
        import tensorflow as tf  # Keras has no gradient of its own; this is the backend's.

        epsilon = randomness.normal((images.shape[0], self.latent_dim), self.noise, self.compiles_with_xla)
        with tf.GradientTape() as tape:
            reconstruction, kl = self.loss_parts(images, epsilon, classes, self._binarised(images))
            reconstruction_loss, kl_loss = ops.mean(reconstruction), ops.mean(kl)
            loss = reconstruction_loss + self._beta() * kl_loss
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        return {"loss": loss, "reconstruction_loss": reconstruction_loss, "kl_loss": kl_loss}

    def _binarised(self, images: Tensor) -> Tensor | None:
        """The images in black and white, drawn pixel by pixel (as in Burda et al. 2016, arXiv:1509.00519), if wanted.

        What is to be reconstructed stays grey: its cross-entropy is the mean over all such draws.
        """
        if self.pixels is None:
            return None
        draws = randomness.uniform(tuple(images.shape), self.pixels, self.compiles_with_xla)
        return ops.cast(draws < images, images.dtype)

    def _beta(self) -> Tensor:
        """The weight of the KL part in this step: the present one, reached over the steps of the warm-up."""
        beta = ops.convert_to_tensor(self.adjustable["beta"])
        if not self.warm_up_steps:
            return beta
        return beta * ops.minimum(ops.cast(self.optimizer.iterations, "float32") / self.warm_up_steps, 1.0)

    def held_out_step(self, images: Tensor, epsilon: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """Means over held-out images with given noise; `loss` is reconstruction + KL, whatever beta."""
        reconstruction, kl = self.loss_parts(images, epsilon, classes)
        reconstruction_loss, kl_loss = ops.mean(reconstruction), ops.mean(kl)
        return {
            "loss": reconstruction_loss + kl_loss,
            "reconstruction_loss": reconstruction_loss,
            "kl_loss": kl_loss,
        }

    def explain(self, images: Tensor, noise: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """Each image's code, one draw from it, the image drawn from that, and the two parts of its loss."""
        z_mean, z_log_var = self.encoder(networks.inputs(images, classes))
        sigma = ops.exp(0.5 * z_log_var)
        latents = z_mean + sigma * noise
        reconstruction, kl = self.loss_parts(images, noise, classes)
        return {
            "images": self.generate(latents, classes),
            "z_mean": z_mean,
            "sigma": sigma,
            "epsilon": noise,
            "latents": latents,
            "reconstruction_loss": reconstruction,
            "kl_loss": kl,
            "beta": self._beta(),
        }

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads: weights, random state, adjustable numbers and optimizer."""
        return [*self.variables, *self.adjustable.variables.values(), *self.optimizer.variables]

    def exports(self) -> dict[str, tuple[keras.Model, list[str]]]:
        """The models that the app runs, by file name, with the names of their outputs."""
        encoder, decoder = autoencoder.to_keep(self.drawn, (self.encoder, self.decoder))
        return {"encoder": (encoder, ["z_mean", "z_log_var"]), "decoder": (decoder, ["images"])}

    def take_home(self) -> keras.Model:
        """One plain Keras model with layers `encoder` and `decoder`; loads without this project."""
        encoder, decoder = autoencoder.to_keep(self.drawn, (self.encoder, self.decoder))
        images = keras.Input(encoder.get_layer("images").batch_shape[1:], name="images")
        classes = networks.class_input(self.classes) if self.conditional else None
        z_mean, z_log_var = encoder(networks.inputs(images, classes))
        reconstruction = decoder(networks.inputs(z_mean, classes))
        outputs = {"z_mean": z_mean, "z_log_var": z_log_var, "reconstruction": reconstruction}
        return keras.Model(networks.inputs(images, classes), outputs, name="vae")


def build(config: VAEConfig) -> VAE:
    """A new VAE with weights drawn from the config's seed."""
    return VAE(config)
