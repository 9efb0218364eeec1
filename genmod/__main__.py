"""The command line: train, control, sample, evaluate, runs."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import filelock

from genmod import config as configs
from genmod import control, jobs, runs
from genmod.codes import SOURCES
from genmod.errors import ConfigError, GenmodError, RunError
from genmod.quiet import quiet
from genmod.runs import Run, Store

WRONG_USE = 2
FAILURE = 1


class Parser(argparse.ArgumentParser):
    """A parser that answers wrong use with one sentence and exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Print the sentence and end."""
        # "argument --epochs: --epochs is ..." names the flag twice.
        sentence = re.sub(r"^argument (\S+): (?=\1 )", "", message).rstrip(".")
        sentence = sentence[0].upper() + sentence[1:]
        self.exit(WRONG_USE, f"{sentence}; see `{self.prog} --help`.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = parser().parse_args(arguments)
    try:
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
    root = Parser(prog="python -m genmod", description="Train generative models on MNIST and make digits.")
    commands = root.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    train = commands.add_parser("train", help="train a model; the last line printed is the run's folder")
    train.add_argument("kind", nargs="?", choices=sorted(configs.KINDS), help="the kind of model")
    train.add_argument("--preset", default=None, help="where the settings start (default: the kind's first)")
    for name in configs.setting_names():
        _add_setting(train, name)
    train.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
    train.add_argument("--id", metavar="ID", help="the new run's id, such as my-first-run")
    train.add_argument("--resume", metavar="RUN", help="go on with a run that was interrupted or stopped")
    train.add_argument("--queued", action="store_true", help="train the runs that wait in the store, then end")
    train.add_argument("--spare", action="store_true", help=argparse.SUPPRESS)
    train.set_defaults(command=train_command)

    steer = commands.add_parser("control", help="pause, resume, stop or step a training, or change its settings")
    steer.add_argument("run", metavar="RUN", help="a run's folder or its id")
    steer.add_argument("action", choices=tuple(ACTIONS), help="what to do")
    steer.add_argument(
        "values", nargs="*", metavar="VALUE",
        help="for step: how many steps (default: 1); for set: such as learning_rate=0.0005 beta=2; "
        f"{control.PACE} sets slow motion, 0 ends it",
    )  # fmt: skip
    steer.add_argument("--steps", "--n", dest="steps", metavar="N", help="for step: how many steps")
    for name in KNOBS:
        steer.add_argument("--" + name.replace("_", "-"), dest=name, metavar="X", help=f"for set: the new {name}")
    steer.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
    steer.set_defaults(command=control_command)

    for name, keep in (("pin", True), ("unpin", False)):
        text = "keep a run when old ones are removed to make room" if keep else "let a run be removed to make room"
        pin = commands.add_parser(name, help=text)
        pin.add_argument("run", metavar="RUN", help="a run's folder or its id")
        pin.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
        pin.set_defaults(command=pin_command, keep=keep)

    sample = commands.add_parser("sample", help="make digits from random latents")
    sample.add_argument("run", metavar="RUN", help="a run's folder or its id")
    sample.add_argument("--n", type=_whole(1, 100_000), default=100, help="how many digits (default: 100)")
    sample.add_argument("--seed", type=_whole(0, 2**31 - 1), default=0, help="where randomness starts (default: 0)")
    sample.add_argument(
        "--class", dest="digit", type=_whole(0, 9), metavar="D", help="only this digit, of a run trained by class"
    )
    sample.add_argument(
        "--latents", choices=SOURCES, help="where the latents come from: the normal distribution, or one fitted to "
        "the codes of training images (default: fitted for an autoencoder)",
    )  # fmt: skip
    sample.add_argument("--out", type=Path, metavar="PNG", help="a contact sheet (default: grid.png)")
    sample.add_argument("--npz", type=Path, metavar="NPZ", help="images and latents as arrays")
    sample.add_argument("--store", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    sample.set_defaults(command=sample_command)

    evaluate = commands.add_parser("evaluate", help="how good a run's digits are, and its losses on the test images")
    evaluate.add_argument("run", metavar="RUN", nargs="?", help="a run's folder or its id")
    evaluate.add_argument("--json", action="store_true", help="print JSON")
    evaluate.add_argument(
        "--samples", type=_whole(100, 100_000), metavar="N",
        help="how many samples to judge (default: 10,000; only then the result is kept in the run's folder)",
    )  # fmt: skip
    evaluate.add_argument("--queued", action="store_true", help="measure the runs that wait in the store, then end")
    evaluate.add_argument("--store", type=Path, metavar="DIR", help=argparse.SUPPRESS)
    evaluate.set_defaults(command=evaluate_command)

    listing = commands.add_parser("runs", help="list own runs and the shipped ones")
    listing.add_argument("--store", type=Path, metavar="DIR", help="where runs are kept (default: runs)")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(command=runs_command)
    return root


def _add_setting(command: argparse.ArgumentParser, name: str) -> None:
    """One option for all kinds that have the setting; its text is read once the kind is known."""
    kinds = {kind: item for kind, item in configs.settings_called(name).items()}
    item = next(iter(kinds.values()))
    sorts = {int: "N", float: "X", tuple: "N,N"}
    expectations = {other.expectation for other in kinds.values()}
    owners = "" if len(kinds) == len(configs.KINDS) and len(expectations) == 1 else f" ({', '.join(kinds)})"
    text = f"{item.label.lower()}: {' or '.join(sorted(expectations))}{owners}".replace("%", "%%")
    if item.type is bool:
        command.add_argument(item.flag, dest=name, nargs="?", const="yes", metavar="yes", help=text)
    else:
        command.add_argument(item.flag, dest=name, metavar=sorts.get(item.type, "NAME"), help=text)


def _chosen(options: argparse.Namespace, kind: str) -> dict[str, configs.Value]:
    """The settings that were typed, read as those of a kind of model.

    Raises:
        ConfigError: if the kind does not have one, or a value is out of its range.
    """
    texts = {name: getattr(options, name) for name in configs.setting_names()}
    chosen = {}
    for name, text in texts.items():
        if text is not None:
            owners = configs.settings_called(name)
            if kind not in owners:
                flag = next(iter(owners.values())).flag
                raise ConfigError(f"{flag} is a setting of {' and '.join(owners)}; {kind} has none of that name.")
            chosen[name] = owners[kind].parse(text, owners[kind].flag)
    return chosen


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


def _store(options: argparse.Namespace) -> Store:
    return Store(options.store) if options.store else runs.home()


def train_command(options: argparse.Namespace) -> int:
    """Train a new run, go on with one, or work through the queue."""
    typed = any(getattr(options, name) is not None for name in configs.setting_names())
    if options.queued or options.spare:
        from genmod.training import worker

        return (worker.drain if options.queued else worker.spare)(_store(options))
    if options.resume is not None:
        if options.kind or options.preset or typed or options.id:
            raise ConfigError("--resume goes on with a run's own settings; give no others.")
        return _go_on(runs.find(options.resume, _store(options)), _store(options))
    if options.kind is None:
        raise ConfigError(f"The kind of model is missing; say one of {', '.join(sorted(configs.KINDS))}.")
    preset = options.preset or configs.default_preset(options.kind)
    config = configs.from_preset(options.kind, preset, **_chosen(options, options.kind))

    from genmod.datasets import mnist

    store = _store(options)
    return _train(*jobs.begin(store, config, options.id, mnist().sha256), store)


def _go_on(run: Run, store: Store) -> int:
    """Go on with a run in this process, as it was asked for."""
    if run.shipped:
        raise RunError(f"The run {run.id} ships with the project and is not trained again; train one of your own.")
    if run.status().state == runs.DONE:
        print(run.path)
        return 0
    lock = jobs.hold(run)
    control.start_afresh(run)
    return _train(run, lock, store)


def _train(run: Run, lock: filelock.BaseFileLock, store: Store) -> int:
    """Train in this process, with a progress bar; Ctrl-C stops and keeps what was learned."""
    from genmod.training import worker

    try:
        with (
            worker.place_if_free(store) as alone,
            worker.Leaving() as leaving,
            _bar() as report,
            _stop_on_interrupt(run),
        ):
            if not alone:
                print("Another training is under way: both will be slower.", file=sys.stderr)
            finished = worker.train(run, leaving, report)
    finally:
        lock.release()
    print(run.status().message, file=sys.stderr)
    print(run.path)
    if leaving.wanted:
        return worker.ENDED_BY_SYSTEM
    return 0 if finished else FAILURE


@contextlib.contextmanager
def _bar() -> Any:
    """A progress bar on standard error, as a function that takes the trainer's numbers."""
    from tqdm import tqdm

    with tqdm(
        total=100,
        unit="%",
        bar_format="{desc} |{bar}| {percentage:3.0f}% {postfix}",
        leave=True,
        dynamic_ncols=True,
        mininterval=0.2,
    ) as bar:

        def report(numbers: Mapping[str, Any]) -> None:
            bar.n = round(100 * numbers["share"], 1)
            bar.set_description_str(f"epoch {numbers['epoch']}/{numbers['epochs']}", refresh=False)
            rest = ""
            if numbers["seconds_left"] is not None:
                left = int(numbers["seconds_left"])
                rest = f", {numbers['images_per_second']:,.0f} images/s, {left // 60}:{left % 60:02d} left"
            bar.set_postfix_str(_losses(numbers["metrics"]) + rest, refresh=False)
            bar.update(0)

        yield report


def _losses(metrics: Mapping[str, float]) -> str:
    """The losses that a progress bar has room for."""
    if "g_loss" in metrics:
        return f"D loss {metrics['d_loss']:.2f}, G loss {metrics['g_loss']:.2f}"
    return f"loss {metrics.get('loss', math.nan):.1f} nats"


@contextlib.contextmanager
def _stop_on_interrupt(run: Run) -> Any:
    """Make Ctrl-C a wish to stop, so that the run ends whole; a second Ctrl-C ends it at once."""

    def wish(number: int, frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        run.ask(wanted=control.STOP)

    before = signal.signal(signal.SIGINT, wish)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def control_command(options: argparse.Namespace) -> int:
    """Ask a training for something; the trainer does it between two chunks of steps."""
    store = _store(options)
    run = runs.find(options.run, store)
    given = [options.steps] if options.steps is not None else []
    changes = {name: getattr(options, name) for name in KNOBS if getattr(options, name) is not None}
    if options.action not in ("step", "set") and (options.values or given or changes):
        raise ConfigError(f"{options.action} takes no values; only step and set do.")
    sentence = ACTIONS[options.action](store, run, [*given, *options.values], changes)
    print(sentence.format(run.id))
    return 0


def _step(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    if changes or len(values) > 1:
        raise ConfigError("step takes one value, how many steps, such as `step 10`.")
    try:
        steps = int(values[0]) if values else 1
    except ValueError:
        raise ConfigError(f"steps is {values[0][:40]!r}; it must be a whole number from 1 on.") from None
    control.step(run, steps)
    return f"{{}} takes {steps} step{'s' if steps > 1 else ''} and waits then."


def _set(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    wishes: dict[str, str] = dict(changes)
    words = [part for value in values for part in value.split("=", 1)]
    if len(words) % 2:
        raise ConfigError(f"set takes names with values, such as `set learning_rate=0.0005`; {words[-1]!r} has none.")
    wishes |= {name.lstrip("-").replace("-", "_"): value for name, value in zip(words[::2], words[1::2], strict=True)}
    control.change(run, **wishes)
    return "{} goes on with " + ", ".join(f"{name} {value}" for name, value in wishes.items()) + "."


def _pause(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    control.pause(run)
    return "{} pauses."


def _resume(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    jobs.resume(store, run)
    return "{} goes on."


def _stop(store: Store, run: Run, values: list[str], changes: Mapping[str, str]) -> str:
    jobs.stop(store, run)
    return "{} stops and keeps what it has learned."


ACTIONS = {"pause": _pause, "resume": _resume, "stop": _stop, "step": _step, "set": _set}
KNOBS = (*sorted({name for kind in configs.KINDS.values() for name in kind.knobs}), control.PACE)


def pin_command(options: argparse.Namespace) -> int:
    """Keep a run from being removed, or let it be."""
    run = runs.find(options.run, _store(options))
    if run.shipped:
        raise RunError(f"The run {run.id} ships with the project and is never removed.")
    run.pin(options.keep)
    print(f"{run.id} is {'kept' if options.keep else 'removed'} when old runs have to make room.")
    return 0


def sample_command(options: argparse.Namespace) -> int:
    """Decode random latents into a contact sheet and arrays."""
    import numpy as np

    from genmod import images
    from genmod.library import load

    with quiet():
        model = load(options.run, options.store)
        digits, latents = model.sample(options.n, options.seed, digit=options.digit, latents=options.latents)
    out = options.out or (None if options.npz else Path("grid.png"))
    if out is not None:
        columns = min(options.n, max(10, round(options.n**0.5)))
        _save(out, images.png(images.contact_sheet(digits, columns)))
        print(out)
    if options.npz is not None:
        import io

        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, images=digits, latents=latents)
        _save(options.npz, buffer.getvalue())
        print(options.npz)
    return 0


def _save(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise GenmodError(f"The file {path} cannot be written ({error.strerror}); choose another place.") from None


def evaluate_command(options: argparse.Namespace) -> int:
    """Print how good a run is, and keep it in the run's folder; or measure the runs that wait."""
    from genmod import measuring, metrics, quality, reference

    if options.queued:
        if hasattr(os, "nice"):
            os.nice(10)  # the pages and the trainings come first
        with quiet():
            measuring.work(_store(options))
        return 0
    if options.run is None:
        raise ConfigError("The run is missing; give a run's folder or its id.")
    run = runs.find(options.run, _store(options))
    sizes = quality.Sizes(samples=options.samples) if options.samples else quality.Sizes()
    with _measuring_bar() as report, quiet():
        found = quality.measure(run, sizes, report)
    if sizes == quality.Sizes() and not run.shipped:
        with contextlib.suppress(OSError):  # a folder that is only for reading can be measured too
            quality.save(run.path, found)
    if options.json:
        print(json.dumps(dict(found.values)))
        return 0
    ends = reference.ends()
    for metric in metrics.METRICS:
        if (value := found.number(metric.name)) is not None:
            scale = metric.scale(*ends[metric.name]) if metric.name in ends else ""
            print(f"{metric.title:<38} {metric.text(value):>14}   {scale}".rstrip())
    print("Digits 0 to 9: " + ", ".join(f"{100 * share:.1f} %" for share in found.shares("class_shares")))
    return 0


@contextlib.contextmanager
def _measuring_bar() -> Any:
    """A progress bar on standard error, if that is a terminal, as a function that takes what is done."""
    from tqdm import tqdm

    # A copy of standard error: the measuring itself is kept quiet.
    with (
        os.fdopen(os.dup(2), "w") as stream,
        tqdm(
            total=100,
            bar_format="{percentage:3.0f}% |{bar}| {desc}",
            leave=False,
            dynamic_ncols=True,
            file=stream,
            disable=None,
        ) as bar,
    ):

        def report(share: float, doing: str) -> None:
            bar.n = round(100 * share, 1)
            bar.set_description_str(doing, refresh=False)
            bar.update(0)

        yield report


def runs_command(options: argparse.Namespace) -> int:
    """List own runs, newest first, then the shipped ones."""
    rows = [_row(run) for store in (_store(options), runs.shipped()) for run in store.runs()]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    if not rows:
        print("There are no runs yet; `python -m genmod train vae` makes one.")
    for row in rows:
        print(f"{row['id']:<28} {row['state']:<12} {row['settings']:<40} {row['message']}")
    return 0


def _row(run: Run) -> dict[str, Any]:
    status = run.status()
    row: dict[str, Any] = {"id": run.id, "state": status.state, "message": status.message}
    try:
        config = run.config()
        row |= {"kind": config.kind, "preset": config.preset, "settings": config.describe()}
    except RunError as error:
        row |= {"kind": None, "preset": None, "settings": "", "message": str(error)}
    history = run.history()
    row |= {"epochs": len(history), "created": run.created(), "shipped": run.shipped, "path": str(run.path)}
    if history and "val_loss" in history[-1]:
        row["val_loss"] = history[-1]["val_loss"]
    return row


if __name__ == "__main__":
    sys.exit(main())
