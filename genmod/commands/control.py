"""Pausing, resuming, stopping and stepping a training, and changing its settings."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from genmod import jobs, kinds, runs
from genmod.commands import store_of
from genmod.errors import ConfigError
from genmod.runs import Run, Store, control


def command(options: argparse.Namespace) -> int:
    """Ask a training for something; the trainer does it between two chunks of steps."""
    store = store_of(options)
    run = runs.find(options.run, store)
    given = [options.steps] if options.steps is not None else []
    changes = {name: getattr(options, name) for name in ADJUSTABLE if getattr(options, name) is not None}
    if options.action not in ("step", "set") and (options.values or given or changes):
        raise ConfigError(f"{options.action} takes no values; only step and set do.")
    sentence = ACTIONS[options.action](store, run, [*given, *options.values], changes)
    print(sentence.format(run.id))
    return 0


def _step(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    if changes or len(values) > 1:
        raise ConfigError("step takes one value, how many steps, such as `step 10`.")
    try:
        steps = int(values[0]) if values else 1
    except ValueError:
        raise ConfigError(f"steps is {values[0][:40]!r}; it must be a whole number from 1 on.") from None
    control.step(run, steps)
    return f"{{}} takes {steps} step{'s' if steps > 1 else ''} and waits then."


def _set(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    requests: dict[str, str] = dict(changes)
    words = [part for value in values for part in value.split("=", 1)]
    if len(words) % 2:
        raise ConfigError(f"set takes names with values, such as `set learning_rate=0.0005`; {words[-1]!r} has none.")
    requests |= {name.lstrip("-").replace("-", "_"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    control.change(run, **requests)
    return "{} goes on with " + ", ".join(f"{name} {value}" for name, value in requests.items()) + "."


def _pause(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    control.pause(run)
    return "{} pauses."


def _resume(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    jobs.resume(store, run)
    return "{} goes on."


def _stop(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    jobs.stop(store, run)
    return "{} stops and keeps what it has learned."


ACTIONS = {"pause": _pause, "resume": _resume, "stop": _stop, "step": _step, "set": _set}
ADJUSTABLE = (*kinds.adjustable(), control.PACE)
