"""Putting a whole set of exported models in place: readers find the old set or the new one, never a mix."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from genmod.runs import EXPORTED, Run, checksums
from genmod.system import files


@contextlib.contextmanager
def whole_set(run: Run) -> Iterator[Path]:
    """Give the body an empty folder to fill; when it ends well, its files become the run's models.

    One rename commits them all. Until they have been moved to their places, `Run.exported` finds them in
    the committed folder; `finish` does what a crash has left undone.
    """
    finish(run)
    draft = run.file(f".{secrets.token_hex(4)}.tmp")
    draft.mkdir()
    try:
        yield draft
        for path in draft.iterdir():
            files.flush(path)
        checksums.write(draft)
        files.flush_folder(draft)
        os.rename(draft, run.file(EXPORTED))
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    files.flush_folder(run.path)
    finish(run)


def finish(run: Run) -> None:
    """Move committed models to their places, and clear away a set that was never committed."""
    for left in run.path.glob(".*.tmp"):
        shutil.rmtree(left, ignore_errors=True)
    committed = run.file(EXPORTED)
    if not committed.is_dir():
        return
    for path in sorted(committed.iterdir()):
        os.replace(path, run.file(path.name))
    committed.rmdir()
    files.flush_folder(run.path)
