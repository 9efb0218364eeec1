"""Damage to a run's folder: what may stand in the place of each of its files."""

from __future__ import annotations

import functools
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genmod.runs import Run

FILES = (
    "config.json", "status.json", "history.csv", "progress.json", "control.json", "events.csv", "attempt.json",
    "quality.json", "log.txt", "samples/live.png", "samples/epoch-00004.png", "samples/reconstructions.png",
    "checkpoint/epoch-00002.npz", "model.keras", "decoder.tflite", "encoder.tflite", "checksums.json", "pinned",
    ".lock", ".control.lock", "exported", "samples", "checkpoint",
)  # fmt: skip
HUGE = 3_000_000_000  # bytes; of zeros that take no room on the disk
DEEP = 100_000
VALUES = {
    "null": "null", "yes": "true", "text": '"\\u0007 [a](http://b) <b> \\ud83d\\ude00"', "empty text": '""',
    "half a character": '"\\ud800"', "long text": json.dumps("x" * 9000), "list": "[]", "list of lists": "[[[]]]",
    "table": "{}", "negative": "-7", "fraction": "0.5", "not a number": "NaN", "infinite": "1e400", "large": "1e299",
    "many digits": "9" * 400, "nested": "[" * 900 + "]" * 900,
}  # fmt: skip


@dataclass(frozen=True)
class Damage:
    """One thing done to one file of a run.

    Attributes:
        file: its path in the run's folder.
        name: what is done to it.
        apply: does it, given the file's path, and the folder of another run.
    """

    file: str
    name: str
    apply: Callable[[Path, Path], object]

    def __str__(self) -> str:
        """For the test's name."""
        return f"{self.file}: {self.name}"


def clear(path: Path) -> None:
    """Take away whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def content(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b"0123456789" * 20


def written(make: Callable[[bytes], bytes]) -> Callable[[Path, Path], object]:
    """A damage that writes other content."""

    def apply(path: Path, other: Path) -> None:
        before = content(path)
        clear(path)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(make(before))

    return apply


def replaced(make: Callable[[Path], object]) -> Callable[[Path, Path], object]:
    """A damage that puts something else than a file there."""

    def apply(path: Path, other: Path) -> None:
        clear(path)
        path.parent.mkdir(exist_ok=True)
        make(path)

    return apply


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, HUGE)


def flipped(content: bytes) -> bytes:
    """The content with a few bytes changed, as a disk that forgets does."""
    found = np.frombuffer(content, np.uint8).copy()
    rng = np.random.default_rng(len(content))
    if len(found):
        found[rng.integers(0, len(found), 5)] ^= 1 << 5
    return found.tobytes()


def foreign(path: Path, other: Path) -> None:
    """The file of another run, of another kind."""
    clear(path)
    path.parent.mkdir(exist_ok=True)
    found = other / path.name
    candidates = [found, other / "generator.tflite", other / "config.json"]
    shutil.copy(next(each for each in candidates if each.is_file()), path)


def many_rows(content: bytes) -> bytes:
    """A table whose last line comes again and again."""
    head, *rows = content.splitlines(keepends=True)
    return head + (rows[-1] if rows else b"1\n") * 200_000


def with_cells(cell: bytes, content: bytes) -> bytes:
    """A table with the same in all cells below its head."""
    head, *rows = content.splitlines()
    return b"\n".join([head, *(b",".join([cell] * (row.count(b",") + 1)) for row in rows), b""])


EVERYWHERE: dict[str, Callable[[Path, Path], object]] = {
    "missing": replaced(lambda path: None),
    "empty": written(lambda content: b""),
    "half": written(lambda content: content[: len(content) // 2]),
    "a byte less": written(lambda content: content[:-1]),
    "zeros": written(lambda content: bytes(len(content))),
    "random": written(lambda content: np.random.default_rng(1).bytes(len(content))),
    "flipped": written(flipped),
    "text": written(lambda content: b"this is not what you think\n" * 3),
    "huge": replaced(sparse),
    "pipe": replaced(os.mkfifo),
    "folder": replaced(lambda path: path.mkdir()),
    "full folder": replaced(lambda path: (path / "a" / "b").mkdir(parents=True)),
    "link to itself": replaced(lambda path: path.symlink_to(path.name)),
    "link to nothing": replaced(lambda path: path.symlink_to("nowhere")),
    "link to a device": replaced(lambda path: path.symlink_to("/dev/zero")),
    "of another run": foreign,
}
JSON: dict[str, Callable[[Path, Path], object]] = {
    "nested": written(lambda content: b"[" * DEEP + b"]" * DEEP),
    "nested tables": written(lambda content: b'{"a":' * DEEP + b"1" + b"}" * DEEP),
    "a list": written(lambda content: b"[1, 2]"),
    "a number": written(lambda content: b"7"),
    "an empty table": written(lambda content: b"{}"),
    "newer": written(lambda content: json.dumps(as_table(content) | {"format": 99}).encode()),
}
TABLE: dict[str, Callable[[Path, Path], object]] = {
    "200,000 lines": written(many_rows),
    "no columns": written(lambda content: content[content.find(b"\n") + 1 :]),
    "a column less": written(lambda content: b"".join(row.rpartition(b",")[0] + b"\n" for row in content.splitlines())),
    "another first column": written(lambda content: b"x" + content),
    "backwards": written(lambda content: b"\n".join([content.splitlines()[0], *content.splitlines()[:0:-1], b""])),
    "one long line": written(lambda content: content.replace(b"\n", b"") + b"1" * 300_000 + b"\n"),
    "quotes": written(lambda content: content + b'"' * 7 + b"\n"),
}
for _cell in ("nan", "inf", "-1", "1e308", "", "x", "\x00", "9" * 5000, "2.5"):
    TABLE[f"cells {_cell[:9]!r}"] = written(functools.partial(with_cells, _cell.encode()))


def as_table(content: bytes) -> dict[str, object]:
    try:
        data = json.loads(content)
    except ValueError:
        data = None
    return data if isinstance(data, dict) else {}


def fields(data: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in a JSON table a value stands, tables and the first entries of lists included."""
    entries: Sequence[tuple[str | int, object]] = []
    if isinstance(data, dict):
        entries = list(data.items())
    elif isinstance(data, list):
        entries = list(enumerate(data))[:1]
    for key, value in entries:
        yield (*path, key)
        yield from fields(value, (*path, key))


def with_value(field: tuple[str | int, ...], text: str, content: bytes) -> bytes:
    """A JSON file whose field holds another value, written as `text`."""
    data = json.loads(content)
    place = data
    for key in field[:-1]:
        place = place[key]
    place[field[-1]] = "the new value"
    return json.dumps(data).replace('"the new value"', text).encode()


def wrong_values(run: Run, file: str) -> Iterator[Damage]:
    """A value of another type or size in each field of a JSON file."""
    for field in fields(as_table(run.file(file).read_bytes())):
        for name, text in VALUES.items():
            yield Damage(
                file,
                f"{'.'.join(map(str, field))} is {name}",
                written(functools.partial(with_value, field, text)),
            )


def all_damages(run: Run) -> list[Damage]:
    """Every damage to every file of a whole run."""
    found = []
    for file in FILES:
        kinds = dict(EVERYWHERE)
        if file.endswith(".json"):
            kinds |= JSON
        if file.endswith(".csv"):
            kinds |= TABLE
        if file in ("samples", "checkpoint"):
            kinds = {name: kinds[name] for name in kinds if name not in ("half", "a byte less", "flipped")}
        found += [Damage(file, name, apply) for name, apply in kinds.items()]
        if file.endswith(".json"):
            found += wrong_values(run, file)
    return found
