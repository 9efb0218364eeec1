"""Files are never seen half-written."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest

from genmod import files


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
