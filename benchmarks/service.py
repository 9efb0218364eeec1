"""What it costs that trainings are a service: speed against the bare loop, a long list of runs, many trainings.

Three parts, each in processes of its own. Speed: the article's VAE trained by the service, with live updates,
held-out values, checkpoints and a look at the wishes between chunks, against the compiled loop alone and against
the loop with held-out values, in turns. Listing: a thousand finished runs, read for the first time by a process and
again. Growth: a web process that is asked for twenty trainings one after the other (Linux only).
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RUNS = 1000
TRAININGS = 20


def bare(epochs: int, held_out: bool) -> list[float]:
    """Seconds of each epoch of the compiled loop, called as the trainer calls it, and nothing else."""
    from genmod import config
    from genmod.training.engine import KerasEngine

    engine = KerasEngine(config.from_preset("vae", "article", epochs=epochs))
    marks = [time.perf_counter()]
    for epoch in range(1, epochs + 1):
        engine.start_epoch(epoch)
        for first in range(0, engine.steps_per_epoch, 100):
            engine.run(first, min(100, engine.steps_per_epoch - first))
        if held_out:
            engine.held_out()
        marks.append(time.perf_counter())
    return [later - earlier for earlier, later in itertools.pairwise(marks)]


def service(epochs: int) -> list[float]:
    """Seconds of each epoch of a run as visitors get it."""
    from genmod import config, jobs
    from genmod.datasets import mnist
    from genmod.runs import Store
    from genmod.training.engine import KerasEngine
    from genmod.training.trainer import Trainer

    with tempfile.TemporaryDirectory() as folder:
        wanted = config.from_preset("vae", "article", epochs=epochs)
        run, lock = jobs.begin(Store(Path(folder)), wanted, None, mnist().sha256)
        Trainer(run, KerasEngine(wanted)).train()
        lock.release()
        marks = [row["seconds"] for row in run.history()]
    return [marks[0], *(later - earlier for earlier, later in itertools.pairwise(marks))]


WAYS = {
    "the loop alone": lambda epochs: bare(epochs, held_out=False),
    "the loop and held-out values": lambda epochs: bare(epochs, held_out=True),
    "the service": service,
}


def speed(epochs: int, rounds: int) -> None:
    """Print seconds an epoch of each way, and how fast the service is beside the others."""
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(rounds):
        for name, found in seconds.items():
            command = [sys.executable, __file__, "--one", name, "--epochs", str(epochs)]
            answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=PROJECT)
            found += [float(text) for text in answer.stdout.split("\n")[-2].split()]
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    print(f"{'way':<30} {'s an epoch':>10} {'fastest':>8} {'slowest':>8} {'the service':>12}")
    for name, found in seconds.items():
        share = medians[name] / medians["the service"]
        print(f"{name:<30} {medians[name]:>10.3f} {min(found):>8.3f} {max(found):>8.3f} {share:>11.0%}")


def listing() -> None:
    """Print milliseconds to list a thousand finished runs with their states, newest first."""
    from genmod.runs import Store

    with tempfile.TemporaryDirectory() as folder:
        source = PROJECT / "checkpoints" / "vae-article"
        for number in range(RUNS):
            target = Path(folder) / f"run-{number}"
            target.mkdir()
            for name in ("config.json", "status.json", "history.csv"):
                shutil.copyfile(source / name, target / name)
        time.sleep(1.1)  # only files that have come to rest are remembered
        store = Store(Path(folder))
        spent = []
        for _ in range(11):
            started = time.perf_counter()
            found = [(run.id, run.created(), run.status()) for run in store.runs()]
            spent.append(1000 * (time.perf_counter() - started))
        assert len(found) == RUNS
    print(f"{RUNS} finished runs listed: {spent[0]:.1f} ms the first time, {statistics.median(spent[1:]):.1f} ms again")


def growth() -> None:
    """Print what twenty trainings leave behind in a server: memory, processes, threads, file descriptors."""
    import psutil

    from genmod import config, jobs, keeper
    from genmod.datasets import mnist
    from genmod.runs import Store

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        data = mnist().sha256
        keeper.keep(store)
        me = psutil.Process()
        before = None
        for number in range(TRAININGS + 1):
            wanted = config.from_preset("vae", "article", epochs=1, images=600, seed=number)
            run = jobs.submit(store, wanted, data).run
            while not run.status().ended:
                time.sleep(0.1)
                jobs.outlook(store, run)
                run.history(), run.sheet()
            if number == 0:  # the first one loads what all need
                before = counted(me)
        time.sleep(8)  # the last worker ends, and the next spare one begins
        after = counted(me)
        assert before is not None
        for name, now in after.items():
            print(f"{name:<38} {before[name]:>8.1f} before, {now:>8.1f} after {TRAININGS} trainings")
        print("processes still there:", [" ".join(child.cmdline()[3:6]) for child in me.children(recursive=True)])


def counted(me: object) -> dict[str, float]:
    """Megabytes, threads and descriptors of this process."""
    import psutil

    assert isinstance(me, psutil.Process)
    return {
        "resident megabytes": me.memory_info().rss / 1e6,
        "threads": float(threading.active_count()),
        "file descriptors": float(me.num_fds()),
    }


PARTS = ("speed", "listing", "growth")


def main() -> None:
    """Run the parts that are asked for, all of them if none is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which parts (default: all)")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(*WAYS[options.one](options.epochs)[1:])
        return
    chosen = options.parts or PARTS
    if "speed" in chosen:
        speed(options.epochs, options.rounds)
    if "listing" in chosen:
        listing()
    if "growth" in chosen:
        growth()


if __name__ == "__main__":
    main()
