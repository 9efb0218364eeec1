"""One step of a generator and a discriminator in slow motion, and where the two end up, read from finished runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from genmod.datasets import Doubles, Floats, Images
from genmod.drawing import images
from genmod.inference import Discriminator, Sampler
from genmod.kinds.kind import Diagnosis, Dial
from genmod.runs import Run

PAIRS = 5
NUDGE = 16  # grey levels by which a pixel is changed to see what that does to an answer
STRIDE = 2.0  # how far all pixels together are then moved, as the length of the change; white is 1
NEAR = 0.05  # an answer this near to one half says nothing
LEAST = 1e-4  # nearest to 0 and 1 that an answer is taken to be


@dataclass(frozen=True)
class Pairs:
    """A few real images, as many forgeries, and what the discriminator answers to each.

    Attributes:
        real: training images, uint8 (n, rows, columns).
        forged: what the generator draws from random numbers, the same shape.
        d_real: answers to the real images, (n,).
        d_fake: answers to the forgeries, (n,).
    """

    real: Images
    forged: Images
    d_real: Floats
    d_fake: Floats

    @property
    def ahead(self) -> Doubles:
        """By how much the score of each real image lies above that of its forgery, (n,)."""
        return scores(self.d_real) - scores(self.d_fake)

    @property
    def doubted(self) -> int:
        """The place of the forgery that is least taken for real."""
        return int(self.d_fake.argmin())

    @property
    def d_loss(self) -> float:
        """The discriminator's relativistic loss on these pairs in nats: it falls as the real ones get ahead."""
        return float(np.logaddexp(0.0, -self.ahead).mean())

    @property
    def g_loss(self) -> float:
        """The generator's: it falls as the forgeries get ahead."""
        return float(np.logaddexp(0.0, self.ahead).mean())


@dataclass(frozen=True)
class Message:
    """What comes back to the generator about one forgery.

    Attributes:
        slopes: how much the discriminator's score rises with each pixel, (rows, columns); white is 1.
        moved: the forgery with all pixels moved that way, uint8 (rows, columns).
        before: what the discriminator answers to the forgery.
        after: and to the moved one.
    """

    slopes: Doubles
    moved: Images
    before: float
    after: float


@dataclass(frozen=True)
class Ending:
    """Where the two players of a run stood after an epoch.

    Attributes:
        run: which run.
        epoch: after which of its epochs.
        real: the mean answer to real images in that epoch.
        generated: the same to generated ones.
        dial: what an answer of it means.
        diagnosis: what the project says of the training at its end; None if there is nothing to say.
    """

    run: Run
    epoch: int
    real: float
    generated: float
    dial: Dial
    diagnosis: Diagnosis | None


def pairs(run: Run, sampler: Sampler, discriminator: Discriminator, seed: int) -> Pairs:
    """A few pairs as a training step sees them, of a run that knows no classes.

    Raises:
        DataError: if the training images are missing.
    """
    chance = np.random.default_rng(seed)
    known = run.config().source.load().train_images
    real = known[chance.choice(run.config().images, PAIRS, replace=False)]
    latents = chance.standard_normal((PAIRS, sampler.latent_dim)).astype(np.float32)
    forged = images.to_uint8(sampler.decode(latents))
    return Pairs(real, forged, discriminator.judge(real), discriminator.judge(forged))


def scores(answers: Floats) -> Doubles:
    """The discriminator's output before the sigmoid, from its answers between 0 and 1."""
    kept = np.clip(answers.astype(np.float64), LEAST, 1 - LEAST)
    found: Doubles = np.log(kept / (1 - kept))
    return found


def message(discriminator: Discriminator, forgery: Images) -> Message:
    """What the discriminator's error says about each pixel of a forgery, uint8 (rows, columns).

    The gradient is measured: each pixel by itself is made a little lighter or darker, and the discriminator is asked
    again.
    """
    flat = forgery.reshape(-1).astype(np.int64)
    change = np.where(flat < 128, NUDGE, -NUDGE)
    tried = (flat + np.diag(change)).astype(np.uint8).reshape(-1, *forgery.shape)
    answers = discriminator.judge(np.concatenate([forgery[np.newaxis], tried]))
    found = scores(answers)
    slopes = ((found[1:] - found[0]) / change * 255).reshape(forgery.shape)
    length = float(np.linalg.norm(slopes)) or 1.0
    moved = images.to_uint8((forgery / 255 + STRIDE * slopes / length)[np.newaxis])[0]
    return Message(slopes, moved, float(answers[0]), float(discriminator.judge(moved[np.newaxis])[0]))


def ending(run: Run) -> Ending | None:
    """Where the players of a run ended; None for a run without a discriminator, or without numbers.

    Raises:
        RunError: if its settings cannot be read.
    """
    config, rows = run.config(), run.history()
    dial = run.kind().dial(config)
    if dial is None or not rows or not {dial.real, dial.generated, "epoch"} <= rows[-1].keys():
        return None
    last = rows[-1]
    return Ending(
        run, int(last["epoch"]), last[dial.real], last[dial.generated], dial, run.diagnosis(rows, {}),
    )  # fmt: skip


def answers(run: Run, dial: Dial) -> list[tuple[float, float, float]]:
    """After each epoch: its number, the mean answer to real images, and to generated ones."""
    wanted = ("epoch", dial.real, dial.generated)
    return [(row[a], row[b], row[c]) for a, b, c in [wanted] for row in run.history() if {a, b, c} <= row.keys()]


def approach(end: Ending) -> str:
    """How the two answers of a run came together, or did not, in a sentence."""
    first, real, generated = answers(end.run, end.dial)[0]
    before, after = real - generated, end.real - end.generated
    share = after / before if before > 0 else 1.0
    went = f"shrunk to {share:.0%} of what it was" if 0 <= share < 1 else "turned round" if share < 0 else "grown"
    return (
        f"After epoch {first:.0f} the discriminator of {end.run.id} answered {real:.2f} to real and {generated:.2f} to "
        f"generated images on average; {end.real:.2f} and {end.generated:.2f} after epoch {end.epoch}: the gap has "
        f"{went}."
    )


def undecided(dial: Dial) -> str:
    """What a discriminator answers that cannot tell, in a sentence."""
    if dial.even == 0.5:
        return "One that cannot tell answers 0.5 to both."
    return (
        f"In its training real images had a target below 1 (label smoothing), so one that cannot tell answers "
        f"{dial.even:.3g} to both."
    )


def misleads(end: Ending) -> bool:
    """Whether a run ended at one half for both, though its training went wrong."""
    bad = end.diagnosis is not None and not end.diagnosis.sound
    return bad and max(abs(end.real - 0.5), abs(end.generated - 0.5)) < NEAR
