"""Does operations again and again, each time hit at another place.

Run as `python -m tests.faults.sweep FOLDER NAME...`.

A process of its own, in which TensorFlow is never loaded: forking it takes a few milliseconds.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import re
import shutil
import sys
from collections import Counter
from pathlib import Path

import filelock

from genmod import runs
from genmod.jobs import overviews, workers
from genmod.runs import Run, Store
from genmod.system import files
from genmod.training import commit
from tests.faults import operations
from tests.faults.injector import Fault
from tests.faults.operations import FRESH_ID, Operation
from tests.faults.strike import RETURNED, Blow, blows, strike

FAULTS = (Fault.KILL, Fault.TORN_KILL, Fault.ENOSPC, Fault.TORN_ENOSPC, Fault.FULL, Fault.EIO)
STRAY = re.compile(r"\.(draft|deleted)-|\.tmp")


class EndedAtOnce:
    """Stands for a worker process: none is started here."""

    stdin = None

    def poll(self) -> int:
        """As of `subprocess.Popen`."""
        return 0


def start_no_workers() -> None:
    """Let nobody start a real worker, or wait for the disk or for an old look at the store."""
    setattr(workers, "_spawn", lambda store, mode: EndedAtOnce())  # noqa: B010
    setattr(overviews, "FRESH", 0.0)  # noqa: B010
    setattr(os, "fsync", lambda descriptor: None)  # noqa: B010
    gc.disable()  # a collection in a forked child would copy all memory
    gc.freeze()


def sweep(operation: Operation, folder: Path) -> Counter[str]:
    """Hit every file operation in every way; see that a reader sees what was committed before or after, no mix.

    Returns:
        How often the caller was killed, got an error, or noticed nothing.

    Raises:
        AssertionError: that says which hit did what harm.
    """
    prepared = Store(folder / "prepared")
    prepared.root.mkdir(parents=True)
    if type(operation).__name__ != "SubmittingTheFirst":
        operations.make(prepared, "bystander")
    operation.prepare(prepared)
    committed, names = _clean_course(operation, prepared, folder / "clean")
    counted: Counter[str] = Counter()

    def strike_once(at: int, fault: Fault) -> Blow:
        store = Store(folder / f"{fault.name}-{at}")
        _copy(prepared, store)
        with _trainer(operation, store):
            blow = strike(lambda: operation.operate(store), store.root, at, fault)
            try:
                _judge(operation, store, blow, committed, names)
            except Exception as error:
                raise AssertionError(f"{type(operation).__name__}, {blow}") from error
        shutil.rmtree(store.root)
        return blow

    for blow in blows(FAULTS, strike_once):
        counted[blow.ended] += 1
    return counted


def _clean_course(operation: Operation, prepared: Store, folder: Path) -> tuple[list[object], list[str]]:
    """What a reader sees before, between the stages and after; and the files there are then."""
    store = Store(folder)
    _copy(prepared, store)
    with _trainer(operation, store):
        committed = [operation.seen(store)]
        for stage in operation.stages():
            stage(store)
            committed.append(operation.seen(store))
        _clean(store)
        again = Store(folder.with_name("clean-again"))
        _copy(prepared, again)
    with _trainer(operation, again):
        operation.operate(again)
        assert operation.seen(again) == committed[-1], "The stages are not what the operation does."
        _clean(again)
        return committed, _names(again)


def _judge(operation: Operation, store: Store, blow: Blow, committed: list[object], names: list[str]) -> None:
    seen = operation.seen(store)
    assert seen in committed, f"A reader sees {seen}, and committed was one of {committed}."
    if blow.ended == RETURNED:
        assert seen == committed[-1], "Nobody was told that it had failed."
    _check_whole(store)
    operation.verify(store)
    assert set(blow.held) <= ({".lock"} if operation.trained else set()), f"Locks are still held: {blow.held}."
    assert blow.leaked == 0, f"{blow.leaked} descriptors were left open."
    operation.retry(store)
    assert operation.seen(store) == committed[-1], f"After a second try a reader sees {operation.seen(store)}."
    _clean(store)
    assert operation.seen(store) == committed[-1], "Cleaning up has changed what a reader sees."
    assert _names(store) == names, f"Files differ: {set(_names(store)) ^ set(names)}."
    _check_whole(store)


def _check_whole(store: Store) -> None:
    """Every listed run can be read, and the bystander is as it was."""
    for run in store.runs():
        assert run.config().epochs == 3
        assert "damaged" not in run.status().message
    bystander = Run(store.root / "bystander")
    if bystander.path.exists():
        assert _digest(bystander.path) == _digest(store.root.with_name("prepared") / "bystander")
        assert bystander in store.runs()
    else:
        assert not (store.root.with_name("prepared") / "bystander").exists(), "The bystander is gone."


def _clean(store: Store) -> None:
    """What the keeper does from time to time, and a trainer when it takes up a run."""
    store.sweep()
    for run in store.runs():
        if run.status().state != runs.DONE:
            commit.finish(run)
            files.sweep(run.path)
            files.sweep(run.file("checkpoint"))


def _names(store: Store) -> list[str]:
    found = [FRESH_ID.sub("fresh", str(path.relative_to(store.root))) for path in store.root.rglob("*")]
    assert not [name for name in found if STRAY.search(name)], f"Stray files are left: {found}."
    # A lock's file stays, and is made when it is first needed.
    return sorted(name for name in found if not name.endswith((".lock", ".removed.jsonl", ".wake")))


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != ".lock":
            digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()


def _copy(prepared: Store, store: Store) -> None:
    if any(prepared.root.iterdir()):
        shutil.copytree(prepared.root, store.root)


def _trainer(operation: Operation, store: Store) -> contextlib.AbstractContextManager[object]:
    """Holds the run's lock as its trainer would."""
    return filelock.FileLock(operations.subject(store).lock_path) if operation.trained else contextlib.nullcontext()


def main(arguments: list[str]) -> None:
    """Sweep through the named operations and print what was counted."""
    start_no_workers()
    os.environ["GENMOD_MAX_STORE_MB"] = "2"
    folder, *names = arguments
    known = operations.every()
    for name in names:
        counted = sweep(known[name](), Path(folder) / name)
        print(json.dumps({"name": name, **counted}), flush=True)
    assert "tensorflow" not in sys.modules


if __name__ == "__main__":
    main(sys.argv[1:])
