"""Holds a training to the memory it may take: it ends with a sentence before the machine is short of it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from genmod import runs
from genmod.jobs.limits import gigabytes
from genmod.jobs.workers import ENDED_FOR_MEMORY
from genmod.runs import Run, logs
from genmod.system import memory

LOOK = 0.05  # seconds between two looks: a process takes some hundred megabytes in that time at most
BACKSTOP = 2_000_000_000  # bytes beyond the bound at which the system itself refuses; stacks of threads count there


class MemoryGuard:
    """Ends this process, with the run's state saying why, when it holds more than `most` bytes; a context manager.

    The steps run below Python for minutes and cannot be interrupted, so a thread looks and ends the whole process.
    Where the system can, it also refuses what lies far beyond: no single allocation is faster than the thread.
    """

    def __init__(self, run: Run, most: int, end: Callable[[], None] | None = None) -> None:
        """Make ready.

        Args:
            most: bytes that this process may hold.
            end: called once the run's state is written; ends the process if not given.
        """
        self.run = run
        self.most = most
        self.end = end or _end
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, name="genmod-memory", daemon=True)

    def __enter__(self) -> MemoryGuard:
        """Look from now on."""
        self._limit = _refuse_beyond(self.most + BACKSTOP)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Look no longer."""
        self._done.set()
        self._thread.join()
        _restore(self._limit)

    def _look(self) -> None:
        while not self._done.wait(LOOK):
            if memory.own() > self.most:
                sentence = exceeded(self.most)
                logs.Log(self.run.file(logs.NAME)).write(f"{sentence} It held {gigabytes(memory.own())}.")
                self.run.record_end(runs.FAILED, sentence, runs.MEMORY)
                self.end()
                return


def exceeded(most: int) -> str:
    """The sentence for a training that took more than it may."""
    return (
        f"The training ran out of memory: it took more than the {gigabytes(most)} it may have here. "
        "A smaller batch or a smaller net needs less."
    )


def _end() -> None:
    sys.stdout.flush()
    os._exit(ENDED_FOR_MEMORY)


def _refuse_beyond(most: int) -> tuple[int, int] | None:
    """Let the system refuse memory beyond `most` bytes; the limit from before, None where there is no such thing."""
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        import resource

        before = resource.getrlimit(resource.RLIMIT_DATA)
        bounds = [bound for bound in (most, *before) if bound != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), before[1]))
        return before
    return None


def _restore(limit: tuple[int, int] | None) -> None:
    if limit is not None:
        import resource

        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, limit)
