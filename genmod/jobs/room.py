"""Room on the disk: long films are made shorter, and the oldest runs make way for new ones."""

from __future__ import annotations

from genmod import runs
from genmod.errors import GenmodError, StoreError
from genmod.jobs import limits
from genmod.runs import Store


def make_room(store: Store) -> list[str]:
    """While all runs together take more than this host gives them, shorten films, then remove the oldest runs.

    A run that trains is left alone, and no pinned one is removed.

    Returns:
        The ids of the removed runs.

    Raises:
        StoreError: if what may not be removed takes all the room.
    """
    most = limits.limits().store_megabytes * 1e6
    found = store.runs()
    sizes = {run: run.size() for run in found}
    excess = sum(sizes.values()) - most
    removed = []
    for run in reversed(found):
        if excess <= 0:
            break
        if run.status().ended and not run.shipped:
            freed = run.shorten_film()
            sizes[run] -= freed
            excess -= freed
    for run in reversed(found):
        if excess <= 0:
            break
        if run.pinned() or not run.status().ended:
            continue
        try:
            store.delete(run, f"made room on {runs.now()[:10]}: all runs together may take {most / 1e6:,.0f} MB here")
        except GenmodError:
            continue
        removed.append(run.id)
        excess -= sizes[run]
    if excess > 0:
        raise StoreError(
            f"All runs together may take {most / 1e6:,.0f} MB on this server, and pinned ones and those in training "
            "take it all; delete or unpin one."
        )
    return removed
