"""Why a training failed: one sentence for people, one word for programs."""

from __future__ import annotations

import errno

from genmod import runs
from genmod.errors import GenmodError


class DivergedError(ArithmeticError):
    """The loss is no longer a number, or grows without end."""


def explain(error: BaseException) -> str:
    """One sentence on why a training failed, for the run's status."""
    if isinstance(error, DivergedError):
        return str(error)
    why = cause(error)
    if why == runs.DISK:
        return "The disk is full: free some space and resume the run."
    if why == runs.MEMORY:
        return "The machine ran out of memory: use a smaller batch, a smaller net or fewer images."
    if isinstance(error, GenmodError):
        return str(error)
    if isinstance(error, OSError):
        return f"The run's folder could not be written ({error.strerror or type(error).__name__})."
    return f"The training failed with {type(error).__name__}; the run's log says more."


def cause(error: BaseException | None) -> str:
    """The same for programs: one of `runs.CAUSES`."""
    while error is not None:
        if isinstance(error, DivergedError):
            return runs.DIVERGED
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return runs.DISK
        out = isinstance(error, OSError) and error.errno == errno.ENOMEM
        if out or isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
            return runs.MEMORY
        error = error.__cause__ or error.__context__  # what a sentence for people was made of
    return ""
