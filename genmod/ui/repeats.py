"""The server's log says a thing once a minute, however often it happens."""

from __future__ import annotations

import logging
import threading
import time

QUIET = 60.0  # seconds between two lines about the same thing
OFTEN = 3  # lines about the same thing that are let through within that time
MOST = 1000  # different things that are remembered

# Loggers that a flood of connections or of nonsense makes speak. Records of a child do not pass its parents' filters,
# so Streamlit's and our own, one for each module, are found when the server starts.
TALKATIVE = ("asyncio", "uvicorn.error", "uvicorn.asgi", "websockets.server", "py.warnings")


class Repeats(logging.Filter):
    """Lets the first lines about a thing through, then one a minute that says how many there were."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()
        self._since: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        if record.levelno < logging.WARNING:
            return True
        key = (record.name, record.lineno, str(record.msg).partition("\n")[0][:200])
        now = time.monotonic()
        with self._lock:
            if len(self._since) >= MOST:
                self._since.clear()
            start, count = self._since.get(key, (now, 0))
            if now - start < QUIET:
                self._since[key] = (start, count + 1)
                return count < OFTEN
            self._since[key] = (now, 1)
        if count > OFTEN:
            record.msg = f"{record.getMessage()} ({count - OFTEN:,} more lines like this in the last minutes)"
            record.args = None
        return True


def install() -> None:
    """Put one filter on every logger that visitors can make speak."""
    repeats = Repeats()
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] in ("streamlit", "genmod")]
    for name in (*TALKATIVE, *names):
        logger = logging.getLogger(name)
        if not any(isinstance(known, Repeats) for known in logger.filters):
            logger.addFilter(repeats)
