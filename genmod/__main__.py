"""The command line's parser: train, control, pin, sample, evaluate, augment, runs."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from genmod import kinds
from genmod.commands import FAILURE, WRONG_USE, augment, control, evaluate, pin, runs, sample, train
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.inference.latent_sources import SOURCES
from genmod.jobs import limits
from genmod.lesson import augmentation
from genmod.runs.control import PACE
from genmod.system.quiet import quiet


class Parser(argparse.ArgumentParser):
    """A parser that answers wrong use with one sentence and exit code 2."""

    def __init__(self, **options: Any) -> None:
        # A flag is meant only when it is written out: `--queue` is a mistake and not `--queued`.
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Print the sentence and end."""
        # "argument --epochs: --epochs is ..." names the flag twice.
        sentence = re.sub(r"^argument (\S+): (?=\1 )", "", message).rstrip(".")
        sentence = sentence[0].upper() + sentence[1:]
        self.exit(WRONG_USE, f"{sentence}; see `{self.prog} --help`.\n")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser().parse_args(arguments)
    try:
        limits.check_environment()
        return int(options.command(options))
    except ConfigError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except RunError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    except GenmodError as error:
        print(error, file=sys.stderr)
        return FAILURE
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        return FAILURE


def parser() -> Parser:
    """The whole command line."""
    root = Parser(prog="python -m genmod", description="Train generative models on small images and draw new ones.")
    commands = root.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for add in (_train, _control, _pin, _sample, _evaluate, _augment, _runs):
        add(commands)
    return root


def _train(commands: Commands) -> None:
    """Train a new run, go on with one, or work through the queue."""
    command = commands.add_parser("train", help="train a model; the last line printed is the run's folder")
    command.add_argument("kind", nargs="?", choices=sorted(kinds.KINDS), help="the kind of model")
    command.add_argument("--preset", default=None, help="where the settings start (default: the kind's first)")
    for name in kinds.setting_names():
        _add_setting(command, name)
    command.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
    command.add_argument("--id", metavar="ID", help="the new run's id, such as my-first-run")
    command.add_argument("--resume", metavar="RUN", help="go on with a run that was interrupted or stopped")
    command.add_argument("--queued", action="store_true", help="train the runs that wait in the store, then end")
    command.add_argument("--spare", action="store_true", help=argparse.SUPPRESS)
    command.set_defaults(command=_run_train)


def _run_train(options: argparse.Namespace) -> int:
    from genmod.training import worker

    return train.command(options, worker)


def _control(commands: Commands) -> None:
    """Steer a training."""
    command = commands.add_parser("control", help="pause, resume, stop or step a training, or change its settings")
    command.add_argument("run", metavar="RUN", help="a run's folder or its id")
    command.add_argument("action", choices=tuple(control.ACTIONS), help="what to do")
    command.add_argument(
        "values", nargs="*", metavar="VALUE",
        help="for step: how many steps (default: 1); for set: such as learning_rate=0.0005 beta=2; "
        f"{PACE} sets slow motion, 0 ends it",
    )  # fmt: skip
    command.add_argument("--steps", "--n", dest="steps", metavar="N", help="for step: how many steps")
    for name in control.ADJUSTABLE:
        command.add_argument("--" + name.replace("_", "-"), dest=name, metavar="X", help=f"for set: the new {name}")
    command.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
    command.set_defaults(command=control.command)


def _pin(commands: Commands) -> None:
    """Keep a run, or let it be removed."""
    for name, keep in (("pin", True), ("unpin", False)):
        text = "keep a run when old ones are removed to make room" if keep else "let a run be removed to make room"
        command = commands.add_parser(name, help=text)
        command.add_argument("run", metavar="RUN", help="a run's folder or its id")
        command.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
        command.set_defaults(command=pin.command, keep=keep)


def _sample(commands: Commands) -> None:
    """Make images."""
    command = commands.add_parser("sample", help="make images from random latents")
    command.add_argument("run", metavar="RUN", help="a run's folder or its id")
    command.add_argument("--n", type=_whole(1, 100_000), default=100, help="how many images (default: 100)")
    command.add_argument("--seed", type=_whole(0, 2**31 - 1), default=0, help="where randomness starts (default: 0)")
    command.add_argument(
        "--class", dest="label", metavar="C", help="only this class, by name or number, of a run trained by class"
    )
    command.add_argument(
        "--latents", choices=SOURCES, default="normal",
        help="where the latents come from: the prior N(0, I); a normal distribution (fitted) or a mixture of ten, both "
        "fitted to the codes of training images; or such codes themselves, which makes nothing new (default: normal)",
    )  # fmt: skip
    for name, item in kinds.drawings_called().items():
        text = f"{item.label.lower()} of a run that draws in several steps: {item.expectation}"
        command.add_argument(item.flag, dest=name, metavar="N" if item.type is int else "X", help=text)
    command.add_argument("--out", type=Path, metavar="PNG", help="a contact sheet (default: grid.png)")
    command.add_argument("--npz", type=Path, metavar="NPZ", help="images and latents as arrays")
    command.add_argument("--store", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    command.set_defaults(command=sample.command)


def _evaluate(commands: Commands) -> None:
    """Measure a run."""
    command = commands.add_parser("evaluate", help="how good a run's samples are, and its losses on the test images")
    command.add_argument("run", metavar="RUN", nargs="?", help="a run's folder or its id")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument(
        "--samples", type=_whole(100, 100_000), metavar="N",
        help="how many samples to judge (default: 10,000; the result is kept only with default numbers)",
    )  # fmt: skip
    command.add_argument(
        "--importance-samples", type=_whole(1, 10_000), metavar="N",
        help="codes an image for the bound on the log-likelihood of binarised images (default: 50)",
    )  # fmt: skip
    command.add_argument(
        "--importance-images", type=_whole(1, 100_000), metavar="N",
        help="on how many test images that bound is measured (default: 2,000)",
    )  # fmt: skip
    command.add_argument("--queued", action="store_true", help="measure the runs that wait in the store, then end")
    command.add_argument("--store", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    command.set_defaults(command=evaluate.command)


def _augment(commands: Commands) -> None:
    """Measure what data augmentation gains."""
    command = commands.add_parser("augment", help="what more images, shifted or generated, gain a classifier")
    sizes = ", ".join(map(str, augmentation.SIZES))
    command.add_argument(
        "--images", type=int, default=augmentation.SIZES[0], metavar="N",
        help=f"real images of each class: {sizes} (default: {augmentation.SIZES[0]})",
    )  # fmt: skip
    for name, item, default in (
        ("generated", augmentation.GENERATED, augmentation.GENERATED.default),
        ("seeds", augmentation.SEEDS, augmentation.SEEDS.default),
        ("first-seed", augmentation.FIRST_SEED, 0),
    ):
        text = f"{item.label.lower()}: {item.expectation} (default: {default})"
        command.add_argument(f"--{name}", type=int, default=default, metavar="N", help=text)
    command.add_argument(
        "--ways", nargs="+", choices=tuple(augmentation.WAYS), metavar="WAY",
        help=f"what the classifiers learn from, of {', '.join(augmentation.WAYS)} (default: all)",
    )  # fmt: skip
    command.add_argument("--json", action="store_true", help="print JSON")
    command.add_argument("--queued", action="store_true", help="run the experiments that wait in the store, then end")
    command.add_argument("--store", type=Path, metavar="DIR", help="where results are kept (default: runs)")
    command.set_defaults(command=_run_augment)


def _run_augment(options: argparse.Namespace) -> int:
    from genmod.training.lean import lean

    def measure(*told: Any) -> Any:
        # Only once it is its turn: until then the process holds hardly any memory.
        with quiet(), lean():
            from genmod.training import augmentation as training
        return training.measure(*told)

    return augment.command(options, measure)


def _runs(commands: Commands) -> None:
    """List the runs."""
    command = commands.add_parser("runs", help="list own runs and the shipped ones")
    command.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
    command.add_argument("--json", action="store_true", help="print JSON")
    command.set_defaults(command=runs.command)


def _add_setting(command: argparse.ArgumentParser, name: str) -> None:
    """One option for all kinds that have the setting; its text is read once the kind is known."""
    owners = kinds.settings_called(name)
    item = next(iter(owners.values()))
    sorts = {int: "N", float: "X", tuple: "N,N"}
    expectations = {other.expectation for other in owners.values()}
    whose = "" if len(owners) == len(kinds.KINDS) and len(expectations) == 1 else f" ({', '.join(owners)})"
    text = f"{item.label.lower()}: {' or '.join(sorted(expectations))}{whose}".replace("%", "%%")
    if item.type is bool:
        command.add_argument(item.flag, dest=name, nargs="?", const="yes", metavar="yes", help=text)
    else:
        command.add_argument(item.flag, dest=name, metavar=sorts.get(item.type, "NAME"), help=text)


def _whole(low: int, high: int) -> Any:
    def value(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low:,} to {high:,}")
        return number

    return value


if __name__ == "__main__":
    sys.exit(main())
