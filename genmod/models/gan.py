"""Generative adversarial networks: two networks that play against each other, and one training step."""

from __future__ import annotations

from typing import ClassVar

import keras
import tensorflow as tf
from keras import ops

from genmod.kinds import gan_layers
from genmod.kinds.gan import HINGE, NON_SATURATING, RELATIVISTIC, WGAN_GP, GANConfig
from genmod.kinds.gan import LOSSES as LOSS_WORDS
from genmod.kinds.gan_layers import DISCRIMINATOR, GENERATOR
from genmod.models import clusters, gan_networks, networks, randomness
from genmod.models.clusters import Clusters
from genmod.models.networks import Tensor

MIDDLE_MOMENTUM = 0.99  # of the score that stands for no decision
SEEN_ALONE = 8  # real images of a batch, and generated ones, that this score is taken from


class GAN(keras.Model):
    """A GAN with the non-saturating loss of Goodfellow et al. (2014, arXiv:1406.2661).

    `d_loss` and `g_loss` are means over the batch, without a penalty on slopes. `d_real` and `d_fake` are the
    discriminator's mean answers to real and to generated images, as probabilities; `real_accuracy` and `fake_accuracy`
    are how often each answer is on the right side of 0.5.
    """

    metric_names: ClassVar = ("d_loss", "g_loss", "d_real", "d_fake", "real_accuracy", "fake_accuracy")
    held_out_names: ClassVar[tuple[str, ...]] = ()
    picture_names: ClassVar[tuple[str, ...]] = ("variety",)
    reconstructs: ClassVar = False
    judges: ClassVar = True
    explained_images: ClassVar = 10
    compiles_with_xla: ClassVar = True

    def __init__(self, config: GANConfig) -> None:
        super().__init__(name="gan")
        seeds = networks.layer_seeds(config.seed)
        self.config = config
        self.conditional = config.conditional
        self.latent_dim = config.latent_dim
        self.loss_words = LOSS_WORDS[config.loss]
        self.clusters = self._found_clusters()
        self.generator = gan_networks.generator(config, seeds, to_train=True)
        self.discriminator, self.discriminator_logits = gan_networks.discriminator(config, seeds)
        if self.clusters is not None:
            gan_networks.set_clusters(self.generator, self.clusters)
            cluster = self.generator.get_layer(gan_networks.CLUSTER)
            self.cluster_of_latents = keras.Model(self.generator.input, cluster.output, name="cluster_of_latents")
            found = self.discriminator.get_layer("logits").input
            self.hidden = keras.Model(self.discriminator.inputs[0], found, name="hidden")
        self.noise = keras.random.SeedGenerator(next(seeds))
        # The score that stands for no decision, where a loss looks at differences of scores only.
        self.middle = keras.Variable(0.0, trainable=False, name="middle")
        self.ema_generator = self._copied_generator() if config.average else self.generator
        self.adjustable = networks.Adjustable(
            learning_rate=config.learning_rate, discriminator_learning_rate=config.discriminator_learning_rate
        )
        own = {"beta_1": config.beta_1} if config.setting("beta_1").applies(config.values, {}) else {}
        self.generator_optimizer = networks.optimizer(config, self.adjustable["learning_rate"], 1, **own)
        self.discriminator_optimizer = networks.optimizer(
            config, self.adjustable["discriminator_learning_rate"], config.discriminator_steps, **own
        )
        self.generator_optimizer.build(self.generator.trainable_variables)
        self.discriminator_optimizer.build(self.discriminator.trainable_variables)
        self.built = True

    def _copied_generator(self) -> keras.Model:
        copy = gan_networks.generator(self.config, networks.layer_seeds(0), "ema_generator", to_train=True)
        copy.set_weights(self.generator.get_weights())
        copy.trainable = False
        return copy

    def _found_clusters(self) -> Clusters | None:
        config = self.config
        if not gan_layers.clusters(config):
            return None
        return clusters.of(
            config.dataset, config.images, config.classes, config.clusters, config.seed, config.conditional
        )

    # The game

    def adversarial_loss(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """What the discriminator and the generator try to make small, each shape (n, 1).

        Args:
            real_logits: the discriminator's output on real images, before the sigmoid.
            fake_logits: the same on generated images.
        """
        smoothing = self.config.label_smoothing
        on_real = (1.0 - smoothing) * ops.softplus(-real_logits) + smoothing * ops.softplus(real_logits)
        return on_real + ops.softplus(fake_logits), ops.softplus(-fake_logits)

    def train_step(self, images: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """One step of both networks on images (n, height, width, 1)."""
        real_told = self._told(images, classes)
        for _ in range(self.config.discriminator_steps - 1):
            latents = self._latents(images)
            generated = self.generator(networks.inputs(latents, classes), training=True)
            self._train_discriminator(images, generated, real_told, self._asked(latents, classes))
        # One set of generated images serves both: the discriminator learns from them, and is then asked again.
        latents = self._latents(images)
        fake_told = self._asked(latents, classes)
        with tf.GradientTape() as generator_tape:
            generated = self.generator(networks.inputs(latents, classes), training=True)
        metrics, real_logits = self._train_discriminator(images, ops.stop_gradient(generated), real_told, fake_told)
        if self.loss_words.only_differences:
            self._follow_middle(images, generated, classes)
        with tf.GradientTape() as image_tape:
            image_tape.watch(generated)
            fake_logits = self._logits(generated, fake_told)
            g_loss = ops.mean(self.adversarial_loss(real_logits, fake_logits)[1])
        image_gradients = image_tape.gradient(g_loss, generated)
        weights = self.generator.trainable_variables
        self.generator_optimizer.apply(
            generator_tape.gradient(generated, weights, output_gradients=image_gradients), weights
        )
        self._update_average()
        return {**metrics, "g_loss": g_loss}

    def _latents(self, images: Tensor) -> Tensor:
        return randomness.normal((images.shape[0], self.latent_dim), self.noise, self.compiles_with_xla)

    def _told(self, images: Tensor, classes: Tensor | None) -> Tensor | None:
        """What the discriminator is told of images: their class, or the cluster whose centre is nearest, or nothing."""
        return classes if self.clusters is None else self.clusters.of_images(images, classes)

    def _asked(self, latents: Tensor, classes: Tensor | None) -> Tensor | None:
        """What it is told of images that were drawn from these latents."""
        if self.clusters is None:
            return classes
        return self.cluster_of_latents(networks.inputs(latents, classes))

    def _alone(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """The scores (n, 1) of images that nobody tells the cluster of: they count as of the one they fit best."""
        if self.clusters is None:
            return self.discriminator_logits(networks.inputs(images, classes), training=False)
        found, fitting = self.hidden(images, training=False), self.discriminator.get_layer("class_weights").kernel
        fit = gan_networks.CERTAIN * ops.matmul(found, ops.transpose(fitting))
        if classes is not None:
            fit = fit + gan_networks.ONLY * ops.repeat(classes, self.clusters.count, axis=-1)
        cluster = ops.softmax(fit)
        agreement = ops.sum(found * ops.matmul(cluster, fitting), axis=-1, keepdims=True)
        return self.discriminator.get_layer("logits")(found) + agreement

    def _logits(self, images: Tensor, classes: Tensor | None) -> Tensor:
        return self.discriminator_logits(networks.inputs(images, classes), training=True)

    def _train_discriminator(
        self, images: Tensor, generated: Tensor, real_told: Tensor | None, fake_told: Tensor | None
    ) -> tuple[dict[str, Tensor], Tensor]:
        """One step of the discriminator; its metrics, and what it said to the real images."""
        both = ops.concatenate([images, generated])
        told = None if real_told is None else ops.concatenate([real_told, fake_told])
        with tf.GradientTape() as tape:
            logits, penalty = self._judged_with_penalty(both, told)
            real_logits, fake_logits = ops.split(logits, 2)
            d_loss = ops.mean(self.adversarial_loss(real_logits, fake_logits)[0])
            learned = d_loss + self.config.gradient_penalty * penalty
        weights = self.discriminator.trainable_variables
        self.discriminator_optimizer.apply(tape.gradient(learned, weights), weights)
        real_answers, fake_answers = self._answers(real_logits, fake_logits)
        metrics = {
            "d_loss": d_loss,
            "d_real": ops.mean(ops.sigmoid(real_answers)),
            "d_fake": ops.mean(ops.sigmoid(fake_answers)),
            "real_accuracy": ops.mean(ops.cast(real_answers > 0, "float32")),
            "fake_accuracy": ops.mean(ops.cast(fake_answers < 0, "float32")),
        }
        return metrics, real_logits

    def _follow_middle(self, images: Tensor, generated: Tensor, classes: Tensor | None) -> None:
        """Move the score that stands for no decision towards that of a few images, each judged by itself."""
        few = ops.concatenate([images[:SEEN_ALONE], generated[:SEEN_ALONE]])
        asked = None if classes is None else ops.concatenate([classes[:SEEN_ALONE], classes[:SEEN_ALONE]])
        self.middle.assign(MIDDLE_MOMENTUM * self.middle + (1.0 - MIDDLE_MOMENTUM) * ops.mean(self._alone(few, asked)))

    def _answers(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """The scores as logits of being real."""
        if not self.loss_words.only_differences:
            return real_logits, fake_logits
        middle = 0.5 * (ops.mean(real_logits) + ops.mean(fake_logits))
        return real_logits - middle, fake_logits - middle

    def _judged_with_penalty(self, both: Tensor, classes: Tensor | None) -> tuple[Tensor, Tensor | float]:
        """The scores of real images followed by generated ones, (2 n, 1), and the penalty on their slopes."""
        if self.loss_words.penalty == "zero at both":
            with tf.GradientTape() as tape:
                tape.watch(both)
                logits = self._logits(both, classes)
            slopes = tape.gradient(logits, both)
            # Half the mean square over the real images and half of that over the generated ones: their mean over both.
            return logits, ops.mean(ops.sum(ops.square(slopes), axis=(1, 2, 3)))
        logits = self._logits(both, classes)
        if self.loss_words.penalty is None:
            return logits, 0.0
        images, generated = ops.split(both, 2)
        return logits, self._gradient_penalty(images, generated, None if classes is None else ops.split(classes, 2)[0])

    def _gradient_penalty(self, images: Tensor, generated: Tensor, classes: Tensor | None) -> Tensor:
        """How far the slope of the score is from 1 between real and generated images (arXiv:1704.00028)."""
        share = randomness.uniform((images.shape[0], 1, 1, 1), self.noise, self.compiles_with_xla)
        between = share * images + (1.0 - share) * generated
        with tf.GradientTape() as tape:
            tape.watch(between)
            logits = self._logits(between, classes)
        slopes = tape.gradient(logits, between)
        lengths = ops.sqrt(ops.sum(ops.square(slopes), axis=(1, 2, 3)) + 1e-12)
        return ops.mean(ops.square(lengths - 1.0))

    def _update_average(self) -> None:
        if self.ema_generator is not self.generator:
            networks.follow(
                self.ema_generator, self.generator, self.config.average, self.generator_optimizer.iterations
            )

    # What it is asked

    def call(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """The probability that images (n, height, width, 1) are real, (n, 1)."""
        return ops.sigmoid(self._alone(images, classes) - self.middle)

    def generate(self, latents: Tensor, classes: Tensor | None = None) -> Tensor:
        """Images (n, height, width, 1) in [0, 1] of latents (n, latent_dim), with the averaged weights."""
        return self.ema_generator(networks.inputs(latents, classes), training=False)

    def judge(
        self,
        real: Tensor,
        generated: Tensor,
        real_classes: Tensor | None = None,
        generated_classes: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """How likely real the discriminator finds real and generated images (n, height, width, 1), (n,) each."""
        logits = [
            self._alone(images, classes) for images, classes in ((real, real_classes), (generated, generated_classes))
        ]
        real_answers, fake_answers = (ops.sigmoid(answer)[:, 0] for answer in self._answers(*logits))
        return real_answers, fake_answers

    def explain(self, images: Tensor, noise: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """Forgeries of the generator that is trained (not its average), and what the discriminator says of both."""
        generated = self.generator(networks.inputs(noise, classes), training=False)
        real_answers, fake_answers = self.judge(images, generated, classes, classes)
        return {"images": generated, "real": real_answers, "generated": fake_answers}

    @property
    def state(self) -> list[keras.Variable]:
        """All that training changes or reads: weights, statistics, averages, random state, optimizers."""
        return [
            *self.variables,
            *self.adjustable.variables.values(),
            *self.generator_optimizer.variables,
            *self.discriminator_optimizer.variables,
        ]

    def exports(self) -> dict[str, tuple[keras.Model, list[str]]]:
        """The models that the app runs, by file name, with the names of their outputs."""
        return {
            "generator": (gan_networks.plain_generator(self.config, self.ema_generator), ["images"]),
            "discriminator": (self._plain_discriminator(), ["probability"]),
        }

    def held_out_step(self, images: Tensor, epsilon: Tensor, classes: Tensor | None = None) -> dict[str, Tensor]:
        """Nothing: a GAN has no loss that says how well it knows an image."""
        return {}

    def take_home(self) -> keras.Model:
        """One plain Keras model with layers `generator` and `discriminator`; loads without this project."""
        generator = gan_networks.plain_generator(self.config, self.ema_generator)
        return gan_networks.together(generator, self._plain_discriminator())

    def _plain_discriminator(self) -> keras.Model:
        return gan_networks.plain_discriminator(self.config, self.discriminator, float(self.middle))


class WassersteinGAN(GAN):
    """The GAN of Arjovsky et al. (2017) with the gradient penalty of Gulrajani et al. (2017, arXiv:1704.00028)."""

    def adversarial_loss(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """The discriminator's score is to be high on real images and low on generated ones."""
        return fake_logits - real_logits, -fake_logits


class HingeGAN(GAN):
    """The GAN with the hinge loss (Lim and Ye 2017, arXiv:1705.02894)."""

    def adversarial_loss(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """The discriminator learns only from scores on the wrong side of 1 and -1."""
        return ops.relu(1.0 - real_logits) + ops.relu(1.0 + fake_logits), -fake_logits


class RelativisticGAN(GAN):
    """The GAN with relativistic pairing (Jolicoeur-Martineau 2019, arXiv:1807.00734) and two gradient penalties.

    With both it trains without any of the usual tricks: R3GAN (Huang et al. 2024, arXiv:2501.05441).
    """

    def adversarial_loss(self, real_logits: Tensor, fake_logits: Tensor) -> tuple[Tensor, Tensor]:
        """Of a real and a generated image, which is the more real? Each network wants its own to win."""
        ahead = real_logits - fake_logits
        return ops.softplus(-ahead), ops.softplus(ahead)


LOSSES: dict[str, type[GAN]] = {
    NON_SATURATING: GAN,
    WGAN_GP: WassersteinGAN,
    HINGE: HingeGAN,
    RELATIVISTIC: RelativisticGAN,
}


def build(config: GANConfig) -> GAN:
    """A new GAN with the config's loss and weights drawn from its seed."""
    return LOSSES[config.loss](config)


def simplified(config: GANConfig, model: keras.Model) -> keras.Model:
    """The same two networks with batch normalisation folded into the layers before it.

    A converter that folds it in after weights have been rounded would give another model than the rounded one.
    """
    if not config.batch_norm:
        return model
    folded = gan_networks.without_norms(config, model.get_layer(GENERATOR))
    return gan_networks.together(folded, model.get_layer(DISCRIMINATOR))
