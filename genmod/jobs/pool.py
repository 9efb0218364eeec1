"""Processes of one sort that this server started: which still run, and how long to wait after one ended badly."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

LONGEST_PAUSE = 60.0  # seconds before another process is tried

Process = subprocess.Popen[bytes]


class Pool:
    """The processes, and a back-off: after each bad end in a row the next try waits twice as long.

    Attributes:
        lock: held while processes are counted and started, so that many visitors together start one.
        failures: how many ended badly, one after the other.
        processes: those that ran when they were last counted.
    """

    def __init__(self, first_pause: float = 2.0) -> None:
        """Make an empty pool.

        Args:
            first_pause: seconds to wait after the first bad end.
        """
        self.lock = threading.Lock()
        self.failures = 0
        self._first_pause = first_pause
        self._failed_at = 0.0
        self.processes: list[Process] = []

    def living(self, failed: Callable[[int], bool] = bool) -> list[Process]:
        """The processes that still run; of the others it is noted how they ended.

        Args:
            failed: whether an exit code is a bad end.
        """
        for process in list(self.processes):
            if (code := process.poll()) is None:
                continue
            self.processes.remove(process)
            if failed(code):
                self.note_failure()
            else:
                self.reset()
        return self.processes

    def add(self, process: Process) -> None:
        """Count one more process."""
        self.processes.append(process)

    def note_failure(self) -> None:
        """One more has ended badly."""
        self.failures += 1
        self._failed_at = time.monotonic()

    def reset(self) -> None:
        """Try again at once: one ended well, or somebody asks anew."""
        self.failures = 0

    @property
    def pause(self) -> float:
        """Seconds to wait after the last bad end; 0 if the last one ended well."""
        return min(self._first_pause * 2.0 ** (self.failures - 1), LONGEST_PAUSE) if self.failures else 0.0

    @property
    def may_start(self) -> bool:
        """Whether that time is over."""
        return time.monotonic() >= self._failed_at + self.pause if self.failures else True
