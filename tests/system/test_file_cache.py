"""What was made of files: made once, made again when the file changes, and bounded."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from genmod.system.file_cache import FileCache


class Counted:
    """Reads a file and counts how often."""

    def __init__(self, path: Path) -> None:
        self.path, self.times = path, 0

    def __call__(self, path: str) -> str:
        self.times += 1
        return self.path.read_text()


def written(path: Path, text: str, seconds_ago: float = 10) -> Counted:
    path.write_text(text)
    moment = time.time() - seconds_ago
    os.utime(path, (moment, moment))
    return Counted(path)


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    cache: FileCache[str] = FileCache(3)
    read = written(tmp_path / "a", "one")
    assert [cache.get(str(read.path), read) for _ in range(3)] == ["one"] * 3
    assert read.times == 1
    written(read.path, "two", seconds_ago=5)
    assert cache.get(str(read.path), read) == "two"
    assert read.times == 2


def test_what_was_written_just_now_is_not_kept(tmp_path: Path) -> None:
    cache: FileCache[str] = FileCache(3)
    read = written(tmp_path / "a", "one", seconds_ago=0)
    assert [cache.get(str(read.path), read) for _ in range(2)] == ["one"] * 2
    assert read.times == 2


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path) -> None:
    cache: FileCache[str] = FileCache(2)
    first, second, third = (written(tmp_path / name, name) for name in "abc")
    for read in (first, second, first, third, first):
        cache.get(str(read.path), read)
    assert (first.times, second.times, third.times) == (1, 1, 1)
    cache.get(str(second.path), second)
    assert second.times == 2


def test_an_error_is_raised_and_not_kept(tmp_path: Path) -> None:
    cache: FileCache[str] = FileCache(2)
    read = Counted(tmp_path / "a")
    with pytest.raises(FileNotFoundError):
        cache.get(str(read.path), read)
    written(read.path, "there")
    assert cache.get(str(read.path), read) == "there"
