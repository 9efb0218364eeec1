"""What people ask of a training while it runs: done soon, written down, and repeated after a crash."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from genmod import jobs, runs
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control, logs
from genmod.runs.control import Event
from genmod.training import trainer, worker
from genmod.training.trainer import Trainer
from genmod.training.worker import Leaving
from tests.training.plain_engine import Loss, PlainEngine, use

ENDLESS = VAEConfig(epochs=500, images=60_000)  # 600 steps an epoch
SHORT = VAEConfig(epochs=4, images=1000)  # 10 steps an epoch
PROMPT = 0.5  # seconds within which a wish takes effect


class PulledPlug(BaseException):
    """The process is gone."""


def weights_with(config: VAEConfig, events: list[Event]) -> npt.NDArray[np.float64]:
    """What the weights are at the end if the settings change at those very steps: taken one by one."""
    engine = PlainEngine(config)
    for step in range(config.epochs * engine.steps_per_epoch):
        for event in events:
            if event.request and event.step == step:
                assert event.value is not None
                engine.change(event.name, event.value)
        epoch, first = divmod(step, engine.steps_per_epoch)
        engine.start_epoch(epoch + 1)
        engine.run(first, 1)
    return engine.weights.value


class Training:
    """A training as its process does it, but in a thread of this one, while the test clicks."""

    def __init__(self, run: Run, engine: PlainEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        self.run, self.engine = run, engine
        use(monkeypatch, engine)
        self.leaving = Leaving()
        self.thread = threading.Thread(target=self._train, name="training")

    def _train(self) -> None:
        lock = jobs.hold(self.run)
        try:
            worker.train(self.run, self.leaving)
        finally:
            lock.release()

    def __enter__(self) -> Training:
        self.thread.start()
        soon(lambda: bool(self.engine.calls) or not self.thread.is_alive())
        return self

    def __exit__(self, *exception: object) -> None:
        if self.leaving.trainer is not None:
            self.leaving.trainer.leave()
        self.thread.join(10)
        assert not self.thread.is_alive()

    def end(self) -> runs.Status:
        """Wait until it has ended by itself."""
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.run.status()

    def rest(self) -> int:
        """Wait until it is paused and has taken all steps it was granted; how many it has taken in all."""
        trainer = self.leaving.trainer
        assert trainer is not None
        steering, requests = trainer.steering, trainer.steering.requests
        soon(
            lambda: (
                steering.resting
                and trainer.clock.paused_at is not None
                and requests.budget == 0
                and requests.granted == control.read(self.run).granted
                and requests.present.wanted == control.PAUSE
                and self.run.status().state == runs.PAUSED
            )
        )
        return self.engine.taken


def soon(condition: Callable[[], bool], seconds: float = 8.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.005)


def named(run: Run, *names: str) -> list[Event]:
    return [event for event in control.events(run) if event.name in names]


@pytest.fixture
def endless(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Training]:
    """A training of a millisecond a step that goes on until it is stopped."""
    with Training(store.create(ENDLESS, "endless"), PlainEngine(ENDLESS, 0.001), monkeypatch) as training:
        soon(lambda: training.engine.taken > 50)
        yield training


# Pausing, going on, stopping


def test_a_pause_and_going_on_take_effect_soon_and_are_written_down(endless: Training) -> None:
    control.pause(endless.run)
    asked = time.perf_counter()
    stood = endless.rest()
    assert endless.engine.calls[-1].ended - asked < PROMPT
    assert endless.run.status() == runs.Status(runs.PAUSED, "Paused in epoch 1.")
    assert endless.run.progress()["step"] == stood
    before = len(endless.engine.calls)
    control.resume(endless.run)
    asked = time.perf_counter()
    soon(lambda: len(endless.engine.calls) > before)
    assert endless.engine.calls[before].began - asked < PROMPT
    assert endless.run.status() == runs.Status(runs.RUNNING, "Training.")
    assert [(event.name, event.step, event.epoch) for event in control.events(endless.run)] == [
        ("pause", stood, stood / 600),
        ("resume", stood, stood / 600),
    ]


def test_a_pause_is_no_training_time(endless: Training) -> None:
    control.pause(endless.run)
    endless.rest()
    time.sleep(0.4)
    control.resume(endless.run)
    soon(lambda: bool(named(endless.run, "resume")))
    paused, resumed = named(endless.run, "pause", "resume")
    assert resumed.seconds - paused.seconds < 0.2


def test_stopping_takes_effect_soon_and_leaves_a_usable_run(endless: Training) -> None:
    control.stop(endless.run)
    asked = time.perf_counter()
    status = endless.end()
    assert endless.engine.calls[-1].ended - asked < PROMPT
    assert status == runs.Status(runs.STOPPED, "Stopped after 0 of 500 epochs and a part of the next.")
    assert endless.run.usable()
    (event,) = control.events(endless.run)
    assert (event.name, event.step, event.request) == ("stop", endless.engine.taken, 0)


def test_a_paused_training_can_be_stopped(endless: Training) -> None:
    control.pause(endless.run)
    stood = endless.rest()
    control.stop(endless.run)
    assert endless.end().state == runs.STOPPED
    assert endless.engine.taken == stood
    assert [event.name for event in control.events(endless.run)] == ["pause", "stop"]


@pytest.mark.parametrize(("images", "batch_size"), [(60_000, 100), (60_000, 10_000)])
def test_slow_steps_wait_for_no_whole_dozen(
    store: Store, monkeypatch: pytest.MonkeyPatch, images: int, batch_size: int
) -> None:
    # With wide layers or huge batches a step takes a good part of a second, from the first one on.
    config = VAEConfig(epochs=500, images=images, batch_size=batch_size)
    with Training(store.create(config, "heavy"), PlainEngine(config, 0.15), monkeypatch) as training:
        control.pause(training.run)
        asked = time.perf_counter()
        training.rest()
        assert training.engine.calls[-1].ended - asked < PROMPT


# Steps


def test_one_step_or_several_are_taken_and_no_more(endless: Training) -> None:
    control.pause(endless.run)
    stood = endless.rest()
    control.step(endless.run)
    assert endless.rest() == stood + 1
    drawn = endless.engine.drawn
    control.step(endless.run, 5)
    assert endless.rest() == stood + 6
    assert endless.engine.drawn > drawn
    assert endless.run.progress()["step"] == stood + 6
    assert endless.run.status().state == runs.PAUSED
    assert [(event.step, event.value) for event in named(endless.run, "step")] == [(stood, 1), (stood + 1, 5)]
    assert [event.name for event in control.events(endless.run)] == ["pause", "step", "step"]


def test_two_clicks_on_step_are_two_steps(endless: Training) -> None:
    control.pause(endless.run)
    stood = endless.rest()
    for _ in range(2):
        control.step(endless.run, 20)
    assert endless.rest() == stood + 40
    assert sum(event.value or 0 for event in named(endless.run, "step")) == 40


def test_a_step_pauses_a_training_that_runs(endless: Training) -> None:
    control.step(endless.run, 3)
    stood = endless.rest()
    (granted,) = named(endless.run, "step")
    assert stood == granted.step + 3


def test_a_pause_ends_granted_steps_too(endless: Training) -> None:
    control.step(endless.run, 10_000)
    soon(lambda: bool(named(endless.run, "step")))
    control.pause(endless.run)
    asked = time.perf_counter()
    stood = endless.rest()
    assert endless.engine.calls[-1].ended - asked < PROMPT
    control.step(endless.run, 2)
    assert endless.rest() == stood + 2


def test_steps_left_over_are_forgotten_when_the_training_goes_on(endless: Training) -> None:
    control.step(endless.run, 10_000)
    control.resume(endless.run)
    control.pause(endless.run)
    assert endless.rest() < 5000


def test_steps_into_the_next_epoch_change_what_is_said(endless: Training) -> None:
    control.pause(endless.run)
    stood = endless.rest()
    control.step(endless.run, 600)
    assert endless.rest() == stood + 600
    soon(lambda: endless.run.status().message == f"Paused in epoch {(stood + 600) // 600 + 1}.")


def test_a_step_asked_for_while_the_trainer_starts_is_taken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(ENDLESS, "eager")
    with jobs.hold(run):
        control.step(run, 4)
    with Training(run, PlainEngine(ENDLESS, 0.001), monkeypatch) as training:
        assert training.rest() == 4


# Slow motion


def test_slow_motion_starts_and_ends_soon_and_both_are_marked(endless: Training) -> None:
    control.change(endless.run, steps_per_second=4)
    asked = time.perf_counter()
    soon(lambda: endless.run.progress().get("pace") == 4)
    slow_from = named(endless.run, control.PACE)[0].step
    soon(lambda: endless.engine.taken > slow_from + 4)
    calls = [call for call in endless.engine.calls if call.first >= slow_from]
    assert calls[0].began - asked < PROMPT
    gaps = np.diff([call.began for call in calls])
    assert all(call.steps == 1 for call in calls)
    assert gaps.mean() == pytest.approx(0.25, abs=0.06)
    progress = endless.run.progress()
    total = 500 * 600
    assert progress["seconds_left"] == pytest.approx((total - endless.engine.taken) / 4, rel=0.01)

    control.change(endless.run, steps_per_second=0)
    asked = time.perf_counter()
    soon(lambda: endless.engine.calls[-1].steps > 5)
    fast = next(call for call in endless.engine.calls if call.began > asked and call.steps > 1)
    assert fast.began - asked < PROMPT
    assert [event.value for event in named(endless.run, control.PACE)] == [4, 0]
    slow, full = named(endless.run, control.PACE)
    assert slow.step < full.step <= fast.first


def test_a_faster_slow_motion_does_not_wait_for_the_old_one(endless: Training) -> None:
    control.change(endless.run, steps_per_second=0.1)
    soon(lambda: endless.run.progress().get("pace") == 0.1)
    taken = len(endless.engine.calls)
    control.change(endless.run, steps_per_second=10)
    asked = time.perf_counter()
    soon(lambda: len(endless.engine.calls) > taken)
    assert endless.engine.calls[taken].began - asked < PROMPT


def test_a_setting_changed_in_slow_motion_is_marked_at_once(endless: Training) -> None:
    control.change(endless.run, steps_per_second=0.1)
    soon(lambda: endless.run.progress().get("pace") == 0.1)
    control.change(endless.run, beta=5)
    soon(lambda: bool(named(endless.run, "beta")), PROMPT)
    assert named(endless.run, "beta")[0].step == endless.engine.taken


def test_a_pause_and_steps_in_slow_motion_take_effect_soon_and_are_marked(endless: Training) -> None:
    control.change(endless.run, steps_per_second=0.2)
    soon(lambda: endless.run.progress().get("pace") == 0.2)
    time.sleep(0.1)
    control.step(endless.run, 2)
    asked = time.perf_counter()
    stood = endless.rest()
    (granted,) = named(endless.run, "step")
    assert (granted.value, granted.step + 2) == (2, stood)
    assert endless.engine.calls[-1].ended - asked < PROMPT


# Other settings


def test_settings_change_soon_from_a_step_on_that_is_written_down(endless: Training) -> None:
    control.change(endless.run, learning_rate=0.01, beta=2)
    asked = time.perf_counter()
    soon(lambda: endless.engine.calls[-1].settings == {"learning_rate": 0.01, "beta": 2})
    first = next(call for call in endless.engine.calls if call.settings["beta"] == 2)
    assert first.began - asked < PROMPT
    assert sorted((event.name, event.value, event.step) for event in control.events(endless.run)) == [
        ("beta", 2.0, first.first),
        ("learning_rate", 0.01, first.first),
    ]
    assert control.altered(endless.run)


def test_a_paused_training_takes_its_next_step_with_the_new_setting(endless: Training) -> None:
    control.pause(endless.run)
    stood = endless.rest()
    control.change(endless.run, beta=7)
    soon(lambda: bool(named(endless.run, "beta")))
    control.step(endless.run)
    assert endless.rest() == stood + 1
    assert endless.engine.calls[-1].settings["beta"] == 7
    assert endless.engine.calls[-2].settings["beta"] == ENDLESS.beta
    assert [event.step for event in named(endless.run, "beta")] == [stood]


def at_step(run: Run, *changes: tuple[int, dict[str, float]], plug: int = 10**9) -> Callable[[int], None]:
    """Ask for changes when the engine comes to a step, and pull the plug at another."""
    left = list(changes)

    def before(step: int) -> None:
        while left and step >= left[0][0]:
            control.change(run, **left.pop(0)[1])
        if step >= plug:
            raise PulledPlug

    return before


def go_on(run: Run, monkeypatch: pytest.MonkeyPatch, *changes: tuple[int, dict[str, float]], plug: int) -> PlainEngine:
    """Train in this thread until the plug is pulled."""
    engine = PlainEngine(SHORT)
    engine.before = at_step(run, *changes, plug=plug)
    use(monkeypatch, engine)
    with monkeypatch.context() as patch, jobs.hold(run), pytest.raises(PulledPlug):
        patch.setattr("genmod.training.epochs.CHUNK_SECONDS", 0.0)  # step by step
        worker.train(run, Leaving())
    return engine


def finish(run: Run, monkeypatch: pytest.MonkeyPatch, *changes: tuple[int, dict[str, float]]) -> PlainEngine:
    """Train in this thread to the end."""
    engine = PlainEngine(SHORT)
    engine.before = at_step(run, *changes)
    use(monkeypatch, engine)
    with jobs.hold(run):
        assert worker.train(run, Leaving()), run.status().message
    return engine


@pytest.mark.parametrize("saved", [0.0, math.inf])
def test_changes_are_repeated_at_their_very_steps_after_a_crash(
    store: Store, monkeypatch: pytest.MonkeyPatch, saved: float
) -> None:
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", saved)  # after every epoch, or never
    run = store.create(SHORT, "shaken")
    go_on(run, monkeypatch, (3, {"learning_rate": 0.2}), (12, {"beta": 3.0}), (25, {"beta": 0.5}), plug=28)
    happened = named(run, "learning_rate", "beta")
    assert [(event.name, event.value) for event in happened] == [
        ("learning_rate", 0.2), ("beta", 3.0), ("beta", 0.5),
    ]  # fmt: skip
    assert run.status().state == runs.INTERRUPTED
    engine = finish(run, monkeypatch)
    assert engine.calls[0].first == (20 if saved == 0.0 else 0)
    assert named(run, "learning_rate", "beta") == happened  # nothing is written down twice
    np.testing.assert_array_equal(engine.weights.value, weights_with(SHORT, happened))
    assert engine.settings == {"learning_rate": 0.2, "beta": 0.5}


def test_a_new_wish_takes_the_place_of_one_that_would_be_repeated(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", math.inf)
    run = store.create(SHORT, "changed-mind")
    go_on(run, monkeypatch, (25, {"beta": 3.0}), plug=28)
    go_on(run, monkeypatch, (11, {"beta": 9.0}), plug=14)
    engine = finish(run, monkeypatch)
    assert engine.settings["beta"] == 9.0
    np.testing.assert_array_equal(engine.weights.value, weights_with(SHORT, control.events(run)))


def test_a_change_survives_a_stop_and_a_resume(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SHORT, "stopped")
    engine = PlainEngine(SHORT)
    change = at_step(run, (3, {"beta": 3.0}))

    def before(step: int) -> None:
        change(step)
        if step >= 15:
            run.ask(wanted=control.STOP)

    engine.before = before
    use(monkeypatch, engine)
    with jobs.hold(run):
        worker.train(run, Leaving())
    assert run.status().state == runs.STOPPED
    monkeypatch.setattr("genmod.jobs.dispatch.call_worker", lambda store: None)
    jobs.resume(store, run)
    engine = finish(run, monkeypatch)
    assert engine.settings["beta"] == 3.0
    np.testing.assert_array_equal(engine.weights.value, weights_with(SHORT, control.events(run)))


# Ends that nobody asked for


def test_a_training_paused_for_too_long_ends_and_says_why(endless: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genmod.training.steering.LONGEST_PAUSE", 0.3)
    control.pause(endless.run)
    status = endless.end()
    assert status == runs.Status(
        runs.STOPPED,
        "Stopped after 0 of 500 epochs and a part of the next: it was paused for 0.005 minutes, "
        "and no other could train meanwhile.",
    )
    assert endless.run.usable()


def test_a_training_out_of_time_ends_and_keeps_the_result(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_MAX_MINUTES", "0.005")
    config = ENDLESS.replace(images=1000)
    run = store.create(config, "long")
    with Training(run, PlainEngine(config, 0.001), monkeypatch) as training:
        status = training.end()
    epochs = len(run.history())
    assert status.state == runs.STOPPED
    assert status.message.startswith(f"Stopped after {epochs} of 500 epochs")
    assert status.message.endswith(": 0.005 minutes are the most this server gives one training.")
    assert epochs > 2
    assert run.usable()


def failed(store: Store, monkeypatch: pytest.MonkeyPatch, config: VAEConfig, loss: Loss) -> Run:
    """A training whose loss goes wrong."""
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", 0.0)
    run = store.create(config, "wild")
    engine = PlainEngine(config, loss=loss)
    use(monkeypatch, engine)
    with jobs.hold(run):
        assert not worker.train(run, Leaving())
    assert run.status().state == runs.FAILED
    return run


def test_a_loss_that_is_no_number_names_epoch_reason_and_hint_and_keeps_the_last_good_checkpoint(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = failed(store, monkeypatch, SHORT, lambda epoch, step: math.nan if (epoch, step) == (3, 4) else 150.0)
    assert run.status().message == (
        "The loss is no longer a number in epoch 3: the training has diverged, most likely because the learning rate "
        "is too high. A learning rate lower than 0.001 usually helps."
    )
    assert [row["epoch"] for row in run.history()] == [1, 2]
    assert sorted(path.name for path in run.file("checkpoint").glob("*.npz")) == ["epoch-00001.npz", "epoch-00002.npz"]
    assert "DivergedError" in logs.tail(run.file(logs.NAME))
    engine = finish(run, monkeypatch)  # it can go on from there when the reason is gone
    assert engine.calls[0].first == 20
    np.testing.assert_array_equal(engine.weights.value, weights_with(SHORT, []))


def test_a_growing_loss_names_epoch_reason_and_hint(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = failed(store, monkeypatch, SHORT, lambda epoch, step: 150.0 * 10**epoch)
    assert run.status().message.startswith("The loss has grown to ")
    assert "nats in epoch 2, and a model that has learned nothing has 543: " in run.status().message
    assert run.status().message.endswith("A learning rate lower than 0.001 usually helps.")
    assert [row["epoch"] for row in run.history()] == [1]
    assert [path.name for path in run.file("checkpoint").glob("*.npz")] == ["epoch-00001.npz"]


def test_the_hint_goes_by_the_learning_rate_of_that_moment(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SHORT, "raised")
    engine = PlainEngine(SHORT, loss=lambda epoch, step: math.nan if epoch == 3 else 150.0)
    engine.before = at_step(run, (12, {"learning_rate": 0.5}))
    use(monkeypatch, engine)
    with jobs.hold(run):
        assert not worker.train(run, Leaving())
    assert run.status().message.endswith("A learning rate lower than 0.5 usually helps.")


def test_a_large_beta_is_no_growing_loss(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SHORT, "heavy-beta")  # 150 + 100 * 60 nats are far from 543, and nothing is wrong
    finish(run, monkeypatch, (5, {"beta": 100.0}))
    assert run.status().state == runs.DONE


# The system ends the process


def test_a_process_that_has_to_leave_saves_within_the_epoch(endless: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    endless.leaving._hear(15, None)
    status = endless.end()
    stood = endless.engine.taken
    assert status == runs.Status(runs.INTERRUPTED, "The system ended the training in epoch 1; it can go on from there.")
    assert [path.name for path in endless.run.file("checkpoint").iterdir()] == [f"epoch-00000-step-{stood:07d}.npz"]
    assert not endless.run.usable()
    with Training(endless.run, PlainEngine(ENDLESS, 0.001), monkeypatch) as again:
        assert again.engine.calls[0].first == stood


def test_a_process_that_has_to_leave_after_the_last_step_says_so(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SHORT, "late")
    leaving = Leaving()
    engine = PlainEngine(SHORT)
    engine.before = lambda step: leaving._hear(15, None) if step >= 30 else None
    engine.loss = lambda epoch, step: 150.0
    use(monkeypatch, engine)
    monkeypatch.setattr("genmod.training.steering.Steering.obey", lambda self: True)
    with jobs.hold(run):
        assert not worker.train(run, leaving)
    assert run.status().state == runs.INTERRUPTED
    assert run.status().message == (
        "The system ended the training before its models were saved; it can go on from there."
    )
    monkeypatch.undo()
    use(monkeypatch, engine)
    engine.before = lambda step: None
    with jobs.hold(run):
        assert worker.train(run, Leaving())
    assert run.status().state == runs.DONE


def test_a_wish_to_leave_before_there_is_a_training_ends_the_process() -> None:
    with pytest.raises(SystemExit) as ended:
        Leaving()._hear(15, None)
    assert ended.value.code == 143


# The numbers on the way


def test_the_numbers_on_the_way_make_sense(store: Store) -> None:
    run = store.create(SHORT, "numbers")
    reports: list[Mapping[str, Any]] = []
    engine = PlainEngine(SHORT, 0.002)
    with jobs.hold(run):
        Trainer(run, engine, reports.append).train()
    first, last = reports[0], reports[-1]
    assert first["seconds_left"] is None  # nobody can tell before the second look
    assert first["images_per_second"] == 0
    assert all(report["seconds_left"] is not None for report in reports[1:])
    assert (last["epoch"], last["step"], last["share"], last["seconds_left"]) == (4, 10, 1.0, 0.0)
    assert last["images_per_second"] == pytest.approx(100 / 0.002, rel=0.6)
    assert last["images_per_second"] < 100 / 0.002
    places = [(report["epoch"], report["step"]) for report in reports]
    assert places == sorted(set(places))
    for report in reports:
        assert (report["epochs"], report["steps"], report["pace"]) == (4, 10, 0)
        assert report["share"] == pytest.approx(((report["epoch"] - 1) * 10 + report["step"]) / 40)
        assert report["metrics"]["reconstruction_loss"] == 150
        assert report["metrics"]["loss"] == pytest.approx(150 + 60 * SHORT.beta)
    assert run.progress()["epochs"] == 4


def test_what_a_resumed_training_says_counts_what_was_before(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "CHECKPOINT_SECONDS", 0.0)
    run = store.create(SHORT, "again")
    go_on(run, monkeypatch, plug=20)
    reports: list[Mapping[str, Any]] = []
    with jobs.hold(run):
        Trainer(run, PlainEngine(SHORT), reports.append).train()
    assert reports[0]["epoch"] == 3
    assert reports[0]["share"] > 0.5
    assert reports[0]["seconds_left"] is None
    assert [row["epoch"] for row in run.history()] == [1, 2, 3, 4]
    assert [row["seconds"] for row in run.history()] == sorted(row["seconds"] for row in run.history())


def test_the_log_tells_what_happened(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run = store.create(SHORT, "told")
    finish(run, monkeypatch, (3, {"beta": 2.0}))
    text = logs.tail(run.file(logs.NAME))
    assert "Training started: told begins; article, with epochs 4 and training images 1000; seed 0" in text
    assert ": beta 2\n" in text
    assert "Epoch 4: " in text
    assert text.rstrip().endswith("Finished 4 epochs in 0 s.")


def test_the_log_stays_bounded_while_an_epoch_goes_on(endless: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    # What TensorFlow prints goes past `Log.write` into the same file.
    endless.engine.seconds = 0.02  # the epoch takes twelve seconds
    path = endless.run.file(logs.NAME)
    with open(path, "ab") as stream:
        stream.write(b"a warning from below\n" * 60_000)
    soon(lambda: path.stat().st_size <= logs.LIMIT, 3)
