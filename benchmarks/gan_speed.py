"""How fast GANs train: the compiled loop against Keras `fit` with an overridden `train_step`, and PyTorch.

Each way trains the same networks on the same images and batches, in turns, in a process of its own. Reported is
milliseconds a step after the first epoch part (which compiles), and the ratio to the project. PyTorch is no
dependency of the project: without it its line says so.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks._turns import in_turns  # noqa: E402
from genmod.kinds import GANConfig, from_preset  # noqa: E402

PARTS = 5  # the first is left out


def gan_settings(preset: str) -> GANConfig:
    """The settings of a preset."""
    settings = from_preset("gan", preset)
    assert isinstance(settings, GANConfig)
    return settings


def project(preset: str, steps: int) -> list[float]:
    """Seconds of each part of `steps` steps in the project's loop."""
    from genmod import datasets
    from genmod.models import registry
    from genmod.training.loop import Loop

    settings = gan_settings(preset)
    data = datasets.MNIST.load()
    loop = Loop(
        registry.build(settings), data.train_images, settings.batch_size, data.train_labels, settings.source.classes
    )
    loop.start_epoch(0, 1)
    loop.run(0, 2)
    return [_timed(lambda: loop.run(0, steps)) for _ in range(PARTS)]


def keras_fit(preset: str, steps: int) -> list[float]:
    """The same with `fit` on a Keras model whose `train_step` is overridden, as Keras' own GAN example does."""
    import keras
    import tensorflow as tf

    from genmod import datasets
    from genmod.models import gan_networks, networks

    settings = gan_settings(preset)
    seeds = networks.layer_seeds(0)

    class Example(keras.Model):
        """A generator, a discriminator, and the usual two tapes."""

        def __init__(self) -> None:
            super().__init__()
            self.generator = gan_networks.generator(settings, seeds)
            _, self.discriminator = gan_networks.discriminator(settings, seeds, to_train=False)
            self.noise = keras.random.SeedGenerator(0)
            self.g_optimizer = keras.optimizers.Adam(settings.learning_rate, beta_1=settings.beta_1)
            self.d_optimizer = keras.optimizers.Adam(settings.discriminator_learning_rate, beta_1=settings.beta_1)
            self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)

        def train_step(self, images: Any) -> dict[str, Any]:
            count = keras.ops.shape(images)[0]
            generated = self.generator(
                keras.random.normal((count, settings.latent_dim), seed=self.noise), training=True
            )
            both = keras.ops.concatenate([images, generated])
            wanted = keras.ops.concatenate(
                [keras.ops.full((count, 1), 1 - settings.label_smoothing), keras.ops.zeros((count, 1))]
            )
            with tf.GradientTape() as tape:
                d_loss = self.cross_entropy(wanted, self.discriminator(both, training=True))
            weights = self.discriminator.trainable_variables
            self.d_optimizer.apply(tape.gradient(d_loss, weights), weights)
            latents = keras.random.normal((count, settings.latent_dim), seed=self.noise)
            with tf.GradientTape() as tape:
                answers = self.discriminator(self.generator(latents, training=True), training=True)
                g_loss = self.cross_entropy(keras.ops.ones((count, 1)), answers)
            weights = self.generator.trainable_variables
            self.g_optimizer.apply(tape.gradient(g_loss, weights), weights)
            return {"d_loss": d_loss, "g_loss": g_loss}

    model = Example()
    model.compile(optimizer=None)
    images = datasets.to_float(datasets.MNIST.load().train_images[: steps * settings.batch_size])
    return [
        _timed(lambda: model.fit(images, batch_size=settings.batch_size, epochs=1, verbose=0)) for _ in range(PARTS)
    ]


def torch_eager(preset: str, steps: int) -> list[float]:
    """The same convolutional networks in PyTorch, eager, tensors indexed by hand."""
    import torch  # type: ignore[import-not-found, unused-ignore]
    from torch import nn  # type: ignore[import-not-found, unused-ignore]

    from genmod import datasets

    settings = gan_settings(preset)
    channels, side = settings.generator_filters, 7
    first, start = side * side * channels[0], settings.generator_start
    picture = nn.Unflatten(1, (channels[0], side, side))
    parts: list[Any] = []
    if start:
        parts += [nn.Linear(settings.latent_dim, start), nn.BatchNorm1d(start), nn.LeakyReLU(0.2)]
        parts += [nn.Linear(start, first), nn.BatchNorm1d(first), nn.LeakyReLU(0.2), picture]
    else:
        parts += [nn.Linear(settings.latent_dim, first), picture, nn.BatchNorm2d(channels[0]), nn.LeakyReLU(0.2)]
    for before, after in itertools.pairwise(channels):
        parts += [nn.ConvTranspose2d(before, after, 4, 2, 1), nn.BatchNorm2d(after), nn.LeakyReLU(0.2)]
    generator = nn.Sequential(*parts, nn.ConvTranspose2d(channels[-1], 1, 4, 2, 1), nn.Sigmoid())
    looks: list[Any] = []
    for before, after in itertools.pairwise((1, *settings.discriminator_filters)):
        looks += [nn.Conv2d(before, after, 4, 2, 1), nn.LeakyReLU(0.2), nn.Dropout(settings.dropout)]
    looks.append(nn.Flatten())
    if settings.discriminator_head:
        looks += [nn.LazyLinear(settings.discriminator_head), nn.LeakyReLU(0.2), nn.Dropout(settings.dropout)]
    discriminator = nn.Sequential(*looks, nn.LazyLinear(1))
    images = torch.tensor(datasets.MNIST.load().train_images)[:, None]
    discriminator(images[:2] / 255)
    options = {"betas": (settings.beta_1, 0.999)}
    g_optimizer = torch.optim.Adam(generator.parameters(), settings.learning_rate, **options)
    d_optimizer = torch.optim.Adam(discriminator.parameters(), settings.discriminator_learning_rate, **options)
    cross_entropy = nn.BCEWithLogitsLoss()
    size = settings.batch_size
    wanted = torch.cat([torch.full((size, 1), 1 - settings.label_smoothing), torch.zeros(size, 1)])

    def run() -> None:
        order = torch.randperm(len(images))
        for step in range(steps):
            real = images[order[step * size : (step + 1) * size]] / 255
            generated = generator(torch.randn(size, settings.latent_dim))
            d_optimizer.zero_grad()
            cross_entropy(discriminator(torch.cat([real, generated.detach()])), wanted).backward()
            d_optimizer.step()
            g_optimizer.zero_grad()
            cross_entropy(discriminator(generated), torch.ones(size, 1)).backward()
            g_optimizer.step()

    return [_timed(run) for _ in range(PARTS)]


def _timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


WAYS = {"genmod": project, "Keras fit": keras_fit, "PyTorch eager": torch_eager}
COMPARED: dict[str, tuple[str, ...]] = {"dense": ("genmod", "Keras fit"), "dcgan": ("genmod", "PyTorch eager")}


def main() -> None:
    """Run every way several times in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=3, metavar=("WAY", "PRESET", "STEPS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        way, preset, steps = options.one
        print(*WAYS[way](preset, int(steps))[1:])
        return
    print(f"{'preset':<8} {'way':<15} {'ms a step':>10} {'times the time':>15}")
    for preset, ways in COMPARED.items():
        steps = 300 if preset == "dense" else 60
        if "PyTorch eager" in ways and importlib.util.find_spec("torch") is None:
            print(
                f"{preset}: PyTorch is not installed, so there is nothing to compare with; `pip install torch` adds it."
            )
            ways = ("genmod",)
        seconds = in_turns(__file__, ways, options.rounds, preset, str(steps))
        medians = {way: statistics.median(found) / steps for way, found in seconds.items()}
        for way, median in medians.items():
            print(f"{preset:<8} {way:<15} {1000 * median:>10.2f} {median / medians['genmod']:>15.2f}")


if __name__ == "__main__":
    main()
