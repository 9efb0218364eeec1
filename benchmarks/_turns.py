"""What the benchmarks share: ways to do the same work, run in turns, each in a process of its own."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def in_turns(script: str, ways: Iterable[str], rounds: int, *arguments: str) -> dict[str, list[float]]:
    """The seconds that `script --one WAY ARGUMENTS` prints on its last line, by way, of all rounds together.

    In turns, because a machine that slows down for a while would otherwise slow down one way alone.
    """
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way, found in seconds.items():
            command = [sys.executable, script, "--one", way, *arguments]
            answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=PROJECT)
            found += [float(text) for text in answer.stdout.splitlines()[-1].split()]
    return seconds


def trained(epochs: int) -> list[float]:
    """Seconds of each epoch of the article's VAE as visitors get it: live pictures, held-out values, checkpoints."""
    from genmod import jobs, kinds
    from genmod.runs import Store
    from genmod.training.engine import KerasEngine
    from genmod.training.trainer import Trainer

    with tempfile.TemporaryDirectory() as folder:
        wanted = kinds.from_preset("vae", "article", epochs=epochs)
        run, lock = jobs.begin(Store(Path(folder)), wanted)
        Trainer(run, KerasEngine(wanted)).train()
        lock.release()
        return between([0.0, *(row["seconds"] for row in run.history())])


def between(marks: list[float]) -> list[float]:
    """How long it took from each reading of a clock to the next."""
    return [later - earlier for earlier, later in itertools.pairwise(marks)]
