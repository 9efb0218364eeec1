"""What is said of a training whose process died: how far it came, and why, as far as can be told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genmod.runs import logs
from genmod.runs.status import DISK, INTERRUPTED, MEMORY, Status
from genmod.system import files, memory

MOST_RESUMES = 3  # of a run whose trainer died, without anybody asking
LESS = "a smaller batch or a smaller net needs less"


def status(folder: Path, epochs: int, attempt: Mapping[str, Any]) -> Status:
    """The status of a run whose trainer died without writing one.

    Args:
        epochs: that it has finished.
        attempt: what the trainer wrote down when it began, as `Run.attempt` gives it.
    """
    after = f"after {epochs} epoch{'s' if epochs != 1 else ''}" if epochs else "in its first epoch"
    cause, reason = _why(folder, attempt)
    sentence = f"The training was interrupted {after}{': ' + reason if reason else ''}."
    resumes = files.whole_number(attempt.get("resumes"))
    if not cause and resumes >= MOST_RESUMES:
        sentence += f" It was resumed {resumes} times and is not resumed again by itself."
    return Status(INTERRUPTED, sentence, cause=cause)


def _why(folder: Path, attempt: Mapping[str, Any]) -> tuple[str, str]:
    """The cause and the words for the end of a trainer that could not say it; empty if nothing is known."""
    log = folder / logs.NAME
    if logs.out_of_memory(log):
        return MEMORY, f"memory ran out; {LESS}"
    kills = memory.kills()
    if kills is not None and kills > attempt.get("oom_kills", kills):
        return MEMORY, f"memory ran out and the system ended it; {LESS}"
    if reason := logs.crash(log):
        return "", reason
    if files.disk_is_full(folder):
        return DISK, "the disk is full; free some space and resume the run"
    return "", ""
