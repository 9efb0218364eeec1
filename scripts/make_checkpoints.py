"""Train the runs that ship with the project, on this machine, into `checkpoints/`."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

RECIPES = {
    "ae-article": ["ae", "--preset", "article"],
    "vae-article": ["vae", "--preset", "article"],
    "vae-elbo": ["vae", "--preset", "elbo"],
    "vae-map": ["vae", "--preset", "map"],
    "vae-best": ["vae", "--preset", "best"],
    "vae-conditional": ["vae", "--preset", "conditional"],
    "gan-dense": ["gan", "--preset", "dense"],
    "gan-dcgan": ["gan", "--preset", "dcgan"],
    "gan-conditional": ["gan", "--preset", "conditional"],
    "fashion-vae-map": ["vae", "--preset", "fashion-map"],
    "fashion-gan": ["gan", "--preset", "fashion"],
}
SHIPPED_FILES = ("config.json", "status.json", "history.csv")
REPLAYED = 7  # pictures of the replay that are shipped, denser at the start where most happens


def main() -> int:
    """Train the named runs, or all."""
    from genmod.datasets import DATASETS

    classifiers = {source.classifier: source.name for source in DATASETS.values()}  # no runs, but what judges them
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "runs",
        nargs="*",
        metavar="RUN",
        help=f"of {', '.join(classifiers)}, {', '.join(RECIPES)}; all if none is named",
    )
    parser.add_argument("--measure", action="store_true", help="train nothing; only measure the quality again")
    parser.add_argument("--into", type=Path, default=PROJECT / "checkpoints", metavar="DIR")
    options = parser.parse_args()
    if unknown := [name for name in options.runs if name not in (*classifiers, *RECIPES)]:
        parser.error(f"{unknown[0]!r} is not one of {', '.join(classifiers)}, {', '.join(RECIPES)}")
    wanted = options.runs or [*classifiers, *RECIPES]
    total = time.monotonic()
    for name in [name for name in classifiers if name in wanted and not options.measure]:
        started = time.monotonic()
        script = str(Path(__file__).with_name("make_classifier.py"))
        subprocess.run([sys.executable, script, classifiers[name], str(options.into / name)], check=True)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    for name in [name for name in RECIPES if name in wanted]:
        started = time.monotonic()
        if options.measure:
            if (options.into / name).is_dir():
                measure(options.into / name)
                print(f"{name}: measured in {time.monotonic() - started:.0f} s", flush=True)
            continue
        with tempfile.TemporaryDirectory() as store:
            command = [
                sys.executable,
                "-m",
                "genmod",
                "train",
                *RECIPES[name],
                "--id",
                name,
                "--store",
                store,
            ]
            subprocess.run(command, check=True, cwd=PROJECT, stdout=subprocess.DEVNULL)
            ship(Path(store) / name, options.into / name)
        measure(options.into / name)
        size = sum(path.stat().st_size for path in (options.into / name).rglob("*") if path.is_file())
        print(f"{name}: {time.monotonic() - started:.0f} s, {size / 1e6:.1f} MB", flush=True)
    size = sum(path.stat().st_size for path in options.into.rglob("*") if path.is_file())
    print(f"In all {(time.monotonic() - total) / 60:.0f} min; the folder takes {size / 1e6:.1f} MB.")
    return 0


def measure(run: Path) -> None:
    """Leave `quality.json` in the run's folder, which every visitor of a shipped run then sees."""
    from genmod import quality
    from genmod.runs import Run
    from genmod.system.quiet import quiet

    with quiet():
        quality.save(run, quality.measure(Run(run)))


def ship(run: Path, target: Path) -> None:
    """Take over what visitors need; leave out the optimizer's state and most of the replay."""
    from genmod.training.compression import shrink

    shutil.rmtree(target, ignore_errors=True)
    (target / "samples").mkdir(parents=True)
    for name in SHIPPED_FILES:
        shutil.copy2(run / name, target / name)
    shrink(run, target)
    if (run / "samples" / "reconstructions.png").exists():
        shutil.copy2(run / "samples" / "reconstructions.png", target / "samples")
    pictures = sorted((run / "samples").glob("epoch-*.png"))
    count = len(pictures)
    kept = sorted({round(count ** (step / (REPLAYED - 1))) - 1 for step in range(REPLAYED)})
    for index in kept:
        shutil.copy2(pictures[index], target / "samples")


if __name__ == "__main__":
    sys.exit(main())
