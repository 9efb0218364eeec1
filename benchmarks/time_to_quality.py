"""Time to quality: the Frechet distance of a preset's samples against the seconds that its training has taken.

Each preset is trained as `python -m genmod train` does, to its end, into a run folder that can be used like any other.
A copy of the weights is kept now and then and measured only afterwards, so that the seconds are those of the training
alone, compiling and drawing its pictures included. What a visitor could pick instead, the settings that stood here
before or those of a textbook, runs beside it under a name of its own.

    python benchmarks/time_to_quality.py gan:dense gan:non-saturating --seeds 0 1 2 --store /tmp/ttq
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402

from benchmarks import _time_picture  # noqa: E402
from genmod import jobs, kinds, runs  # noqa: E402
from genmod.inference import latent_space, turns  # noqa: E402
from genmod.kinds import Config, GANConfig, VAEConfig  # noqa: E402
from genmod.quality import reference  # noqa: E402
from genmod.quality.distances import frechet_distance, moments  # noqa: E402
from genmod.quality.evaluation import SEED, Sizes  # noqa: E402
from genmod.quality.time_to_quality import TABLE  # noqa: E402
from genmod.runs import Run, Store  # noqa: E402
from genmod.training.engine import KerasEngine  # noqa: E402
from genmod.training.trainer import Trainer  # noqa: E402

README = PROJECT / "checkpoints" / "README.md"
FIRST, GROWTH = 3.0, 1.3  # seconds until the first copy, and by how much each next one comes later
SAMPLES, BATCH = Sizes().samples, 500

# What stood here before, under the names that the table has for them.
BEFORE: dict[str, Config] = {
    "gan:dcgan-before": GANConfig(
        preset="dcgan-before", architecture="conv", generator_start=64, discriminator_head=96, batch_size=64,
        learning_rate=6e-4, discriminator_learning_rate=9e-4, dropout=0.2, average=0.9998, epochs=24,
    ),
    "vae:best-before": VAEConfig(
        preset="best-before", latent_dim=24, hidden_units=(400, 272), activation="gelu", binarise=True, beta=1.0,
        beta_warm_up=12, optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine", epochs=140,
    ),
}  # fmt: skip


class Copy(NamedTuple):
    """The weights at one moment of a training."""

    seconds: float
    epoch: int
    weights: list[npt.NDArray[Any]]


class Copying(KerasEngine):
    """An engine that keeps a copy of its weights now and then."""

    def __init__(self, config: Config) -> None:
        self.started = time.perf_counter()
        self.next_at = FIRST
        self.spent = 0.0  # on copies
        self.copies: list[Copy] = []
        super().__init__(config)

    def draw(self, run: Run, epoch: int | None = None, live: bool = False) -> None:
        """Write pictures, and after an epoch keep a copy if it is time."""
        super().draw(run, epoch, live)
        now = time.perf_counter()
        if epoch and (now - self.started - self.spent >= self.next_at or epoch == self.config.epochs):
            seconds = now - self.started - self.spent
            weights = [variable.numpy() for variable in self.model.variables]  # type: ignore[attr-defined]
            self.copies.append(Copy(seconds, epoch, weights))
            self.next_at = GROWTH * seconds
            self.spent += time.perf_counter() - now


def train(config: Config, store: Store, name: str) -> tuple[Run, Copying]:
    """A finished run of that name and the engine that trained it."""
    started = time.perf_counter()
    run, lock = jobs.begin(store, config, name)
    engine = Copying(config)
    engine.started = started
    try:
        Trainer(run, engine).train()
        run.release_reserve()
    finally:
        lock.release()
    return run, engine


def measured(engine: Copying) -> list[dict[str, float]]:
    """What each copy's samples are worth."""
    import tensorflow as tf

    model, source = engine.model, engine.config.source
    against = reference.of(source)
    generate = tf.function(model.generate, jit_compile=model.compiles_with_xla)
    latents = latent_space.prior_samples(SAMPLES, model.latent_dim, SEED)
    asked = turns(SAMPLES, source.classes)
    found = []
    for copy in engine.copies:
        for variable, value in zip(model.variables, copy.weights, strict=True):  # type: ignore[attr-defined]
            variable.assign(value)
        parts = []
        for first in range(0, SAMPLES, BATCH):
            part = slice(first, first + BATCH)
            classes = [tf.one_hot(asked[part], source.classes)] if model.conditional else []
            parts.append(np.rint(255 * generate(tf.constant(latents[part]), *classes).numpy()[..., 0]))
        features, probabilities = against.classifier.classify(np.concatenate(parts).astype(np.uint8))
        likeliest = probabilities.argmax(axis=1)
        shares = np.bincount(likeliest, minlength=source.classes) / SAMPLES
        row = {
            "seconds": round(copy.seconds, 1),
            "epoch": copy.epoch,
            "frechet_distance": round(frechet_distance(moments(features), against.moments), 3),
            "clear": round(float((probabilities.max(axis=1) > 0.9).mean()), 4),
            "least_class": round(float(shares.min()), 4),
            "most_class": round(float(shares.max()), 4),
        }
        if model.conditional:
            row["agreement"] = round(float((likeliest == asked).mean()), 4)
        found.append(row)
    return found


COLUMNS = (
    "preset", "seed", "seconds", "epoch", "frechet_distance", "clear", "least_class", "most_class", "agreement",
)  # fmt: skip


def write(table: Path, name: str, seed: int, rows: Sequence[dict[str, float]]) -> None:
    """Put these rows into the table, in place of earlier ones of this preset and seed."""
    kept: list[dict[str, Any]] = []
    if table.exists():
        with table.open(encoding="utf-8", newline="") as stream:
            kept = [row for row in csv.DictReader(stream) if (row["preset"], row["seed"]) != (name, str(seed))]
    rows_ = [*kept, *({"preset": name, "seed": seed, **row} for row in rows)]
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows_)


def main() -> None:
    """Train, measure and draw what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", metavar="KIND:PRESET")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--store", type=Path, help="where the finished runs are left")
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings to change, to try them")
    parser.add_argument("--draw", action="store_true", help="draw the table afterwards")
    asked = parser.parse_args()
    if asked.presets:
        if asked.store is None:
            parser.error("trainings need a --store.")
        train_all(asked)
    if (asked.draw or not asked.presets) and not _time_picture.draw(asked.table, README):
        print(f"{asked.table}: there is no table that can be drawn.")


def train_all(asked: argparse.Namespace) -> None:
    """Train and measure the presets with all seeds, one after another."""
    store = Store(asked.store)
    changes = dict(item.split("=", 1) for item in asked.set)
    for name in asked.presets:
        kind, _, preset = name.partition(":")
        config = BEFORE[name] if name in BEFORE else kinds.from_preset(kind, preset)
        for seed in asked.seeds:
            run_id = f"{kind}-{preset}-seed-{seed}"
            run, engine = train(config.replace(seed=seed, **changes), store, run_id)
            if run.status().state != runs.DONE:
                sys.exit(f"{run_id}: {run.status().message}")
            rows = measured(engine)
            write(asked.table, name, seed, rows)
            for row in rows:
                print(name, seed, *(f"{key} {value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
