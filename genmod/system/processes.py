"""Starting `python -m genmod` as a process of its own, which outlives the one that starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import IO

from genmod.system.project import PROJECT


def start(arguments: list[str], log: IO[bytes] | None = None, ends_with_this: bool = False) -> subprocess.Popen[bytes]:
    """Start it and go on.

    Args:
        arguments: those of the command line, the command first.
        log: where it writes what it says; nowhere if not given.
        ends_with_this: give it a pipe as its standard input, which closes when this process ends.

    Raises:
        OSError: if it cannot be started.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "genmod", *arguments],
        cwd=PROJECT,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE if ends_with_this else subprocess.DEVNULL,
        stdout=log or subprocess.DEVNULL,
        stderr=log or subprocess.DEVNULL,
        start_new_session=True,
    )
    # Somebody must read the exit status, or the ended process stays in the table.
    threading.Thread(target=_reap, args=(process,), name="genmod-reaper", daemon=True).start()
    return process


def _reap(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    if process.stdin is not None:
        process.stdin.close()
