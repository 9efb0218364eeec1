"""The progress bars of trainings and measurements, on standard error."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from genmod import kinds


@contextlib.contextmanager
def training(kind: kinds.Kind[Any]) -> Iterator[Callable[[Mapping[str, Any]], None]]:
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
            bar.set_postfix_str(kind.brief(numbers["metrics"]) + rest, refresh=False)
            bar.update(0)

        yield report


@contextlib.contextmanager
def measuring() -> Iterator[Callable[[float, str], None]]:
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
