"""Times as text that sorts as they follow each other, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

TICK = timedelta(microseconds=1)
LAST_YEAR = 9000  # a stamp beyond it is damage


def now() -> str:
    """The time in UTC, ISO 8601 with microseconds: sorts as text."""
    return _stamp(datetime.now(UTC))


def after(stamps: Iterable[str]) -> str:
    """The time now, or just after the last of `stamps` if the clock was put back: what comes later sorts later."""
    last = max(filter(None, map(_moment, stamps)), default=None)
    return now() if last is None else max(now(), _stamp(last + TICK))


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _moment(stamp: str) -> datetime | None:
    """The time a stamp of ours names; None if it is none."""
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return found if found.tzinfo is UTC and found.year in range(2, LAST_YEAR) else None
