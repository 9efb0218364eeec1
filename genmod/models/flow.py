"""Flow matching in the latent space of a VAE: the velocity network, its loss, and one training step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from genmod.datasets import Floats, Images
from genmod.kinds import KINDS
from genmod.kinds.ae import DECODER, ENCODER
from genmod.kinds.flow import EULER, VELOCITY, WAVES, FlowConfig
from genmod.kinds.layers import of_network
from genmod.models import networks, randomness
from genmod.models.networks import Tensor

ENCODED = 2_000  # images at once
LEAST_VARIANCE, LEAST_WEIGHT = 1e-6, 1e-2  # so that a VAE whose codes hold nothing, or are points, has weights, too
# How far codes are drawn from the mean, in standard deviations of what the encoder says. Decoded, the codes of real
# images of vae-best come to a Frechet distance of 4.1 with 1, 3.4 with a half and 3.2 with 0; with 0, training sees
# nothing of what lies between the codes.
SHARE = 0.5
SHOWN = 0.7  # the time of the step that is explained, at which a guess begins to look like something


class FlowMatching(keras.Model):
    """Flow matching with straight ways (Lipman et al. 2023, arXiv:2210.02747; Liu et al. 2023, arXiv:2209.03003).

    The network learns the velocity at a point of the line between noise and a code, given the point and the time; the
    loss is the squared error over its variance, a mean over latent numbers. Encoder and decoder are those of a VAE that
    has been trained, and stand still.
    """

    metric_names: ClassVar = ("loss",)
    held_out_names: ClassVar = ("loss",)
    compiles_with_xla: ClassVar = True
    picture_names: ClassVar[tuple[str, ...]] = ()
    reconstructs: ClassVar = False
    judges: ClassVar = False
    explained_images: ClassVar = 1

    def __init__(self, config: FlowConfig, vae: keras.Model) -> None:
        """Make ready.

        Args:
            vae: has the layers `encoder` and `decoder`.
        """
        super().__init__(name="flow")
        seeds = networks.layer_seeds(config.seed)
        self.config = config
        self.conditional = config.conditional
        self.latent_dim = config.latent_dim
        self.decoder_conditional = config.base is not None and config.base.conditional
        # Were it an attribute itself, Keras would count its weights among those that are trained.
        self._vae: Callable[[], keras.Model] = lambda: vae
        # Of the ways from noise to code, by latent number, known once `prepared` has seen the codes. The network works
        # on ways of mean 0 and variance 1, wherever the VAE puts its codes; what is exported does so no longer.
        self.mean, self.spread = np.zeros(self.latent_dim, np.float32), np.ones(self.latent_dim, np.float32)
        # An error along a latent number that the encoder is sure of changes the image; along one that holds nothing, a
        # draw from the prior whatever the image, it changes nothing.
        self.weights_of_numbers = np.ones(self.latent_dim, np.float32)
        self.velocity = velocity(config, seeds)
        last = self.velocity.get_layer("velocity")  # so that training begins at the answer for codes from N(0, I)
        last.set_weights([np.zeros_like(weight) for weight in last.get_weights()])
        self.noise = keras.random.SeedGenerator(next(seeds))
        self.ema_velocity = self._copied_velocity() if config.average else self.velocity
        self.adjustable = networks.Adjustable(learning_rate=config.learning_rate)
        self.compile(optimizer=networks.optimizer(config, self.adjustable["learning_rate"]))
        self.built = True
        self.optimizer.build(self.velocity.trainable_variables)

    def _copied_velocity(self) -> keras.Model:
        copy = velocity(self.config, networks.layer_seeds(0))
        copy.set_weights(self.velocity.get_weights())
        copy.trainable = False
        return copy

    @property
    def encoder(self) -> keras.Model:
        """The VAE's encoder."""
        found: keras.Model = self._vae().get_layer(ENCODER)
        return found

    @property
    def decoder(self) -> keras.Model:
        """The VAE's decoder."""
        found: keras.Model = self._vae().get_layer(DECODER)
        return found

    # What a step is given

    def prepared(self, images: Images, classes: Floats | None) -> Floats:
        """The mean and the standard deviation of each image's code, (n, 2 latent_dim), of uint8 images (n, 28, 28).

        The encoder stands still: each image is encoded once, and steps draw codes from what it said.
        """
        encode = tf.function(self._encoded, jit_compile=self.compiles_with_xla, reduce_retracing=True)
        told = classes if self.decoder_conditional else None
        parts = []
        for first in range(0, len(images), ENCODED):
            part = slice(first, first + ENCODED)
            parts.append(encode(tf.constant(images[part, ..., np.newaxis]), None if told is None else told[part]))
        return np.concatenate([part.numpy() for part in parts])

    def measure(self, codes: Floats) -> None:
        """Take the mean and the spread of the ways, and how much each latent number weighs, from the training images.

        Args:
            codes: what `prepared` says of them.
        """
        z_mean, sigma = np.split(codes.astype(np.float64), 2, axis=1)
        self.mean = z_mean.mean(axis=0).astype(np.float32)
        variance = np.square(sigma).mean(axis=0)
        self.spread = np.sqrt(1.0 + z_mean.var(axis=0) + SHARE**2 * variance).astype(np.float32)
        # How far a decoder moves along a number with the posterior variance v, were both linear: sqrt(1 / v - 1).
        moved = np.sqrt(np.maximum(1.0 / np.maximum(variance, LEAST_VARIANCE) - 1.0, 0.0)) + LEAST_WEIGHT
        self.weights_of_numbers = (moved / moved.mean()).astype(np.float32)

    def asked(self, network: keras.Model, points: Tensor, time: Tensor, classes: Tensor | None) -> Tensor:
        """The velocity, (n, latent_dim), at points (n, latent_dim), given what the network is told of the time.

        The network adds to the velocity of codes that are distributed as N(0, I), as `kinds.flow.kept` and `scale` have
        it: a denoiser's skip connection and scales (Karras et al. 2022, arXiv:2206.00364).
        """
        at = time[:, :1]
        variance = ops.square(at) + ops.square(1.0 - at)
        scale = ops.rsqrt(2.0 * variance)
        near = (scale * points - 0.5 * self.mean) * (np.float32(2**0.5) / self.spread)
        told_of = ops.concatenate([near, time], axis=-1)
        answer = self.mean + self.spread * network(networks.inputs(told_of, classes))
        return (2.0 * at - 1.0) / variance * points + scale * answer

    def _encoded(self, images: tf.Tensor, classes: tf.Tensor | None) -> tf.Tensor:
        scaled = tf.cast(images, tf.float32) / 255.0
        z_mean, z_log_var = self.encoder(networks.inputs(scaled, classes), training=False)
        return tf.concat([z_mean, tf.exp(0.5 * z_log_var)], axis=1)

    def train_step(self, codes: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """One step on what `prepared` says of a batch."""
        count = codes.shape[0]
        draws = randomness.normal((count, 2 * self.latent_dim), self.noise, self.compiles_with_xla)
        # Logit-normal (Esser et al. 2024, arXiv:2403.03206): most often in the middle, where it is hardest to tell.
        times = ops.sigmoid(randomness.normal((count, 1), self.noise, self.compiles_with_xla))
        if classes is not None:
            kept = randomness.uniform((count, 1), self.noise, self.compiles_with_xla) >= self.config.class_dropout
            classes = classes * ops.cast(kept, "float32")
        with tf.GradientTape() as tape:
            loss = ops.mean(self.losses(codes, draws, times, classes, self.velocity))
        weights = self.velocity.trainable_variables
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self._update_average()
        return {"loss": loss}

    def losses(
        self, codes: Tensor, draws: Tensor, times: Tensor, classes: Tensor | None, network: keras.Model
    ) -> Tensor:
        """The squared error of the velocity over the variance of the ways, a weighted mean over latent numbers, (n,).

        Args:
            codes: what `prepared` says of the images, (n, 2 latent_dim).
            draws: from N(0, I), (n, 2 latent_dim): the noise at which the ways begin, and that of the codes.
            times: between 0 and 1, (n, 1).
            classes: one-hot (n, classes), rows of zeros for none; of a conditional model.
        """
        noise, code = self.ends(codes, draws)
        answer = self.asked(network, noise + times * (code - noise), told(times), classes)
        errors = ops.square((answer - (code - noise)) / self.spread)
        return ops.mean(self.weights_of_numbers * errors, axis=-1)

    def ends(self, codes: Tensor, draws: Tensor) -> tuple[Tensor, Tensor]:
        """Where ways begin and end: noise, and codes drawn near the encoder's means, (n, latent_dim) each."""
        z_mean, sigma = ops.split(codes, 2, axis=-1)
        noise, epsilon = ops.split(draws, 2, axis=-1)
        return noise, z_mean + SHARE * sigma * epsilon

    def _update_average(self) -> None:
        if self.ema_velocity is not self.velocity:
            networks.follow(self.ema_velocity, self.velocity, self.config.average, self.optimizer.iterations)

    def held_out_step(self, codes: Tensor, epsilon: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """The loss of the averaged network on the codes of held-out images, with given noise and spread times.

        Args:
            codes: what `prepared` says of the images.
            epsilon: (n, latent_dim); the noise of the codes is that of the image before.
        """
        count = codes.shape[0]
        shares = (ops.reshape(ops.arange(count, dtype="float32"), (-1, 1)) + 0.5) / count
        times = ops.sigmoid(np.float32(2**0.5) * ops.erfinv(2.0 * shares - 1.0))  # quantiles of the logit-normal
        draws = ops.concatenate([epsilon, ops.roll(epsilon, 1, axis=0)], axis=-1)
        return {"loss": ops.mean(self.losses(codes, draws, times, classes, self.ema_velocity))}

    # How it draws

    def generate(self, latents: Tensor, classes: Tensor | None = None) -> Tensor:
        """Images (n, height, width, 1) in [0, 1] of noise (n, latent_dim), in as many steps as usual."""
        points = self.carried(latents, classes)
        return self.drawn(points, classes)

    def carried(self, latents: Tensor, classes: Tensor | None) -> Tensor:
        """Where noise (n, latent_dim) comes to in as many steps of Euler as usual, without guidance."""
        kind = KINDS[self.config.kind]
        plan = kind.schedule(self.config, {**kind.chosen(self.config, {}), "solver": EULER, "guidance": 1.0})
        assert plan is not None
        times = tf.constant(plan.told, tf.float32)

        def step(number: tf.Tensor, points: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            time = tf.broadcast_to(tf.gather(times, number), (latents.shape[0], times.shape[1]))
            return number + 1, points + self.asked(self.ema_velocity, points, time, classes) / plan.steps

        return tf.while_loop(lambda number, _: number < plan.steps, step, (tf.constant(0), latents))[1]

    def drawn(self, points: Tensor, classes: Tensor | None) -> Tensor:
        """What the VAE's decoder draws at points (n, latent_dim)."""
        return self.decoder(networks.inputs(points, classes if self.decoder_conditional else None), training=False)

    def explain(self, images: Tensor, noise: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """One code, one noise, a point between them, the network's answer, and the image where it would lead to."""
        codes = self._encoded(images * 255.0, classes if self.decoder_conditional else None)
        draws = ops.concatenate([noise, ops.flip(noise, axis=-1)], axis=-1)
        begin, code = self.ends(codes, draws)
        times = ops.full((images.shape[0], 1), SHOWN)
        point = begin + times * (code - begin)
        answer = self.asked(self.velocity, point, told(times), classes)
        return {
            "images": self.drawn(point + (1.0 - times) * answer, classes),
            "noise": begin,
            "code": code,
            "point": point,
            "way": code - begin,
            "velocity": answer,
            "time": times[:, 0],
            "loss": self.losses(codes, draws, times, classes, self.velocity),
        }

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads: weights, random state, adjustable numbers and optimizer."""
        return [*self.variables, *self.adjustable.variables.values(), *self.optimizer.variables]

    def exports(self) -> dict[str, tuple[keras.Model, list[str]]]:
        """The models that the app runs, by file name, with the names of their outputs; the decoder is the VAE's."""
        return {VELOCITY: (self.exported_velocity(), ["velocity"])}

    def exported_velocity(self) -> keras.Model:
        """The averaged network with the mean and the spread of the ways multiplied into its weights."""
        network = velocity(self.config, networks.layer_seeds(0))
        network.set_weights(self.ema_velocity.get_weights())
        first, *_, last = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
        kernel, bias = first.get_weights()
        inner = kernel[: self.latent_dim] * (2**0.5 / self.spread)[:, np.newaxis]
        first.set_weights([np.concatenate([inner, kernel[self.latent_dim :]]), bias - 0.5 * self.mean @ inner])
        kernel, bias = last.get_weights()
        last.set_weights([kernel * self.spread, bias * self.spread + self.mean])
        return network

    def take_home(self) -> keras.Model:
        """One plain Keras model with layers `velocity` and `decoder`; loads without this project."""
        network = self.exported_velocity()
        points = [keras.Input(part.shape[1:], name=part.name) for part in network.inputs]
        codes = keras.Input((self.latent_dim,), name="codes")
        images = self.decoder(networks.inputs(codes, points[-1] if self.decoder_conditional else None))
        outputs = {"velocity": network(points if len(points) > 1 else points[0]), "images": images}
        return keras.Model([*points, codes], outputs, name="flow")


def velocity(config: FlowConfig, seeds: Iterator[int]) -> keras.Model:
    """The network that says where a point moves: a point and the time (n, latent_dim + 11), with classes if it is told
    any, to a velocity (n, latent_dim)."""
    layers = of_network(KINDS[config.kind].layers(config), VELOCITY)
    points, classes = networks.given(layers)
    values = networks.joined(points, classes)
    for layer in (layer for layer in layers if layer.operation != "input"):
        found = networks.stacked(values, [layer], seeds)
        # A hidden layer as wide as the one before adds to what that one found (He et al. 2016).
        adds = layer.activation and layer.inputs == layer.units
        values = keras.layers.Add(name=f"sum_{networks.suffix(layer)}")([values, found]) if adds else found
    return keras.Model(networks.inputs(points, classes), values, name=VELOCITY)


def told(times: Tensor) -> Tensor:
    """What the network is told of times (n, 1), as `kinds.flow.time_told` has it: (n, 11)."""
    waves = times * np.float32(np.pi) * np.arange(1, WAVES + 1, dtype=np.float32)
    return ops.concatenate([times, ops.sin(waves), ops.cos(waves)], axis=-1)


def build(config: FlowConfig, vae: keras.Model) -> FlowMatching:
    """A new velocity field for a VAE, with weights drawn from the config's seed."""
    return FlowMatching(config, vae)
