"""How fast the article's VAE trains: the project's trainer with live updates against Keras `fit`.

Both train the same model on the same images and batches, in turns, in one run, each in a process of its own.
Reported is images a second, from the second epoch on (the first one compiles), and the ratio of the medians.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from benchmarks._turns import between, in_turns, trained  # noqa: E402

IMAGES = 60_000


def keras_fit(epochs: int, held_out: bool) -> list[float]:
    """Seconds of each epoch of `fit` on NumPy arrays with Keras' defaults."""
    import keras

    from genmod import datasets, kinds
    from genmod.models.vae import VAE

    preset = kinds.from_preset("vae", "article", epochs=epochs)
    assert isinstance(preset, kinds.VAEConfig)
    data = datasets.MNIST.load()

    class Comparable(VAE):
        """Adds what `fit` needs for held-out values after each epoch, and draws its noise as Keras does."""

        compiles_with_xla = False

        def test_step(self, images: keras.KerasTensor) -> dict[str, keras.KerasTensor]:
            latent_dim = self.encoder.outputs[0].shape[-1]
            noise = keras.random.normal((keras.ops.shape(images)[0], latent_dim), seed=self.noise)
            return self.held_out_step(images, noise)

    class Seconds(keras.callbacks.Callback):
        """The clock at the start and at the end of each epoch."""

        def __init__(self) -> None:
            super().__init__()
            self.marks: list[float] = []

        def on_train_begin(self, logs: object = None) -> None:
            self.marks.append(time.perf_counter())

        def on_epoch_end(self, epoch: int, logs: object = None) -> None:
            self.marks.append(time.perf_counter())

    clock = Seconds()
    held = datasets.to_float(data.test_images) if held_out else None
    Comparable(preset).fit(
        datasets.to_float(data.train_images), batch_size=preset.batch_size, epochs=epochs, verbose=0,
        callbacks=[clock], validation_data=None if held is None else (held,), validation_batch_size=1000,
    )  # fmt: skip
    return between(clock.marks)


WAYS = {
    "Keras fit": lambda epochs: keras_fit(epochs, held_out=False),
    "Keras fit with held-out values": lambda epochs: keras_fit(epochs, held_out=True),
    "genmod with live updates": trained,
}


def main() -> None:
    """Run every way several times in turns and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(*WAYS[options.one](options.epochs)[1:])
        return
    seconds = in_turns(__file__, WAYS, options.rounds, "--epochs", str(options.epochs))
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    base = medians["Keras fit"]
    print(f"{'way':<32} {'s an epoch':>10} {'fastest':>8} {'slowest':>8} {'images/s':>10} {'ratio':>6}")
    for name, found in seconds.items():
        print(
            f"{name:<32} {medians[name]:>10.3f} {min(found):>8.3f} {max(found):>8.3f} "
            f"{IMAGES / medians[name]:>10,.0f} {base / medians[name]:>6.2f}"
        )


if __name__ == "__main__":
    main()
