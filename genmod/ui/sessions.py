"""Visitors who have left: their sessions wait a while for them, and hold no file descriptors meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionInfo, SessionStorage

MOST = 200  # sessions that wait at once; the oldest goes first
LOOK = 1.0  # seconds between two looks whether a departed visitor's script has ended

_log = logging.getLogger(__name__)


class Departed(SessionStorage):
    """Sessions without a connection. One whose visitor does not come back in time is shut down and forgotten.

    Streamlit's own storage only drops what has expired, when somebody asks it, and leaves the rest to the garbage
    collector: until then each session keeps the three descriptors of its event loop. A session that waits needs none.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._waiting: dict[str, SessionInfo] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def get(self, session_id: str) -> SessionInfo | None:
        """The session of a visitor who comes back, ready to run again."""
        info = self._waiting.get(session_id)
        if info is not None and info.session._script_event_loop.is_closed():
            info.session._script_event_loop = asyncio.new_event_loop()
        return info

    def save(self, session_info: SessionInfo) -> None:
        """Keep the session of a visitor who has left."""
        session_id = session_info.session.id
        self.delete(session_id)
        while len(self._waiting) >= MOST:
            self._drop(next(iter(self._waiting)))
        self._waiting[session_id] = session_info
        loop = asyncio.get_running_loop()
        self._timers[session_id] = loop.call_later(self.seconds, self._drop, session_id)
        loop.call_later(LOOK, self._close_loop, session_id)

    def delete(self, session_id: str) -> None:
        """Forget the session; whoever asks for that shuts it down or goes on with it."""
        self._waiting.pop(session_id, None)
        if (timer := self._timers.pop(session_id, None)) is not None:
            timer.cancel()

    def list(self) -> list[SessionInfo]:
        """All sessions that wait."""
        return [*self._waiting.values()]

    def _drop(self, session_id: str) -> None:
        info = self._waiting.get(session_id)
        self.delete(session_id)
        if info is not None:
            with contextlib.suppress(Exception):  # it goes all the same, if later
                info.session.shutdown()

    def _close_loop(self, session_id: str) -> None:
        """Give back the descriptors, once the session's script has ended."""
        info = self._waiting.get(session_id)
        if info is None:
            return
        runner = info.session._scriptrunner
        thread = getattr(runner, "_script_thread", None)
        loop = info.session._script_event_loop
        if (thread is not None and thread.is_alive()) or loop.is_running():
            asyncio.get_running_loop().call_later(LOOK, self._close_loop, session_id)
        elif not loop.is_closed():
            loop.close()


def install(seconds: float) -> None:
    """Let the running server keep departed visitors' sessions here."""
    manager: Any = getattr(Runtime.instance(), "_session_mgr", None)
    if hasattr(manager, "_session_storage"):
        manager._session_storage = Departed(seconds)
    else:
        _log.warning("This Streamlit keeps sessions elsewhere; departed visitors' descriptors are freed later.")
