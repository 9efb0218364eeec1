"""Whole trainings, hit at every file operation and then resumed; run as `python -m tests.faults.trainings FOLDER NAME`.

The trainer and all that it writes are the real ones; only the engine is a fake, which takes no time.
"""

from __future__ import annotations

import itertools
import json
import shutil
import sys
import types
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock

from genmod import jobs, runs
from genmod.datasets import Doubles
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control
from genmod.training import checkpoint, epochs, trainer, worker
from tests.faults.injector import Fault
from tests.faults.strike import Blow, strike
from tests.faults.sweep import STRAY, start_no_workers
from tests.training.fake_engine import MODELS, STEPS, FakeEngine

CONFIG = VAEConfig(epochs=3, seed=3, learning_rate=0.01, beta=1)
SENTENCES = (
    "The disk is full: free some space and resume the run.",
    "The run's folder could not be written (Input/output error).",
    "could not be saved (No space left on device)",
    "could not be saved (Input/output error)",
    "cannot be written (No space left on device)",
    "cannot be written (Input/output error)",
)


@dataclass(frozen=True)
class Course:
    """What people do while it trains, each once, at a step counted from the start; 0 is never."""

    change_at: int = 0
    stop_at: int = 0

    def watch(self, run: Run) -> trainer.Report:
        """A report function that does it."""

        def report(numbers: Mapping[str, Any]) -> None:
            taken = (numbers["epoch"] - 1) * STEPS + numbers["step"]
            if 0 < self.change_at <= taken and not control.altered(run):
                control.change(run, learning_rate=0.002, beta=2.5)
            if 0 < self.stop_at <= taken:
                control.stop(run)

        return report


COURSES = {
    "straight": Course(),
    "changed": Course(change_at=4),
    "stopped": Course(stop_at=5),
    "both": Course(change_at=4, stop_at=7),
}


def train(run: Run, course: Course) -> bool:
    """Train as a process does that was started for it."""
    lock = jobs.hold(run)
    try:
        return worker.train(run, worker.Leaving(), course.watch(run))
    finally:
        lock.release()


def go_on(run: Run, course: Course) -> None:
    """Resume until it is done, as the app and the command line do."""
    for _ in range(3):
        lock = jobs.hold(run)
        control.start_afresh(run)
        lock.release()
        assert train(run, course), run.status().message
        if run.status().state == runs.DONE:
            return
        course = Course(change_at=course.change_at)  # it was stopped once
    raise AssertionError(f"It did not come to an end: {run.status()}.")


def outcome(run: Run) -> dict[str, Any]:
    """All that a training has given."""
    engine = FakeEngine(run.config())
    place, _ = checkpoint.restore(run.file("checkpoint"), engine.state, len(engine.metric_names))
    return {
        "state": run.status().state,
        "place": place,
        "weights": [variable.value.tobytes() for variable in engine.state],
        "history": [{name: value for name, value in row.items() if name != "seconds"} for row in run.history()],
        "models": [run.read_export(name) for name in MODELS],
        "pictures": {path.name: path.read_bytes() for path in run.file("samples").glob("epoch-*.png")},
    }


def expected(changes: list[control.Event], folder: Path) -> dict[str, Any]:
    """The outcome of a training never interrupted in which the settings were changed at those very steps."""
    run = Store(folder).create(CONFIG, "expected")
    engine = FakeEngine(CONFIG)

    class Changing(FakeEngine):
        """Changes its settings by itself."""

        def run(self, first: int, steps: int) -> Doubles:
            """One step at a time."""
            sums = FakeEngine.run(self, first, 0)
            for step in range(first, first + steps):
                for event in changes:
                    if event.step == (self.epoch - 1) * STEPS + step:
                        assert event.value is not None
                        self.change(event.name, event.value)
                sums += FakeEngine.run(self, step, 1)
            return sums

    engine = Changing(CONFIG)
    with filelock.FileLock(run.lock_path):
        trainer.Trainer(run, engine).train()
    return outcome(run)


def check(run: Run, folder: Path, known: dict[tuple[int, ...], dict[str, Any]], course: Course) -> None:
    """The run has ended as if nothing had been."""
    changes = [event for event in control.events(run) if event.request]
    wished = {"learning_rate": 0.002, "beta": 2.5} if course.change_at else {}
    assert {event.name: event.value for event in changes} == wished, f"What was changed is {changes}."
    assert len(changes) == len(wished), f"A change was made twice: {changes}."
    steps = tuple(event.step for event in changes)
    if steps not in known:
        known[steps] = expected(changes, folder / f"expected-{'-'.join(map(str, steps))}")
    found = outcome(run)
    different = [name for name in found if found[name] != known[steps][name]]
    assert not different, f"{different} differ from those of an uninterrupted training; changes at steps {steps}."
    left = [str(path) for path in run.path.rglob("*") if STRAY.search(path.name) or path.name == runs.EXPORTED]
    assert not left, f"Stray files are left: {left}."


def check_broken(run: Run, blow: Blow) -> None:
    """What a reader sees before anybody resumes it."""
    status = run.status()
    rows = [row["epoch"] for row in run.history()]
    assert rows == list(range(1, len(rows) + 1)), f"The history has the epochs {rows}."
    assert run.config() == CONFIG
    models = [run.file(name).exists() or run.exported(name).exists() for name in MODELS]
    assert len(set(models)) == 1, f"Of the models there are {models}."
    assert not run.locked() and not blow.held, f"Locks are still held: {blow.held}."
    assert blow.leaked == 0, f"{blow.leaked} descriptors were left open."
    if blow.fault.kills:
        assert status.state in (runs.QUEUED, runs.INTERRUPTED, runs.STOPPED, runs.DONE), status
    elif blow.fault is Fault.FULL:  # there may be no room to say it
        assert status.state in (runs.QUEUED, runs.INTERRUPTED, runs.FAILED, runs.STOPPED, runs.DONE), status
    elif status.state == runs.FAILED:
        assert any(sentence in status.message for sentence in SENTENCES), status.message
    else:  # it could not begin, and the caller was told, or it was nothing that matters
        assert status.state in (runs.QUEUED, runs.STOPPED, runs.DONE) or "could not be saved" in blow.sentence, status


def sweep(name: str, folder: Path) -> Counter[str]:
    """Hit a training at each file operation, with SIGKILL at all and in the other ways at some; resume and compare."""
    course = COURSES[name]
    prepared = Store(folder / "prepared")
    prepared.create(CONFIG, "subject")
    known: dict[tuple[int, ...], dict[str, Any]] = {}
    counted: Counter[str] = Counter()
    for at in itertools.count(1):
        faults = [Fault.KILL]
        if at % 5 == 0:
            faults.append((Fault.ENOSPC, Fault.EIO, Fault.FULL)[at // 5 % 3])
        torn = iter((Fault.TORN_KILL, (Fault.TORN_ENOSPC, Fault.TORN_EIO)[at % 2]) if at % 2 else ())
        while faults:
            fault = faults.pop(0)
            store = Store(folder / f"{fault.name}-{at}")
            shutil.copytree(prepared.root, store.root)
            run = Run(store.root / "subject")
            blow = strike(lambda run=run: _train_well_or_badly(run, course), store.root, at, fault)  # type: ignore[misc]
            if blow.touched is None:
                return counted
            if fault is Fault.KILL and blow.touched.startswith("write"):
                faults += torn
            try:
                check_broken(run, blow)
                counted[run.status().state] += 1
                if run.status().state != runs.DONE:
                    go_on(run, course)
                check(run, folder, known, course)
            except Exception as error:
                raise AssertionError(f"{name}, {blow}") from error
            counted[blow.ended] += 1
            shutil.rmtree(store.root)
    raise AssertionError("The count has no end.")


def _train_well_or_badly(run: Run, course: Course) -> None:
    train(run, course)


def main(arguments: list[str]) -> None:
    """Sweep through one course of a training and print what was counted."""
    start_no_workers()
    fake = types.ModuleType("genmod.training.engine")
    setattr(fake, "KerasEngine", FakeEngine)  # noqa: B010
    sys.modules[fake.__name__] = fake
    # A checkpoint at every epoch, a look at the requests and a picture at every step: nothing goes by the clock.
    for module, setting in ((trainer, "CHECKPOINT_SECONDS"), (trainer, "LIVE_SECONDS"), (epochs, "CHUNK_SECONDS")):
        setattr(module, setting, 0.0)
    first = trainer.Trainer.__init__

    def begin(self: trainer.Trainer, *arguments: Any, **named: Any) -> None:
        first(self, *arguments, **named)
        self.epochs._chunk = 1

    setattr(trainer.Trainer, "__init__", begin)  # noqa: B010
    folder, name = arguments
    print(json.dumps(sweep(name, Path(folder))))
    assert "tensorflow" not in sys.modules


if __name__ == "__main__":
    main(sys.argv[1:])
