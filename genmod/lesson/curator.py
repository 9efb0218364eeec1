"""A curator's twenty pictures, ten real and ten forged, and how well somebody tells which is which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from genmod.datasets import Floats, Images
from genmod.drawing import images
from genmod.errors import RunError
from genmod.inference import Discriminator, Sampler
from genmod.runs import Run

Truths = npt.NDArray[np.bool_]  # (n,)
When = Literal["first", "middle", "last"]
MOMENTS: tuple[When, ...] = get_args(When)
FORGED = REAL = 10  # pictures of a round
COUNT = FORGED + REAL
GREYS = 32  # levels in which all pictures are shown: the films of shipped runs keep no more
EVEN = 0.5  # the answer of a discriminator that cannot tell; below it, it says "forged"


@dataclass(frozen=True)
class Round:
    """Twenty pictures in random order.

    Attributes:
        pictures: uint8 (20, rows, columns), all in the same few greys.
        forged: for each whether a generator drew it, (20,).
        epoch: after how many epochs that was.
    """

    pictures: Images
    forged: Truths
    epoch: int


@dataclass(frozen=True)
class Score:
    """How many forgeries somebody found, and how many real pictures were left alone.

    Attributes:
        found: forgeries that were called forged.
        forgeries: all of them.
        spared: real pictures that were called real.
        real: all of them.
    """

    found: int
    forgeries: int
    spared: int
    real: int

    @property
    def sensitivity(self) -> float:
        """The share of the forgeries that were found."""
        return self.found / self.forgeries

    @property
    def specificity(self) -> float:
        """The share of the real pictures that were left alone."""
        return self.spared / self.real

    @property
    def right(self) -> int:
        """How many verdicts were right."""
        return self.found + self.spared

    @property
    def pictures(self) -> int:
        """How many verdicts there were."""
        return self.forgeries + self.real

    def __add__(self, other: Score) -> Score:
        """Both together, as if the pictures had come at once."""
        return Score(
            self.found + other.found, self.forgeries + other.forgeries, self.spared + other.spared,
            self.real + other.real,
        )  # fmt: skip


def score(forged: Truths, called: Truths) -> Score:
    """How good verdicts are.

    Args:
        forged: whether each picture is a forgery, (n,); some are and some are not.
        called: whether it was called one, (n,).
    """
    return Score(int((forged & called).sum()), int(forged.sum()), int((~forged & ~called).sum()), int((~forged).sum()))


def epochs(run: Run) -> Mapping[When, int]:
    """After how many epochs the forgeries of each moment were drawn: those of which the run's film has a picture.

    Raises:
        RunError: if it has none.
    """
    found = [epoch for epoch in run.frames() if epoch > 0]
    if not found:
        raise RunError(f"The run {run.id} has no pictures of its training, so there are no forgeries to judge.")
    return {"first": found[0], "middle": found[(len(found) - 1) // 2], "last": found[-1]}


def draw(run: Run, sampler: Sampler, when: When, seed: int) -> Round:
    """Twenty pictures: test images, and forgeries from one moment of the training of a run that knows no classes.

    Raises:
        RunError: if the film of its training cannot be read.
        DataError: if the test images are missing.
    """
    chance = np.random.default_rng([seed, MOMENTS.index(when)])
    known = run.config().source.load().test_images
    real = known[chance.choice(len(known), REAL, replace=False)]
    epoch = epochs(run)[when]
    if when == "last":  # its generator is there, and draws ever new ones
        latents = chance.standard_normal((FORGED, sampler.latent_dim)).astype(np.float32)
        forgeries = images.to_uint8(sampler.decode(latents))
    else:
        found = filmed(run, epoch)
        forgeries = found[chance.choice(len(found), FORGED, replace=False)]
    order = chance.permutation(COUNT)
    pictures = in_few_greys(np.concatenate([real, forgeries]))
    return Round(pictures[order], order >= REAL, epoch)


def filmed(run: Run, epoch: int) -> Images:
    """The pictures that the film shows after an epoch, uint8 (n, rows, columns).

    Raises:
        RunError: if they are missing or damaged, or fewer than a round needs.
    """
    height, width = run.config().source.image_shape[:2]
    try:
        sheet = images.pixels(run.frame(epoch) or b"")
    except OSError:
        raise RunError(f"The picture of run {run.id} after epoch {epoch} is missing or damaged.") from None
    rows, columns = (sheet.shape[0] + 1) // (height + 1), (sheet.shape[1] + 1) // (width + 1)
    if rows * columns < FORGED:
        raise RunError(f"The picture of run {run.id} after epoch {epoch} shows too few forgeries.")
    return images.stacked(
        [
            sheet[row * (height + 1) :, column * (width + 1) :][:height, :width]
            for row in range(rows)
            for column in range(columns)
        ]
    )


def in_few_greys(pictures: Images) -> Images:
    """Pictures in `GREYS` even levels, of one shape with the given: real and forged ones must not differ in that."""
    levels = np.rint(pictures * ((GREYS - 1) / 255))
    few: Images = np.rint(levels * (255 / (GREYS - 1))).astype(np.uint8)
    return few


def suspects(discriminator: Discriminator, pictures: Images) -> tuple[Floats, Truths]:
    """What a discriminator answers to pictures (n, rows, columns), and which it calls forged: those below `EVEN`."""
    answers = discriminator.judge(pictures)
    return answers, answers < EVEN


def at_large(run: Run, sampler: Sampler, discriminator: Discriminator, count: int = 1000, seed: int = 0) -> Score:
    """How well the discriminator tells `count` test images from as many new forgeries of the finished generator."""
    chance = np.random.default_rng(seed)
    known = run.config().source.load().test_images
    real = known[chance.choice(len(known), count, replace=False)]
    latents = chance.standard_normal((count, sampler.latent_dim)).astype(np.float32)
    pictures = in_few_greys(np.concatenate([real, images.to_uint8(sampler.decode(latents))]))
    return score(np.arange(2 * count) >= count, suspects(discriminator, pictures)[1])


def remark(found: Score) -> str:
    """What the two shares say together, in a sentence, where somebody called all pictures the same; empty elsewhere."""
    if found.found == found.forgeries and found.spared == 0:
        return (
            "Whoever calls everything forged finds each forgery, and accuses each real picture: one of the two shares "
            "alone says nothing."
        )
    if found.found == 0 and found.spared == found.real:
        return (
            "Whoever trusts everything accuses no real picture, and finds no forgery: one of the two shares alone says "
            "nothing."
        )
    return ""
