"""Steering a training on the Train page: the buttons of each state, and what is said."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from genmod import jobs, kinds, runs
from genmod.errors import GenmodError
from genmod.jobs import workers
from genmod.runs import Run, Store, control, logs
from genmod.runs.control import Event
from genmod.system import files
from genmod.system.project import PROJECT
from genmod.ui import steering, training

ARTICLE = kinds.from_preset("vae", "article")
NUMBERS = {
    "epoch": 2, "epochs": 50, "step": 30, "steps": 600, "share": 0.02, "seconds": 3.0, "images_per_second": 150_000.0,
    "seconds_left": 95.0, "metrics": {"loss": 150.0, "reconstruction_loss": 148.0, "kl_loss": 50.0}, "pace": 0.0,
}  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store of own runs, for which no process is started."""

    def refuse(store: Store, mode: str) -> None:
        raise GenmodError("Tests start no training processes.")

    monkeypatch.setattr(workers, "_spawn", refuse)
    monkeypatch.setattr("genmod.jobs.dispatch.ensure_worker", lambda store: None)
    monkeypatch.setattr("genmod.jobs.overviews.FRESH", 0.0)
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))
    return runs.home()


@pytest.fixture
def active(home: Store) -> Iterator[Run]:
    """A run that trains, as far as anybody can see."""
    run = home.create(ARTICLE, "active-run")
    with jobs.hold(run):
        run.set_status(runs.RUNNING, "Training.")
        run.write_progress(NUMBERS)
        yield run


def visit(**query: str) -> AppTest:
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60)
    app.switch_page("pages/train.py")
    for name, value in query.items():
        app.query_params[name] = value
    return healthy(app.run())


def healthy(app: AppTest) -> AppTest:
    """No exception reached the page."""
    assert not app.exception, [element.message for element in app.exception]
    return app


def click(app: AppTest, label: str) -> AppTest:
    return healthy(next(button for button in app.button if button.label == label).click().run())


def buttons(app: AppTest) -> dict[str, bool]:
    """The labels of the page's buttons, and whether they can be pressed."""
    return {button.label: not button.disabled for button in app.main.button}


def staged(app: AppTest) -> dict[str, Any]:
    """What the stage was given of its first run."""
    found: dict[str, Any] = json.loads(stages(app)[0].proto.json)["acts"][0]
    return found


def head(app: AppTest) -> str:
    """What the page says is on stage."""
    return str(app.main.header[0].value)


def stages(app: AppTest) -> list[Any]:
    """The stages on the page, of which there is one at most."""
    return [found for found in app.get("bidi_component") if "stage" in found.proto.component_name]


def texts(app: AppTest) -> str:
    kinds = (app.markdown, app.caption, app.info, app.warning, app.error, app.success)
    found = [str(element.value) for kind in kinds for element in kind]
    return "\n".join([*found, *(block.proto.body for block in app.get("html"))])


# Buttons


def test_a_training_can_be_paused_stopped_and_stepped(active: Run) -> None:
    app = visit(run=active.id)
    assert buttons(app) == {"Train": True, "Pause": True, "Stop": True, "Step": True}
    click(app, "Pause")
    assert control.read(active).wanted == control.PAUSE
    app.number_input(key=f"steps_{active.id}").set_value(25).run()
    click(app, "Step")
    assert control.read(active).granted == 25
    click(app, "Stop")
    assert control.read(active).wanted == control.STOP


def test_a_paused_training_can_go_on(active: Run) -> None:
    active.set_status(runs.PAUSED, "Paused in epoch 2.")
    app = visit(run=active.id)
    assert buttons(app) == {"Train": True, "Go on": True, "Stop": True, "Step": True}
    assert staged(app)["now"]["w"] == "Epoch 2 of 50, step 30, paused"
    assert "Time left: paused" in texts(app)
    control.pause(active)
    click(app, "Go on")
    assert control.read(active).wanted == control.TRAIN


@pytest.mark.parametrize("state", [runs.STOPPED, runs.INTERRUPTED, runs.FAILED])
def test_a_run_that_ended_early_can_be_resumed(home: Store, state: str) -> None:
    run = home.create(ARTICLE, "early")
    run.set_status(state, f"It is {state}.")
    app = visit(run="early")
    assert buttons(app) == {"Train": True, "Resume": True, "Stop": False, "Step": False}
    assert f"It is {state}." in texts(app)
    click(app, "Resume")
    assert run.status().waiting
    assert buttons(app) == {"Train": True, "Stop": True, "Pause": False, "Step": False}


def test_a_run_that_diverged_is_not_resumed_but_mended(home: Store) -> None:
    run = home.create(kinds.from_preset("gan", "learning-rate-too-high"), "wild")
    run.set_status(runs.FAILED, "The loss is no longer a number.", cause=runs.DIVERGED)
    app = visit(run="wild")
    assert "Resume" not in buttons(app)
    assert not stages(app)  # no empty charts: there is nothing to see but the sentence
    click(app, "Set generator's learning rate to 0.01 and discriminator's learning rate to 0.01")
    assert "New: like wild, generator's learning rate 0.1 to 0.01, discriminator's learning rate 0.1 to 0.01" in head(
        app
    )


def test_a_training_that_goes_wrong_is_told_once_what_helps(home: Store) -> None:
    run = home.create(kinds.from_preset("gan", "mode-collapse"), "alike")
    row = {
        "seconds": 1.0, "d_loss": 1.0, "g_loss": 1.0, "d_real": 0.6, "d_fake": 0.4, "real_accuracy": 0.7,
        "fake_accuracy": 0.7, "variety": 0.1,
    }  # fmt: skip
    run.write_history(["epoch", *row], [{"epoch": epoch, **row} for epoch in (1, 2, 3)])
    with jobs.hold(run):
        run.set_status(runs.RUNNING, "Training.")
        words = "Set generator's learning rate to 0.001"
        app = visit(run="alike")
        click(app, words)
        assert control.read(run).settings == {"learning_rate": (1, 0.001)}
        assert words not in buttons(visit(run="alike"))


def test_between_stop_and_stopped_the_page_says_so_and_buttons_are_grey(active: Run) -> None:
    app = click(visit(run=active.id), "Stop")
    assert "Stopping: the present steps are finished" in texts(app)
    assert buttons(app) == {"Train": True, "Stop": False, "Pause": False, "Step": False}


def test_a_finished_or_shipped_run_can_only_be_looked_at(home: Store) -> None:
    home.create(ARTICLE, "over").set_status(runs.DONE, "Finished.")
    assert buttons(visit(run="over")) == {"Train": True, "Stop": False, "Pause": False, "Step": False}
    assert buttons(visit(run="vae-article")) == {"Train": True}


def test_a_click_that_comes_too_late_is_answered(active: Run) -> None:
    app = visit(run=active.id)
    active.set_status(runs.DONE, "Finished 50 epochs.")
    click(app, "Pause")
    assert "The run active-run is not training; it is done." in texts(app)
    app.run()
    assert "is not training" not in texts(app)  # said once


# Other settings


def test_settings_are_changed_on_the_page(active: Run) -> None:
    app = visit(run=active.id)
    assert app.number_input(key="beta_active-run").value == 0.0392
    app.number_input(key="learning_rate_active-run").set_value(0.0005).run()
    healthy(app)
    app.selectbox(key="pace_active-run").set_value("4 steps a second").run()
    healthy(app)
    wishes = control.read(active)
    assert wishes.settings == {"learning_rate": (1, 0.0005)}
    assert wishes.pace == 4
    again = visit(run=active.id)  # another visitor sees what holds now
    assert again.number_input(key="learning_rate_active-run").value == 0.0005
    assert again.selectbox(key="pace_active-run").value == "4 steps a second"


def test_what_was_done_is_told_under_the_curves(active: Run) -> None:
    for event in (
        Event(0.5, 300, 1.0, "beta", 2.0, 1), Event(1.25, 750, 2.0, "pause"), Event(1.25, 750, 2.0, "step", 5.0),
        Event(1.3, 780, 2.5, "resume"), Event(1.5, 900, 3.0, "steps_per_second", 4.0),
    ):  # fmt: skip
        control.record(active, event)
    assert (
        "Done while it trained: beta 2 in epoch 1; paused in epoch 2; 5 steps in epoch 2; went on in epoch 2; "
        "4 steps/s in epoch 2." in texts(visit(run=active.id))
    )


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Event(0, 0, 0, "learning_rate", 0.0005, 1), "learning rate 0.0005"),
        (Event(0, 0, 0, "steps_per_second", 0.0), "full speed"),
        (Event(0, 0, 0, "step", 1.0), "1 step"),
        (Event(0, 0, 0, "stop"), "stopped"),
        (Event(0, 0, 0, "dance"), "dance"),
    ],
)
def test_each_event_has_words(event: Event, words: str) -> None:
    assert steering.words(event, ARTICLE) == words


# The same training again


def test_the_same_training_is_joined_and_can_be_insisted_on(home: Store) -> None:
    app = click(visit(preset="article"), "Train")
    (run,) = home.runs()
    assert "exactly these settings" not in texts(app)
    other = click(visit(preset="article"), "Train")
    assert home.runs() == [run]
    assert other.session_state["run"] == run.id
    assert "A training with exactly these settings is under way already: this is it." in texts(other)
    click(other, "Train again anyway")
    assert len(home.runs()) == 2
    assert other.session_state["run"] != run.id
    assert "exactly these settings" not in texts(other)


def test_a_finished_training_is_shown_again(home: Store) -> None:
    click(visit(preset="article"), "Train")
    (run,) = home.runs()
    for name in ("decoder.tflite", "encoder.tflite", "history.csv"):
        shutil.copy(PROJECT / "checkpoints" / "vae-article" / name, run.file(name))
    run.set_status(runs.DONE, "Finished 50 epochs in 20 s.")
    app = click(visit(preset="article"), "Train")
    assert "A training with exactly these settings has been done already: this is it." in texts(app)
    assert "Finished 50 epochs in 20 s." in texts(app)


# Refusals and removals


def test_a_training_that_is_too_large_is_refused(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_MAX_EPOCHS", "20")
    app = click(visit(preset="article"), "Train")
    assert "This training would have 50 epochs, and this server allows at most 20; choose less." in texts(app)
    assert home.runs() == []


def test_runs_that_made_room_are_named_and_their_link_says_so(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    old = home.create(ARTICLE)
    old.file("big.bin").write_bytes(b"x" * 2_000_000)
    old.set_status(runs.DONE, "Finished.")
    monkeypatch.setenv("GENMOD_MAX_STORE_MB", "1")
    app = click(visit(preset="article"), "Train")
    assert f"To make room, the oldest runs were removed: {old.id}." in texts(app)
    assert old not in home.runs()
    assert f"The run '{old.id}' was removed: it made room on " in texts(visit(run=old.id))
    assert "all runs together may take 1 MB here" in texts(visit(run=old.id))


# Waiting


@pytest.mark.parametrize(
    ("outlook", "sentence"),
    [
        (jobs.Outlook(1, 0, 0.0), "Starting: the training process is getting ready, which takes a few seconds."),
        (jobs.Outlook(1, 1, 41.0), "Place 1 in the queue, 1 training before this one: it starts by itself in about 40 "
                                   "seconds."),
        (jobs.Outlook(3, 3, 200.0), "Place 3 in the queue, 3 trainings before this one: it starts by itself in about 3 "
                                    "minutes."),
        (jobs.Outlook(2, 2, None), "Place 2 in the queue, 2 trainings before this one: when it starts cannot be told, "
                                   "for one of them is paused or has only just begun."),
    ],
)  # fmt: skip
def test_a_waiting_run_says_what_is_before_it(outlook: jobs.Outlook, sentence: str) -> None:
    assert training.waiting_sentence(outlook) == sentence


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "5 seconds"), (42, "40 seconds"), (89, "90 seconds"), (95, "2 minutes"), (3600, "60 minutes"),
     (5400, "1.5 hours")],
)  # fmt: skip
def test_times_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert training.duration(seconds) == words


def test_a_waiting_run_shows_its_place(home: Store, active: Run) -> None:
    home.create(ARTICLE, "waits")
    assert "Place 1 in the queue, 1 training before this one: it starts by itself in about 2 minutes." in texts(
        visit(run="waits")
    )
    active.set_status(runs.PAUSED, "Paused.")
    assert "when it starts cannot be told" in texts(visit(run="waits"))


def test_processes_that_do_not_start_are_named(home: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    home.create(ARTICLE, "waits")
    monkeypatch.setattr(workers, "trouble", lambda store: "It does not start.")
    assert "It does not start." in texts(visit(run="waits"))


# The log


def test_the_log_can_be_read_of_own_runs(home: Store) -> None:
    run = home.create(ARTICLE, "logged")
    run.set_status(runs.STOPPED, "Stopped.")
    assert not any(expander.label == "Log of the training" for expander in visit(run="logged").expander)
    logs.Log(run.file(logs.NAME)).write("Training started: <b>logged</b>\nEpoch 1: loss 150")
    app = visit(run="logged")
    assert any(expander.label == "Log of the training" for expander in app.expander)
    assert "Epoch 1: loss 150" in app.code[0].value
    assert "<b>logged</b>" in app.code[0].value


def test_a_young_training_says_that_it_gets_ready(active: Run) -> None:
    active.file("progress.json").unlink()
    app = visit(run=active.id)
    assert (staged(app)["now"], staged(app)["waiting"][:13]) == (None, "Getting ready")
    files.write_json(active.file("progress.json"), NUMBERS | {"seconds_left": None, "metrics": {}, "step": 0})
    app = visit(run=active.id)
    assert "Time left: -" in texts(app)
    assert staged(app)["now"] is None
