"""Seeing to it that a process takes what waits."""

from __future__ import annotations

from genmod.jobs import workers
from genmod.jobs.overviews import overview
from genmod.jobs.shortage import startable
from genmod.runs import Store


def call_worker(store: Store) -> None:
    """Tell a waiting spare process that there is something to train, or start a worker if there is none."""
    workers.notify(store)
    ensure_worker(store)


def ensure_worker(store: Store) -> None:
    """Start a worker if a run waits that memory suffices for, and nobody is there to take it."""
    if startable(store):
        workers.ensure(store)


def unserved(store: Store) -> bool:
    """Whether a run waits although a place is free and no process is there, or on its way, to take it."""
    return bool(overview(store).waiting) and not workers.there(store)
