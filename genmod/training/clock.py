"""How long a training has run and how fast it goes."""

from __future__ import annotations

import time


class Clock:
    """Seconds of training over all parts of a run; pauses do not count, but they do in `wall`."""

    def __init__(self, before: float = 0.0) -> None:
        """Start to count; earlier trainers of the run have spent `before` seconds."""
        self.before = before
        self.started = time.perf_counter()
        self.paused = 0.0
        self.paused_at: float | None = None
        self.marked_at = 0.0
        self.marked_steps = 0

    @property
    def wall(self) -> float:
        """Seconds since the run began to train, pauses of this process included."""
        return self.before + time.perf_counter() - self.started

    @property
    def here(self) -> float:
        """Seconds of training in this process."""
        until = self.paused_at if self.paused_at is not None else time.perf_counter()
        return max(until - self.started - self.paused, 1e-6)

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return self.before + self.here

    @property
    def paused_for(self) -> float:
        """Seconds since the present pause began; 0 if there is none."""
        return 0.0 if self.paused_at is None else time.perf_counter() - self.paused_at

    def pause(self) -> None:
        """Stop counting."""
        self.paused_at = time.perf_counter()

    def go(self) -> None:
        """Count again."""
        if self.paused_at is not None:
            self.paused += time.perf_counter() - self.paused_at
            self.paused_at = None

    def mark(self, steps: int) -> None:
        """Measure the speed anew from here, where `steps` have been taken: what was before says nothing about it."""
        self.marked_at, self.marked_steps = self.here, steps

    def speed(self, steps: int) -> float:
        """Steps a second since the mark, with all that comes between steps; 0 before the first ones."""
        taken, spent = steps - self.marked_steps, self.here - self.marked_at
        return taken / spent if taken > 0 and spent > 0 else 0.0
