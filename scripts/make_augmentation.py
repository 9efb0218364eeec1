"""Measure what data augmentation gains for every number of real images, into `checkpoints/augmentation.json`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genmod.lesson import augmentation
from genmod.lesson.augmentation import Experiment, Result
from genmod.system import files
from genmod.system.project import PROJECT
from genmod.system.quiet import quiet

SEEDS = 5


def main() -> int:
    """Find what is missing, and write down what is complete after each number of real images."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--images", type=int, nargs="+", choices=augmentation.SIZES, default=augmentation.SIZES, metavar="N",
        help="real images of each digit; all sizes if none is named",
    )  # fmt: skip
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help=f"how many, from 0 on (default: {SEEDS})")
    parser.add_argument(
        "--store", type=Path, default=PROJECT / "runs" / "augmentation", metavar="DIR",
        help="where finished accuracies are kept, to go on from",
    )  # fmt: skip
    parser.add_argument(
        "out", nargs="?", type=Path, default=augmentation.SHEETS, metavar="FOLDER",
        help="where pictures are put; the table is put beside it, with .json at the end of its name",
    )  # fmt: skip
    options = parser.parse_args()
    options.store.mkdir(parents=True, exist_ok=True)
    with quiet():
        from genmod.training import augmentation as training
    sheets, table = options.out, options.out.with_suffix(".json")
    sheets.mkdir(parents=True, exist_ok=True)
    for images in options.images:
        result = measured(Experiment(images, seeds=options.seeds), options.store, sheets / f"generated-{images}.png")
        others = [known for known in augmentation.shipped(table).values() if known.experiment.images != images]
        complete = sorted([*others, result], key=lambda known: known.experiment.images)
        augmentation.write_shipped(table, complete, training.versions())
    return 0


def measured(experiment: Experiment, store: Path, sheet: Path) -> Result:
    """The whole result of an experiment, most of which the store may know already."""
    from genmod.training import augmentation as training

    path, started = store / f"real-{experiment.images}.json", time.monotonic()

    def keep(result: Result) -> None:
        augmentation.keep(path, result)
        cell, taken = result.cells[-1], time.monotonic() - started
        print(f"{experiment.images} {cell.way}, seed {cell.seed}: {cell.accuracy:.4f} after {taken:.0f} s", flush=True)

    known = augmentation.kept(path, experiment)
    return training.measure(known, keep, keep_sheet=lambda png: files.write_bytes(sheet, png))


if __name__ == "__main__":
    sys.exit(main())
