"""One image's distribution with draws from it, two losses as beta grows, and what makes samples poor, in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genmod import quality
from genmod.datasets import DataSource, Floats, Labels
from genmod.errors import RunError
from genmod.quality import reference
from genmod.quality.beta_row import Step
from genmod.quality.result import NAME
from genmod.runs import Run
from genmod.system.file_cache import FileCache

SEED = 30_000  # of the draws of one image; unlike any that a page begins with
NARROW = 0.7  # of a sigma: such a latent number is known better than the prior knows it
ALIKE = 0.1  # of the larger part, within which two parts count as about the same
HALF = (0.4, 0.6)  # shares that are called about half
_divergences: FileCache[float | None] = FileCache(40)


def epsilon(number: int, latent_dim: int) -> Floats:
    """The noise of one draw from N(0, I), shape (latent_dim,): the same for the same number, whatever the image."""
    return np.random.default_rng([SEED, number]).standard_normal(latent_dim).astype(np.float32)


def drawn(z_mean: Floats, sigma: Floats, numbers: Sequence[int]) -> Floats:
    """z = mean + sigma x epsilon for each of some draws, shape (draws, latent_dim).

    Args:
        z_mean: of one image, (latent_dim,), as is `sigma`.
    """
    noise = np.stack([epsilon(number, len(z_mean)) for number in numbers])
    return np.asarray(z_mean + sigma * noise, np.float32)


def said_of_draws(sigma: Floats, seen: Labels, label: int, source: DataSource) -> str:
    """What the draws of one image have in common.

    Args:
        sigma: of each latent number, (latent_dim,).
        seen: what the classifier takes each image that was drawn for, (draws,).
        label: what the image itself shows.
    """
    same, count = int((seen == label).sum()), len(seen)
    phrase = source.class_phrase(label)
    narrow = int((sigma < NARROW).sum())
    spread = (
        f"Of the {len(sigma)} latent numbers {narrow} have a sigma below {NARROW:g}, where the prior has 1: they say "
        "something about the image, and leave a little room."
    )
    shown = f"The draw shows {phrase}" if count == 1 and same else f"{same} of the {count} draws show {phrase}"
    return (
        f"{spread} {shown}, says the classifier. In training each draw had to be rebuilt as the same image, so the "
        "decoder learned to draw alike all around a code, and not at one point alone."
    )


# Two losses


@dataclass(frozen=True)
class Balance:
    """The two losses of one run of the row from autoencoder to VAE, on test images, in nats per image.

    Attributes:
        kl: the KL divergence; None for a plain autoencoder, whose codes are points.
    """

    step: Step
    kl: float | None

    @property
    def weighted(self) -> float:
        """What the KL divergence adds to the loss that is made small."""
        return (self.step.beta or 0.0) * (self.kl or 0.0)

    @property
    def loss(self) -> float:
        """The loss that is made small."""
        return self.step.reconstruction + self.weighted

    @property
    def numbers(self) -> str:
        """How its parts add up."""
        if self.kl is None or self.step.beta is None:
            return f"{self.step.reconstruction:.1f}"
        return f"{self.step.reconstruction:.1f} + {self.step.beta:g} x {_nats(self.kl)} = {self.loss:.1f}"


def balances(steps: Sequence[Step]) -> list[Balance]:
    """The two losses of each step of a row."""
    return [Balance(step, _divergence(step.run)) for step in steps]


def _divergence(run: Run) -> float | None:
    def read(_: str) -> float | None:
        known = quality.kept(run.path)
        return None if known is None else known.number("test_kl_loss")

    return _divergences.get(str(run.file(NAME)), read)


def pull(row: Sequence[Balance]) -> str:
    """How the two losses change along a row of growing beta."""
    known = [one for one in row if one.kl is not None]
    first, last = known[0], known[-1]
    down = [one.kl or 0.0 for one in known]
    up = [one.step.reconstruction for one in known]
    if down == sorted(down, reverse=True) and up == sorted(up):
        return (
            f"The two pull against each other: with every step from {first.step.phrase} to {last.step.phrase} the KL "
            f"divergence gets smaller, from {_nats(down[0])} to {_nats(down[-1])} nats, and the reconstruction loss "
            f"larger, from {up[0]:.1f} to {up[-1]:.1f}."
        )
    return (
        f"From {first.step.phrase} to {last.step.phrase} the KL divergence goes from {_nats(down[0])} to "
        f"{_nats(down[-1])} nats and the reconstruction loss from {up[0]:.1f} to {up[-1]:.1f}."
    )


def said_of(chosen: Balance, row: Sequence[Balance]) -> str:
    """What the chosen beta makes of the two losses and of random samples."""
    step = chosen.step
    if chosen.kl is None:
        first = "A plain autoencoder has no second loss: its codes are points, and it may put them anywhere."
    elif not step.beta:
        first = (
            f"The KL divergence, {_nats(chosen.kl)} nats, counts for nothing here, so nothing keeps the codes near the "
            "prior."
        )
    else:
        first = (
            f"A nat of KL divergence costs {step.beta:g} nat{'' if step.beta == 1 else 's'} of loss here, and "
            f"{_nats(chosen.kl)} are left: that much the codes say about an image."
        )
    best = min(row, key=lambda one: one.step.distance).step
    place = (
        ", the best of this row" if best == step else f"; the best of this row, {best.phrase}, has {best.distance:.0f}"
    )
    state = f" Its numbers are a case of {step.state}." if step.state else ""
    return f"{first}{state} Random samples have a Frechet distance of {step.distance:.0f}{place}."


def _nats(value: float) -> str:
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


# The article's loss


@dataclass(frozen=True)
class Blame:
    """Of what the Frechet distance of a run's samples consists.

    Attributes:
        prior: what vanishes when the codes of real images are decoded instead of latents from the prior.
        blur: what is left of it then, beyond what real test images have.
        real: the Frechet distance of real test images.
    """

    run: Run
    prior: float
    blur: float
    real: float

    @property
    def distance(self) -> float:
        """The Frechet distance of samples from the prior."""
        return self.prior + self.blur + self.real

    @property
    def share(self) -> float:
        """The share of the prior in what real test images do not have."""
        return self.prior / (self.prior + self.blur)

    @property
    def beta(self) -> float:
        """The weight of the KL divergence in its loss."""
        return float(self.run.config().values["beta"])  # type: ignore[arg-type]


def blame(run: Run) -> Blame:
    """Who is to blame for a run's samples.

    Raises:
        RunError: if that was not measured, or there is nothing to blame.
        DataError: if the classifier is damaged.
    """
    known = quality.kept(run.path)
    prior, codes = (
        known.number(name) if known is not None else None for name in ("frechet_distance", "codes_frechet_distance")
    )
    if prior is None or codes is None:
        raise RunError(f"What is wrong with the samples of {run.id} has not been measured.")
    real, _ = reference.ends(run.config().source)["frechet_distance"]
    if not prior >= codes > real:
        raise RunError(f"Random samples of {run.id} are no worse than what its decoder makes of codes of real images.")
    return Blame(run, prior - codes, codes - real, real)


def said_of_blame(article: Blame, full: Blame) -> str:
    """What is wrong with the samples of the article's loss, and what the full weight of the KL divergence mends.

    Args:
        article: of the run with the article's weight.
        full: of the run whose loss is the evidence lower bound.
    """
    low, high = HALF
    parts = (
        "half of it the prior's fault and half the decoder's blur"
        if low <= article.share <= high
        else f"{100 * article.share:.0f} % of it the prior's fault and the rest the decoder's blur"
    )
    said = (
        f"With the article's loss, beta {article.beta:.3g}, samples have a Frechet distance of "
        f"{article.distance:.1f}, {parts}: decode the codes of real images instead of random latents, and "
        f"{article.blur + article.real:.1f} are left. Real test images have {article.real:.2f}."
    )
    mended = article.prior - full.prior
    change = (
        f"With beta {full.beta:g} the prior's part is {full.prior:.1f} instead of {article.prior:.1f}"
        if mended > ALIKE * article.prior
        else f"With beta {full.beta:g} the prior's part is no smaller: {full.prior:.1f} after {article.prior:.1f}"
    )
    same = abs(full.blur - article.blur) <= ALIKE * max(full.blur, article.blur)
    blur = (
        f"the blur stays about what it was, {full.blur:.1f} after {article.blur:.1f}: the same small net with few "
        "latent numbers draws no sharper for it"
        if same
        else f"the blur grows, {full.blur:.1f} instead of {article.blur:.1f}: codes that are held near the prior say "
        "less about each image"
        if full.blur > article.blur
        else f"the blur is {full.blur:.1f} instead of {article.blur:.1f}"
    )
    return f"{said} {change}; {blur}."
