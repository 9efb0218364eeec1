"""The run folder: what a training leaves on disk, how it is written, read, listed and locked."""

from genmod.runs.interruption import LESS, MOST_RESUMES
from genmod.runs.recipe import fingerprint, versions
from genmod.runs.run import EXPORTED, MODELS, SAMPLERS, Run
from genmod.runs.stamps import after, now
from genmod.runs.status import (
    ACTIVE,
    CAUSES,
    DISK,
    DIVERGED,
    DONE,
    ENDED,
    FAILED,
    INTERRUPTED,
    MEMORY,
    PAUSED,
    QUEUED,
    RUNNING,
    STATES,
    STOPPED,
    Status,
)
from genmod.runs.store import SHIPPED, Store, find, home, listed, shipped

__all__ = [
    "ACTIVE",
    "CAUSES",
    "DISK",
    "DIVERGED",
    "DONE",
    "ENDED",
    "EXPORTED",
    "FAILED",
    "INTERRUPTED",
    "LESS",
    "MEMORY",
    "MODELS",
    "MOST_RESUMES",
    "PAUSED",
    "QUEUED",
    "RUNNING",
    "SAMPLERS",
    "SHIPPED",
    "STATES",
    "STOPPED",
    "Run",
    "Status",
    "Store",
    "after",
    "find",
    "fingerprint",
    "home",
    "listed",
    "now",
    "shipped",
    "versions",
]
