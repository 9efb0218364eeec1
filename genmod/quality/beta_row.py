"""From autoencoder to VAE: runs that differ in nothing but the weight of the KL part, and what that changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genmod import kinds, quality
from genmod.datasets import DataSource
from genmod.errors import GenmodError
from genmod.kinds import Config
from genmod.quality import metrics
from genmod.quality.result import NAME, stamp
from genmod.runs import Run
from genmod.system.file_cache import FileCache

BETA = "beta"
FEWEST = 3  # runs that make a row
DIMENSIONS = 2  # of the latent space: then a map shows all of it
_Kept = tuple[Mapping[str, Any], tuple[float | None, float | None, float | None]]
_kept: FileCache[_Kept | None] = FileCache(100)


@dataclass(frozen=True)
class Step:
    """One run of the row and how good it is.

    Attributes:
        beta: the weight of the KL part; None for a kind of model that has none.
        reconstruction: its loss on the test images, in nats per image.
        distance: the Frechet distance of samples from N(0, I) to the training images.
        recognised: the share of these samples of which the classifier is sure.
        state: what its numbers are a case of, such as "posterior collapse"; empty if of none that is bad.
    """

    run: Run
    beta: float | None
    reconstruction: float
    distance: float
    recognised: float
    state: str = ""

    @property
    def title(self) -> str:
        """What tells it from the others."""
        return self.run.kind().title if self.beta is None else f"Beta {self.beta:g}"

    @property
    def phrase(self) -> str:
        """Its title within a sentence."""
        return f"the plain {self.title.lower()}" if self.beta is None else self.title.lower()

    @property
    def numbers(self) -> tuple[str, str, str]:
        """What was measured of it, as people read it."""
        return (
            f"reconstruction {self.reconstruction:.1f} nats",
            f"Frechet distance {self.distance:.0f}",
            f"recognised {metrics.percent(self.recognised)}",
        )


def of(runs: Sequence[Run]) -> list[Step]:
    """The largest row among these runs, from no KL part to the heaviest; empty if fewer than `FEWEST` make one.

    Its runs are measured, have two latent numbers, and all their settings are equal but for the kind of model and beta.
    """
    groups: defaultdict[Hashable, list[tuple[bool, float, Run]]] = defaultdict(list)
    for run in runs:
        try:
            config = run.config()
        except GenmodError:
            continue
        kind = kinds.of(config)
        if kind.encodes and config.values.get("latent_dim") == DIMENSIONS:
            groups[_rest(config)].append((kind.adds_noise, float(config.values.get(BETA) or 0.0), run))  # type: ignore[arg-type]
    rows = [
        [step for *_, run in sorted(group, key=lambda item: item[:2]) if (step := _step(run)) is not None]
        for group in groups.values()
        if len(group) >= FEWEST
    ]
    found = max(rows, key=len, default=[])
    return found if len(found) >= FEWEST else []


def _rest(config: Config) -> Hashable:
    """All settings but beta; those that only another kind with an encoder has are at their defaults."""
    defaults = {
        item.name: item.default for kind in kinds.KINDS.values() if kind.encodes for item in kind.config.settings()
    }
    return frozenset({**defaults, **config.values, BETA: None}.items())


def _step(run: Run) -> Step | None:
    """Where a run stands; None if it was not measured, or if its model has changed since."""
    try:
        known = _kept.get(str(run.file(NAME)), lambda _: _read(run))
        if known is None or dict(known[0]) != stamp(run):
            return None
        reconstruction, distance, recognised = known[1]
        beta = run.config().values.get(BETA)
        found = run.diagnosis(run.history(), {})
    except GenmodError:
        return None
    if reconstruction is None or distance is None or recognised is None:
        return None
    state = "" if found is None or found.sound else found.state
    return Step(run, None if beta is None else float(beta), reconstruction, distance, recognised, state)  # type: ignore[arg-type]


def _read(run: Run) -> _Kept | None:
    """The part of a `quality.json` that is remembered."""
    known = quality.kept(run.path)
    if known is None:
        return None
    return known.stamp, (
        known.number("test_reconstruction_loss"),
        known.number("frechet_distance"),
        known.number("confident_share"),
    )


def sentences(steps: Sequence[Step], source: DataSource) -> str:
    """What happens along a row of at least `FEWEST` steps, read from its numbers."""
    sharpest = min(range(len(steps)), key=lambda place: steps[place].reconstruction)
    nearest = min(range(len(steps)), key=lambda place: steps[place].distance)
    said = [_reconstructions(steps, sharpest), _samples(steps, nearest, source)]
    last = steps[-1]
    if nearest < len(steps) - 1:
        end = f" ({last.state})" if last.state else ""
        said.append(
            f"Beyond that beta is too large: with {last.phrase}{end} the reconstruction loss is "
            f"{last.reconstruction:.1f} nats and the Frechet distance {last.distance:.0f}."
        )
    return " ".join(said)


def _reconstructions(steps: Sequence[Step], sharpest: int) -> str:
    first, last = steps[sharpest], steps[-1]
    losses = [step.reconstruction for step in steps[sharpest:]]
    if sharpest < len(steps) - 1 and losses == sorted(losses):
        return (
            f"Reconstructions get worse with every step from {first.phrase} on: the loss on test images grows from "
            f"{first.reconstruction:.1f} to {last.reconstruction:.1f} nats."
        )
    worst = max(steps, key=lambda step: step.reconstruction)
    return (
        f"Reconstructions are best with {first.phrase}, {first.reconstruction:.1f} nats on test images, and worst with "
        f"{worst.phrase}, {worst.reconstruction:.1f} nats."
    )


def _samples(steps: Sequence[Step], nearest: int, source: DataSource) -> str:
    first, best = steps[0], steps[nearest]
    distances = [step.distance for step in steps[: nearest + 1]]
    if nearest > 0 and distances == sorted(distances, reverse=True):
        return (
            f"Random samples get better with every step up to {best.phrase}: their Frechet distance to real "
            f"{source.plural} falls from {first.distance:.0f} to {best.distance:.0f}."
        )
    compared = "" if nearest == 0 else f" against {first.distance:.0f} of {first.phrase}"
    return (
        f"Random samples are best with {best.phrase}: their Frechet distance to real {source.plural} is "
        f"{best.distance:.0f}{compared}."
    )
