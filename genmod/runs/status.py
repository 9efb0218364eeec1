"""Where a run stands: its state, a sentence for people, and a cause for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genmod.system import files

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
DONE, STOPPED, INTERRUPTED, FAILED = "done", "stopped", "interrupted", "failed"
ACTIVE = frozenset({RUNNING, PAUSED})
ENDED = frozenset({DONE, STOPPED, INTERRUPTED, FAILED})
STATES = ACTIVE | ENDED | {QUEUED}

# Why a run has failed or was interrupted, for programs; people read the sentence.
MEMORY, DISK, DIVERGED = "memory", "disk", "diverged"
CAUSES = frozenset({MEMORY, DISK, DIVERGED, ""})

_NO_STATUS = "The run's status.json is missing or damaged."


@dataclass(frozen=True)
class Status:
    """Where a run stands: one of `STATES`, with a sentence for people.

    Attributes:
        since: when it was written; a waiting run's place goes by it.
        cause: one of `CAUSES`, why a training failed or was interrupted; empty if that is not known.
    """

    state: str
    message: str
    since: str = field(default="", compare=False)
    cause: str = field(default="", compare=False)

    @property
    def active(self) -> bool:
        """A trainer holds the run right now."""
        return self.state in ACTIVE

    @property
    def waiting(self) -> bool:
        """The run is in the queue."""
        return self.state == QUEUED

    @property
    def ended(self) -> bool:
        """Nothing more will happen unless somebody asks for it."""
        return self.state in ENDED


def damaged() -> Status:
    """The status of a run whose status file is missing or damaged."""
    return Status(FAILED, _NO_STATUS)


def from_json(data: Mapping[str, Any] | None) -> Status:
    """What a status file says; one that is missing, or a state that is none, reads as damage."""
    if data is None:
        return damaged()
    state, cause = data.get("state"), data.get("cause", "")  # older runs do not say the cause
    if not isinstance(state, str) or state not in STATES:
        return damaged()
    return Status(
        state,
        files.one_line(data.get("message")),
        files.one_line(data.get("time")),
        cause if isinstance(cause, str) and cause in CAUSES else "",
    )
