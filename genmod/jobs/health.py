"""Whether the server is well: the thread that looks after the trainings, the queue, and the disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from genmod.jobs import overviews, supervisor, workers
from genmod.runs import Store

OK, FAILING = "ok", "failing"
UNSERVED = 60.0  # seconds for which a run may wait before a process is there that will take it
LEAST_FREE = 50e6  # bytes; a training writes some megabytes
PROBE = ".health"


def report(store: Store) -> dict[str, Any]:
    """All parts with what was found, and `status`: "ok" if every part is. It names no paths."""
    found: dict[str, Any] = {"supervisor": _supervisor(store), "queue": _queue(store), "disk": _disk(store)}
    well = all(part["status"] == OK for part in found.values())
    return {"status": OK if well else FAILING, **found}


def _supervisor(store: Store) -> dict[str, Any]:
    state = supervisor.state(store)
    return {
        "status": OK if state.well else FAILING,
        "running": state.alive,
        "seconds_since_last_look": None if state.since_look is None else round(state.since_look, 1),
        "failing_steps": list(state.failing),
    }


def _queue(store: Store) -> dict[str, Any]:
    try:
        now = overviews.overview(store)
        trouble = workers.trouble(store) is not None
    except Exception as error:
        return {"status": FAILING, "readable": False, "error": type(error).__name__}
    unserved = supervisor.state(store).unserved
    return {
        "status": FAILING if trouble or unserved > UNSERVED else OK,
        "readable": True,
        "training": len(now.active),
        "waiting": len(now.waiting),
        "interrupted": len(now.interrupted),
        "seconds_without_worker": round(unserved, 1),
        "worker_failed": trouble,
    }


def _disk(store: Store) -> dict[str, Any]:
    try:
        _write(store.root)
        free = shutil.disk_usage(store.root).free
    except OSError as error:
        return {"status": FAILING, "writable": False, "error": error.strerror or type(error).__name__}
    return {"status": OK if free >= LEAST_FREE else FAILING, "writable": True, "free_mb": round(free / 1e6)}


def _write(folder: Path) -> None:
    """Write a few bytes down to the disk, and take them away again."""
    folder.mkdir(parents=True, exist_ok=True)
    probe = folder / f"{PROBE}-{os.getpid()}"
    descriptor = os.open(probe, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(descriptor, b"well\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
        probe.unlink(missing_ok=True)
