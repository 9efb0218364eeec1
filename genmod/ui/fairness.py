"""Who may run a script now: a bound for each visitor, and turns for those who asked least when all ask at once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

MEMORY = 10.0  # seconds after which a past run weighs a third
AGEING = 0.1  # runs' worth of precedence that a second of waiting gives
LONGEST = 1.0  # seconds after which a run that has not ended makes room: it may be a slow page, or nobody reads its end
NEWCOMERS = 0.1  # runs that a connection counts for which the same address opened before
HEAVY = 10.0  # runs; somebody who moves a slider every three seconds stands at 3
SLOW = 2.0  # runs that a second of holding a turn counts for


class Bucket:
    """So many at once, and so many a second from then on."""

    def __init__(self, burst: float, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst, self.rate, self._clock = burst, rate, clock
        self._tokens, self._at = burst, clock()

    def take(self) -> float:
        """Take one, and return how many seconds to wait before using it."""
        now = self._clock()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.rate)
        self._at = now
        self._tokens -= 1
        return max(0.0, -self._tokens / self.rate)

    def give_back(self) -> None:
        """What was taken is not used after all."""
        self._tokens += 1


class Usage:
    """How much was used lately: a count that fades."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._count, self._at = 0.0, clock()

    def add(self, much: float = 1.0) -> None:
        """Count that much more."""
        self._count, self._at = self.now() + much, self._clock()

    def now(self) -> float:
        """What is left of the count."""
        return self._count * math.exp((self._at - self._clock()) / MEMORY)


@dataclass(eq=False)
class Address:
    """All connections that come from one address: a person, a school behind one router, or a proxy."""

    name: str
    connects: Bucket
    visitors: int = 0
    opened: Usage = field(default_factory=Usage)  # connections


class Visitor:
    """One connection that may ask for script runs.

    It begins with some of what its address has opened lately: leaving and coming again gives no precedence over others.
    """

    def __init__(self, address: Address, bucket: Bucket) -> None:
        self.bucket = bucket
        self.usage = Usage()
        self.usage.add(NEWCOMERS * address.opened.now())
        address.opened.add()

    def heavy(self) -> bool:
        """Whether it asks so much that some room is kept for others."""
        return self.usage.now() > HEAVY


class Turns:
    """At most so many scripts at once; of those that wait, who has used least lately comes first.

    Nobody waits while there is room, so an ordinary workshop does not notice it. Under a flood a newcomer, who has used
    nothing, waits for one script at most, and whoever asks ten times a second stands behind everybody who does not.

    Attributes:
        most: scripts at once.
        heavy: that leave room; visitors who ask much begin none when so many run.
    """

    def __init__(self, most: int, heavy: int) -> None:
        self.most, self.heavy = most, heavy
        self._running: dict[Visitor, tuple[float, asyncio.TimerHandle]] = {}
        self._waiting: dict[Visitor, tuple[float, asyncio.Future[None]]] = {}

    def runs(self, visitor: Visitor) -> bool:
        """Whether a script of this visitor is under way."""
        return visitor in self._running

    async def take(self, visitor: Visitor) -> None:
        """Wait for a turn, and have it until `end` or for `LONGEST` seconds.

        A visitor whose script is under way may interrupt it by another, unless somebody waits: whoever interrupted
        their own for ever would never give a turn back.
        """
        if self._waiting or (visitor not in self._running and not self._room(visitor)):
            future = asyncio.get_running_loop().create_future()
            self._waiting[visitor] = (time.monotonic(), future)
            try:
                self._admit()
                await future
            except asyncio.CancelledError:
                self._waiting.pop(visitor, None)
                self.end(visitor)
                raise
        self._begin(visitor)

    def end(self, visitor: Visitor) -> None:
        """The visitor's script has ended, or the visitor has left."""
        if (turn := self._running.pop(visitor, None)) is not None:
            since, timer = turn
            timer.cancel()
            visitor.usage.add(SLOW * (time.monotonic() - since))
            self._admit()

    def _room(self, visitor: Visitor) -> bool:
        return len(self._running) < (self.heavy if visitor.heavy() else self.most)

    def _begin(self, visitor: Visitor) -> None:
        if visitor not in self._running:
            timer = asyncio.get_running_loop().call_later(LONGEST, self.end, visitor)
            self._running[visitor] = (time.monotonic(), timer)

    def _admit(self) -> None:
        while self._waiting:
            now = time.monotonic()
            first = min(self._waiting, key=lambda one: one.usage.now() - AGEING * (now - self._waiting[one][0]))
            if not self._room(first):
                return
            _, future = self._waiting.pop(first)
            if not future.done():
                self._begin(first)
                future.set_result(None)
