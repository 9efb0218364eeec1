"""Lets the k-th file operation of a process fail, be torn half-way, or be the last thing it does."""

from __future__ import annotations

import enum
import errno
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
# Events of Python's audit hook: what it opens, renames, makes and removes, whoever asks for it.
EVENTS = {"open": "open", "os.rename": "rename", "os.mkdir": "mkdir", "os.rmdir": "rmdir", "os.remove": "unlink"}
FOLDER_ARGUMENT = {"os.rename": 2, "os.mkdir": 2, "os.rmdir": 1, "os.remove": 1}


class Fault(enum.Enum):
    """What happens at the chosen operation. Of a torn write the first half reaches the file."""

    KILL = "killed"
    TORN_KILL = "killed in the middle of a write"
    ENOSPC = "disk full once"
    TORN_ENOSPC = "disk full in the middle of a write"
    FULL = "disk full from here on"
    EIO = "input/output error"
    TORN_EIO = "input/output error in the middle of a write"

    @property
    def torn(self) -> bool:
        """Only a write can be hit by this."""
        return self in (Fault.TORN_KILL, Fault.TORN_ENOSPC, Fault.TORN_EIO)

    @property
    def kills(self) -> bool:
        """The process does not live to tell."""
        return self in (Fault.KILL, Fault.TORN_KILL)

    @property
    def error(self) -> OSError:
        """What the caller gets."""
        code = errno.EIO if self in (Fault.EIO, Fault.TORN_EIO) else errno.ENOSPC
        return OSError(code, os.strerror(code))


class Injector:
    """Counts this process's file operations in a folder, and hits one of them. Reading is never hit."""

    def __init__(self, folder: Path, at: int, fault: Fault, tell: Callable[[str], None]) -> None:
        """Make ready.

        Args:
            at: which operation is hit, counted from 1.
            tell: gets a word for the operation, as "fsync status.json", before it is hit.
        """
        self.folder = os.path.realpath(folder)
        self.at = at
        self.fault = fault
        self.tell = tell
        self.count = 0
        self.active = False
        self._write = os.write
        self._patches: list[Any] = [
            mock.patch.object(os, "write", self.write),
            mock.patch.object(os, "fsync", self.fsync),
        ]

    def start(self) -> None:
        """Count from here on."""
        sys.addaudithook(self._hear)
        for patch in self._patches:
            patch.start()
        self.active = True

    def stop(self) -> None:
        """Hit nothing any more."""
        self.active = False
        for patch in self._patches:
            patch.stop()

    @property
    def hit(self) -> bool:
        """Whether the operation was reached."""
        return self.count >= self.at

    def write(self, descriptor: int, content: Any) -> int:
        """As `os.write`."""
        if (path := self._inside(f"/proc/self/fd/{descriptor}")) is not None:
            if self._reached("write", path) and self.fault.torn:
                self._write(descriptor, content[: len(content) // 2])
                self._strike()
            self._judge("write")
        return self._write(descriptor, content)

    def fsync(self, descriptor: int) -> None:
        """As `os.fsync`, but without waiting for the disk: killing a process loses nothing it has written."""
        if (path := self._inside(f"/proc/self/fd/{descriptor}")) is not None:
            self._reached("fsync", path)
            self._judge("fsync")

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        name = EVENTS.get(event) if self.active else None
        if name is None or isinstance(arguments[0], int) or arguments[0] is None:
            return
        creates = False
        if event == "open":
            if not arguments[2] & WRITING:
                return
            creates = bool(arguments[2] & os.O_CREAT) and not os.path.exists(arguments[0])
        path = os.fsdecode(arguments[0])
        folder = arguments[FOLDER_ARGUMENT[event]] if event in FOLDER_ARGUMENT else -1
        found = self._inside(os.path.join(f"/proc/self/fd/{folder}" if folder not in (-1, None) else ".", path))
        if found is not None:
            self._reached(name, found)
            self._judge("create" if creates else name)

    def _inside(self, path: str) -> str | None:
        """The path within the folder; None for what lies elsewhere."""
        if not self.active:
            return None
        # A path to a descriptor is followed, another is resolved up to its last part alone.
        head, tail = os.path.split(path)
        found = os.path.realpath(path) if head == "/proc/self/fd" else os.path.join(os.path.realpath(head), tail)
        return os.path.relpath(found, self.folder) if (found + os.sep).startswith(self.folder + os.sep) else None

    def _reached(self, name: str, path: str) -> bool:
        """Count the operation; whether it is the chosen one."""
        self.count += 1
        if self.count == self.at:
            self.tell(f"{name} {path}")
        return self.count == self.at

    def _judge(self, name: str) -> None:
        full = self.fault is Fault.FULL and self.count > self.at and name in ("create", "write", "mkdir")
        if full or (self.count == self.at and not self.fault.torn):
            self._strike()

    def _strike(self) -> None:
        if self.fault.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        raise self.fault.error
