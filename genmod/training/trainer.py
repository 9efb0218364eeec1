"""One training from its run folder: epochs, live numbers and pictures, checkpoints, export."""

from __future__ import annotations

import errno
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from genmod import evaluation, runs
from genmod.config import Config
from genmod.datasets import Dataset, mnist
from genmod.models import registry
from genmod.runs import Run
from genmod.training import checkpoint
from genmod.training.export import export
from genmod.training.loop import Loop
from genmod.training.pictures import Pictures

LIVE_SECONDS = 0.3  # between two pictures
CHUNK_SECONDS = 0.12  # between two looks at the control file; shorter chunks cost speed
CHECKPOINT_SECONDS = 2.0  # at least this long between two checkpoints

Report = Callable[[Mapping[str, Any]], None]
Floats = npt.NDArray[np.float64]


class DivergedError(ArithmeticError):
    """The loss is no longer a number."""


@dataclass
class Clock:
    """How long the training has run, over all its parts, and how fast it goes."""

    before: float = 0.0
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self.before + self.since_start

    @property
    def since_start(self) -> float:
        """Seconds since this process took over."""
        return max(time.perf_counter() - self.started, 1e-6)


def history_columns(model: registry.GenerativeModel) -> list[str]:
    """The columns of history.csv for this kind of model."""
    held_out = (f"val_{name}" for name in model.held_out_names)
    return ["epoch", "seconds", *model.metric_names, *held_out, *model.picture_names]


class Trainer:
    """Trains one run whose lock the caller holds."""

    def __init__(self, run: Run, report: Report | None = None) -> None:
        self.run = run
        self.report: Report = report or (lambda numbers: None)
        self.config: Config = run.config()
        self.data: Dataset = mnist()
        self.model = registry.build(self.config)
        self.columns = history_columns(self.model)
        images, labels = (part[: self.config.images] for part in (self.data.train_images, self.data.train_labels))
        self.loop = Loop(self.model, images, self.config.batch_size, labels)
        self.pictures = Pictures(self.model, self.config, self.data)
        self.noise = evaluation.noise_for(len(self.data.test_images), self.model.latent_dim)
        self.clock = Clock()
        self.epoch = 0  # epochs finished
        self.step = 0  # steps taken of the next epoch
        self.first_step = 0  # where this process took over, counted from the start of the run
        self.chunk = 10
        self.live_at = 0.0
        self.saved_at = time.perf_counter()
        self.control_seen: Any = None
        self.stop_wanted = False

    def train(self) -> None:
        """Train to the end, or until somebody asks to stop; record the outcome in the run folder."""
        self._resume()
        self.run.set_status(runs.RUNNING, "Training.")
        self.pictures.draw(self.run, live=True)
        while self.epoch < self.config.epochs and self._train_epoch(self.epoch + 1):
            pass
        if self.step == 0:
            checkpoint.save(self.run.file("checkpoint"), self.epoch, self.model.state)
        export(self.model, self.run.path)
        self.pictures.draw(self.run, live=True)
        self._end()

    # One epoch

    def _train_epoch(self, epoch: int) -> bool:
        """Take all steps of an epoch; False if it was stopped half-way."""
        self.loop.start_epoch(self.config.seed, epoch)
        sums = np.zeros(len(self.model.metric_names))
        while self.step < self.loop.steps_per_epoch:
            if self._stop_asked():
                return False
            sums += self._chunk(epoch)
            self._show(epoch, sums / self.step)
        self._finish_epoch(epoch, sums / self.step)
        self.epoch, self.step = epoch, 0
        return True

    def _chunk(self, epoch: int) -> Floats:
        """Some steps in one compiled call, as many as fit between two looks at the control file."""
        steps = min(self.chunk, self.loop.steps_per_epoch - self.step)
        started = time.perf_counter()
        sums = self.loop.run(self.step, steps)
        spent = time.perf_counter() - started
        self.step += steps
        self._check(sums.tolist(), epoch)
        # The first call compiles; what it took says nothing about the steps.
        if spent < 10 * CHUNK_SECONDS:
            self.chunk = max(1, min(2 * self.chunk, round(steps * CHUNK_SECONDS / max(spent, 1e-6))))
        return sums

    def _check(self, values: Iterable[float], epoch: int) -> None:
        if not all(math.isfinite(value) for value in values):
            raise DivergedError(
                f"The loss is no longer a number in epoch {epoch}: the training has diverged. "
                f"A learning rate lower than {self.config.learning_rate:g} usually helps."
            )

    def _finish_epoch(self, epoch: int, means: Floats) -> None:
        """Held-out values, history, picture, and a checkpoint if the last is old enough."""
        held_out = self.loop.held_out(self.data.test_images, self.noise, labels=self.data.test_labels)
        self._check(held_out.values(), epoch)  # the last step's loss was taken before its weights changed
        row: dict[str, float] = {"epoch": epoch, "seconds": round(self.clock.seconds, 3)}
        row |= dict(zip(self.model.metric_names, means.tolist(), strict=True))
        row |= {f"val_{name}": value for name, value in held_out.items()}
        row |= self.pictures.measures()
        self.run.append_history(self.columns, row)
        self.pictures.draw(self.run, epoch=epoch)
        if epoch < self.config.epochs and time.perf_counter() - self.saved_at > CHECKPOINT_SECONDS:
            checkpoint.save(self.run.file("checkpoint"), epoch, self.model.state)
            self.saved_at = time.perf_counter()

    def _show(self, epoch: int, means: Floats) -> None:
        """Report the numbers to the caller, and several times a second to whoever looks at the folder."""
        taken = (epoch - 1) * self.loop.steps_per_epoch + self.step
        total = self.config.epochs * self.loop.steps_per_epoch
        speed = (taken - self.first_step) * self.loop.batch_size / self.clock.since_start
        numbers = {
            "epoch": epoch,
            "epochs": self.config.epochs,
            "step": self.step,
            "steps": self.loop.steps_per_epoch,
            "share": taken / total,
            "seconds": self.clock.seconds,
            "images_per_second": speed,
            "seconds_left": (total - taken) * self.loop.batch_size / speed,
            "metrics": dict(zip(self.model.metric_names, means.tolist(), strict=True)),
        }
        self.report(numbers)
        now = time.perf_counter()
        if now - self.live_at > LIVE_SECONDS:
            self.run.write_progress(numbers)
            self.pictures.draw(self.run, live=True)
            self.live_at = now

    # Starting, stopping, ending

    def _resume(self) -> None:
        """Take up the newest checkpoint, if there is one; forget what came after it."""
        self.epoch = checkpoint.restore(self.run.file("checkpoint"), self.model.state)
        rows = [row for row in self.run.history() if row["epoch"] <= self.epoch]
        self.run.write_history(self.columns, rows)
        self.clock = Clock(before=rows[-1]["seconds"] if rows else 0.0)
        self.first_step = self.epoch * self.loop.steps_per_epoch

    def _stop_asked(self) -> bool:
        """Whether a viewer asked to stop; the file is read only when it has changed."""
        if not self.stop_wanted:
            try:
                stamp = self.run.file("control.json").stat().st_mtime_ns
            except OSError:
                stamp = None
            if stamp != self.control_seen:
                self.control_seen = stamp
                self.stop_wanted = self.run.control().get("wanted") == "stopped"
        return self.stop_wanted

    def _end(self) -> None:
        if self.epoch >= self.config.epochs:
            self.run.set_status(runs.DONE, f"Finished {self.epoch} epochs in {self.clock.seconds:.0f} s.")
        else:
            part = " and a part of the next" if self.step else ""
            self.run.set_status(runs.STOPPED, f"Stopped after {self.epoch} of {self.config.epochs} epochs{part}.")


def explain(error: BaseException) -> str:
    """One sentence on why a training failed, for the run's status."""
    if isinstance(error, DivergedError):
        return str(error)
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "The disk is full: free some space and resume the run."
    if isinstance(error, OSError):
        return f"The run's folder could not be written ({error.strerror or type(error).__name__})."
    if isinstance(error, (MemoryError, tf.errors.ResourceExhaustedError)):
        return "The machine ran out of memory: use a smaller batch, a smaller net or fewer images."
    return f"The training failed with {type(error).__name__}; the run's log says more."
