"""Starting `python -m genmod` as a process of its own, and bounding what a process may take."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import IO

from genmod.system.project import PROJECT


def start(arguments: list[str], log: IO[bytes] | None = None, ends_with_this: bool = False) -> subprocess.Popen[bytes]:
    """Start it and go on; it outlives this process.

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


def yield_to_pages(nice: int) -> None:
    """Let the pages come first: take the processor after them, and be the first to end when memory runs out.

    Args:
        nice: by how much this process is nicer than it was.
    """
    if hasattr(os, "nice"):
        os.nice(nice)
    # When memory runs out all the same, Linux is to end this process and not the web process.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as stream:
        stream.write("500")


def _reap(process: subprocess.Popen[bytes]) -> None:
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def bound(memory: int, seconds: int) -> None:
    """Let this process take no more than so many bytes of address space and so many seconds of the processor.

    It leaves no core behind either. Nothing happens where the system has no such bounds.
    """
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds),
    ):  # fmt: skip
        hard = resource.getrlimit(what)[1]
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
