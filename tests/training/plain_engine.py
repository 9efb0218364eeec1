"""An engine without TensorFlow, for tests that look at what is done around the steps."""

from __future__ import annotations

import sys
import time
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from genmod.kinds import Config
from genmod.runs import Run

Loss = Callable[[int, int], float]


class Variable:
    """As much of a variable as a checkpoint needs."""

    def __init__(self, value: npt.ArrayLike) -> None:
        self.value = np.array(value, np.float64)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.value.shape

    def numpy(self) -> npt.NDArray[np.float64]:
        return self.value

    def assign(self, value: npt.ArrayLike) -> None:
        self.value = np.array(value, np.float64)


class Call(NamedTuple):
    """One call of the engine: when, which steps counted from the run's first, and with which settings."""

    began: float
    ended: float
    first: int
    steps: int
    settings: Mapping[str, float]


class PlainEngine:
    """Steps that take a while and move three numbers by the epoch, the step and the settings; no TensorFlow."""

    metric_names = ("loss", "reconstruction_loss", "kl_loss")
    held_out_names = ("loss", "reconstruction_loss", "kl_loss")
    picture_names: tuple[str, ...] = ()

    def __init__(self, config: Config, seconds: float = 0.0, loss: Loss = lambda epoch, step: 150.0) -> None:
        self.batch_size = config.batch_size
        self.steps_per_epoch = config.steps_per_epoch
        self.seconds = seconds
        self.loss = loss
        self.weights = Variable(np.zeros(3))
        self.adjustable = {name: Variable(float(config.values[name])) for name in config.adjustable}  # type: ignore[arg-type]
        self.epoch = 0
        self.calls: list[Call] = []
        self.drawn = 0
        self.before: Callable[[int], None] = lambda step: None  # called with each call's first step

    @property
    def state(self) -> list[Variable]:
        return [self.weights, *self.adjustable.values()]

    @property
    def settings(self) -> dict[str, float]:
        return {name: float(knob.value) for name, knob in self.adjustable.items()}

    @property
    def taken(self) -> int:
        """Steps from the run's first to the last one taken here."""
        return self.calls[-1].first + self.calls[-1].steps if self.calls else 0

    def start_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def run(self, first: int, steps: int) -> npt.NDArray[np.float64]:
        began = time.perf_counter()
        start = (self.epoch - 1) * self.steps_per_epoch + first
        self.before(start)
        time.sleep(self.seconds * steps)
        sums = np.zeros(3)
        now = self.settings
        for step in range(first, first + steps):
            target = np.sin([self.epoch, step, self.epoch * step])
            self.weights.value = self.weights.value + now["learning_rate"] * (target - now["beta"] * self.weights.value)
            reconstruction, kl = self.loss(self.epoch, step), 60.0
            sums += [reconstruction + now["beta"] * kl, reconstruction, kl]
        self.calls.append(Call(began, time.perf_counter(), start, steps, now))
        return sums

    def held_out(self) -> dict[str, float]:
        return {"loss": 210.0, "reconstruction_loss": 150.0, "kl_loss": 60.0}

    def measures(self) -> dict[str, float]:
        """Nothing is measured on its pictures."""
        return {}

    def change(self, name: str, value: float) -> None:
        self.adjustable[name].assign(value)

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        self.drawn += 1

    def explain(self, run: Run, step: int) -> None:
        """Nothing is shown of its steps."""

    def export(self, folder: Path) -> None:
        (folder / "decoder.tflite").write_bytes(self.weights.value.tobytes())


def use(monkeypatch: pytest.MonkeyPatch, engine: PlainEngine | None = None) -> None:
    """Let trainings of this process use this engine, or a new one each, and leave TensorFlow where it is."""
    module = types.ModuleType("genmod.training.engine")
    module.KerasEngine = lambda config, run=None: engine or PlainEngine(config)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "genmod.training.engine", module)
