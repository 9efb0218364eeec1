"""What it costs that trainings are a service: speed against the bare loop, a long list of runs, many trainings.

Three parts, each in processes of its own. Speed: the article's VAE trained by the service, with live updates,
held-out values, checkpoints and a look at the wishes between chunks, against the compiled loop alone and against
the loop with held-out values, in turns. Listing: a thousand finished runs, read for the first time by a process and
again. Growth: a server on whose Train page twenty trainings are started and watched, one after the other.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from playwright.sync_api import sync_playwright  # noqa: E402

from benchmarks._turns import between, in_turns, trained  # noqa: E402

RUNS = 1000
TRAININGS = 20
WARM_UP = 3


def bare(epochs: int, held_out: bool) -> list[float]:
    """Seconds of each epoch of the compiled loop, called as the trainer calls it, and nothing else."""
    from genmod import kinds
    from genmod.training.engine import KerasEngine

    engine = KerasEngine(kinds.from_preset("vae", "article", epochs=epochs))
    marks = [time.perf_counter()]
    for epoch in range(1, epochs + 1):
        engine.start_epoch(epoch)
        for first in range(0, engine.steps_per_epoch, 100):
            engine.run(first, min(100, engine.steps_per_epoch - first))
        if held_out:
            engine.held_out()
        marks.append(time.perf_counter())
    return between(marks)


WAYS = {
    "the loop alone": lambda epochs: bare(epochs, held_out=False),
    "the loop and held-out values": lambda epochs: bare(epochs, held_out=True),
    "the service": trained,
}


def speed(epochs: int, rounds: int) -> None:
    """Print seconds an epoch of each way, and how fast the service is beside the others."""
    seconds = in_turns(__file__, WAYS, rounds, "--epochs", str(epochs))
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
    """Print what twenty trainings, each started and watched on the page, leave behind in the server."""
    import psutil

    from genmod import datasets
    from tests.browser.visitor import Server, chromium, settled

    datasets.MNIST.load()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "store")
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        process = psutil.Process(server.process.pid)
        before: dict[str, float] = {}
        # One visit for all: Streamlit keeps what belongs to a visit for two minutes after it has ended.
        page.goto(f"{server.url}/train?epochs=2&images=2000")
        settled(page)
        for number in range(TRAININGS + WARM_UP):
            seed = page.get_by_role("spinbutton", name="Seed")
            seed.fill(str(number))
            seed.press("Enter")
            settled(page)
            page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True).click()
            page.wait_for_url(other_run_than(run_in(page.url)))
            page.get_by_test_id("stAlert").get_by_text("Finished 2 epochs").wait_for(timeout=120_000)
            if number == WARM_UP - 1:  # the first ones load what all need
                before = counted(process)
        time.sleep(8)  # the last worker ends, and the next spare one begins
        after = counted(process)
        for name, now in after.items():
            print(f"{name:<20} {before[name]:>8.1f} before, {now:>8.1f} after {TRAININGS} trainings")
        left = [" ".join(child.cmdline()[3:5]) for child in process.children(recursive=True)]
        print("processes of the server:", ", ".join(left) or "none")
        browser.close()
        server.stop()


def other_run_than(known: str | None) -> Callable[[str], bool]:
    """Whether a link names another run than the one that is known."""
    return lambda url: run_in(url) not in (None, known)


def run_in(url: str) -> str | None:
    """The run a link names."""
    match = re.search(r"[?&]run=([a-z0-9-]+)", url)
    return match[1] if match else None


def counted(process: object) -> dict[str, float]:
    """Megabytes, threads and descriptors of a process."""
    import psutil

    assert isinstance(process, psutil.Process)
    return {
        "resident megabytes": process.memory_info().rss / 1e6,
        "threads": float(process.num_threads()),
        "file descriptors": float(process.num_fds()),
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
