"""What is done to a store, and what a reader may see of it when it was cut short."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from genmod import jobs, runs
from genmod.errors import RunError
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control
from genmod.runs.control import Event
from genmod.system import files
from genmod.training import checkpoint, commit
from genmod.training.checkpoint import Place

COLUMNS = ("epoch", "seconds", "loss")
ROWS = [{"epoch": epoch, "seconds": 1.5 * epoch, "loss": 200.0 / epoch} for epoch in (1, 2, 3)]
MODELS = ("decoder.tflite", "encoder.tflite", "model.keras")
CONFIG = VAEConfig(epochs=3, hidden_units=(8,))
FRESH_ID = re.compile(r"vae-[a-z]+-[a-z0-9]{5}\b")


class Variable:
    """A NumPy array that is read and set as training variables are."""

    def __init__(self, value: npt.NDArray[Any]) -> None:
        self.value = value
        self.shape = value.shape

    def numpy(self) -> npt.NDArray[Any]:
        """The array."""
        return self.value

    def assign(self, value: npt.NDArray[Any]) -> None:
        """Replace the array."""
        self.value = value


class Operation:
    """Something done to the run `subject` while `bystander` is there too, which must not change."""

    trained = False  # a trainer holds `subject` all the while

    def prepare(self, store: Store) -> None:
        """Make the store in which it is done."""

    def operate(self, store: Store) -> None:
        """Do it."""
        for stage in self.stages():
            stage(store)

    def stages(self) -> list[Callable[[Store], object]]:
        """The steps that each commit something: a reader may see what stands between two of them, no other."""
        return [self.operate]

    def seen(self, store: Store) -> object:
        """What a reader sees."""
        raise NotImplementedError

    def retry(self, store: Store) -> None:
        """Do it again after it was cut short."""
        self.operate(store)

    def verify(self, store: Store) -> None:
        """What else must hold after it was cut short."""


def subject(store: Store) -> Run:
    """The run it is done to."""
    return Run(store.root / "subject")


def make(store: Store, run_id: str, state: str = runs.DONE, epochs: int = 2) -> Run:
    """A run with history, models and pictures."""
    run = store.create(CONFIG, run_id)
    run.write_history(COLUMNS, ROWS[:epochs])
    for name in MODELS:
        run.file(name).write_bytes(b"old " + name.encode())
    run.file("samples/live.png").write_bytes(b"a picture")
    run.set_status(state, "As it was.")
    return run


class SavingACheckpoint(Operation):
    """The third, so that the first has to go."""

    place = Place(3)

    def prepare(self, store: Store) -> None:
        run = make(store, "subject", runs.RUNNING)
        for epoch in (1, 2):
            self._save(run, Place(epoch))

    def operate(self, store: Store) -> None:
        self._save(subject(store), self.place)

    def seen(self, store: Store) -> object:
        state = self._state(0)
        place, sums = checkpoint.restore(subject(store).file("checkpoint"), state, 2)
        return place, [variable.value.tobytes() for variable in state], sums.tobytes()

    def _save(self, run: Run, place: Place) -> None:
        seed = 10 * place.epoch + place.step
        checkpoint.save(run.file("checkpoint"), place, self._state(seed), np.array([seed, 0.5]))

    def _state(self, seed: int) -> list[Variable]:
        generator = np.random.default_rng(seed)
        return [Variable(generator.normal(size=(3, 4)).astype(np.float32)), Variable(generator.integers(0, 9, 2))]


class SavingInMidEpoch(SavingACheckpoint):
    """As a training does that is asked to stop."""

    place = Place(2, 4)


class SavingTheFirstCheckpoint(SavingACheckpoint):
    """Where there is not even a folder."""

    place = Place(1)

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING)


class AppendingHistory(Operation):
    """One epoch's row."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING)

    def operate(self, store: Store) -> None:
        subject(store).append_history(COLUMNS, ROWS[2])

    def seen(self, store: Store) -> object:
        return subject(store).history()

    def retry(self, store: Store) -> None:
        if len(subject(store).history()) == 2:
            self.operate(store)


class ReplacingHistory(Operation):
    """As a training does that goes back to its checkpoint."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING, epochs=3)

    def operate(self, store: Store) -> None:
        subject(store).write_history(COLUMNS, ROWS[:1])

    def seen(self, store: Store) -> object:
        return subject(store).history()


class Finishing(Operation):
    """New models over old ones, then the status."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING)

    def stages(self) -> list[Callable[[Store], object]]:
        return [_place_models, _set_done]

    def seen(self, store: Store) -> object:
        run = subject(store)
        return run.status().state, run.usable(), [run.read_export(name) for name in MODELS]

    def retry(self, store: Store) -> None:
        files.sweep(subject(store).path)  # as a training does that goes on
        self.operate(store)

    def verify(self, store: Store) -> None:
        before = self.seen(store)
        commit.finish(subject(store))
        assert self.seen(store) == before, "What a reader saw before the finish was not what it sees now."


def _place_models(store: Store) -> None:
    with commit.whole_set(subject(store)) as folder:
        for name in MODELS:
            with files.replacing(folder / name) as temporary:
                temporary.write_bytes(b"new " + name.encode())


def _set_done(store: Store) -> None:
    subject(store).set_status(runs.DONE, "Finished 3 epochs in 5 s.")


class FinishingWhatACrashLeft(Finishing):
    """A committed set that was half moved to its place."""

    def prepare(self, store: Store) -> None:
        run = make(store, "subject", runs.RUNNING)
        run.file(runs.EXPORTED).mkdir()
        for name in MODELS:
            place = run.path if name == MODELS[0] else run.file(runs.EXPORTED)
            (place / name).write_bytes(b"newer " + name.encode())

    def stages(self) -> list[Callable[[Store], object]]:
        return [lambda store: commit.finish(subject(store))]


class FinishingForTheFirstTime(Finishing):
    """Where no models were before."""

    def prepare(self, store: Store) -> None:
        super().prepare(store)
        for name in MODELS:
            subject(store).file(name).unlink()

    def seen(self, store: Store) -> object:
        run = subject(store)
        return run.status().state, run.usable(), [run.exported(name).is_file() for name in MODELS]


class Submitting(Operation):
    """A visitor presses Train."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.STOPPED)

    def operate(self, store: Store) -> None:
        jobs.submit(store, CONFIG.replace(seed=7))

    def seen(self, store: Store) -> object:
        return [
            (FRESH_ID.sub("fresh", run.id), run.config(), run.status().state, run.fingerprint())
            for run in sorted(store.runs(), key=lambda run: run.id)
        ]


class SubmittingTheFirst(Submitting):
    """Where there is no store yet."""

    def prepare(self, store: Store) -> None:
        pass


class MakingRoom(Submitting):
    """The oldest run has to go first."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.STOPPED)
        subject(store).pin(False)
        subject(store).file("big.bin").write_bytes(bytes(3_000_000))

    def stages(self) -> list[Callable[[Store], object]]:
        return [jobs.make_room, lambda store: jobs.submit(store, CONFIG.replace(seed=7))]

    def operate(self, store: Store) -> None:
        jobs.submit(store, CONFIG.replace(seed=7))


class Creating(Submitting):
    """A run with an id of its own, which is pinned."""

    def operate(self, store: Store) -> None:
        store.create(CONFIG.replace(seed=8), "own")

    def seen(self, store: Store) -> object:
        return super().seen(store), [run.pinned() for run in store.runs()]

    def retry(self, store: Store) -> None:
        if store.find("own") is None:
            self.operate(store)


class Resuming(Operation):
    """A stopped run is queued again."""

    def prepare(self, store: Store) -> None:
        run = make(store, "subject", runs.STOPPED)
        run.ask(wanted=control.STOP)
        run.write_attempt(2)

    def operate(self, store: Store) -> None:
        jobs.resume(store, subject(store))

    def stages(self) -> list[Callable[[Store], object]]:
        return [
            lambda store: control.start_afresh(subject(store)),
            lambda store: subject(store).write_attempt(0),
            lambda store: subject(store).set_status(runs.QUEUED, "Waiting to go on."),
        ]

    def seen(self, store: Store) -> object:
        run = subject(store)
        return run.status().state, control.read(run).wanted, run.resumes(), len(run.history())

    def retry(self, store: Store) -> None:
        if not subject(store).status().waiting:
            self.operate(store)


class ResumingByItself(Resuming):
    """A run whose trainer has died is queued again."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING).write_attempt(0)

    def operate(self, store: Store) -> None:
        jobs.resume_interrupted(store)

    def stages(self) -> list[Callable[[Store], object]]:
        return [
            lambda store: subject(store).write_attempt(1),
            lambda store: subject(store).set_status(runs.QUEUED, "Waiting to go on."),
        ]

    def seen(self, store: Store) -> object:
        # An attempt may be used up by a keeper that was killed: it is counted, and the run is not lost.
        run = subject(store)
        return run.status().state, 1 <= run.resumes() <= runs.MOST_RESUMES if run.status().waiting else None


class Claiming(Operation):
    """A worker takes the first waiting run."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.QUEUED)

    def operate(self, store: Store) -> None:
        if (claimed := jobs.claim(store)) is not None:
            claimed[1].release()

    def seen(self, store: Store) -> object:
        return subject(store).status().state  # nobody holds it any more: what was running is interrupted


class LeavingTheQueue(Operation):
    """A waiting run is stopped."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.QUEUED)

    def operate(self, store: Store) -> None:
        jobs.stop(store, subject(store))

    def seen(self, store: Store) -> object:
        return subject(store).status()

    def retry(self, store: Store) -> None:
        if subject(store).status().waiting:
            self.operate(store)


class Deleting(Operation):
    """A run and all its files."""

    def prepare(self, store: Store) -> None:
        make(store, "subject")

    def operate(self, store: Store) -> None:
        store.delete(subject(store))

    def seen(self, store: Store) -> object:
        run = store.find("subject")
        return None if run is None else (run.status(), run.history(), [run.read_export(name) for name in MODELS])

    def retry(self, store: Store) -> None:
        if store.find("subject") is not None:
            self.operate(store)


class DeletingWithAReason(Deleting):
    """As for a run that has to make room."""

    def operate(self, store: Store) -> None:
        store.delete(subject(store), "made room")

    def verify(self, store: Store) -> None:
        assert store.why_removed("subject") in (None, "made room")


class DeletingWhatTrains(Deleting):
    """It is refused, whatever else goes wrong."""

    trained = True

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING)

    def operate(self, store: Store) -> None:
        try:
            store.delete(subject(store))
        except RunError:
            return

    def retry(self, store: Store) -> None:
        self.operate(store)


class ChangingSettings(Operation):
    """Two settings and the pace, wished for at once."""

    trained = True

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING).ask(wanted=control.PAUSE, settings={"beta": [1, 2.0]})

    def operate(self, store: Store) -> None:
        control.change(subject(store), learning_rate=0.01, beta=3.0, steps_per_second=5)

    def seen(self, store: Store) -> object:
        wishes = control.read(subject(store))
        return wishes.wanted, wishes.pace, {name: value for name, (_, value) in wishes.settings.items()}


class GrantingSteps(ChangingSettings):
    """Five steps for a paused training."""

    def operate(self, store: Store) -> None:
        control.step(subject(store), 5)

    def seen(self, store: Store) -> object:
        return control.read(subject(store))

    def retry(self, store: Store) -> None:
        if control.read(subject(store)).granted == 0:
            self.operate(store)


class Stopping(ChangingSettings):
    """A training is asked to stop."""

    def operate(self, store: Store) -> None:
        jobs.stop(store, subject(store))


class RecordingAnEvent(Operation):
    """What was done to a training."""

    def prepare(self, store: Store) -> None:
        control.record(make(store, "subject", runs.RUNNING), Event(0.5, 5, 1.0, "pause"))

    def operate(self, store: Store) -> None:
        control.record(subject(store), Event(1.5, 15, 2.0, "learning_rate", 0.005, 1))

    def seen(self, store: Store) -> object:
        return control.events(subject(store))

    def retry(self, store: Store) -> None:
        if all(event.step != 15 for event in control.events(subject(store))):
            self.operate(store)


class RecordingTheFirstEvent(RecordingAnEvent):
    """Together with the head of the table."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING)


class KeepingEvents(RecordingAnEvent):
    """As a training does that goes on."""

    def operate(self, store: Store) -> None:
        control.keep_events(subject(store), [Event(0.25, 2, 0.5, "stop")])

    def retry(self, store: Store) -> None:
        self.operate(store)


class SettingAStatus(Operation):
    """A new state with its sentence."""

    def prepare(self, store: Store) -> None:
        make(store, "subject", runs.RUNNING)

    def operate(self, store: Store) -> None:
        subject(store).set_status(runs.FAILED, "It could not be.")

    def seen(self, store: Store) -> object:
        return subject(store).status()


class Pinning(Operation):
    """A finished run is kept."""

    def prepare(self, store: Store) -> None:
        make(store, "subject")
        subject(store).pin(False)

    def operate(self, store: Store) -> None:
        subject(store).pin()

    def seen(self, store: Store) -> object:
        return subject(store).pinned(), subject(store).status()


class Unpinning(Pinning):
    """A finished run may go."""

    def prepare(self, store: Store) -> None:
        make(store, "subject")

    def operate(self, store: Store) -> None:
        subject(store).pin(False)


def every() -> dict[str, type[Operation]]:
    """All operations by name."""
    found: dict[str, type[Operation]] = {}
    kinds = [Operation]
    while kinds:
        kind = kinds.pop()
        found |= {child.__name__: child for child in kind.__subclasses__()}
        kinds += kind.__subclasses__()
    return dict(sorted(found.items()))
