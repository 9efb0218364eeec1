"""A row of autoencoders that differ in nothing but the number of their latents, and what that costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genmod import kinds, quality
from genmod.errors import GenmodError
from genmod.quality.result import NAME, stamp
from genmod.runs import Run
from genmod.system.file_cache import FileCache

SIZE = "latent_dim"
FEWEST = 3  # runs that make a row
_Kept = tuple[Mapping[str, Any], float | None]
_kept: FileCache[_Kept | None] = FileCache(100)


@dataclass(frozen=True)
class Size:
    """One run of the row.

    Attributes:
        numbers: how many latent numbers it squeezes an image into.
        reconstruction: its loss on the test images, in nats per image.
    """

    run: Run
    numbers: int
    reconstruction: float


def of(runs: Sequence[Run]) -> list[Size]:
    """The largest row among these runs, by growing size; empty if fewer than `FEWEST` make one.

    Its runs are plain autoencoders that are measured and usable, and all their settings are equal but for the size.
    """
    groups: defaultdict[Hashable, dict[int, Size]] = defaultdict(dict)
    for run in runs:
        try:
            config = run.config()
            kind = kinds.of(config)
            if not kind.encodes or not kind.codes_are_points or not run.usable():
                continue
            loss = _loss(run)
        except GenmodError:
            continue
        if loss is not None:
            numbers = config.latent_dim
            group = groups[frozenset({**config.values, SIZE: None}.items())]
            group.setdefault(numbers, Size(run, numbers, loss))
    found = max(groups.values(), key=len, default={})
    return [found[numbers] for numbers in sorted(found)] if len(found) >= FEWEST else []


def _loss(run: Run) -> float | None:
    """The reconstruction loss that was measured of a run; None if it was not, or if its model has changed since."""
    known = _kept.get(str(run.file(NAME)), lambda _: _read(run))
    return known[1] if known is not None and dict(known[0]) == stamp(run) else None


def _read(run: Run) -> _Kept | None:
    """The part of a `quality.json` that is remembered."""
    known = quality.kept(run.path)
    return None if known is None else (known.stamp, known.number("test_reconstruction_loss"))
