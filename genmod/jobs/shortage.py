"""Memory for trainings: which waiting runs it suffices for, and what is said when it is short."""

from __future__ import annotations

import functools

from genmod.errors import GenmodError, RunError
from genmod.jobs import footprint, limits, queues, workers
from genmod.jobs.overviews import Overview, overview
from genmod.jobs.queues import EXPERIMENTS
from genmod.kinds import Config
from genmod.runs import Run, Store
from genmod.system import memory


def startable(store: Store, held: int = 0) -> list[Run]:
    """The waiting runs that the free memory suffices for, first come first.

    Args:
        held: bytes that the process which would train holds already.
    """
    return startable_of(store, overview(store), held)


def startable_of(store: Store, now: Overview, held: int) -> list[Run]:
    """The same, of a look at the store."""
    if not now.waiting:
        return []
    free = _free_beside(now)
    return [run for run in _before_experiments(store, now, free) if (_needed(run) or 0) <= free + held]


def _before_experiments(store: Store, now: Overview, free: int) -> list[Run]:
    """The waiting runs, without those that were asked for after an experiment that only lacks a place.

    Trainings take a place the moment it is free: an experiment would wait for as long as any came.
    """
    ticket = EXPERIMENTS.next(store)
    # One that lacks memory could not begin, and one that nobody sees to would not: meanwhile others pass it.
    if ticket is None or free < footprint.BASE or not EXPERIMENTS.held(store):
        return list(now.waiting)
    asked = queues.asked(ticket)
    return [run for run in now.waiting if run.status().since < asked]


def shortage(store: Store, run: Run) -> str | None:
    """A sentence if a waiting run waits for memory; None if there is enough."""
    needed, free = _needed(run) or 0, free_memory(store)
    if needed <= free or (workers.spare_there(store) and needed <= free + footprint.BASE):
        return None
    return (
        f"This training needs about {limits.gigabytes(needed)} of memory, and {limits.gigabytes(max(free, 0))} are "
        "free right now: it starts by itself as soon as there is enough."
    )


def check_free(store: Store, config: Config) -> None:
    """Refuse to train in this process, which would not wait, when memory is short right now.

    Raises:
        RunError: with one sentence that says what is needed and what is free.
    """
    needed, free = footprint.needed(config), free_memory(store) + memory.own()
    if needed > free:
        raise RunError(
            f"This training needs about {limits.gigabytes(needed)} of memory, and {limits.gigabytes(max(free, 0))} "
            "are free right now; close something, or choose a smaller batch or a smaller net."
        )


def free_memory(store: Store) -> int:
    """Bytes that are free and that no training under way will still take."""
    return _free_beside(overview(store))


def _free_beside(now: Overview) -> int:
    """The same, of a look at the store: bytes that are free and that no training under way will still take."""
    promised = 0
    for run in now.active:
        pid = run.attempt().get("pid")
        promised += max((_needed(run) or 0) - (memory.of(pid) if isinstance(pid, int) else 0), 0)
    return memory.available() - promised


def experiment_lacks_memory(store: Store) -> bool:
    """Whether an experiment waits that could begin if there were more memory, such as a spare process holds."""
    waits = EXPERIMENTS.next(store) is not None
    return waits and not workers.full(store) and free_memory(store) < footprint.BASE


@functools.lru_cache(maxsize=1024)
def _needed(run: Run) -> int | None:
    """Bytes a run will need; None if its settings cannot be read, which its trainer will say."""
    try:
        return footprint.needed(run.config())
    except GenmodError:
        return None
