"""The nearest training image of one image: the index of `genmod.datasets.neighbours` beside a plain search.

For each data set the seconds and megabytes to make the index ready, what it keeps, and milliseconds on one thread for
real images, for images halfway between two, and for noise, of which no projection tells much.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # read when NumPy is imported

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from genmod.datasets import DATASETS, Dataset, Images
from genmod.datasets.dataset import release
from genmod.quality import distances
from genmod.system import memory

SEARCHES, PLAIN = 200, 10  # images that each way searches for
MOST_MILLISECONDS, MOST_SECONDS, MOST_MEGABYTES = 3.0, 1.5, 10.5


def sorts(data: Dataset) -> dict[str, Images]:
    """Images of each sort."""
    rng = np.random.default_rng(0)
    one, other = data.train_images[rng.integers(0, len(data.train_images), (2, SEARCHES))].astype(int)
    return {
        "real": data.test_images[:SEARCHES],
        "between two": ((one + other) // 2).astype(np.uint8),
        "noise": rng.integers(0, 256, (PLAIN, 28, 28)).astype(np.uint8),
    }


def milliseconds(search: Callable[[Images], object], images: Images) -> list[float]:
    """How long each search takes, one image at a time, sorted."""
    found = []
    for image in images:
        started = time.perf_counter()
        search(image[np.newaxis])
        found.append(1000 * (time.perf_counter() - started))
    return sorted(found)


def main() -> int:
    """Print the figures; the exit code says whether all stayed within what was set."""
    well = True
    for entry in DATASETS.values():
        data = entry.load()
        release(data.train_images)
        before, started = memory.own(), time.perf_counter()
        index = entry.neighbours()
        seconds, grown = time.perf_counter() - started, (memory.own() - before) / 1e6
        well &= seconds <= MOST_SECONDS and index.size / 1e6 <= MOST_MEGABYTES
        kept = f"{index.size / 1e6:.1f} MB kept; the process grew by {grown:.0f} MB"
        print(f"{entry.title}: ready in {seconds:.2f} s, {kept}")
        for name, images in sorts(data).items():
            times = milliseconds(index.nearest, images)
            plain = milliseconds(lambda image, among=data.train_images: distances.nearest(image, among), images[:PLAIN])  # type: ignore[misc]
            middle, slow = statistics.median(times), times[int(0.95 * (len(times) - 1))]
            well &= name == "noise" or middle <= MOST_MILLISECONDS
            told = f"{middle:5.1f} ms (95 % within {slow:.1f}), a plain search {statistics.median(plain):.1f} ms"
            print(f"  {name:<12} {told}", flush=True)
        release(data.train_images)
        print(f"  and after all searches the process is {(memory.own() - before) / 1e6:.0f} MB larger than before")
    return int(not well)


if __name__ == "__main__":
    sys.exit(main())
