"""What people ask of a training while it runs, and the record of what was done about it."""

from __future__ import annotations

import contextlib
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genmod.errors import ConfigError, RunError, StoreError
from genmod.runs import Run
from genmod.system import files, locks
from genmod.system.file_cache import FileCache

TRAIN, PAUSE, STOP = "running", "paused", "stopped"  # what is wanted
PACE = "steps_per_second"
SLOWEST, FASTEST = 0.1, 1000.0  # steps a second in slow motion
MOST_STEPS = 100_000  # in one request
PATIENCE = 5.0  # seconds to wait for the lock of the requests
EVENTS = "events.csv"
MOST_EVENTS = 16_000_000  # bytes of events.csv
MOST_TAKEN = 1e12  # steps, whatever a damaged file may say
_WITHOUT_VALUE = ("pause", "resume", "stop")  # of the events
_NAME = re.compile(r"[a-z_]{1,40}")
_known_events: FileCache[tuple[list[Event], str]] = FileCache(16)  # a page asks for them several times a second
_HEAD = "epoch,step,seconds,event,value,wish\n"


@dataclass(frozen=True)
class Requests:
    """All that is asked of a trainer right now.

    Attributes:
        wanted: `TRAIN`, `PAUSE` or `STOP`.
        granted: steps granted to a paused training, counted up over the run's life: two clicks in a row
            add up, whether or not the trainer saw the first.
        revoked: of these, those granted before the last request to pause or to go on: they are no longer wanted.
        pace: steps a second in slow motion; 0 is full speed.
        settings: for each setting that was changed the number of the request and the new value.
    """

    wanted: str = TRAIN
    granted: int = 0
    revoked: int = 0
    pace: float = 0.0
    settings: Mapping[str, tuple[int, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One thing that was done to a training.

    Attributes:
        epoch: where it happened, in epochs from the start; 2.5 is the middle of the third.
        step: the same in steps: it holds from this step on.
        seconds: of training until then.
        name: `pause`, `resume`, `step`, `stop`, `steps_per_second`, or the setting that was changed.
        value: the new value, or the number of steps; None where there is none.
        request: the number of the request that a change of a setting answers; 0 for all else.
    """

    epoch: float
    step: int
    seconds: float
    name: str
    value: float | None = None
    request: int = 0


def read(run: Run) -> Requests:
    """The requests in the run's control.json; what is missing or makes no sense there is not asked."""
    data = run.control()
    wanted = data.get("wanted")
    pace = _number(data.get(PACE))
    return Requests(
        str(wanted) if wanted in (PAUSE, STOP) else TRAIN,
        _count(data.get("granted")),
        _count(data.get("revoked")),
        min(max(pace, SLOWEST), FASTEST) if pace else 0.0,
        _settings(data),
    )


def _settings(data: Mapping[str, Any]) -> dict[str, tuple[int, float]]:
    """The changes of settings in control.json; damaged ones are left out."""
    changes = data.get("settings")
    return {
        name: (int(change[0]), float(change[1]))
        for name, change in (changes.items() if isinstance(changes, dict) else ())
        if isinstance(change, list)
        and len(change) == 2
        and all(_number(part) is not None for part in change)
        and _NAME.fullmatch(name)
    }


def pause(run: Run) -> None:
    """Ask a training to wait where it is.

    Raises:
        RunError: if it is not training.
    """
    _ask(run, lambda data: {"wanted": PAUSE, **_no_steps(data)})


def resume(run: Run) -> None:
    """Ask a paused training to go on.

    Raises:
        RunError: if it is not training.
    """
    _ask(run, lambda data: {"wanted": TRAIN, **_no_steps(data)})


def stop(run: Run) -> None:
    """Ask a training to end now and keep what it has learned.

    Raises:
        RunError: if it is not training.
    """
    _ask(run, lambda data: {"wanted": STOP})


def step(run: Run, steps: int = 1) -> None:
    """Ask a training to take so many steps and wait then.

    Raises:
        ConfigError: if the number is out of range.
        RunError: if the run is not training.
    """
    if not 1 <= steps <= MOST_STEPS:
        raise ConfigError(f"steps is {steps}; it must be a whole number from 1 to {MOST_STEPS:,}.")
    _ask(run, lambda data: {"wanted": PAUSE, "granted": _count(data.get("granted")) + steps})


def change(run: Run, **values: object) -> None:
    """Ask for other settings from the next step on: those in the config's `adjustable`, and `steps_per_second`.

    Raises:
        ConfigError: if a setting cannot be changed while training, or a value is out of range.
        RunError: if the run is not training.
    """
    config = run.config()
    requests: dict[str, float] = {}
    for name, value in values.items():
        if name == PACE:
            requests[name] = parse_pace(value)
        elif name in config.adjustable:
            parsed = config.setting(name).parse(value)
            assert isinstance(parsed, (int, float))
            requests[name] = float(parsed)
        else:
            known = ", ".join((*config.adjustable, PACE))
            raise ConfigError(f"{name} cannot be changed while a {config.kind} trains; what can be is {known}.")
    if not requests:
        raise ConfigError(f"Nothing to set was given; what can be set is {', '.join((*config.adjustable, PACE))}.")
    _ask(run, lambda data: _changed(data, requests))


def parse_pace(value: object) -> float:
    """Steps a second from what a person typed; 0 stands for full speed.

    Raises:
        ConfigError: if it is no number in range.
    """
    try:
        pace = float(str(value))
    except ValueError:
        pace = math.nan
    if pace != 0 and not SLOWEST <= pace <= FASTEST:
        raise ConfigError(
            f"{PACE} is {str(value)[:40]}; it must be a number from {SLOWEST:g} to {FASTEST:,.0f}, or 0 for full speed."
        )
    return pace


def start_afresh(run: Run) -> None:
    """Forget requests to pause or stop, when somebody starts or resumes the run."""
    with _held(run):
        run.ask(wanted=TRAIN, **_no_steps(run.control()))


def _no_steps(data: Mapping[str, Any]) -> dict[str, int]:
    """Revoke what is left of granted steps."""
    granted = _count(data.get("granted"))
    return {"revoked": granted} if granted else {}


def _changed(data: Mapping[str, Any], requests: Mapping[str, float]) -> dict[str, Any]:
    before = _settings(data)
    number = 1 + max((request for request, _ in before.values()), default=0)
    settings = {name: list(change) for name, change in before.items()}
    settings |= {name: [number, value] for name, value in requests.items() if name != PACE}
    changed: dict[str, Any] = {"settings": settings}
    if PACE in requests:
        changed[PACE] = requests[PACE]
    return changed


def _ask(run: Run, request: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Add to the requests of a run that is training; two people asking at once both are heard."""
    _check_training(run)  # nothing is written, not even a lock, into the folder of a run at rest
    with _held(run):
        _check_training(run)
        run.ask(**request(run.control()))


def _check_training(run: Run) -> None:
    status = run.status()
    if not status.active:
        raise RunError(f"The run {run.id} is not training; it is {status.state}.")


@contextlib.contextmanager
def _held(run: Run) -> Iterator[None]:
    try:
        lock = locks.take(run.file(".control.lock"), PATIENCE)
    except OSError as error:
        raise StoreError(f"The request could not be saved ({error.strerror}); try again.") from None
    if lock is None:
        raise StoreError(f"The run {run.id} is busy; try again in a moment.")
    try:
        yield
    finally:
        lock.release()


# What was done


def record(run: Run, event: Event) -> None:
    """Add an event to the run's events.csv, durably: what follows from it must be repeatable after a crash."""
    path = run.file(EVENTS)
    files.append(path, (("" if _has_head(path) else _HEAD) + _line(event)).encode())


def _has_head(path: Path) -> bool:
    """Whether the table has its first line, whole."""
    try:
        with files.reading(path) as descriptor:
            return os.read(descriptor, len(_HEAD)) == _HEAD.encode()
    except FileNotFoundError:
        return False


def events(run: Run) -> list[Event]:
    """What was done to the training, in order; torn and damaged lines are left out."""
    return _events(run)[0]


def _events(run: Run) -> tuple[list[Event], str]:
    """What was done, and what is wrong with events.csv."""
    found, sentence = _known_events.get(str(run.file(EVENTS)), lambda _: _read_events(run))
    return list(found), sentence


def _read_events(run: Run) -> tuple[list[Event], str]:
    try:
        _, lines = files.read_table(run.file(EVENTS), MOST_EVENTS)
    except FileNotFoundError:
        return [], ""
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        return [], f"The {EVENTS} of run {run.id} cannot be read ({why}); what was done while it trained is not shown."
    found = [event for event in map(_event, lines) if event is not None]
    if left_out := len(lines) - len(found):
        return found, f"The {EVENTS} of run {run.id} is damaged; {left_out:,} of its lines cannot be used."
    return found, ""


def _event(parts: list[str]) -> Event | None:
    """The event of one line; None if it is damaged."""
    try:
        epoch, step, seconds, name, value, request = parts
        event = Event(float(epoch), int(step), float(seconds), name, float(value) if value else None, int(request))
    except ValueError:
        return None
    numbers = (event.epoch, event.step, event.seconds, event.request)
    sound = all(0 <= number <= MOST_TAKEN for number in numbers) and (event.value is None or files.finite(event.value))
    whole = event.value is not None or (name in _WITHOUT_VALUE and not event.request)
    return event if sound and whole and _NAME.fullmatch(name) else None


def complaints(run: Run) -> list[str]:
    """One sentence for each file of requests and events that is there and cannot be read, or not all of it."""
    found = [sentence] if (sentence := _events(run)[1]) else []
    path = run.file("control.json")
    if os.path.lexists(path) and not _sound(files.read_json(path)):
        found.append(f"The control.json of run {run.id} is damaged; what makes no sense in it is not done.")
    return found


def _sound(data: Mapping[str, Any] | None) -> bool:
    """Whether all that is asked in control.json makes sense."""
    if data is None or data.get("wanted", TRAIN) not in [TRAIN, PAUSE, STOP]:
        return False
    numbers = [data[name] for name in ("granted", "revoked", PACE) if name in data]
    settings = data.get("settings", {})
    return all(map(files.finite, numbers)) and isinstance(settings, dict) and len(_settings(data)) == len(settings)


def keep_events(run: Run, kept: list[Event]) -> None:
    """Replace the record by `kept`."""
    files.write_bytes(run.file(EVENTS), (_HEAD + "".join(map(_line, kept))).encode())


def _line(event: Event) -> str:
    value = "" if event.value is None else repr(event.value)
    return f"{event.epoch!r},{event.step},{event.seconds:.3f},{event.name},{value},{event.request}\n"


def altered(run: Run) -> bool:
    """Whether a setting was changed while it trained, so that its config alone no longer says what it is."""
    return bool(read(run).settings) or any(event.request for event in events(run))


def _count(value: object) -> int:
    return max(int(_number(value) or 0), 0)


def _number(value: object) -> float | None:
    return float(value) if files.finite(value) else None  # type: ignore[arg-type]
