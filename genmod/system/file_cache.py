"""What was made of files, kept for as long as the files do not change."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from genmod.system import files

T = TypeVar("T")
FRESH = 1_000_000_000  # nanoseconds: within so short a time after it was written, a file may change unseen


class FileCache(Generic[T]):
    """Values made of one file each: read again only when its file has another number, time or size.

    A value is kept only if its file was written a second ago or more. Files are always replaced whole, so that one with
    the same number, time and size is the same file. Of too many, those go that were not asked for longest.
    """

    def __init__(self, most: int) -> None:
        """Make an empty cache of at most `most` values."""
        self.most = most
        self._kept: OrderedDict[str, tuple[files.Stamp, T]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: str, make: Callable[[str], T]) -> T:
        """The value of the file at `path`, made from it now if it is not known; whatever `make` raises is raised."""
        try:
            stamp = files.stamp_of(os.stat(path))
        except OSError:
            return make(path)
        known = self._kept.get(path)
        if known is not None and known[0] == stamp:
            if 2 * len(self._kept) > self.most:  # far from full, nothing will have to go: a listing asks for thousands
                self._touch(path)
            return known[1]
        value = make(path)
        # One from the future, where the clock was put back, counts as old too: it would be read again for years.
        if abs(time.time_ns() - stamp[1]) > FRESH:
            with self._lock:
                self._kept[path] = stamp, value
                while len(self._kept) > self.most:
                    self._kept.popitem(last=False)
        return value

    def _touch(self, path: str) -> None:
        with self._lock:
            if path in self._kept:
                self._kept.move_to_end(path)
