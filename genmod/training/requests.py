"""What is requested of a trainer, read again when the file changes, and how much of it is done."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from genmod.runs import Run, control
from genmod.runs.control import Event
from genmod.system import files

SEEN_SECONDS = 0.15  # of steps at once in slow motion: every other picture shows some


class RequestReader:
    """Reads what is requested of one trainer, and counts how much of it is done."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.file = files.Changes(run.file("control.json"))
        self.present = control.read(run)
        self.pace = 0.0  # the slow motion that is written down
        self.granted = 0  # steps granted over the run's life that are known here
        self.fresh = 0  # of them, those not yet written down
        self.budget = 0  # steps that may still be taken while paused
        self.answered: dict[str, int] = {}  # for each setting the number of the last change that was carried out
        self.due = 0.0  # when the next step may be taken in slow motion

    def remember(self, past: Sequence[Event]) -> None:
        """Take up what was done for earlier trainers of this run: it is not done twice."""
        self.answered = {event.name: event.request for event in past if event.request}
        self.granted = sum(int(event.value or 0) for event in past if event.name == "step")
        self.pace = next((event.value or 0.0 for event in reversed(past) if event.name == control.PACE), 0.0)

    def read(self) -> None:
        """Read the requests if the file has changed."""
        if not self.file.changed():
            return
        self.present = control.read(self.run)
        fresh = max(self.present.granted - max(self.granted, self.present.revoked), 0)
        self.fresh += fresh
        self.budget = min(self.budget + fresh, max(self.present.granted - self.present.revoked, 0))
        self.granted = max(self.present.granted, self.granted)

    @property
    def slow(self) -> bool:
        """Whether each step is to be seen."""
        return self.present.pace > 0 or self.present.wanted == control.PAUSE

    def wait(self) -> float:
        """Seconds until the next step may be taken: 0 is now, and while paused there is no end to them."""
        if self.present.wanted == control.PAUSE:
            return 0.0 if self.budget > 0 else math.inf
        self.budget = 0
        return max(self.due - time.perf_counter(), 0.0) if self.present.pace > 0 else 0.0

    def keep_pace(self) -> None:
        """Go at the pace that is asked for from now on: no step waits for the old one, and none is made up for."""
        self.pace, now = self.present.pace, time.perf_counter()
        self.due = min(max(self.due, now), now + 1 / self.pace) if self.pace else 0.0

    def allowed(self) -> float:
        """How many steps may be taken at once."""
        if self.present.wanted == control.PAUSE:
            return self.budget
        if self.present.pace > 0:
            return max(1, round(self.present.pace * SEEN_SECONDS))
        return math.inf

    def took(self, steps: int) -> None:
        """Note that steps were taken."""
        if self.present.wanted == control.PAUSE:
            self.budget = max(self.budget - steps, 0)
        if self.present.pace > 0:
            self.due = max(self.due, time.perf_counter() - 1.0) + steps / self.present.pace
