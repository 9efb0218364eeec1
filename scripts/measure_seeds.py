"""Train presets with several seeds and write down how far their measures spread, into `checkpoints/seeds.json`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from genmod import kinds, quality
from genmod.errors import GenmodError
from genmod.kinds import Config
from genmod.quality import Quality, reference, seeds
from genmod.runs import Run
from genmod.runs.status import DONE
from genmod.system.project import PROJECT
from genmod.system.quiet import quiet

SEEDS = 3


def main() -> int:
    """Train, measure and write down the named presets, one after another."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presets", nargs="+", metavar="KIND/PRESET", help="such as vae/elbo or gan/dense")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help=f"at least 2 (default: {SEEDS})")
    parser.add_argument(
        "--store", type=Path, default=PROJECT / "runs" / "seeds", metavar="DIR",
        help="where the runs are kept; those that are finished and measured there are used again",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, default=reference.SHIPPED / seeds.NAME, metavar="FILE")
    options = parser.parse_args()
    if options.seeds < seeds.FEWEST:
        parser.error(f"--seeds must be at least {seeds.FEWEST}")
    try:
        configs = [preset(name) for name in options.presets]
    except GenmodError as error:
        parser.error(str(error))
    for config in configs:
        found = {
            seed: measured(trained(config.replace(seed=seed), options.store))
            for seed in range(config.seed, config.seed + options.seeds)
        }
        seeds.write(options.out, seeds.entry(config, found))
        print(f"{config.kind}/{config.preset}: {len(found)} seeds written to {options.out}", flush=True)
    return 0


def preset(name: str) -> Config:
    """The settings of a preset that is named as kind/preset.

    Raises:
        ConfigError: if there is none of that name.
    """
    kind, _, which = name.partition("/")
    return kinds.from_preset(kind, which)


def trained(config: Config, store: Path) -> Run:
    """The run of these settings in the store, trained now unless it is finished already."""
    run = Run(store / f"{config.kind}-{config.preset}-seed-{config.seed}")
    if run.path.exists():
        if run.status().state == DONE and run.config() == config:
            return run
        sys.exit(f"{run.path} is not a finished run of these settings; remove it, or finish it with --resume.")
    started = time.monotonic()
    command = [
        sys.executable,
        "-m",
        "genmod",
        "train",
        config.kind,
        "--preset",
        config.preset,
        "--seed",
        str(config.seed),
    ]
    ended = subprocess.run(
        [*command, "--id", run.id, "--store", str(store)], cwd=PROJECT, stdout=subprocess.DEVNULL, check=False
    )
    if ended.returncode != 0:
        sys.exit(f"{run.id}: {run.status().message}")
    print(f"{run.id}: trained in {time.monotonic() - started:.0f} s", flush=True)
    return run


def measured(run: Run) -> Quality:
    """What `python -m genmod evaluate` gives of a run, measured now unless it is kept and holds."""
    known = quality.kept(run.path)
    if known is not None and not known.stale(run):
        return known
    started = time.monotonic()
    with quiet():
        known = quality.measure(run)
    quality.save(run.path, known)
    print(f"{run.id}: measured in {time.monotonic() - started:.0f} s", flush=True)
    return known


if __name__ == "__main__":
    sys.exit(main())
