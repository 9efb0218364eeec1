"""Many visitors at once: how long they wait, whether each picture is right, what a training beside them loses.

Starts the app as people do and sends visitors that speak Streamlit's websocket, from processes of their own. The same
is done with the garbage collection after each run that Streamlit has by default. Each picture of the sliders is
compared with the one that the project draws of the same latent numbers. The visitors need processor time as well, on
the same machine: how much is printed. Part `churn` takes an hour (shorter: `--minutes 5`) and is asked for by name.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

import psutil  # noqa: E402

from benchmarks._visitor import Orders  # noqa: E402
from genmod import jobs, kinds  # noqa: E402
from genmod.runs import Run, Store  # noqa: E402
from tests.browser.visitor import Server  # noqa: E402

RUNS = ("vae-map", "vae-article", "ae-article", "gan-dense")
WAYS = {"as it ships": "false", "Streamlit's default": "true"}
PARTS = ("arrive", "hundred", "two-hundred", "watch", "breaks")
PER_PROCESS = 100  # visitors
ALONE = 12.0  # seconds of a training's pace without visitors
PACE = 0.8  # of its pace that a training keeps at least


@dataclass(frozen=True)
class Seen:
    """What visitors met, and what it took.

    Attributes:
        waited: milliseconds, sorted.
        points: how many were compared.
        server: processor time of the server, as a share of one core; `clients` likewise.
        steps: how many steps a second a training took meanwhile.
    """

    waited: list[float]
    errors: list[str]
    points: int
    server: float
    clients: float
    steps: float

    def percentile(self, percent: float) -> float:
        """Milliseconds within which this share of the answers came."""
        return self.waited[min(len(self.waited) - 1, int(len(self.waited) * percent / 100))] if self.waited else 0.0

    def words(self) -> str:
        """50th, 95th and 99th percentile, and what went wrong."""
        text = "/".join(f"{self.percentile(percent):.0f}" for percent in (50, 95, 99)) + " ms"
        return text + (f", {len(self.errors)} errors" if self.errors else "")


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    what: str
    goal: str
    way: str
    seen: str
    good: bool


@contextmanager
def served(way: str) -> Iterator[tuple[Server, Store]]:
    """A server with an empty store, with the garbage collection of this way, past its first visitors."""
    os.environ["STREAMLIT_RUNNER_POST_SCRIPT_GC"] = WAYS[way]
    # Each visitor of the benchmark has an address of its own, which it names as a proxy would.
    os.environ["GENMOD_TRUSTED_PROXIES"] = "127.0.0.1,::1"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "store"
        server = Server(path)
        try:
            met(server, Orders(server.url, "arrive", len(RUNS), arriving=1, seconds=0, runs=RUNS))
            yield server, Store(path)
        finally:
            server.stop()


def met(server: Server, orders: Orders, run: Run | None = None) -> Seen:
    """Send the visitors, from as many processes as they need, wait until they have left, and say what they met."""
    orders = replace(orders, start=time.time() + 3 + orders.arriving)
    command = [sys.executable, "-m", "benchmarks._visitor"]
    processes = []
    for first in range(0, orders.visitors, PER_PROCESS):
        group = replace(orders, first=first, visitors=min(PER_PROCESS, orders.visitors - first))
        processes.append(subprocess.Popen([*command, group.text()], cwd=PROJECT, stdout=subprocess.PIPE, text=True))
    # For those who only arrive, arriving counts; for others what they do when all are there.
    time.sleep(max(0.0, orders.start - (orders.arriving if orders.what == "arrive" else 0) - time.time()))
    since, before, first_step = time.time(), used(server), steps(run)
    time.sleep(max(0.0, orders.start + orders.seconds - since))
    lasted = time.time() - since
    server_share, taken = (used(server) - before) / lasted, (steps(run) - first_step) / lasted
    answers = [json.loads(process.communicate()[0].splitlines()[-1]) for process in processes]
    return Seen(
        sorted(1000 * seconds for answer in answers for seconds in answer["waited"]),
        [error for answer in answers for error in answer["errors"]],
        sum(answer["points"] for answer in answers),
        server_share,
        sum(answer["cpu"] for answer in answers) / (orders.seconds + orders.arriving),
        taken,
    )


def used(server: Server) -> float:
    """Seconds of processor time the server has used."""
    times = psutil.Process(server.process.pid).cpu_times()
    return float(times.user + times.system)


@contextmanager
def training(store: Store) -> Iterator[Run]:
    """The article's VAE in training, as a visitor would have it, past its start."""
    run = jobs.submit(store, kinds.from_preset("vae", "article", epochs=500)).run
    until(lambda: steps(run) > 1500, 120)
    try:
        yield run
    finally:
        if not run.status().ended:
            jobs.stop(store, run)
        until(lambda: run.status().ended, 60)


def until(come: Callable[[], bool], seconds: float) -> None:
    """Wait for something, but not for ever."""
    deadline = time.monotonic() + seconds
    while not come() and time.monotonic() < deadline:
        time.sleep(0.2)


def steps(run: Run | None) -> int:
    """How many steps a training has behind it."""
    numbers = run.progress() if run else {}
    return int((numbers["epoch"] - 1) * numbers["steps"] + numbers["step"]) if numbers else 0


def pace(run: Run, seconds: float = ALONE) -> float:
    """Steps a second that a training takes."""
    first, since = steps(run), time.monotonic()
    time.sleep(seconds)
    return (steps(run) - first) / (time.monotonic() - since)


def judged(what: str, most: float, way: str, seen: Seen) -> Row:
    """A line of the table on waiting, and said at once with what it took."""
    print(
        f"{what}, {way}: {seen.words()}; {len(seen.waited)} answers, {seen.points} points compared; "
        f"processor: server {seen.server:.0%}, visitors {seen.clients:.0%} of a core",
        flush=True,
    )
    for error in seen.errors[:3]:
        print("   ", error)
    good = seen.percentile(95) <= most and not seen.errors
    return Row(what, f"95th at most {most:.0f} ms", way, seen.words(), good)


def kept(way: str, alone: float, beside: float) -> Row:
    """A line of the table on the pace of the training beside."""
    share = beside / alone if alone else 0.0
    return Row(
        "  the training beside them",
        f"{PACE:.0%} of its pace",
        way,
        f"{share:.0%} ({beside:.0f} of {alone:.0f} steps a second)",
        share >= PACE,
    )


def arrive(way: str) -> list[Row]:
    """A hundred visitors within ten seconds."""
    with served(way) as (server, _):
        seen = met(server, Orders(server.url, "arrive", 100, arriving=10, seconds=3, runs=RUNS))
    return [judged("100 arrive in 10 s, the first page", 1000, way, seen)]


def moves(way: str, visitors: int, most: float, seconds: float) -> list[Row]:
    """Visitors who move a slider every three seconds, with a training beside them."""
    with served(way) as (server, store), training(store) as run:
        alone = pace(run)
        orders = Orders(server.url, "move", visitors, arriving=visitors / 8, seconds=seconds, runs=RUNS)
        seen = met(server, orders, run)
    return [judged(f"{visitors} visitors, a slider move", most, way, seen), kept(way, alone, seen.steps)]


def watch(way: str, seconds: float) -> list[Row]:
    """Fifty visitors who watch one training."""
    with served(way) as (server, store), training(store) as run:
        alone = pace(run)
        seen = met(server, Orders(server.url, "watch", 50, arriving=8, seconds=seconds, runs=(run.id,)), run)
    return [judged("50 watch a training, a look", 500, way, seen), kept(way, alone, seen.steps)]


def breaks(way: str, seconds: float) -> list[Row]:
    """More and more visitors, until they wait a second or get errors."""
    held = 0
    with served(way) as (server, _):
        for visitors in range(100, 801, 100):
            seen = met(
                server, Orders(server.url, "move", visitors, arriving=visitors / 8, seconds=min(20, seconds), runs=RUNS)
            )
            if not judged(f"{visitors} visitors, nothing beside", 1000, way, seen).good:
                break
            held = visitors
    return [Row("visitors until 95th > 1 s or errors", "at least 200", way, f"{held} held", held >= 200)]


def churn(way: str, minutes: float) -> list[Row]:
    """Thirty visitors coming and going over all pages: what the server holds meanwhile."""
    samples: list[tuple[float, int, int]] = []
    with served(way) as (server, _):
        process = psutil.Process(server.process.pid)
        orders = Orders(server.url, "churn", 30, arriving=1, seconds=60 * minutes, runs=RUNS)
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(met, server, orders)
            print("minute  megabytes  threads  descriptors", flush=True)
            between = min(5.0, 2.5 * minutes)  # seconds
            while not going.done():
                time.sleep(between)
                samples.append((process.memory_info().rss / 1e6, process.num_threads(), process.num_fds()))
                if len(samples) % max(1, round(minutes)) == 0:
                    megabytes, threads, descriptors = samples[-1]
                    print(
                        f"{len(samples) * between / 60:6.1f}  {megabytes:9.0f}  {threads:7}  {descriptors:11}",
                        flush=True,
                    )
            seen = going.result()
    rows = [judged("30 come and go, a page", 1000, way, seen)]
    for name, values in zip(("megabytes", "threads", "descriptors"), zip(*samples, strict=True), strict=True):
        third = len(values) // 3
        middle, last = max(values[third : 2 * third]), max(values[2 * third :])
        rows.append(
            Row(
                f"  {name}",
                "no more in the last third",
                way,
                f"{last:.0f} after {middle:.0f}, {values[-1]:.0f} at the end",
                last <= 1.05 * middle,
            )
        )
    return rows


def main() -> None:
    """Run the parts that are asked for, all but the long one if none is, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, "churn", []], help="which parts (default: all but churn)")
    parser.add_argument("--seconds", type=float, default=60, help="of each part")
    parser.add_argument("--minutes", type=float, default=60, help="of churn")
    parser.add_argument("--way", choices=WAYS, action="append", help="only this way")
    options = parser.parse_args()
    chosen, seconds = options.parts or PARTS, options.seconds
    rows: list[Row] = []
    for way in options.way or WAYS:
        if "arrive" in chosen:
            rows += arrive(way)
        if "hundred" in chosen:
            rows += moves(way, 100, 120, seconds)
        if "two-hundred" in chosen:
            rows += moves(way, 200, 300, seconds)
        if "watch" in chosen:
            rows += watch(way, seconds / 2)
        if "breaks" in chosen:
            rows += breaks(way, seconds)
        if "churn" in chosen:
            rows += churn(way, options.minutes)
    print(f"\n{'what':<36} {'goal':<26} {'way':<20} seen (50/95/99 per cent)")
    for row in sorted(rows, key=lambda row: [other.what for other in rows].index(row.what)):
        print(f"{row.what:<36} {row.goal:<26} {row.way:<20} {row.seen}{'' if row.good else '  MISSED'}")


if __name__ == "__main__":
    main()
