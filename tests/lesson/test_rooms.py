"""Rooms of classes: what is kept, who may see it, and what an enemy gets."""

from __future__ import annotations

import csv
import io
import os
import threading
import time
from pathlib import Path

import pytest

from genmod import runs
from genmod.errors import RoomError
from genmod.lesson import checks, rooms
from genmod.lesson.rooms import Rooms
from genmod.system import files

RIGHT = {check: [item.question.right for item in items] for check, items in rooms.CHECKS.items()}
OPEN: list[int | None] = [None] * checks.COUNT


@pytest.fixture
def folder(tmp_path: Path) -> Rooms:
    """Rooms of an empty store."""
    return Rooms(tmp_path / rooms.FOLDER)


def test_a_room_counts_what_is_handed_in(folder: Rooms) -> None:
    code, key = folder.open()
    assert folder.hand_in(code, 1, "before", OPEN)
    assert folder.hand_in(code, 1, "after", RIGHT["after"])
    assert folder.hand_in(code, 2, "before", RIGHT["before"])
    found = folder.tally(code, key)
    assert (found.handed_in("before"), found.handed_in("after"), found.both()) == (2, 1, 1)
    assert found.right("before") == [1] * checks.COUNT and found.right("after") == [1] * checks.COUNT
    assert found.mean("before") == checks.COUNT / 2 and found.mean("after") == checks.COUNT
    first = found.counts("before")[0]
    assert first[None] == 1 and first[RIGHT["before"][0]] == 1 and sum(first.values()) == 2


def test_all_that_is_stored_are_answers_and_a_random_number(folder: Rooms) -> None:
    code, _ = folder.open()
    folder.hand_in(code, 123, "before", OPEN)
    assert (folder.root / f"{code}.csv").read_text() == "123,before,xxxxxx\n"
    assert {path.name for path in folder.root.iterdir()} <= {f"{code}.csv", f"{code}.json", ".lock"}


def test_the_first_answers_count(folder: Rooms) -> None:
    code, key = folder.open()
    assert folder.hand_in(code, 5, "after", OPEN)
    assert not folder.hand_in(code, 5, "after", RIGHT["after"])
    assert folder.tally(code, key).right("after") == [0] * checks.COUNT


def test_only_the_teachers_key_opens_the_tally_and_closes_the_room(folder: Rooms) -> None:
    code, key = folder.open()
    other, other_key = folder.open()
    for wrong in ("", "x" * rooms.KEY_LENGTH, other_key, key.upper(), code):
        with pytest.raises(RoomError, match="does not open"):
            folder.tally(code, wrong)
        with pytest.raises(RoomError, match="does not open"):
            folder.close(code, wrong)
    assert key not in (folder.root / f"{code}.json").read_text()
    folder.close(code, key)
    assert not folder.exists(code) and folder.exists(other)
    with pytest.raises(RoomError, match=f"There is no room {code}"):
        folder.hand_in(code, 1, "before", OPEN)


@pytest.mark.parametrize(
    "code", ["", "../../", "..%2f..", "abc", "abcdefg", "ABCDEF", "abc de", "abcde\n", "abcdé2", "=1+1()", "x" * 10_000]
)
def test_what_is_no_code_never_becomes_a_path(code: str, folder: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.open()

    def refuse(*_: object) -> Path:
        raise AssertionError("a path was made of what was typed")

    monkeypatch.setattr(Rooms, "_about", refuse)
    monkeypatch.setattr(Rooms, "_rows", refuse)
    assert not folder.exists(code)
    for attempt in (lambda: folder.hand_in(code, 1, "before", OPEN), lambda: folder.tally(code, "x")):
        with pytest.raises(RoomError, match="There is no room of that name"):
            attempt()


@pytest.mark.parametrize(
    ("visitor", "check", "answers"),
    [
        (-1, "before", OPEN), (rooms.VISITORS, "before", OPEN), (1, "now", OPEN), (1, "before", [0]),
        (1, "before", [7] * checks.COUNT), (1, "=cmd()", OPEN),
    ],
)  # fmt: skip
def test_only_answers_can_be_handed_in(visitor: int, check: str, answers: list[int | None], folder: Rooms) -> None:
    code, key = folder.open()
    with pytest.raises(ValueError):
        folder.hand_in(code, visitor, check, answers)
    assert not folder.tally(code, key).rows


def test_a_full_room_takes_no_more(folder: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MOST_ROWS", 3)
    code, key = folder.open()
    for visitor in range(3):
        assert folder.hand_in(code, visitor, "before", OPEN)
    with pytest.raises(RoomError, match="is full: 3 checks"):
        folder.hand_in(code, 9, "before", OPEN)
    assert len(folder.tally(code, key).rows) == 3


def test_a_room_can_never_grow_beyond_what_is_read() -> None:
    longest = f"{rooms.VISITORS - 1},before,{'x' * checks.COUNT}\n"
    assert len(longest) * rooms.MOST_ROWS < rooms.LARGEST


def age(folder: Rooms, code: str, seconds: float) -> None:
    """Let a room be that old."""
    for path in folder.root.glob(f"{code}.*"):
        os.utime(path, (time.time() - seconds,) * 2)


def test_old_rooms_go_and_used_ones_stay(folder: Rooms) -> None:
    (old, _), (used, _) = folder.open(), folder.open()
    folder.hand_in(old, 1, "before", OPEN)
    folder.hand_in(used, 1, "before", OPEN)
    age(folder, old, rooms.KEPT + 60)
    age(folder, used, rooms.KEPT - 60)
    folder.open()
    assert not folder.exists(old) and folder.exists(used)
    assert not (folder.root / f"{old}.csv").exists()


def test_many_rooms_of_an_enemy_cost_no_class_its_own(folder: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "MOST_ROOMS", 4)
    mine, key = folder.open()
    for visitor in range(rooms.FEW):
        folder.hand_in(mine, visitor, "before", OPEN)
    others = [folder.open()[0] for _ in range(3)]
    with pytest.raises(RoomError, match="no more can be opened now"):
        folder.open()
    folder.hand_in(others[1], 1, "before", OPEN)
    age(folder, mine, 3 * rooms.IDLE)
    age(folder, others[1], 2 * rooms.IDLE)
    folder.open()  # the one that hardly anybody has used, and nobody for an hour, makes room
    assert not folder.exists(others[1]) and folder.exists(mine)
    assert folder.tally(mine, key).handed_in("before") == rooms.FEW
    assert len(list(folder.root.glob("*.json"))) == 4


def test_a_damaged_line_is_counted_and_costs_no_other(folder: Rooms) -> None:
    code, key = folder.open()
    folder.hand_in(code, 1, "before", OPEN)
    with open(folder.root / f"{code}.csv", "ab") as file:
        file.write(b"\xff\x00nonsense\n=HYPERLINK(),before,xxxxxx\n1,before,000000\n2,after,999999\n7,after,xxx")
    found = folder.tally(code, key)
    assert len(found.rows) == 1 and found.damaged == 4  # the torn last line is none: it was never confirmed
    assert folder.hand_in(code, 3, "after", OPEN)
    assert folder.tally(code, key).handed_in("after") == 1


@pytest.mark.parametrize("damage", ["folder", "huge", "pipe"])
def test_a_file_that_is_none_is_one_sentence(damage: str, folder: Rooms) -> None:
    code, key = folder.open()
    path = folder.root / f"{code}.csv"
    if damage == "folder":
        path.mkdir()
    elif damage == "huge":
        path.write_bytes(b"1,before,xxxxxx\n" * rooms.LARGEST)
    else:
        os.mkfifo(path)
    for attempt in (lambda: folder.tally(code, key), lambda: folder.hand_in(code, 1, "before", OPEN)):
        with pytest.raises(RoomError, match=f"room {code} cannot be read"):
            attempt()


def test_a_damaged_description_opens_to_nobody(folder: Rooms) -> None:
    code, key = folder.open()
    (folder.root / f"{code}.json").write_bytes(b"{")
    with pytest.raises(RoomError, match="does not open"):
        folder.tally(code, key)


def test_a_full_disk_is_one_sentence(folder: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    code, key = folder.open()

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "append", full)
    with pytest.raises(RoomError, match="No space left on device"):
        folder.hand_in(code, 1, "before", OPEN)
    assert not folder.tally(code, key).rows


def test_a_store_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RoomError, match="Nothing can be kept"):
        Rooms(tmp_path / "file" / rooms.FOLDER).open()


def test_a_class_hands_in_at_once(folder: Rooms) -> None:
    code, key = folder.open()
    failed: list[Exception] = []

    def hand_in(visitor: int) -> None:
        try:
            folder.hand_in(code, visitor, "before", OPEN)
        except RoomError as error:
            failed.append(error)

    threads = [threading.Thread(target=hand_in, args=(visitor,)) for visitor in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert {row.visitor for row in folder.tally(code, key).rows} == set(range(30))


def test_the_tables_hold_the_counts_and_nothing_that_a_spreadsheet_would_compute(folder: Rooms) -> None:
    code, key = folder.open()
    folder.hand_in(code, 987_654_321, "before", OPEN)
    folder.hand_in(code, 987_654_321, "after", RIGHT["after"])
    folder.hand_in(code, 5, "after", OPEN)
    found = folder.tally(code, key)
    counts = list(csv.DictReader(io.StringIO(found.csv())))
    assert len(counts) == 2 * checks.COUNT
    assert {row["handed in"] for row in counts if row["check"] == "after"} == {"2"}
    assert {row["right"] for row in counts if row["check"] == "after"} == {"1"}
    assert {row["left open"] for row in counts if row["check"] == "before"} == {"1"}
    answers = list(csv.DictReader(io.StringIO(found.answers_csv())))
    assert len(answers) == 3 * checks.COUNT
    assert {row["visitor"] for row in answers} == {"1", "2"}  # counted, not the random number
    assert sum(row["right"] == "yes" for row in answers) == checks.COUNT
    for table in (found.csv(), found.answers_csv()):
        for cell in (cell for row in csv.reader(io.StringIO(table)) for cell in row):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_folder_is_no_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path))
    rooms.home().open()
    assert not runs.home().runs()


def test_codes_and_keys_are_told_from_anything_else(folder: Rooms) -> None:
    for _ in range(5):
        code, key = folder.open()
        assert rooms.is_code(code) and rooms.is_key(key) and not rooms.is_code(key) and not rooms.is_key(code)
    assert not rooms.is_code("abcdef\n") and not rooms.is_key("é" * rooms.KEY_LENGTH)
