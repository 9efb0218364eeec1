"""What people ask of a training: heard whoever else asks, refused in one sentence, and written down."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import filelock
import pytest

from genmod import jobs, runs
from genmod.errors import ConfigError, RunError, StoreError
from genmod.kinds import VAEConfig
from genmod.runs import Run, Store, control
from genmod.runs.control import Event, Requests
from genmod.system import files


@pytest.fixture
def run(store: Store) -> Iterator[Run]:
    """A run that trains, as far as anybody can see."""
    run = store.create(VAEConfig(epochs=3), "first")
    with jobs.hold(run):
        yield run


# Requests


def test_nothing_is_asked_of_a_new_run(run: Run) -> None:
    assert control.read(run) == Requests(control.TRAIN, 0, 0, 0.0, {})


def test_each_wish_leaves_the_others_standing(run: Run) -> None:
    control.change(run, learning_rate="0.0005")
    control.change(run, beta=2, steps_per_second=4)
    control.step(run, 3)
    assert control.read(run) == Requests(control.PAUSE, 3, 0, 4.0, {"learning_rate": (1, 0.0005), "beta": (2, 2.0)})
    control.change(run, learning_rate=0.1)
    control.stop(run)
    wishes = control.read(run)
    assert wishes.wanted == control.STOP
    assert wishes.settings == {"learning_rate": (3, 0.1), "beta": (2, 2.0)}


def test_settings_asked_for_together_are_one_wish(run: Run) -> None:
    control.change(run, learning_rate=0.01, beta=0.5)
    assert control.read(run).settings == {"learning_rate": (1, 0.01), "beta": (1, 0.5)}


def test_clicks_at_the_same_time_are_all_heard(run: Run) -> None:
    clicks: list[Callable[[], None]] = []
    for number in range(10):
        clicks.append(lambda: control.step(run, 2))
        clicks.append(lambda number=number: control.change(run, beta=number + 1))  # type: ignore[misc]
        clicks.append(lambda number=number: control.change(run, learning_rate=0.01 * (number + 1)))  # type: ignore[misc]
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(click) for click in clicks]:
            done.result()
    wishes = control.read(run)
    assert wishes.granted == 20
    assert wishes.wanted == control.PAUSE
    assert max(number for number, _ in wishes.settings.values()) == 20
    assert set(wishes.settings) == {"beta", "learning_rate"}


@pytest.mark.parametrize("end_steps", [control.pause, control.resume])
def test_steps_granted_before_a_pause_are_revoked(run: Run, end_steps: Callable[[Run], None]) -> None:
    control.step(run, 100)
    end_steps(run)
    control.step(run, 5)
    wishes = control.read(run)
    assert (wishes.granted, wishes.revoked) == (105, 100)


def test_starting_afresh_forgets_the_wish_to_end_but_no_setting(run: Run) -> None:
    control.change(run, beta=3)
    control.step(run, 7)
    control.stop(run)
    control.start_afresh(run)
    wishes = control.read(run)
    assert (wishes.wanted, wishes.granted, wishes.revoked) == (control.TRAIN, 7, 7)
    assert wishes.settings == {"beta": (1, 3.0)}


# Refusals


@pytest.mark.parametrize("state", sorted({runs.QUEUED} | runs.ENDED))
def test_a_run_that_does_not_train_is_asked_for_nothing(store: Store, state: str) -> None:
    run = store.create(VAEConfig(), "idle")
    run.set_status(state, "x")
    for ask in (
        control.pause, control.resume, control.stop, control.step, lambda run: control.change(run, beta=2),
    ):  # fmt: skip
        with pytest.raises(RunError, match=rf"^The run idle is not training; it is {state}\.$"):
            ask(run)
    assert run.control() == {}


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"epochs": 3}, "epochs cannot be changed while a vae trains; what can be is learning_rate, beta, "
                        "steps_per_second."),
        ({"dropout": 3}, "dropout cannot be changed while a vae trains; what can be is learning_rate, beta, "
                         "steps_per_second."),
        ({}, "Nothing to set was given; what can be set is learning_rate, beta, steps_per_second."),
        ({"learning_rate": 2}, "learning_rate is 2; it must be a number from 1e-06 to 1."),
        ({"learning_rate": "fast"}, "learning_rate is 'fast'; it must be a number from 1e-06 to 1."),
        ({"beta": float("nan")}, "beta is nan; it must be a number from 0 to 100."),
        ({"beta": True}, "beta is True; it must be a number from 0 to 100."),
        ({"steps_per_second": -1}, "steps_per_second is -1; it must be a number from 0.1 to 1,000, or 0 for full "
                                   "speed."),
        ({"steps_per_second": "nan"}, "steps_per_second is nan; it must be a number from 0.1 to 1,000, or 0 for full "
                                      "speed."),
        ({"steps_per_second": "9" * 99}, f"steps_per_second is {'9' * 40}; it must be a number from 0.1 to 1,000, or 0 "
                                         "for full speed."),
    ],
)  # fmt: skip
def test_what_cannot_be_set_is_refused_in_one_sentence(run: Run, values: dict[str, object], sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        control.change(run, **values)
    assert str(refused.value) == sentence
    assert run.control() == {}


def test_one_wrong_value_spoils_the_whole_wish(run: Run) -> None:
    with pytest.raises(ConfigError):
        control.change(run, learning_rate=0.01, beta=1000)
    assert control.read(run).settings == {}


@pytest.mark.parametrize("steps", [0, -1, control.MOST_STEPS + 1])
def test_a_number_of_steps_out_of_range_is_refused(run: Run, steps: int) -> None:
    with pytest.raises(ConfigError, match=rf"^steps is {steps}; it must be a whole number from 1 to 100,000\.$"):
        control.step(run, steps)
    assert control.read(run).granted == 0


@pytest.mark.parametrize(("text", "pace"), [("0", 0), (0, 0), ("0.1", 0.1), (20, 20), ("1e3", 1000)])
def test_a_pace_is_read_as_typed(text: object, pace: float) -> None:
    assert control.parse_pace(text) == pace


def test_a_busy_or_unwritable_run_gives_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(self: object, *arguments: object, **named: object) -> None:
        raise filelock.Timeout("")

    def denied(self: object, *arguments: object, **named: object) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    for acquire, sentence in ((late, "The run first is busy; try again in a moment."),
                              (denied, "The request could not be saved (Permission denied); try again.")):  # fmt: skip
        with monkeypatch.context() as patch:
            patch.setattr(filelock.FileLock, "acquire", acquire)
            with pytest.raises(StoreError) as refused:
                control.start_afresh(run)
        assert str(refused.value) == sentence


# Damage


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"\xff\x00", b'{"wanted": "pau',
        b'{"wanted": "dance", "granted": "many", "steps_per_second": [1], "settings": [1, 2]}',
        b'{"wanted": 7, "granted": null, "steps_per_second": NaN, "settings": {"beta": 3, "learning_rate": [1]}}',
        b'{"granted": -5, "revoked": -7, "settings": {"beta": ["1", 2], "learning_rate": [1, true]}}',
        b'{"granted": Infinity, "settings": {"beta": [NaN, 2]}}',
    ],
)  # fmt: skip
def test_damaged_wishes_ask_for_nothing_and_can_be_added_to(run: Run, content: bytes) -> None:
    run.file("control.json").write_bytes(content)
    assert control.read(run) == Requests()
    assert not control.altered(run)
    control.change(run, beta=2, steps_per_second=1)
    control.step(run, 2)
    assert control.read(run) == Requests(control.PAUSE, 2, 0, 1.0, {"beta": (1, 2.0)})


@pytest.mark.parametrize(("found", "pace"), [(1e9, 1000.0), (0.001, 0.1), (-3, 0.1)])
def test_a_pace_out_of_range_is_brought_into_it(run: Run, found: float, pace: float) -> None:
    files.write_json(run.file("control.json"), {"steps_per_second": found})
    assert control.read(run).pace == pace


# The record

HAPPENED = [
    Event(0.25, 150, 1.5, "beta", 2.0, 1),
    Event(0.25, 150, 1.5, "pause"),
    Event(1 / 3, 200, 12.345, "step", 50.0),
    Event(2.0, 1200, 30.0, "learning_rate", 0.0005, 2),
]


def test_events_come_back_as_they_were(run: Run) -> None:
    assert control.events(run) == []
    for event in HAPPENED:
        control.record(run, event)
    assert control.events(run) == HAPPENED
    control.keep_events(run, HAPPENED[1:3])
    assert control.events(run) == HAPPENED[1:3]
    control.record(run, HAPPENED[3])
    assert control.events(run) == HAPPENED[1:]


@pytest.mark.parametrize("torn", ["2.5,15", "2.5,1500,31.0,be", "2.5,1500,31.0,beta,2.", "2.5,1500,31.0,beta,2.0,3"])
def test_a_torn_event_is_left_out(run: Run, torn: str) -> None:
    for event in HAPPENED:
        control.record(run, event)
    with run.file(control.EVENTS).open("a") as stream:
        stream.write(torn)
    assert control.events(run) == HAPPENED


@pytest.mark.parametrize(
    "line", ["", "x,1,1.0,pause,,0", "1.0,1", "1.0,1.5,1.0,pause,,0", "\0\0", "1.0,1,1.0,beta,2,many"]
)
def test_a_damaged_event_is_left_out(run: Run, line: str) -> None:
    for event in HAPPENED[:2]:
        control.record(run, event)
    with run.file(control.EVENTS).open("a") as stream:
        stream.write(line + "\n")
    control.record(run, HAPPENED[2])
    assert control.events(run) == HAPPENED[:3]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\n", b"epoch,step\n1,2\n"])
def test_a_damaged_record_reads_as_empty(run: Run, content: bytes) -> None:
    run.file(control.EVENTS).write_bytes(content)
    assert control.events(run) == []


def test_only_a_changed_setting_alters_a_run(run: Run) -> None:
    control.step(run, 5)
    control.change(run, steps_per_second=4)
    for event in HAPPENED[1:3]:
        control.record(run, event)
    assert not control.altered(run)
    control.change(run, beta=2)
    assert control.altered(run)


def test_a_run_stays_altered_when_its_wishes_are_lost(run: Run) -> None:
    control.record(run, HAPPENED[0])
    assert control.altered(run)


def test_wishes_and_events_are_whole_files(run: Run, store: Store) -> None:
    control.change(run, beta=2)
    control.record(run, HAPPENED[0])
    control.keep_events(run, HAPPENED)
    left = [path.name for path in Path(run.path).iterdir()]
    assert not any(re.search(r"\.tmp", name) for name in left)


@pytest.mark.parametrize(
    "line", ["nan,1,1,pause,,0", "1,1,1,beta,,1", "1,-1,1,pause,,0", "1,1,1,<b>,2,0", "1", "1,x,1,stop,,0"]
)
def test_odd_events_are_left_out_with_a_sentence(run: Run, line: str) -> None:
    control.record(run, Event(1.5, 3, 2.0, "pause"))
    with run.file(control.EVENTS).open("a") as stream:
        stream.write(line + "\n")
    assert control.events(run) == [Event(1.5, 3, 2.0, "pause")]
    assert control.complaints(run) == [f"The events.csv of run {run.id} is damaged; 1 of its lines cannot be used."]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "[" * 50_000, '{"wanted": []}', '{"granted": "x"}', '{"settings": [1]}', '{"settings": {"beta": 2}}',
     '{"granted": 1' + "0" * 400 + "}", '{"steps_per_second": NaN}'],
)  # fmt: skip
def test_odd_wishes_are_not_done_and_one_sentence_says_so(run: Run, text: str) -> None:
    run.file("control.json").write_text(text)
    wishes = control.read(run)
    assert (wishes.wanted, wishes.granted, wishes.pace, wishes.settings) == (control.TRAIN, 0, 0.0, {})
    assert control.complaints(run) == [
        f"The control.json of run {run.id} is damaged; what makes no sense in it is not done."
    ]
