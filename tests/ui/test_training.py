"""What the Train page says in words: waiting, durations, live numbers."""

from __future__ import annotations

import pytest

from genmod import kinds
from genmod.jobs import Outlook
from genmod.kinds import Diagnosis
from genmod.runs import DONE, STOPPED, Status
from genmod.ui import say, training


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "5 seconds"), (12, "10 seconds"), (89, "90 seconds"), (90, "2 minutes"), (600, "10 minutes"),
     (5400, "1.5 hours")],
)  # fmt: skip
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert training.duration(seconds) == said


@pytest.mark.parametrize(
    ("outlook", "said"),
    [
        (Outlook(1, 0, 0.0), "Starting: the training process is getting ready"),
        (Outlook(2, 1, 100.0), "Place 2 in the queue, 1 training before this one: it starts by itself in about 2 min"),
        (Outlook(3, 2, None), "Place 3 in the queue, 2 trainings before this one: when it starts cannot be told"),
    ],
)
def test_what_a_waiting_run_has_before_it(outlook: Outlook, said: str) -> None:
    assert training.waiting_sentence(outlook).startswith(said)


def test_live_numbers_have_their_units() -> None:
    progress = {
        "epoch": 2, "epochs": 5, "step": 3, "steps": 10, "share": 0.26, "seconds_left": 75.2,
        "images_per_second": 12_345.6, "metrics": {"loss": 140.26, "reconstruction_loss": 138.6, "kl_loss": 42.0},
    }  # fmt: skip
    kind = kinds.kind("vae")
    assert training.live_numbers(kind, progress, paused=False) == {
        "Epoch": "2 of 5", "Step": "3 of 10", "Time left": "1:15 min", "Speed": "12,346 images/s",
        "Loss": "140.3 nats", "Reconstruction": "138.6 nats", "+ beta x KL": "0.0395 x 42.0 = 1.7 nats",
    }  # fmt: skip
    assert training.live_numbers(kind, progress, paused=True)["Time left"] == "paused"
    assert training.live_numbers(kind, {}, paused=False) == {}


@pytest.mark.parametrize(
    ("status", "found", "drawn"),
    [
        (Status(DONE, "Finished."), None, "success"),
        (Status(DONE, "Finished."), Diagnosis("balanced", "All is well."), "success"),
        (Status(DONE, "Finished."), Diagnosis("collapsing", "All alike.", sound=False), "warning"),
        (Status(STOPPED, "Stopped."), None, "info"),
    ],
)
def test_only_a_training_that_ended_well_is_green(
    status: Status, found: Diagnosis | None, drawn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    for name in ("success", "warning", "info"):
        monkeypatch.setattr(say, name, lambda text, icon, name=name: said.append(name))
    training._ended(status, found)
    assert said == [drawn]
