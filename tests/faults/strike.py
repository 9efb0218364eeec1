"""Does something in a forked child whose k-th file operation is hit, and tells how that ended."""

from __future__ import annotations

import itertools
import json
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from genmod.errors import GenmodError
from genmod.system import locks
from tests.faults.injector import Fault, Injector

KILLED, RAISED, RETURNED = "killed", "raised", "returned"


@dataclass(frozen=True)
class Blow:
    """One hit and how the caller fared.

    Attributes:
        at: which operation was hit, counted from 1.
        touched: the operation, as "fsync a/status.json"; None if there were fewer.
        ended: `KILLED`; `RAISED` an error that the caller can show; or `RETURNED` as if nothing had been.
        sentence: the error's.
        held: locks that were not given back.
        leaked: descriptors that were not closed.
    """

    at: int
    fault: Fault
    touched: str | None
    ended: str
    sentence: str = ""
    held: tuple[str, ...] = ()
    leaked: int = 0

    def __str__(self) -> str:
        """For a message."""
        return f"{self.fault.value} at operation {self.at} ({self.touched}): {self.ended} {self.sentence}"


def blows(faults: tuple[Fault, ...], strike_once: Callable[[int, Fault], Blow]) -> Iterator[Blow]:
    """Hit the first operation, the second and so on, in each way, until none is hit any more."""
    for at in itertools.count(1):
        touched = ""
        for fault in faults:
            if fault.torn and not touched.startswith("write"):
                continue  # only a write can be torn
            blow = strike_once(at, fault)
            if blow.touched is None:
                return
            touched = blow.touched
            yield blow


def strike(act: Callable[[], None], folder: Path, at: int, fault: Fault) -> Blow:
    """Let a child act, and hit its operation number `at` in the folder.

    Raises:
        AssertionError: if it ended in any other way than being killed, with an expected error, or well.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _act(act, Injector(folder, at, fault, lambda word: _tell(writing, touched=word)), writing)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        told = {name: value for line in stream for name, value in json.loads(line).items()}
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, f"The child ended with signal {os.WTERMSIG(status)}."
        assert fault.kills and "touched" in told
        return Blow(at, fault, told["touched"], KILLED)
    assert "broke" not in told, told["broke"]
    return Blow(
        at, fault, told.get("touched"), told["ended"], told.get("sentence", ""), tuple(told["held"]), told["leaked"]
    )


_write = os.write  # the injector replaces it


def _tell(descriptor: int, **news: object) -> None:
    _write(descriptor, json.dumps(news).encode() + b"\n")


def _act(act: Callable[[], None], injector: Injector, writing: int) -> None:
    before = _descriptors()
    injector.start()
    try:
        act()
        _tell(writing, ended=RETURNED)
    except (GenmodError, OSError) as error:
        _tell(writing, ended=RAISED, sentence=str(error))
    except BaseException:
        _tell(writing, broke=traceback.format_exc())
    injector.stop()
    held = [path.name for path in Path(injector.folder).rglob("*.lock") if locks.is_held(path)]
    _tell(writing, held=held, leaked=_descriptors() - before)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))
