"""One training from its run folder: resumed, trained, shown, saved, and brought to its end."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from genmod import kinds, runs
from genmod.kinds import Config
from genmod.runs import Run, logs
from genmod.system import files
from genmod.training import checkpoint, commit
from genmod.training.clock import Clock
from genmod.training.epochs import Epochs, Steps
from genmod.training.steering import Steering

LIVE_SECONDS = 0.3  # between two pictures
CHECKPOINT_SECONDS = 2.0  # at least this long between two checkpoints

Report = Callable[[Mapping[str, Any]], None]


class Engine(Steps, Protocol):
    """What does the work for a trainer, which knows no model and no TensorFlow."""

    batch_size: int

    @property
    def state(self) -> list[Any]:
        """All that training changes or reads, in a fixed order: variables with `numpy`, `assign` and `shape`."""

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write pictures into the run's folder."""

    def explain(self, run: Run, step: int) -> None:
        """Write into the run's folder what a step of the present epoch does with some images."""

    def export(self, folder: Path) -> None:
        """Write the models for others into `folder`."""


class Trainer:
    """Trains one run whose lock the caller holds."""

    def __init__(
        self,
        run: Run,
        engine: Engine,
        report: Report | None = None,
        longest: float = math.inf,
        log: logs.Log | None = None,
    ) -> None:
        """Make ready.

        Args:
            report: called with the numbers after each chunk of steps.
            longest: seconds of wall time after which the training ends by itself.
            log: where to tell what happens.
        """
        self.run = run
        self.engine = engine
        self.report: Report = report or (lambda numbers: None)
        self.log = log or logs.Log(run.file(logs.NAME))
        self.config: Config = run.config()
        self.epochs = Epochs(engine, self.config)
        self.steering = Steering(run, self.epochs, longest, self.log, lambda: self._show(now=True))
        self.live_at = 0.0
        self.saved_at = time.perf_counter()

    @property
    def clock(self) -> Clock:
        """How long it has trained."""
        return self.steering.clock

    def leave(self) -> None:
        """Save and go, after the present chunk of steps; from a signal's handler or another thread."""
        self.steering.leave = True

    def train(self) -> None:
        """Train to the end, or until somebody asks to stop; record the outcome in the run folder."""
        self._resume()
        self.run.set_status(runs.RUNNING, "Training.")
        # The film begins with what the untrained model draws.
        self.engine.draw(self.run, epoch=None if self.epochs.taken else 0, live=True)
        while not self.epochs.complete and self._train_epoch():
            pass
        self.clock.pause()
        self._save()
        if self.steering.leave:
            self._go()
            return
        self.log.write("Saving the models.")
        with commit.whole_set(self.run) as folder:
            self.engine.export(folder)
        self.engine.draw(self.run, live=True)
        self._keep_pictures()
        self._end()

    # One epoch

    def _train_epoch(self) -> bool:
        """Train an epoch and write down what it gave; False if it was ended half-way."""
        if not self.epochs.train_one(self.steering.allowed, self._took):
            return False
        row = self.epochs.finish_one(self.clock.seconds)
        self.run.append_history(self.epochs.columns, row)
        self.epochs.next()
        self.engine.draw(self.run, epoch=self.epochs.finished)
        if not self.epochs.complete and time.perf_counter() - self.saved_at > CHECKPOINT_SECONDS:
            self._save()
        self.log.write(
            f"Epoch {self.epochs.finished}: "
            + ", ".join(f"{name} {value:.6g}" for name, value in row.items() if name != "epoch")
        )
        return True

    def _took(self, steps: int, first: bool) -> None:
        self.steering.took(steps, first)
        self._show()

    def _save(self) -> None:
        checkpoint.save(
            self.run.file("checkpoint"),
            checkpoint.Place(self.epochs.finished, self.epochs.step),
            self.engine.state,
            self.epochs.sums,
        )
        self.saved_at = time.perf_counter()

    def _show(self, now: bool = False) -> None:
        """Report the numbers to the caller, and several times a second to whoever looks at the folder."""
        epochs, pace = self.epochs, self.steering.requests.present.pace
        speed = self.clock.speed(epochs.taken)
        numbers = {
            "epoch": epochs.current,
            "epochs": self.config.epochs,
            "step": epochs.step,
            "steps": self.engine.steps_per_epoch,
            "share": epochs.taken / epochs.total,
            "seconds": self.clock.seconds,
            "images_per_second": speed * self.engine.batch_size,
            "seconds_left": (epochs.total - epochs.taken) / (pace or speed) if pace or speed else None,
            "metrics": epochs.means,
            "pace": pace,
        }
        self.report(numbers)
        moment = time.perf_counter()
        if now or self.steering.requests.slow or moment - self.live_at > LIVE_SECONDS:
            self.run.write_progress(numbers)
            self.engine.draw(self.run, live=True)
            if self.steering.requests.slow and epochs.step:
                self.engine.explain(self.run, epochs.step - 1)
            self.log.bound()  # what comes from below Python is written past it
            self.live_at = moment

    def _keep_pictures(self) -> None:
        """Flush the last live pictures: there will be none after them."""
        samples = self.run.file("samples")
        for name in ("live.png", "reconstructions.png"):
            with contextlib.suppress(FileNotFoundError):
                files.flush(samples / name)
        with contextlib.suppress(FileNotFoundError):
            files.flush_folder(samples)

    # Starting and ending

    def _resume(self) -> None:
        """Take up the newest checkpoint, if there is one; forget what came after it."""
        commit.finish(self.run)
        for folder in (self.run.path, self.run.file("samples")):
            files.sweep(folder)
        epochs = self.epochs
        place, sums = checkpoint.restore(self.run.file("checkpoint"), self.engine.state, len(epochs.sums))
        epochs.finished, epochs.step, epochs.sums = place.epoch, place.step, sums
        columns = epochs.columns
        rows = [row for row in self.run.history() if row["epoch"] <= epochs.finished and row.keys() >= set(columns)]
        self.run.write_history(columns, rows)
        self.steering.take_up(rows[-1]["seconds"] if rows else 0.0)
        began = f"goes on after epoch {epochs.finished}, step {epochs.step}" if epochs.taken else "begins"
        self.log.write(f"{logs.STARTED}: {self.run.id} {began}; {kinds.describe(self.config)}; seed {self.config.seed}")

    def _go(self) -> None:
        self.log.write("The system ends this process; all is saved.")
        where = "before its models were saved" if self.epochs.complete else f"in epoch {self.epochs.current}"
        self.run.set_status(runs.INTERRUPTED, f"The system ended the training {where}; it can go on from there.")

    def _end(self) -> None:
        finished = self.epochs.finished
        if self.epochs.complete:
            state, message = runs.DONE, f"Finished {finished} epochs in {self.clock.seconds:.0f} s."
        else:
            part = " and a part of the next" if self.epochs.step else ""
            reason = f": {self.steering.ending}" if self.steering.ending else ""
            state, message = runs.STOPPED, f"Stopped after {finished} of {self.config.epochs} epochs{part}{reason}."
        self.log.write(message)
        self.run.set_status(state, message)
