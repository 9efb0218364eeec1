"""Locks between processes: taken within a time or not, and seen from outside."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from genmod.system import locks


def test_a_free_lock_is_taken_and_seen(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    assert not locks.is_held(path)
    lock = locks.take(path)
    assert lock is not None and locks.is_held(path)
    lock.release()
    assert not locks.is_held(path)


def test_a_held_lock_is_waited_for_only_so_long(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    lock = locks.take(path)
    assert lock is not None
    began = time.monotonic()
    assert locks.take(path, 0.1) is None
    assert 0.09 < time.monotonic() - began < 2
    lock.release()


def test_where_no_file_can_be_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        locks.take(tmp_path / "file" / "one.lock", 0.1)
