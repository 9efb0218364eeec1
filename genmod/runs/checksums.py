"""Which exported models may be loaded: those whose checksum holds, and those a process of its own has tried."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from genmod import runs
from genmod.errors import RunError
from genmod.runs import Run
from genmod.runs.run import CHECKSUMS
from genmod.system import files
from genmod.system.project import PROJECT

NAME = CHECKSUMS
FORMAT = 1
LARGEST = 256_000_000  # bytes of one model
TRIED = ".tried"  # in the store of own runs: a file for each model without a checksum that has proved harmless
TRIAL_SECONDS = 60.0
MOST_REFUSED = 1_000  # remembered

_refused: set[str] = set()
_trying = threading.Lock()


def write(folder: Path) -> None:
    """Write down the checksums of all models in a folder, durably."""
    models = sorted(path for path in folder.iterdir() if path.suffix in (".tflite", ".keras"))
    sums = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in models}
    files.write_json(folder / NAME, {"format": FORMAT, "sha256": sums})


def verified(run: Run, name: str) -> bytes:
    """The content of an exported model, which is the one that was saved.

    A run of an older version has no checksums: its model is loaded and run in a process of its own first.

    Raises:
        RunError: if it is missing, cannot be read, or is another one.
    """
    while True:
        if not run.has(name):
            raise RunError(f"The run {run.id} has no {name}; train it again.")
        expected = _expected(run, name)
        try:
            content = run.read_export(name, LARGEST)
        except FileNotFoundError:
            raise RunError(f"The run {run.id} has no {name}; train it again.") from None
        except OSError as error:
            raise RunError(f"The file {name} of run {run.id} cannot be read ({error.strerror}).") from None
        found = hashlib.sha256(content).hexdigest()
        if found == expected:
            return content
        # A new set of models may have come into place between the two looks.
        if expected == _expected(run, name):
            break
    if expected is not None:
        raise RunError(
            f"The file {name} of run {run.id} is damaged: it is not the one whose checksum was saved; restore it or "
            "train the run again."
        )
    if not name.endswith(".tflite"):
        return content  # only who trains or asks for it in a notebook loads the other kind
    if not _harmless(name, content, found):
        raise RunError(f"The file {name} of run {run.id} is damaged; train it again.")
    return content


def _expected(run: Run, name: str) -> str | None:
    """The checksum of a model; None for a run that was made before there were any."""
    for path in (run.exported(NAME), run.file(NAME)):  # it may be moved to its place between two looks
        if os.path.lexists(path):
            break
    else:
        return None
    sums = (files.read_json(path) or {}).get("sha256")
    expected = sums.get(name) if isinstance(sums, dict) else None
    if not isinstance(expected, str):
        raise RunError(
            f"The file {NAME} of run {run.id} is damaged or of a newer version, so that its models cannot be checked; "
            "restore it or train the run again."
        )
    return expected


def _harmless(name: str, content: bytes, sha256: str) -> bool:
    """Whether a model without a checksum works, which is found out once, where it can do no harm."""
    key = f"{sha256}-{name}"
    kept = runs.home().root / TRIED / key
    with _trying:
        if key in _refused:
            return False
        if os.path.isfile(kept):
            return True
        if not _tried(name, content):
            if len(_refused) >= MOST_REFUSED:
                _refused.clear()
            _refused.add(key)
            return False
    with contextlib.suppress(OSError):  # a store that cannot be written: it is tried again by the next process
        kept.parent.mkdir(parents=True, exist_ok=True)
        files.write_bytes(kept, b"")
    return True


def _tried(name: str, content: bytes) -> bool:
    """Whether another process could load the model and run it; damage may well end that process."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "genmod.inference.trial", name],
            cwd=PROJECT,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            input=content,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return ended.returncode == 0
