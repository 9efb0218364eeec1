"""A set of models comes into place whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from genmod.kinds import VAEConfig
from genmod.runs import EXPORTED, Run, Store, checksums
from genmod.training import commit

NAMES = ("decoder.tflite", "encoder.tflite", "model.keras")


class PulledPlug(BaseException):
    """The process is gone."""


@pytest.fixture
def run(store: Store) -> Iterator[Run]:
    """A run with a first set of models."""
    run = store.create(VAEConfig(), "placed")
    export(run, b"old")
    yield run
    assert {path.name for path in run.path.iterdir() if path.name.startswith(".")} <= {".lock"}


def export(run: Run, content: bytes) -> None:
    with commit.whole_set(run) as folder:
        for name in NAMES:
            (folder / name).write_bytes(content)


def found(run: Run) -> set[bytes]:
    """The contents of all models, as readers find them, their checksums held."""
    contents = {checksums.verified(run, name) for name in NAMES}
    assert contents == {run.read_export(name) for name in NAMES}
    return contents


def test_a_new_set_takes_the_place_of_the_old_one(run: Run) -> None:
    assert found(run) == {b"old"}
    export(run, b"new")
    assert found(run) == {b"new"}
    assert {run.file(name).read_bytes() for name in NAMES} == {b"new"}
    assert not run.file(EXPORTED).exists()
    assert run.usable()


def test_a_set_that_is_not_finished_leaves_the_old_one(run: Run) -> None:
    with pytest.raises(OSError, match="disk"), commit.whole_set(run) as folder:
        (folder / NAMES[0]).write_bytes(b"new")
        raise OSError("disk")
    assert found(run) == {b"old"}


@pytest.mark.parametrize("moves", range(len(NAMES) + 2))
def test_whenever_the_process_is_killed_readers_find_one_whole_set(
    run: Run, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    replace, left = os.replace, moves

    def moving(source: Path, target: Path) -> None:
        nonlocal left
        if source.parent.name != EXPORTED:
            replace(source, target)  # the checksums are written into the draft
            return
        if left == 0:
            raise PulledPlug
        left -= 1
        replace(source, target)
        assert found(run) == {b"new"}

    def gone(path: Path) -> None:
        raise PulledPlug

    with monkeypatch.context() as patch, pytest.raises(PulledPlug):
        patch.setattr(os, "replace", moving)
        patch.setattr(Path, "rmdir", gone)
        export(run, b"new")
    assert found(run) == {b"new"}  # it was committed
    commit.finish(run)
    assert found(run) == {b"new"}
    assert {run.file(name).read_bytes() for name in NAMES} == {b"new"}
    assert not run.file(EXPORTED).exists()


def test_a_set_that_was_never_committed_is_cleared_away(run: Run) -> None:
    left = run.file(".0a1b2c3d.tmp")
    left.mkdir()
    (left / NAMES[0]).write_bytes(b"half")
    commit.finish(run)
    assert not left.exists()
    assert found(run) == {b"old"}
