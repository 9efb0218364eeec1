"""Files are never seen half-written."""

from __future__ import annotations

import errno
import math
import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from genmod.drawing import images
from genmod.system import files


@pytest.mark.parametrize("durable", [True, False])
def test_what_is_written_is_read(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "numbers.json"
    files.write_json(path, {"loss": 1.5, "names": ["a", "b"]}, durable)
    assert files.read_json(path) == {"loss": 1.5, "names": ["a", "b"]}
    assert [entry.name for entry in tmp_path.iterdir()] == ["numbers.json"]


def test_a_reader_never_sees_a_mix(tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    contents = [bytes([number]) * 200_000 for number in range(1, 4)]
    files.write_bytes(path, contents[0])
    done = threading.Event()
    seen: list[bytes] = []

    def read() -> None:
        while not done.is_set():
            seen.append(path.read_bytes())

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(60):
        files.write_bytes(path, contents[turn % 3], durable=False)
    done.set()
    reader.join()
    assert seen
    assert set(seen) <= set(contents)


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), files.replacing(path) as temporary:
        temporary.write_bytes(b"half of the ne")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "status.json"
    files.write_json(path, {"state": "running"})

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.write_json(path, {"state": "done"})
    assert files.read_json(path) == {"state": "running"}
    assert list(tmp_path.iterdir()) == [path]


def test_the_temporary_file_is_a_hidden_sibling_with_the_same_suffix(tmp_path: Path) -> None:
    with files.replacing(tmp_path / "encoder.tflite") as temporary:
        assert temporary.parent == tmp_path
        assert temporary.name.startswith(".")
        assert temporary.suffix == ".tflite"
        temporary.write_bytes(b"x")


@pytest.mark.parametrize(
    "content", [b"", b"{", b'{"state": "runn', b"[1, 2]", b"7", b"null", b"\xff\xfe\x00", b"\0" * 50]
)
def test_damaged_json_reads_as_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "status.json"
    path.write_bytes(content)
    assert files.read_json(path) is None


def test_a_missing_file_or_a_folder_reads_as_nothing(tmp_path: Path) -> None:
    assert files.read_json(tmp_path / "none.json") is None
    assert files.read_json(tmp_path) is None


def test_a_torn_line_goes_when_the_next_comes(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(b"1,2\n3,4")
    files.append(path, b"5,6\n")
    assert path.read_bytes() == b"1,2\n5,6\n"
    path.write_bytes(b"1,")
    files.append(path, b"7,8\n")
    assert path.read_bytes() == b"7,8\n"


def test_a_file_that_is_written_anew_is_noticed_once(tmp_path: Path) -> None:
    path = tmp_path / "bell"
    bell = files.Changes(path)
    assert not bell.changed()
    path.touch()
    assert bell.changed()
    assert not bell.changed()
    os.utime(path, ns=(5, 5))
    assert bell.changed()
    path.unlink()
    assert not bell.changed()


def stand_in(path: Path, kind: str) -> None:
    """Put something in a file's place that is none."""
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "loop":
        path.symlink_to(path.name)
    else:
        path.touch()
        os.truncate(path, 5_000_000_000)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "loop", "huge"])
def test_what_is_no_small_file_is_neither_waited_for_nor_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "status.json"
    stand_in(path, kind)
    started = time.monotonic()
    assert files.read_json(path) is None
    assert files.read_png(path) is None
    with pytest.raises(OSError):
        files.read_bytes(path)
    with pytest.raises(OSError):
        files.read_table(path, 1000)
    assert time.monotonic() - started < 1


@pytest.mark.parametrize(
    "content", [b"[" * 30_000, b'{"a":' * 10_000, b'{"a": "\\ud800"}', b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_json_that_no_program_writes_reads_as_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.json"
    path.write_bytes(content)
    assert files.read_json(path) is None


def test_a_torn_line_of_any_length_goes(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"1,2\n" + b"x" * 200_000)
    files.append(path, b"3,4\n")
    assert path.read_bytes() == b"1,2\n3,4\n"


def test_the_end_of_a_file_is_read_without_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(b"a" * 1000 + b"the end")
    assert files.read_tail(path, 7) == b"the end"
    assert files.read_tail(path, 5000) == b"a" * 1000 + b"the end"


def test_only_whole_pictures_are_pictures() -> None:
    whole = images.png(np.arange(100, dtype=np.uint8).reshape(10, 10))
    assert files.whole_png(whole)
    for size in range(len(whole)):
        assert not files.whole_png(whole[:size])
        assert not files.whole_png(whole[:size] + bytes(len(whole) - size)) or size > len(whole) - 1
    for place in range(8, len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 4
        assert not files.whole_png(bytes(changed))
    assert not files.whole_png(whole + b"\0")
    assert not files.whole_png(images.png(np.zeros((1, files.LARGEST_SIDE + 1), np.uint8)))


def test_a_text_from_a_file_becomes_one_line() -> None:
    assert files.one_line(" a\n\x1b[31mb\x07 \u202ec ") == "a [31mb c"
    assert files.one_line("x" * 9000, 10) == "x" * 10
    assert files.one_line(["x"]) == ""


@pytest.mark.parametrize("value", [True, "7", None, math.nan, math.inf, 10**400, [], -math.inf])
def test_what_is_no_number_to_calculate_with(value: object) -> None:
    assert not files.finite(value)
    assert files.whole_number(value) == 0


def test_numbers() -> None:
    assert files.finite(-7)
    assert files.finite(0.5)
    assert [files.whole_number(value) for value in (7, -7, 0.5)] == [7, 0, 0]
