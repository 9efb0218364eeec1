"""What people do to a training while it runs: pause, steps, slow motion, new settings, stop; and the record of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from genmod import runs
from genmod.errors import ConfigError
from genmod.runs import Run, control, logs
from genmod.runs.control import Event
from genmod.training import clock
from genmod.training.epochs import Epochs
from genmod.training.requests import RequestReader

PAUSE_SECONDS = 0.05  # between two looks while waiting
LONGEST_PAUSE = 600.0  # seconds; then a paused training ends, for others wait behind it


class Steering:
    """Carries out what is requested of one training, between two chunks of its steps.

    Attributes:
        ending: why the training ends before its last epoch.
        resting: whether it is paused, perhaps with a few steps granted.
        leave: set from outside: save and go, the system ends this process.
    """

    def __init__(self, run: Run, epochs: Epochs, longest: float, log: logs.Log, show: Callable[[], None]) -> None:
        """Make ready.

        Args:
            longest: seconds of wall time after which the training ends by itself.
            show: shows where the training stands, before it waits.
        """
        self.run, self.epochs, self.longest, self.log, self.show = run, epochs, longest, log, show
        self.config = epochs.config
        self.clock = clock.Clock()
        self.requests = RequestReader(run)
        self.replay: list[Event] = []
        self.ending: str | None = None
        self.resting = False
        self.rested_in = 0  # epochs finished when that was last said
        self.leave = False

    def take_up(self, seconds: float) -> None:
        """Go on where earlier trainers of this run ended, who spent so many seconds."""
        self.clock = clock.Clock(before=seconds)
        past = control.events(self.run)
        self.requests.remember(past)
        changes = sorted(
            (event for event in past if event.request and self._possible(event.name, event.value or 0.0)),
            key=lambda event: event.step,
        )
        self.replay = [event for event in changes if event.step >= self.epochs.taken]
        for event in changes:
            if event.step < self.epochs.taken and event.name == "learning_rate" and event.value is not None:
                self.epochs.learning_rate = event.value  # the checkpoint holds it already
        if past:
            control.keep_events(self.run, past)  # without a line torn by a crash

    def allowed(self) -> int:
        """Do what is requested; how many steps may be taken until something is due, 0 if the training is to end."""
        if not self.obey():
            return 0
        until = self.replay[0].step - self.epochs.taken if self.replay else math.inf
        return int(max(1, min(self.requests.allowed(), until, 1 << 30)))

    def took(self, steps: int, first: bool) -> None:
        """Note that steps were taken."""
        self.requests.took(steps)
        if first:
            self.clock.mark(self.epochs.taken)

    def obey(self) -> bool:
        """Do what people ask between two chunks: change, wait, slow down; False if the training is to end."""
        self._repeat_changes()
        while True:
            self._change_settings()
            if self._to_end():
                return False
            if self.resting and self.requests.present.wanted == control.TRAIN:
                self._go_on()
            wait = self.requests.wait()
            if wait == 0:
                break
            if wait == math.inf and self.clock.paused_at is None:
                self._pause()
            time.sleep(min(wait, PAUSE_SECONDS))
        self.clock.go()
        return True

    def _to_end(self) -> bool:
        """Whether the training ends here, and why."""
        if self.clock.wall > self.longest:
            self.ending = f"{self.longest / 60:g} minutes are the most this server gives one training"
        elif self.clock.paused_for > LONGEST_PAUSE:
            self.ending = f"it was paused for {LONGEST_PAUSE / 60:g} minutes, and no other could train meanwhile"
        stopped = self.requests.present.wanted == control.STOP
        if stopped:
            self._record("stop")
        return self.leave or stopped or self.ending is not None

    def _pause(self) -> None:
        self.clock.pause()
        self.show()
        if not self.resting:
            self._record("pause")
        if not self.resting or self.epochs.finished != self.rested_in:  # granted steps may lead into the next epoch
            self.run.set_status(runs.PAUSED, f"Paused in epoch {self.epochs.current}.")
        self.resting, self.rested_in = True, self.epochs.finished

    def _go_on(self) -> None:
        self.clock.go()
        self._record("resume")
        self.run.set_status(runs.RUNNING, "Training.")
        self.resting = False
        self.clock.mark(self.epochs.taken)
        self.requests.keep_pace()

    def _change_settings(self) -> None:
        """Carry out changes that were not yet; each is written down before it takes effect."""
        requests = self.requests
        requests.read()
        if requests.present.pace != requests.pace:
            self._record(control.PACE, requests.present.pace)
            requests.keep_pace()
            self.clock.mark(self.epochs.taken)
        if requests.fresh:
            self._record("step", requests.fresh)
            requests.fresh = 0
        for name, (request, value) in sorted(requests.present.settings.items(), key=lambda item: item[1][0]):
            if request > requests.answered.get(name, 0) and self._possible(name, value):
                self._overrule(name)
                self._record(name, value, request)
                self.epochs.change(name, value)
                requests.answered[name] = request

    def _possible(self, name: str, value: float) -> bool:
        """Whether a number may change while this training goes on, and to this value."""
        if name not in self.config.adjustable:
            return False
        try:
            self.config.setting(name).parse(value)
        except ConfigError:
            return False
        return True

    def _overrule(self, name: str) -> None:
        """A new request ends those from before a crash that were still to be repeated: they would undo it."""
        ended = [event for event in self.replay if event.name == name]
        if ended:
            self.replay = [event for event in self.replay if event.name != name]
            control.keep_events(self.run, [event for event in control.events(self.run) if event not in ended])

    def _repeat_changes(self) -> None:
        """After a crash: change the settings again at the very steps where they were changed."""
        while self.replay and self.replay[0].step <= self.epochs.taken:
            event = self.replay.pop(0)
            assert event.value is not None
            self.epochs.change(event.name, event.value)

    def _record(self, name: str, value: float | None = None, request: int = 0) -> None:
        epoch = self.epochs.taken / self.epochs.engine.steps_per_epoch
        control.record(self.run, Event(epoch, self.epochs.taken, self.clock.seconds, name, value, request))
        what = name if value is None else f"{name} {value:g}"
        self.log.write(f"In epoch {self.epochs.current}, step {self.epochs.step}: {what}")
