"""Rooms for classes: a teacher opens one, visitors hand in their checks without a name, the teacher sees the tally."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import hmac
import io
import re
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from genmod import runs
from genmod.errors import RoomError
from genmod.lesson import checks
from genmod.lesson.checks import Answers, Item
from genmod.system import files, locks

FOLDER = ".rooms"  # in the store of own runs; no run can have this name
CHECKS: Mapping[str, Sequence[Item]] = {"before": checks.BEFORE, "after": checks.AFTER}
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # without those that are taken for another
CODE_LENGTH, KEY_LENGTH = 6, 20
MOST_ROOMS = 200  # in a store
MOST_ROWS = 1_000  # checks handed in to one room
LARGEST = 100_000  # bytes of a room's file; its rows take 30 each
KEPT = 30 * 86_400.0  # seconds since something was handed in, after which a room is removed
IDLE = 3_600.0  # seconds after which a room that hardly anybody uses may have to make room for another
FEW = 3  # checks handed in; with fewer it counts as hardly used
PATIENCE = 5.0  # seconds to wait for others who hand in at the same time
VISITORS = 10**12  # a visitor's random number is below
_CODE = re.compile(f"[a-z0-9]{{{CODE_LENGTH}}}")
_KEY = re.compile(f"[a-z0-9]{{{KEY_LENGTH}}}")
_VISITOR = re.compile("[0-9]{1,12}")


@dataclass(frozen=True)
class Row:
    """One check that was handed in.

    Attributes:
        visitor: a random number that ties a visitor's two checks together, and says nothing else.
        check: "before" or "after".
        answers: for each question the place of the chosen answer; None if it was left open.
    """

    visitor: int
    check: str
    answers: Answers


@dataclass(frozen=True)
class Tally:
    """What was handed in to a room.

    Attributes:
        rows: the checks, in the order in which they came.
        damaged: how many lines of the file could not be read.
    """

    rows: tuple[Row, ...]
    damaged: int = 0

    def handed_in(self, check: str) -> int:
        """How many have handed that check in."""
        return sum(row.check == check for row in self.rows)

    def both(self) -> int:
        """How many visitors have handed in both."""
        found = [{row.visitor for row in self.rows if row.check == check} for check in CHECKS]
        return len(set.intersection(*found))

    def counts(self, check: str) -> list[dict[int | None, int]]:
        """For each question of a check how often each answer was chosen; None stands for those left open."""
        places = [*range(checks.OPTIONS), None]
        answers = [row.answers for row in self.rows if row.check == check]
        return [
            {place: sum(found[question] == place for found in answers) for place in places}
            for question in range(checks.COUNT)
        ]

    def right(self, check: str) -> list[int]:
        """For each question of a check how many have answered it rightly."""
        return [
            found[item.question.right] for found, item in zip(self.counts(check), CHECKS[check], strict=True)
        ]  # fmt: skip

    def mean(self, check: str) -> float | None:
        """The mean number of right answers of those who have handed that check in; None if nobody has."""
        count = self.handed_in(check)
        return sum(self.right(check)) / count if count else None

    def csv(self) -> str:
        """The counts as a table: a line for each question of each check."""
        head = ["check", "question", "concept", "about something new", "text", "handed in", "right"]
        lines = [[*head, *(f"answer {place + 1}" for place in range(checks.OPTIONS)), "left open"]]
        for check, items in CHECKS.items():
            counts, right = self.counts(check), self.right(check)
            for place, item in enumerate(items):
                lines.append(
                    [
                        check, str(place + 1), item.concept, "yes" if item.new else "no", item.question.text,
                        str(self.handed_in(check)), str(right[place]), *map(str, counts[place].values()),
                    ]
                )  # fmt: skip
        return _table(lines)

    def answers_csv(self) -> str:
        """Each answer as a table: a line for each question that a visitor has answered, visitors counted from 1."""
        numbers = {visitor: place for place, visitor in enumerate(sorted({row.visitor for row in self.rows}), 1)}
        lines = [["visitor", "check", "question", "answer", "right"]]
        for row in sorted(self.rows, key=lambda row: (row.visitor, list(CHECKS).index(row.check))):
            marks = checks.marks(CHECKS[row.check], row.answers)
            for place, (answer, right) in enumerate(zip(row.answers, marks, strict=True), 1):
                shown = "" if answer is None else str(answer + 1)
                lines.append([str(numbers[row.visitor]), row.check, str(place), shown, "yes" if right else "no"])
        return _table(lines)


def _table(lines: Sequence[Sequence[str]]) -> str:
    # Every cell is a number or a text of the lesson: none is what a visitor has written, so none is a formula.
    target = io.StringIO()
    csv.writer(target, lineterminator="\n").writerows(lines)
    return target.getvalue()


def is_code(text: str) -> bool:
    """Whether a text can be the code of a room."""
    return _CODE.fullmatch(text) is not None


def is_key(text: str) -> bool:
    """Whether a text can be a teacher's key."""
    return _KEY.fullmatch(text) is not None


def visitor() -> int:
    """A random number for a visitor."""
    return secrets.randbelow(VISITORS)


def home() -> Rooms:
    """The rooms of the store of own runs."""
    return Rooms(runs.home().root / FOLDER)


class Rooms:
    """A folder of rooms: of each one file with the hash of the teacher's key, and one with what was handed in."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> tuple[str, str]:
        """Open a room; its code, and the key with which its tally can be seen.

        Raises:
            RoomError: if there are too many rooms, or none can be written.
        """
        with self._writing():
            self._make_room()
            code, key = _random(CODE_LENGTH), _random(KEY_LENGTH)
            while self.exists(code):
                code = _random(CODE_LENGTH)
            files.write_json(self._about(code), {"key_sha256": _hash(key)})
            return code, key

    def exists(self, code: str) -> bool:
        """Whether there is a room of that code."""
        return is_code(code) and self._about(code).is_file()

    def hand_in(self, code: str, visitor: int, check: str, answers: Sequence[int | None]) -> bool:
        """Keep a visitor's answers to a check; False if this visitor has handed that check in before.

        Raises:
            RoomError: if there is no such room, it is full, or it cannot be written.
        """
        written = f"{visitor},{check},{checks.encoded(answers)}\n".encode()
        if not (0 <= visitor < VISITORS and check in CHECKS):
            raise ValueError("A visitor has a number below VISITORS, and hands in one of CHECKS.")
        with self._writing():
            self._check(code)
            rows = self._read(code).rows
            if any(row.visitor == visitor and row.check == check for row in rows):
                return False
            if len(rows) >= MOST_ROWS:
                raise RoomError(f"The room {code} is full: {MOST_ROWS:,} checks were handed in.")
            files.append(self._rows(code), written)
        return True

    def tally(self, code: str, key: str) -> Tally:
        """What was handed in to a room.

        Raises:
            RoomError: if there is no such room, the key is another's, or the file cannot be read.
        """
        self._check(code)
        self._check_key(code, key)
        return self._read(code)

    def close(self, code: str, key: str) -> None:
        """Remove a room and all that was handed in to it.

        Raises:
            RoomError: if there is no such room, the key is another's, or it cannot be removed.
        """
        with self._writing():
            self._check(code)
            self._check_key(code, key)
            self._remove(code)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Hold the lock of all rooms, and say in one sentence what the disk refuses."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            lock = locks.take(self.root / ".lock", PATIENCE)
            if lock is None:
                raise RoomError("Too many hand something in at this moment; try again.")
            try:
                yield
            finally:
                lock.release()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RoomError(f"Nothing can be kept for a room on this server now ({reason}).") from None

    def _check(self, code: str) -> None:
        if not self.exists(code):
            raise RoomError(
                f"There is no room {code if is_code(code) else 'of that name'}. A room is removed "
                f"{KEPT / 86_400:.0f} days after something was last handed in, or when its teacher closes it."
            )

    def _check_key(self, code: str, key: str) -> None:
        known = (files.read_json(self._about(code)) or {}).get("key_sha256")
        if not isinstance(known, str) or not hmac.compare_digest(known.encode(), _hash(key).encode()):
            raise RoomError(f"This key does not open the tally of room {code}; use the link that you were given.")

    def _read(self, code: str) -> Tally:
        path = self._rows(code)
        try:
            content = files.read_bytes(path, LARGEST)
        except FileNotFoundError:
            return Tally(())
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise RoomError(f"What was handed in to room {code} cannot be read ({reason}).") from None
        rows: list[Row] = []
        seen: set[tuple[int, str]] = set()
        damaged = 0
        for line in content.split(b"\n")[:-1]:  # a torn last line was never confirmed to anybody
            row = _parsed(line)
            if row is None or (row.visitor, row.check) in seen:
                damaged += 1
            elif len(rows) < MOST_ROWS:
                seen.add((row.visitor, row.check))
                rows.append(row)
        return Tally(tuple(rows), damaged)

    def _make_room(self) -> None:
        """Remove what is old; and if there are too many still, the one that has been hardly used for longest."""
        now, idle, count = time.time(), [], 0
        for path in self.root.glob("*.json"):
            if not is_code(path.stem):
                continue
            age = now - self._last_used(path.stem)
            if age > KEPT:
                self._remove(path.stem)
                continue
            count += 1
            if age > IDLE:
                idle.append((age, path.stem))
        if count < MOST_ROOMS:
            return
        for _, code in sorted(idle, reverse=True):
            with contextlib.suppress(RoomError):
                if len(self._read(code).rows) < FEW:
                    self._remove(code)
                    return
        raise RoomError(f"There are {MOST_ROOMS} rooms on this server, and no more can be opened now.")

    def _last_used(self, code: str) -> float:
        found = 0.0
        for path in (self._about(code), self._rows(code)):
            with contextlib.suppress(OSError):
                found = max(found, path.stat().st_mtime)
        return found

    def _remove(self, code: str) -> None:
        for path in (self._about(code), self._rows(code)):
            path.unlink(missing_ok=True)

    def _about(self, code: str) -> Path:
        return self.root / f"{code}.json"

    def _rows(self, code: str) -> Path:
        return self.root / f"{code}.csv"


def _parsed(line: bytes) -> Row | None:
    try:
        number, check, written = line.decode("ascii").split(",")
    except ValueError:
        return None
    answers = checks.read(written)
    if answers is None or check not in CHECKS or not _VISITOR.fullmatch(number):
        return None
    return Row(int(number), check, answers)


def _random(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
