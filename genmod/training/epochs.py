"""The numeric training: epochs of steps, their sums, and whether they diverge. It knows neither files nor screens."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import numpy as np

from genmod import kinds
from genmod.datasets import Doubles
from genmod.kinds import Config
from genmod.training.failures import DivergedError

CHUNK_SECONDS = 0.12  # of steps in one call, between which requests are read; shorter chunks cost speed
FAR = 10.0  # times the loss of a model that has learned nothing: what lies beyond is no learning any more


class Steps(Protocol):
    """What takes the steps. The epochs know no model and no TensorFlow."""

    steps_per_epoch: int

    @property
    def metric_names(self) -> Sequence[str]:
        """What `run` sums up."""

    @property
    def held_out_names(self) -> Sequence[str]:
        """What `held_out` gives."""

    @property
    def picture_names(self) -> Sequence[str]:
        """What `measures` gives."""

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for `epoch`, a function of seed and epoch alone."""

    def run(self, first: int, steps: int) -> Doubles:
        """Take steps of the epoch from step `first` on; returns each metric's sum over them."""

    def held_out(self) -> dict[str, float]:
        """The held-out values right now."""

    def measures(self) -> dict[str, float]:
        """What can be said of the pictures the model makes right now."""

    def change(self, name: str, value: float) -> None:
        """Set one of the numbers that may change while training."""


class Epochs:
    """The epochs of one training: where it stands, and the sums of its metrics so far.

    Attributes:
        finished: epochs finished.
        step: steps taken of the next one.
        sums: of the metrics over those steps.
        last_loss: the mean of the last chunk, its parts unweighted.
        learning_rate: the present one.
    """

    def __init__(self, engine: Steps, config: Config) -> None:
        self.engine = engine
        self.config = config
        self.finished = 0
        self.step = 0
        self.sums: Doubles = np.zeros(len(engine.metric_names))
        self.last_loss = math.nan
        self.learning_rate = config.learning_rate
        self._chunk = 1  # steps at once; grows with what they turn out to take

    @property
    def columns(self) -> list[str]:
        """The columns of history.csv for this kind of model."""
        held_out = (f"val_{name}" for name in self.engine.held_out_names)
        return ["epoch", "seconds", *self.engine.metric_names, *held_out, *self.engine.picture_names]

    @property
    def current(self) -> int:
        """The number of the epoch that is being trained, counted from 1."""
        return self.finished + 1

    @property
    def taken(self) -> int:
        """Steps taken since the run began."""
        return self.finished * self.engine.steps_per_epoch + self.step

    @property
    def total(self) -> int:
        """Steps of the whole training."""
        return self.config.epochs * self.engine.steps_per_epoch

    @property
    def complete(self) -> bool:
        """Whether no epoch is left."""
        return self.finished >= self.config.epochs

    @property
    def means(self) -> dict[str, float]:
        """The metrics' means over the present epoch so far; empty before its first step."""
        if not self.step:
            return {}
        return dict(zip(self.engine.metric_names, (self.sums / self.step).tolist(), strict=True))

    def change(self, name: str, value: float) -> None:
        """Set one of the numbers that may change while training."""
        self.engine.change(name, value)
        if name == "learning_rate":
            self.learning_rate = value

    def train_one(self, go_on: Callable[[], int], took: Callable[[int, bool], None]) -> bool:
        """Take the steps that are left of the present epoch, in chunks; False if it was ended half-way.

        Args:
            go_on: asked before each chunk: how many steps may be taken at most; 0 ends the training here.
            took: told after each chunk: how many were taken, and whether they were the first, which compile.
        """
        self.engine.start_epoch(self.current)
        while self.step < self.engine.steps_per_epoch:
            allowed = go_on()
            if not allowed:
                return False
            self._take(min(self._chunk, self.engine.steps_per_epoch - self.step, allowed), took)
        return True

    def _take(self, steps: int, took: Callable[[int, bool], None]) -> None:
        started = time.perf_counter()
        sums = self.engine.run(self.step, steps)
        spent = time.perf_counter() - started
        first = math.isnan(self.last_loss)
        self.step += steps
        self.sums += sums
        self.last_loss = self._unweighted(sums) / steps
        self._check(sums.tolist())
        # The first call compiles; what it took says nothing about the steps.
        if not first and steps == self._chunk:
            self._chunk = max(1, min(2 * self._chunk, round(steps * CHUNK_SECONDS / max(spent, 1e-6))))
        took(steps, first)

    def finish_one(self, seconds: float) -> dict[str, float]:
        """End the present epoch, all of whose steps are taken; its row of the history.

        Raises:
            DivergedError: if a value is no longer a number, or the loss is beyond all bounds.
        """
        held_out = self.engine.held_out()
        self._check(held_out.values())  # the last step's loss was taken before its weights changed
        self._check_growth()
        row: dict[str, float] = {"epoch": self.current, "seconds": round(seconds, 3)}
        row |= self.means
        row |= {f"val_{name}": value for name, value in held_out.items()}
        row |= self.engine.measures()
        return row

    def next(self) -> None:
        """Go on to the next epoch, once the row of this one is written."""
        self.finished, self.step = self.finished + 1, 0
        self.sums = np.zeros_like(self.sums)

    def _unweighted(self, sums: Doubles) -> float:
        """The loss's parts added up as they are: a large beta makes a large loss of a sound training."""
        parts = [sums[i] for i, name in enumerate(self.engine.metric_names) if name in kinds.of(self.config).loss_parts]
        return float(sum(parts) if parts else sums[0])

    def _check(self, values: Iterable[float]) -> None:
        if not all(math.isfinite(value) for value in values):
            raise DivergedError(
                f"The loss is no longer a number in epoch {self.current}: the training has diverged, most likely "
                f"because the learning rate is too high. A learning rate lower than {self.learning_rate:g} usually "
                "helps."
            )

    def _check_growth(self) -> None:
        """Refuse to go on when the loss is far beyond that of a model that has learned nothing."""
        untrained = self.config.source.pixels * math.log(2)  # nats per image when every pixel is answered by 0.5
        if kinds.of(self.config).loss_parts and self.last_loss > FAR * untrained:
            raise DivergedError(
                f"The loss has grown to {self.last_loss:.3g} nats in epoch {self.current}, and a model that has "
                f"learned nothing has {untrained:.0f}: the training diverges, most likely because the learning rate is "
                f"too high. A learning rate lower than {self.learning_rate:g} usually helps."
            )
