"""An engine that trains nothing in no time: NumPy arrays that go their way by seed, epoch and step alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from genmod.datasets import Doubles
from genmod.kinds import Config
from genmod.runs import Run
from genmod.system import files

STEPS = 3  # an epoch
MODELS = ("decoder.tflite", "encoder.tflite", "model.keras")


class Variable:
    """An array as Keras's variables are read and set."""

    def __init__(self, value: npt.ArrayLike) -> None:
        self.value = np.array(value, np.float64)
        self.shape = self.value.shape

    def numpy(self) -> npt.NDArray[np.float64]:
        """A copy of the array."""
        return self.value.copy()

    def assign(self, value: npt.ArrayLike) -> None:
        """Replace the array."""
        self.value = np.array(value, np.float64)


class FakeEngine:
    """The trainer's protocol `Engine`, with a state like a net's: weights, momentum, a random state, knobs."""

    batch_size = 100
    steps_per_epoch = STEPS
    metric_names = ("loss", "reconstruction_loss")
    held_out_names = ("loss",)
    picture_names: tuple[str, ...] = ()

    def __init__(self, config: Config, run: Run | None = None) -> None:
        self.config = config
        self.weights = Variable(np.random.default_rng(config.seed).normal(size=(3, 4)))
        self.momentum = Variable(np.zeros((3, 4)))
        self.drawn = Variable(0)
        self.adjustable = {name: Variable(config.values[name]) for name in config.adjustable}
        self.epoch = 0

    @property
    def state(self) -> list[Variable]:
        """All that training changes or reads, in a fixed order."""
        return [self.weights, self.momentum, self.drawn, *self.adjustable.values()]

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for `epoch`."""
        self.epoch = epoch

    def run(self, first: int, steps: int) -> Doubles:
        """Take steps; each depends on everything before it, and on the knobs."""
        sums = np.zeros(len(self.metric_names))
        for step in range(first, first + steps):
            self.drawn.value += 1
            generator = np.random.default_rng([self.config.seed, self.epoch, step, int(self.drawn.value)])
            pull = generator.normal(size=(3, 4)) + 0.1 * float(self.adjustable["beta"].value) * self.weights.value
            self.momentum.value = 0.9 * self.momentum.value + pull
            self.weights.value = (
                self.weights.value - float(self.adjustable["learning_rate"].value) * self.momentum.value
            )
            sums += [self._loss(), self._loss() / 2]
        return sums

    def held_out(self) -> dict[str, float]:
        """The held-out value."""
        return {"loss": self._loss()}

    def measures(self) -> dict[str, float]:
        """Nothing is measured on its pictures."""
        return {}

    def change(self, name: str, value: float) -> None:
        """Set a knob."""
        self.adjustable[name].assign(value)

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write pictures where and as the real ones are written."""
        folder = run.file("samples")
        folder.mkdir(exist_ok=True)
        picture = self.weights.value.tobytes()
        if epoch is not None:
            files.write_bytes(folder / f"epoch-{epoch:05d}.png", picture, durable=False)
        if live:
            files.write_bytes(folder / "live.png", picture, durable=False)

    def explain(self, run: Run, step: int) -> None:
        """Write nothing: its steps have no pictures."""

    def export(self, folder: Path) -> None:
        """Write models that tell what they were made of."""
        for name in MODELS:
            with files.replacing(folder / name) as temporary:
                temporary.write_bytes(name.encode() + self.weights.value.tobytes())

    def _loss(self) -> float:
        return float(np.square(self.weights.value).sum())
