"""Training a new run, going on with one, or working through the queue."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from genmod import jobs, kinds, runs
from genmod.commands import FAILURE, progress, store_of
from genmod.errors import ConfigError, RunError
from genmod.jobs import workers
from genmod.runs import Run, Store, control
from genmod.system import locks


class Worker(Protocol):
    """What trains. The entry of the command line hands it over, so that no command imports TensorFlow's room."""

    ENDED_BY_SYSTEM: int

    def drain(self, store: Store) -> int:
        """Train the waiting runs one after another."""

    def spare(self, store: Store) -> int:
        """Wait already warm for a run."""

    def Leaving(self) -> AbstractContextManager[Any]:  # noqa: N802 - it is a class there
        """Listen for the end of this process."""

    def train(self, run: Run, leaving: Any, report: Any) -> bool:
        """Train a run; whether it ended well."""


def command(options: argparse.Namespace, worker: Worker) -> int:
    """Train a new run, go on with one, or work through the queue."""
    typed = any(getattr(options, name) is not None for name in kinds.setting_names())
    if options.queued or options.spare:
        return (worker.drain if options.queued else worker.spare)(store_of(options))
    if options.resume is not None:
        if options.kind or options.preset or typed or options.id:
            raise ConfigError("--resume goes on with a run's own settings; give no others.")
        return _go_on(runs.find(options.resume, store_of(options)), store_of(options), worker)
    if options.kind is None:
        raise ConfigError(f"The kind of model is missing; say one of {', '.join(sorted(kinds.KINDS))}.")
    config = kinds.from_preset(options.kind, options.preset, **_chosen(options, options.kind))

    store = store_of(options)
    return _train(*jobs.begin(store, config, options.id), store, worker)


def _go_on(run: Run, store: Store, worker: Worker) -> int:
    """Go on with a run in this process, as it was asked for."""
    if run.shipped:
        raise RunError(f"The run {run.id} ships with the project and is not trained again; train one of your own.")
    if run.status().state == runs.DONE:
        print(run.path)
        return 0
    jobs.check_free(store, run.config())
    lock = jobs.hold(run)
    control.start_afresh(run)
    return _train(run, lock, store, worker)


def _train(run: Run, lock: locks.Lock, store: Store, worker: Worker) -> int:
    """Train in this process, with a progress bar; Ctrl-C stops and keeps what was learned."""
    try:
        with (
            workers.place_if_free(store) as alone,
            worker.Leaving() as leaving,
            progress.training(run.kind()) as report,
            _stop_on_interrupt(run),
        ):
            if not alone:
                print("Another training is under way: both will be slower.", file=sys.stderr)
            finished = worker.train(run, leaving, report)
    finally:
        lock.release()
    print(run.status().message, file=sys.stderr)
    print(run.path)
    if leaving.wanted:
        return worker.ENDED_BY_SYSTEM
    return 0 if finished else FAILURE


def _chosen(options: argparse.Namespace, kind: str) -> dict[str, kinds.Value]:
    """The settings that were typed, read as those of a kind of model.

    Raises:
        ConfigError: if the kind does not have one, or a value is out of its range.
    """
    texts = {name: getattr(options, name) for name in kinds.setting_names()}
    chosen = {}
    for name, text in texts.items():
        if text is not None:
            owners = kinds.settings_called(name)
            if kind not in owners:
                flag = next(iter(owners.values())).flag
                raise ConfigError(f"{flag} is a setting of {' and '.join(owners)}; {kind} has none of that name.")
            chosen[name] = owners[kind].parse(text, owners[kind].flag)
    return chosen


@contextlib.contextmanager
def _stop_on_interrupt(run: Run) -> Iterator[None]:
    """Make Ctrl-C a request to stop, so that the run ends whole; a second Ctrl-C ends it at once."""

    def request(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run.ask(wanted=control.STOP)

    before = signal.signal(signal.SIGINT, request)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
