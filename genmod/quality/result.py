"""What was measured of a run: kept in a file beside the model it belongs to, and known to be stale."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genmod import runs
from genmod.quality import reference
from genmod.quality.metrics import Value
from genmod.runs import Run, checksums
from genmod.system import files
from genmod.system.file_cache import FileCache

NAME = "quality.json"
LARGEST = 4_000_000  # bytes of that file
_hashes: FileCache[str] = FileCache(128)
SHEETS = ("clear", "unclear", "nearest")
BOUNDS = (("bound_images", "bound_draws"), ("importance_images", "importance_samples"))  # on how much each was made
FORMAT = 1  # of quality.json
VERSION = 4  # of the way to measure: raised when the same model would give other numbers


@dataclass(frozen=True)
class Quality:
    """What was measured of one run.

    Attributes:
        values: numbers by metric, and lists for single classes; see `genmod.quality.metrics`.
        sheets: pictures of samples as PNG files, by name.
        notes: what stands in the pictures, for their captions.
        stamp: which model files, classifier and version of the measurement the numbers belong to.
        made: when, ISO 8601 in UTC.
    """

    values: Mapping[str, Value]
    sheets: Mapping[str, bytes]
    notes: Mapping[str, Any]
    stamp: Mapping[str, Any]
    made: str

    def number(self, name: str) -> float | None:
        """One metric's value; None if this kind of run has none."""
        value = self.values.get(name)
        return float(value) if isinstance(value, int | float) else None

    def shares(self, name: str) -> list[float]:
        """One value for each class; empty if this kind of run has none."""
        value = self.values.get(name)
        return [float(share) for share in value] if isinstance(value, list) else []

    def stale(self, run: Run) -> bool:
        """Whether the run's model, the classifier or the way to measure has changed since."""
        return dict(self.stamp) != stamp(run)


def stamp(run: Run) -> dict[str, Any]:
    """What the numbers of a run depend on."""
    models = {name: _sha256(run.exported(name)) for name in runs.MODELS if run.has(name)}
    return {"version": VERSION, "models": models, "classifier": reference.description(run.config().source)["sha256"]}


def _sha256(path: Path) -> str:
    """The hash of a model; empty if it cannot be read."""
    try:
        return _hashes.get(str(path), _hashed)
    except OSError:
        return ""


def _hashed(path: str) -> str:
    return hashlib.sha256(files.read_bytes(path, checksums.LARGEST)).hexdigest()


def save(folder: Path, quality: Quality) -> None:
    """Write `quality.json`, whole or not at all."""
    sheets = {name: base64.b64encode(content).decode() for name, content in quality.sheets.items()}
    data = {
        "format": FORMAT,
        "made": quality.made,
        "values": dict(quality.values),
        "notes": dict(quality.notes),
        "stamp": dict(quality.stamp),
        "sheets": sheets,  # beside the numbers, so that one never belongs to another measurement
    }
    files.write_json(folder / NAME, data)


def kept(folder: Path) -> Quality | None:
    """What `quality.json` in the folder says; None if there is none that can be read."""
    data = files.read_json(folder / NAME, LARGEST)
    if data is None or data.get("format") != FORMAT:
        return None
    try:
        sheets = {str(name): base64.b64decode(text) for name, text in data["sheets"].items()}
        values = {str(name): value for name, value in data["values"].items()}
        return Quality(values, sheets, dict(data["notes"]), dict(data["stamp"]), files.one_line(data["made"]))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def whole(found: Quality, classes: int) -> bool:
    """Whether it holds all that pages show, each of its kind, for a data set of so many classes."""
    try:
        return _sound(found, classes)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _sound(found: Quality, classes: int) -> bool:
    notes = found.notes
    clear, unclear, pairs = (notes[name] for name in SHEETS)
    counts = ("samples", "searched", "seed", *(name for pair in BOUNDS for name in pair if name in notes))
    return (
        all(files.finite(value) or (isinstance(value, list) and _numbers(value)) for value in found.values.values())
        and all(files.finite(found.values[name]) for name in ("frechet_distance", "confident_share"))
        and all(len(found.shares(name)) in (0, classes) for name in found.values)
        and len(found.shares("class_shares")) == classes
        and all(files.whole_png(found.sheets[name]) for name in SHEETS)
        and all(type(notes[name]) is int for name in counts)
        and all(isinstance(sentence, str) for sentence in notes.get("unmade", {}).values())
        and all((images in notes) == (draws in notes) for images, draws in BOUNDS)
        and isinstance(clear["missing"], list)
        and all(type(number) is int and 0 <= number < classes for number in clear["missing"])
        and _numbers(unclear["sureness"])
        and _numbers(pairs["distances"])
    )


def _numbers(values: object) -> bool:
    """Whether it is a list of at least one number."""
    return isinstance(values, list) and bool(values) and all(map(files.finite, values))


def complaint(folder: Path, classes: int) -> str:
    """What is wrong with the `quality.json` of the run in a folder; empty if there is none or it is sound."""
    found = kept(folder)
    if not os.path.lexists(folder / NAME) or (found is not None and whole(found, classes)):
        return ""
    data = files.read_json(folder / NAME, LARGEST) or {}
    newer = type(data.get("format")) is int and data["format"] > FORMAT
    return (
        f"The {NAME} of run {folder.name} is {'of a newer version' if newer else 'damaged'} and its numbers are not "
        "shown; measure again to replace it."
    )
