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
# To draw with, and without a Keras model to work on with: what ships has to stay small.
DRAWN_WITH_ALONE = {"gan-dense", "fashion-gan"}
# Built on a VAE that ships, after it; without a Keras model, and the decoder is the VAE's own file. Whoever makes that
# VAE anew makes these anew, too.
BUILT_ON = {
    "flow-latent": ["flow", "--preset", "latent"],
    "flow-map": ["flow", "--preset", "map"],
}
# The same small net, data and seed, from no weight of the KL part to far too much: one picture shows them side by side.
IN_A_ROW = ["--preset", "article", "--latent-dim", "2", "--hidden-units", "64"]
ROW = {
    "row-ae": ["ae", *IN_A_ROW],
    **{
        f"row-beta-{beta.replace('.', '-')}": ["vae", *IN_A_ROW, "--beta", beta]
        for beta in ("0", "0.1", "1", "5", "30")
    },
}
# Another small net, squeezed into fewer and fewer numbers.
SQUEEZED = [
    "--preset", "article", "--hidden-units", "32,32", "--epochs", "12", "--optimizer", "adam",
    "--learning-rate", "2e-3", "--learning-rate-schedule", "cosine",
]  # fmt: skip
SIZES = {f"row-size-{size}": ["ae", *SQUEEZED, "--latent-dim", str(size)] for size in (1, 2, 4, 8, 16, 32)}
# One more small net, each time trained on other images: what a model was not shown it cannot draw.
SHOWN = [
    "--preset", "elbo", "--hidden-units", "64", "--activation", "gelu", "--optimizer", "adam",
    "--learning-rate", "2e-3", "--learning-rate-schedule", "cosine", "--batch-size", "200", "--epochs", "20",
]  # fmt: skip
CHOICES = {
    "all-digits": ["vae", *SHOWN],
    "no-sevens": ["vae", *SHOWN, "--classes", "0,1,2,3,4,5,6,8,9"],
    "only-sevens": ["vae", *SHOWN, "--classes", "7"],
    "only-shapes": ["vae", *SHOWN, "--dataset", "shapes", "--latent-dim", "8", "--epochs", "40"],
}
SHIPPED_FILES = ("config.json", "status.json", "history.csv")
REPLAY = 8  # frames of a run that shows how a training fails
ENDS = 2  # frames of a run in a row: how it began and what became of it
GREYS = 32  # levels of grey in the frames that are shipped: nobody sees it, and they take half the room
FEW_GREYS = 16  # of small runs, in all their pictures: the lesson, for which they are, shows none of these


def main() -> int:
    """Train the named runs, or all."""
    from genmod.datasets import DATASETS

    # No runs, but what judges them, and what is measured besides; each is made by a script of its own.
    scripts = {source.classifier: ["make_classifier.py", source.name] for source in DATASETS.values()}
    scripts["augmentation"] = ["make_augmentation.py"]
    known = (*scripts, *RECIPES, *BUILT_ON, *ROW, *SIZES, *CHOICES, *failures())
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", metavar="RUN", help=f"of {', '.join(known)}; all if none is named")
    parser.add_argument("--measure", action="store_true", help="train nothing; only measure the quality again")
    parser.add_argument(
        "--trained",
        type=Path,
        metavar="STORE",
        help="take finished runs of these names from a store, where it has them",
    )
    parser.add_argument("--into", type=Path, default=PROJECT / "checkpoints", metavar="DIR")
    options = parser.parse_args()
    if unknown := [name for name in options.runs if name not in known]:
        parser.error(f"{unknown[0]!r} is not one of {', '.join(known)}")
    wanted = options.runs or known
    total = time.monotonic()
    for name in [name for name in known if name in wanted]:
        started = time.monotonic()
        if name in scripts:
            if not options.measure:
                script, *arguments = scripts[name]
                command = [sys.executable, str(Path(__file__).with_name(script)), *arguments, str(options.into / name)]
                subprocess.run(command, check=True)
        elif not options.measure:
            make(name, options.into / name, options.trained)
        if name not in scripts and any((options.into / name).glob("*.tflite")):
            measure(options.into / name, FEW_GREYS if name in {**SIZES, **CHOICES} else 0)
        size = sum(path.stat().st_size for path in (options.into / name).rglob("*") if path.is_file())
        print(f"{name}: {time.monotonic() - started:.0f} s, {size / 1e6:.2f} MB", flush=True)
    size = sum(path.stat().st_size for path in options.into.rglob("*") if path.is_file())
    print(f"In all {(time.monotonic() - total) / 60:.0f} min; the folder takes {size / 1e6:.1f} MB.")
    return 0


def failures() -> dict[str, tuple[str, str]]:
    """The presets that are bad on purpose: for each its kind and the state that is to name it at its end."""
    from genmod.kinds import KINDS

    return {
        preset.name: (kind.name, preset.fails_as)
        for kind in KINDS.values()
        for preset in kind.presets
        if preset.fails_as
    }


def make(name: str, target: Path, trained: Path | None = None) -> None:
    """Train one run to its end, unless the store `trained` has it, and take over what visitors need."""
    from genmod.runs import DONE, Run, frames

    bad = failures().get(name)
    recipe = [bad[0], "--preset", name] if bad is not None else {**RECIPES, **BUILT_ON, **ROW, **SIZES, **CHOICES}[name]
    with tempfile.TemporaryDirectory() as store:
        if trained is not None and (trained / name).is_dir():
            run = Run(trained / name)
        else:
            command = [sys.executable, "-m", "genmod", "train", *recipe, "--id", name, "--store", store]
            subprocess.run(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
            run = Run(Path(store) / name)
        if bad is None and run.status().state != DONE:
            sys.exit(f"{name}: {run.status().message}")
        if bad is not None:
            found = run.diagnosis(run.history(), {})
            if found is None or found.state != bad[1]:
                sys.exit(f"{name} was to end as {bad[1]!r} and ended as {found.state if found else 'nothing'!r}.")
            print(f"{name} ended as: {found.state}. {found.sentence}", flush=True)
        in_row = name in {**ROW, **SIZES, **CHOICES}
        most = frames.FEW if name in RECIPES else ENDS if in_row else REPLAY  # of those built on others, too
        with_keras = name in RECIPES and name not in DRAWN_WITH_ALONE
        ship(run.path, target, most, with_keras, FEW_GREYS if name in {**SIZES, **CHOICES} else GREYS)
        leave_out_borrowed(target)


def leave_out_borrowed(target: Path) -> None:
    """Remove the networks that the run beside this one has, on which it is built; end if that has other ones."""
    from genmod.runs import Run

    run = Run(target, shipped=True)
    item = run.config().base_setting
    for name in (f"{name}.tflite" for name in run.kind().borrowed):
        content = run.file(name).read_bytes()
        run.file(name).unlink()
        # Its checksum stays behind, and what the run beside it lends has to be the same.
        if not run.has(name) or run.exported(name).read_bytes() != content:
            beside = run.config().values[item.name] if item is not None else "nothing"
            sys.exit(f"{run.id} was built on another {beside} than the one in {target.parent}: train it on that one.")


def measure(run: Path, greys: int = 0) -> None:
    """Leave `quality.json` in the run's folder, which every visitor of a shipped run then sees.

    Args:
        greys: levels of grey in its pictures; all if 0.
    """
    from dataclasses import replace

    from genmod import quality
    from genmod.runs import Run
    from genmod.system.quiet import quiet

    with quiet():
        found = quality.measure(Run(run, shipped=True))  # what it borrows stands beside it
        if greys:
            sheets = {name: with_fewer_greys(content, greys) for name, content in found.sheets.items()}
            found = replace(found, sheets=sheets)
        quality.save(run, found)


def ship(run: Path, target: Path, most: int, with_keras: bool, greys: int = GREYS) -> None:
    """Take over what visitors need; leave out the optimizer's state and most frames of long films.

    Args:
        most: how many frames of its film are kept.
        with_keras: take over all that somebody needs who works on with the model, not only what is drawn with.
        greys: levels of grey in the frames; with fewer than usual, reconstructions are left out, too.
    """
    from genmod.runs import frames
    from genmod.training.compression import shrink

    shutil.rmtree(target, ignore_errors=True)
    (target / frames.FOLDER).mkdir(parents=True)
    for name in SHIPPED_FILES:
        shutil.copy2(run / name, target / name)
    if (run / "model.keras").exists():  # a training that diverged leaves none
        shrink(run, target, with_keras)
    with_pairs = greys >= GREYS
    for epoch in frames.chosen(frames.epochs(run), most):
        for name in (frames.sheet_name(epoch), *([frames.pairs_name(epoch)] if with_pairs else [])):
            if (content := frames.read(run, name)) is not None:
                (target / frames.FOLDER / name).write_bytes(with_fewer_greys(content, greys))
    for name in (frames.PAIRS, frames.TEST_IMAGES) if with_pairs else ():
        if (content := frames.read(run, name)) is not None:
            (target / frames.FOLDER / name).write_bytes(content)


def with_fewer_greys(content: bytes, greys: int) -> bytes:
    """The same PNG file with so many levels of grey, its notes kept."""
    import numpy as np

    from genmod.drawing import images

    levels = np.rint(images.pixels(content) * ((greys - 1) / 255))
    return images.png(np.rint(levels * (255 / (greys - 1))).astype(np.uint8), notes=images.notes_of(content))


if __name__ == "__main__":
    sys.exit(main())
