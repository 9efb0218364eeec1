"""One training from its run folder: epochs, live numbers, what people ask of it, checkpoints, its end."""

from __future__ import annotations

import contextlib
import errno
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from genmod import kinds, runs
from genmod.errors import ConfigError, GenmodError
from genmod.kinds import Config
from genmod.runs import Run, control, logs
from genmod.runs.control import Event
from genmod.system import files
from genmod.training import checkpoint, clock, placing

LIVE_SECONDS = 0.3  # between two pictures
CHUNK_SECONDS = 0.12  # between two looks at what is asked; shorter chunks cost speed
PAUSE_SECONDS = 0.05  # between two looks while waiting
CHECKPOINT_SECONDS = 2.0  # at least this long between two checkpoints
LONGEST_PAUSE = 600.0  # seconds; then a paused training ends, for others wait behind it
FAR = 10.0  # times the loss of a model that has learned nothing: what lies beyond is no learning any more

Report = Callable[[Mapping[str, Any]], None]
Sums = npt.NDArray[np.float64]


class Engine(Protocol):
    """What does the work. The trainer knows no model and no TensorFlow."""

    batch_size: int
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

    @property
    def state(self) -> list[Any]:
        """All that training changes or reads, in a fixed order: variables with `numpy`, `assign` and `shape`."""

    def start_epoch(self, epoch: int) -> None:
        """Shuffle for `epoch`, a function of seed and epoch alone."""

    def run(self, first: int, steps: int) -> Sums:
        """Take steps of the epoch from step `first` on; returns each metric's sum over them."""

    def held_out(self) -> dict[str, float]:
        """The held-out values right now."""

    def measures(self) -> dict[str, float]:
        """What can be said of the pictures the model makes right now."""

    def change(self, name: str, value: float) -> None:
        """Set one of the numbers that may change while training."""

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write pictures into the run's folder."""

    def export(self, folder: Path) -> None:
        """Write the models for others into `folder`."""


class DivergedError(ArithmeticError):
    """The loss is no longer a number, or grows without end."""


def history_columns(engine: Engine) -> list[str]:
    """The columns of history.csv for this kind of model."""
    held_out = (f"val_{name}" for name in engine.held_out_names)
    return ["epoch", "seconds", *engine.metric_names, *held_out, *engine.picture_names]


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
        self.longest = longest
        self.log = log or logs.Log(run.file(logs.NAME))
        self.config: Config = run.config()
        self.columns = history_columns(engine)
        self.clock = clock.Clock()
        self.epoch = 0  # epochs finished
        self.step = 0  # steps taken of the next epoch
        self.sums = np.zeros(len(engine.metric_names))  # of the metrics over those steps
        self.last_loss = math.nan  # mean of the last chunk, parts unweighted
        self.learning_rate = self.config.learning_rate  # the present one
        self.chunk = 1  # steps at once; grows with what they turn out to take
        self.live_at = 0.0
        self.saved_at = time.perf_counter()
        self.asked = Asked(run)
        self.replay: list[Event] = []
        self.ending: str | None = None  # why the training ends before its last epoch
        self.resting = False  # paused, perhaps with a few steps granted
        self.rested_in = 0  # epochs finished when that was last said
        self.leave = False  # set from outside: save and go, the system ends this process

    @property
    def taken(self) -> int:
        """Steps taken since the run began."""
        return self.epoch * self.engine.steps_per_epoch + self.step

    def train(self) -> None:
        """Train to the end, or until somebody asks to stop; record the outcome in the run folder."""
        self._resume()
        self.run.set_status(runs.RUNNING, "Training.")
        self.engine.draw(self.run, live=True)
        while self.epoch < self.config.epochs and self._train_epoch(self.epoch + 1):
            pass
        self.clock.pause()
        self._save()
        if self.leave:
            self._go()
            return
        self.log.write("Saving the models.")
        with placing.whole_set(self.run) as folder:
            self.engine.export(folder)
        self.engine.draw(self.run, live=True)
        self._keep_pictures()
        self._end()

    # One epoch

    def _train_epoch(self, epoch: int) -> bool:
        """Take all steps of an epoch; False if it was ended half-way."""
        self.engine.start_epoch(epoch)
        while self.step < self.engine.steps_per_epoch:
            if not self._obey():
                return False
            self._chunk(epoch)
            self._show(epoch)
        self._finish_epoch(epoch)
        return True

    def _chunk(self, epoch: int) -> None:
        """Some steps in one compiled call, as many as fit between two looks at what is asked."""
        steps = min(self.chunk, self.engine.steps_per_epoch - self.step, self._steps_allowed())
        started = time.perf_counter()
        sums = self.engine.run(self.step, steps)
        spent = time.perf_counter() - started
        self.step += steps
        self.sums += sums
        self.last_loss = self._unweighted(sums) / steps
        self._check(sums.tolist(), epoch)
        self.asked.took(steps)
        # The first call compiles; what it took says nothing about the steps.
        if not self.clock.marked_steps:
            self.clock.mark(self.taken)
        elif steps == self.chunk:
            self.chunk = max(1, min(2 * self.chunk, round(steps * CHUNK_SECONDS / max(spent, 1e-6))))

    def _steps_allowed(self) -> int:
        """Steps until something is due: the end of what was granted, or a change that is to be repeated."""
        until = self.replay[0].step - self.taken if self.replay else math.inf
        return int(max(1, min(self.asked.allowed(), until, 1 << 30)))

    def _unweighted(self, sums: Sums) -> float:
        """The loss's parts added up as they are: a large beta makes a large loss of a sound training."""
        parts = [sums[i] for i, name in enumerate(self.engine.metric_names) if name in kinds.of(self.config).loss_parts]
        return float(sum(parts) if parts else sums[0])

    def _check(self, values: Iterable[float], epoch: int) -> None:
        if not all(math.isfinite(value) for value in values):
            raise DivergedError(
                f"The loss is no longer a number in epoch {epoch}: the training has diverged, most likely because the "
                f"learning rate is too high. A learning rate lower than {self.learning_rate:g} usually helps."
            )

    def _check_growth(self, epoch: int) -> None:
        """Refuse to go on when the loss is far beyond that of a model that has learned nothing."""
        untrained = self.config.source.pixels * math.log(2)  # nats per image when every pixel is answered by 0.5
        if kinds.of(self.config).loss_parts and self.last_loss > FAR * untrained:
            raise DivergedError(
                f"The loss has grown to {self.last_loss:.3g} nats in epoch {epoch}, and a model that has learned "
                f"nothing has {untrained:.0f}: the training diverges, most likely because the learning rate is too "
                f"high. A learning rate lower than {self.learning_rate:g} usually helps."
            )

    def _finish_epoch(self, epoch: int) -> None:
        """Held-out values, history, picture, and a checkpoint if the last is old enough."""
        means = self.sums / self.step
        held_out = self.engine.held_out()
        self._check(held_out.values(), epoch)  # the last step's loss was taken before its weights changed
        self._check_growth(epoch)
        row: dict[str, float] = {"epoch": epoch, "seconds": round(self.clock.seconds, 3)}
        row |= dict(zip(self.engine.metric_names, means.tolist(), strict=True))
        row |= {f"val_{name}": value for name, value in held_out.items()}
        row |= self.engine.measures()
        self.run.append_history(self.columns, row)
        self.epoch, self.step = epoch, 0
        self.sums = np.zeros_like(self.sums)
        self.engine.draw(self.run, epoch=epoch)
        if epoch < self.config.epochs and time.perf_counter() - self.saved_at > CHECKPOINT_SECONDS:
            self._save()
        self.log.write(
            f"Epoch {epoch}: " + ", ".join(f"{name} {value:.6g}" for name, value in row.items() if name != "epoch")
        )

    def _save(self) -> None:
        checkpoint.save(
            self.run.file("checkpoint"), checkpoint.Place(self.epoch, self.step), self.engine.state, self.sums
        )
        self.saved_at = time.perf_counter()

    def _show(self, epoch: int, now: bool = False) -> None:
        """Report the numbers to the caller, and several times a second to whoever looks at the folder."""
        total = self.config.epochs * self.engine.steps_per_epoch
        pace = self.asked.wishes.pace
        speed = self.clock.speed(self.taken)
        means = self.sums / max(self.step, 1)
        numbers = {
            "epoch": epoch,
            "epochs": self.config.epochs,
            "step": self.step,
            "steps": self.engine.steps_per_epoch,
            "share": self.taken / total,
            "seconds": self.clock.seconds,
            "images_per_second": speed * self.engine.batch_size,
            "seconds_left": (total - self.taken) / (pace or speed) if pace or speed else None,
            "metrics": dict(zip(self.engine.metric_names, means.tolist(), strict=True)) if self.step else {},
            "pace": pace,
        }
        self.report(numbers)
        moment = time.perf_counter()
        if now or self.asked.slow or moment - self.live_at > LIVE_SECONDS:
            self.run.write_progress(numbers)
            self.engine.draw(self.run, live=True)
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

    # What is asked

    def _obey(self) -> bool:
        """Do what people ask between two chunks: change, wait, slow down; False if the training is to end."""
        self._repeat_changes()
        while True:
            self._change_settings()
            if self._to_end():
                return False
            if self.resting and self.asked.wishes.wanted == control.TRAIN:
                self._go_on()
            wait = self.asked.wait()
            if wait == 0:
                break
            if wait == math.inf and self.clock.paused_at is None:
                self._pause()
            time.sleep(min(wait, PAUSE_SECONDS))
        self.clock.go()
        return True

    def _to_end(self) -> bool:
        """Whether the training ends here, and why."""
        if self.clock.wall > self.longest:
            self.ending = f"{self.longest / 60:g} minutes are the most this server gives one training"
        elif self.clock.paused_for > LONGEST_PAUSE:
            self.ending = f"it was paused for {LONGEST_PAUSE / 60:g} minutes, and no other could train meanwhile"
        stopped = self.asked.wishes.wanted == control.STOP
        if stopped:
            self._record("stop")
        return self.leave or stopped or self.ending is not None

    def _pause(self) -> None:
        self.clock.pause()
        self._show(self.epoch + 1, now=True)
        if not self.resting:
            self._record("pause")
        if not self.resting or self.epoch != self.rested_in:  # granted steps may lead into the next epoch
            self.run.set_status(runs.PAUSED, f"Paused in epoch {self.epoch + 1}.")
        self.resting, self.rested_in = True, self.epoch

    def _go_on(self) -> None:
        self.clock.go()
        self._record("resume")
        self.run.set_status(runs.RUNNING, "Training.")
        self.resting = False
        self.clock.mark(self.taken)
        self.asked.keep_pace()

    def _change_settings(self) -> None:
        """Carry out changes that were not yet; each is written down before it takes effect."""
        asked = self.asked
        asked.look()
        if asked.wishes.pace != asked.pace:
            self._record(control.PACE, asked.wishes.pace)
            asked.keep_pace()
            self.clock.mark(self.taken)
        if asked.fresh:
            self._record("step", asked.fresh)
            asked.fresh = 0
        for name, (wish, value) in sorted(asked.wishes.settings.items(), key=lambda item: item[1][0]):
            if wish > asked.answered.get(name, 0) and self._possible(name, value):
                self._overrule(name)
                self._record(name, value, wish)
                self._set(name, value)
                asked.answered[name] = wish

    def _possible(self, name: str, value: float) -> bool:
        """Whether a number may change while this training goes on, and to this value."""
        if name not in self.config.adjustable:
            return False
        try:
            self.config.setting(name).parse(value)
        except ConfigError:
            return False
        return True

    def _set(self, name: str, value: float) -> None:
        self.engine.change(name, value)
        if name == "learning_rate":
            self.learning_rate = value

    def _overrule(self, name: str) -> None:
        """A new wish ends those from before a crash that were still to be repeated: they would undo it."""
        ended = [event for event in self.replay if event.name == name]
        if ended:
            self.replay = [event for event in self.replay if event.name != name]
            control.keep_events(self.run, [event for event in control.events(self.run) if event not in ended])

    def _repeat_changes(self) -> None:
        """After a crash: change the settings again at the very steps where they were changed."""
        while self.replay and self.replay[0].step <= self.taken:
            event = self.replay.pop(0)
            assert event.value is not None
            self._set(event.name, event.value)

    def _record(self, name: str, value: float | None = None, wish: int = 0) -> None:
        epoch = self.taken / self.engine.steps_per_epoch
        control.record(self.run, Event(epoch, self.taken, self.clock.seconds, name, value, wish))
        self.log.write(
            f"In epoch {self.epoch + 1}, step {self.step}: {name}" + (f" {value:g}" if value is not None else "")
        )

    # Starting and ending

    def _resume(self) -> None:
        """Take up the newest checkpoint, if there is one; forget what came after it."""
        placing.finish(self.run)
        for folder in (self.run.path, self.run.file("samples")):
            files.sweep(folder)
        place, sums = checkpoint.restore(self.run.file("checkpoint"), self.engine.state, len(self.sums))
        self.epoch, self.step, self.sums = place.epoch, place.step, sums
        rows = [
            row for row in self.run.history() if row["epoch"] <= self.epoch and row.keys() >= set(self.columns)
        ]  # fmt: skip
        self.run.write_history(self.columns, rows)
        self.clock = clock.Clock(before=rows[-1]["seconds"] if rows else 0.0)
        past = control.events(self.run)
        self.asked.remember(past)
        changes = sorted(
            (event for event in past if event.wish and self._possible(event.name, event.value or 0.0)),
            key=lambda event: event.step,
        )
        self.replay = [event for event in changes if event.step >= self.taken]
        for event in changes:
            if event.step < self.taken and event.name == "learning_rate" and event.value is not None:
                self.learning_rate = event.value  # the checkpoint holds it already
        if past:
            control.keep_events(self.run, past)  # without a line torn by a crash
        began = f"goes on after epoch {self.epoch}, step {self.step}" if self.taken else "begins"
        self.log.write(f"{logs.STARTED}: {self.run.id} {began}; {kinds.describe(self.config)}; seed {self.config.seed}")

    def _go(self) -> None:
        self.log.write("The system ends this process; all is saved.")
        where = f"in epoch {self.epoch + 1}" if self.epoch < self.config.epochs else "before its models were saved"
        self.run.set_status(runs.INTERRUPTED, f"The system ended the training {where}; it can go on from there.")

    def _end(self) -> None:
        if self.epoch >= self.config.epochs:
            state, message = runs.DONE, f"Finished {self.epoch} epochs in {self.clock.seconds:.0f} s."
        else:
            part = " and a part of the next" if self.step else ""
            reason = f": {self.ending}" if self.ending else ""
            state, message = (
                runs.STOPPED,
                f"Stopped after {self.epoch} of {self.config.epochs} epochs{part}{reason}.",
            )
        self.log.write(message)
        self.run.set_status(state, message)


class Asked:
    """What is asked of the trainer, read again when the file changes, and how much of it is done."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.file = files.Changes(run.file("control.json"))
        self.wishes = control.read(run)
        self.pace = 0.0  # the slow motion that is written down
        self.granted = 0  # steps granted over the run's life that are known here
        self.fresh = 0  # of them, those not yet written down
        self.budget = 0  # steps that may still be taken while paused
        self.answered: dict[str, int] = {}  # for each setting the number of the last change that was carried out
        self.due = 0.0  # when the next step may be taken in slow motion

    def remember(self, past: Sequence[Event]) -> None:
        """Take up what was done for earlier trainers of this run: it is not done twice."""
        self.answered = {event.name: event.wish for event in past if event.wish}
        self.granted = sum(int(event.value or 0) for event in past if event.name == "step")
        self.pace = next((event.value or 0.0 for event in reversed(past) if event.name == control.PACE), 0.0)

    def look(self) -> None:
        """Read the wishes if the file has changed."""
        if not self.file.changed():
            return
        self.wishes = control.read(self.run)
        fresh = max(self.wishes.granted - max(self.granted, self.wishes.revoked), 0)
        self.fresh += fresh
        self.budget = min(self.budget + fresh, max(self.wishes.granted - self.wishes.revoked, 0))
        self.granted = max(self.wishes.granted, self.granted)

    @property
    def slow(self) -> bool:
        """Whether each step is to be seen."""
        return self.wishes.pace > 0 or self.wishes.wanted == control.PAUSE

    def wait(self) -> float:
        """Seconds until the next step may be taken: 0 is now, and while paused there is no end to them."""
        if self.wishes.wanted == control.PAUSE:
            return 0.0 if self.budget > 0 else math.inf
        self.budget = 0
        return max(self.due - time.perf_counter(), 0.0) if self.wishes.pace > 0 else 0.0

    def keep_pace(self) -> None:
        """Go at the pace that is asked for from now on: no step waits for the old one, and none is made up for."""
        self.pace, now = self.wishes.pace, time.perf_counter()
        self.due = min(max(self.due, now), now + 1 / self.pace) if self.pace else 0.0

    def allowed(self) -> float:
        """How many steps may be taken at once."""
        if self.wishes.wanted == control.PAUSE:
            return self.budget
        if self.wishes.pace > 0:
            return max(1, round(self.wishes.pace * LIVE_SECONDS / 2))
        return math.inf

    def took(self, steps: int) -> None:
        """Note that steps were taken."""
        if self.wishes.wanted == control.PAUSE:
            self.budget = max(self.budget - steps, 0)
        if self.wishes.pace > 0:
            self.due = max(self.due, time.perf_counter() - 1.0) + steps / self.wishes.pace


def explain(error: BaseException) -> str:
    """One sentence on why a training failed, for the run's status."""
    if isinstance(error, DivergedError):
        return str(error)
    why = cause(error)
    if why == runs.DISK:
        return "The disk is full: free some space and resume the run."
    if why == runs.MEMORY:
        return "The machine ran out of memory: use a smaller batch, a smaller net or fewer images."
    if isinstance(error, GenmodError):
        return str(error)
    if isinstance(error, OSError):
        return f"The run's folder could not be written ({error.strerror or type(error).__name__})."
    return f"The training failed with {type(error).__name__}; the run's log says more."


def cause(error: BaseException | None) -> str:
    """The same for programs: one of `runs.CAUSES`."""
    while error is not None:
        if isinstance(error, DivergedError):
            return runs.DIVERGED
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return runs.DISK
        out = isinstance(error, OSError) and error.errno == errno.ENOMEM
        if out or isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
            return runs.MEMORY
        error = error.__cause__ or error.__context__  # what a sentence for people was made of
    return ""
