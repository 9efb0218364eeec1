"""The film of a training: the same latents decoded after every epoch, and the latest pictures."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from genmod.system import files

FOLDER = "samples"
LIVE = "live.png"  # the fixed latents decoded by the present weights
PAIRS = "reconstructions.png"  # test images above their reconstructions
TEST_IMAGES = "test-images.png"  # of a model that judges images, but does not reconstruct them
STEP = "step.png"  # what one step did with some images of its batch
_SHEET = re.compile(r"epoch-([0-9]{5})\.png")
FEW = 8  # frames that are left of a film that is made smaller


def sheet_name(epoch: int) -> str:
    """The file of the fixed latents decoded after an epoch; 0 is before the first step."""
    return f"epoch-{epoch:05d}.png"


def pairs_name(epoch: int) -> str:
    """The file of test images above their reconstructions after an epoch."""
    return f"reconstructions-{epoch:05d}.png"


def epochs(folder: Path) -> list[int]:
    """The epochs of which a run's folder holds a picture, in order."""
    try:
        names = os.listdir(folder / FOLDER)
    except OSError:
        return []
    return sorted(int(match[1]) for name in names if (match := _SHEET.fullmatch(name)))


def chosen(found: Sequence[int], most: int) -> list[int]:
    """At most so many of these epochs: the first, the last, and the others closer together at the start.

    Most happens there: from epoch to epoch a young model changes far more than an old one.
    """
    if len(found) <= most:
        return list(found)
    last = len(found) - 1
    places = {round(last * (step / (most - 1)) ** 2) for step in range(most)}
    unused = (place for place in range(len(found)) if place not in places)
    while len(places) < most:  # close to the start several steps fall on one epoch
        places.add(next(unused))
    return [found[place] for place in sorted(places)]


def thin(folder: Path, most: int = FEW) -> int:
    """Take frames out of a run's film until it has at most so many; how many bytes that freed."""
    found = epochs(folder)
    kept = set(chosen(found, most))
    freed = 0
    for epoch in found:
        if epoch not in kept:
            for name in (sheet_name(epoch), pairs_name(epoch)):
                with suppress(OSError):
                    path = folder / FOLDER / name
                    size = path.stat().st_size
                    path.unlink()
                    freed += size
    return freed


def read(folder: Path, name: str) -> bytes | None:
    """One of the pictures; None if it is missing or torn."""
    return files.read_png(folder / FOLDER / name)
