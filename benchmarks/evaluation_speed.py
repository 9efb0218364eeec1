"""How long `python -m genmod evaluate RUN --json` takes, from the first import to the last number, and its memory.

Ten thousand samples of every shipped run, each in a process of its own, as a person types it. Linux only.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from genmod import runs  # noqa: E402

MOST_SECONDS = 20.0


def measured(run: runs.Run) -> tuple[float, float]:
    """Seconds from start to end, and the largest resident megabytes."""
    command = [sys.executable, "-m", "genmod", "evaluate", str(run.path), "--json"]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{run.id} could not be evaluated.")
    return time.perf_counter() - started, usage.ru_maxrss / 1000


def main() -> int:
    """Print one line a run; the exit code says whether all stayed within the time."""
    slowest = 0.0
    for run in runs.shipped().runs():
        seconds, memory = measured(run)
        slowest = max(slowest, seconds)
        print(f"{run.id:<20} {seconds:6.1f} s   {memory:6.0f} MB   {len(os.sched_getaffinity(0))} cores", flush=True)
    print(f"slowest {slowest:.1f} s, to be at most {MOST_SECONDS:.0f} s")
    return int(slowest > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
