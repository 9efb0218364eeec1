"""What this process keeps in memory of a store: one object for each store, with a part for each room that needs one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, TypeVar

from genmod.runs import Store

P = TypeVar("P")


class Service:
    """The parts that belong to one store, each made when it is first asked for."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._parts: dict[type, Any] = {}
        self._lock = threading.Lock()

    def part(self, kind: type[P]) -> P:
        """The part of that type; it is made from the store."""
        with self._lock:
            if kind not in self._parts:
                self._parts[kind] = kind(self.store)  # type: ignore[call-arg]
            found: P = self._parts[kind]
            return found

    def put(self, part: object) -> None:
        """Put a part in the place of the one of its type."""
        with self._lock:
            self._parts[type(part)] = part


_services: dict[Path, Service] = {}
_making = threading.Lock()


def of(store: Store) -> Service:
    """The service of a store, the same for everybody in this process."""
    with _making:
        return _services.setdefault(store.root, Service(store))


def forget(store: Store) -> None:
    """Begin anew with a store, as a new process would."""
    with _making:
        _services.pop(store.root, None)
