"""Two runs' samples compared in words: prior with prior, and fitted with fitted apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genmod.datasets import DataSource
from genmod.quality import metrics
from genmod.quality.result import Quality
from genmod.quality.seeds import RULE, Spread, chance

Ends = Mapping[str, tuple[float, float]]
Spreads = Mapping[str, Mapping[str, Spread]]  # by run's id, then by measure
Named = tuple[str, Quality]  # a run's id and what was measured of it

ALIKE = 1.1  # distances whose ratio is smaller are about the same
GAP = 0.05  # in a share: more than that is worth a word


def from_prior(source: DataSource, one: Named, other: Named, ends: Ends) -> str:
    """Both runs' samples from the prior: how many are clear, how far they lie from real images, which is nearer."""
    clear = [known.number("confident_share") or 0.0 for _, known in (one, other)]
    distances = [known.number("frechet_distance") or 0.0 for _, known in (one, other)]
    return (
        f"Both draw from the prior, the standard normal distribution. The classifier is sure of "
        f"{_both(one[0], clear[0], other[0], clear[1], source.plural)}; of real test images it is sure of "
        f"{metrics.percent(ends['confident_share'][0])}. The Frechet distances to the training images are "
        f"{distances[0]:.2f} and {distances[1]:.2f}: {_nearer(one[0], distances[0], other[0], distances[1])}."
    )


def fitted(source: DataSource, one: Named, other: Named) -> str:
    """The same with latents fitted to the codes, for those that have an encoder; empty if neither has."""
    clear = [known.number("fitted_confident_share") for _, known in (one, other)]
    distances = [known.number("fitted_frechet_distance") for _, known in (one, other)]
    (first, second), (near, far) = clear, distances
    if first is not None and second is not None and near is not None and far is not None:
        return (
            "Apart from that, with latents fitted to each one's own codes: the classifier is sure of "
            f"{_both(one[0], first, other[0], second, source.plural)}, at Frechet distances of {near:.2f} and "
            f"{far:.2f}: {_nearer(one[0], near, other[0], far)}. {_cost(one)} {_cost(other)}"
        )
    for (with_codes, without), share, distance in zip(((one, other), (other, one)), clear, distances, strict=True):
        if share is not None and distance is not None:
            return (
                f"Only {with_codes[0]} was measured with latents fitted to its codes as well ({metrics.percent(share)} "
                f"clear, Frechet distance {distance:.2f}): {without[0]} has no encoder, so there is nothing to compare "
                "this with."
            )
    return ""


def by_chance(source: DataSource, one: Named, other: Named, spreads: Spreads) -> str:
    """Which of the differences between two runs another seed explains; empty if no spread of theirs is known.

    A run whose own spread is not known is compared with the mean over the seeds of the other: whether a training with
    the other's settings could have given its number.
    """
    within: list[str] = []
    beyond: list[str] = []
    for metric in metrics.of(source):
        first, second = one[1].number(metric.name), other[1].number(metric.name)
        mine, theirs = (spreads.get(name, {}).get(metric.name) for name in (one[0], other[0]))
        if first is None or second is None:
            continue
        if mine and theirs:
            difference, most = first - second, chance(mine, theirs)
        elif known := mine or theirs:
            difference, most = (second if mine else first) - known.mean, chance(known)
        else:
            continue
        (within if abs(difference) <= most else beyond).append(metric.title)
    if not within and not beyond:
        return ""
    return f"{_whose(one[0], other[0], spreads)} {_sorted_out(within, beyond)} {RULE}"


def _whose(one: str, other: str, spreads: Spreads) -> str:
    """Whose spread over seeds is known."""
    known = [name for name in (one, other) if spreads.get(name)]
    if len(known) == 2:
        return f"How far chance moves the numbers is known for the settings of both, {one} and {other}."
    unknown = other if known == [one] else one
    return (
        f"How far chance moves the numbers is known for the settings of {known[0]}, not for those of {unknown}: its "
        f"numbers are held against the mean over the seeds of {known[0]}."
    )


def _sorted_out(within: Sequence[str], beyond: Sequence[str]) -> str:
    if not beyond:
        return "All differences are within chance."
    if not within:
        return "All differences are larger than chance."
    return f"Within chance: {'; '.join(within)}. Larger than chance: {'; '.join(beyond)}."


def holes(known: Quality) -> str:
    """What the prior costs a run with an encoder, against latents that lie where its codes do; empty without one."""
    clear, own = known.number("confident_share"), known.number("fitted_confident_share")
    if clear is None or own is None:
        return ""
    return (
        "All of its samples came from the prior, the standard normal distribution. With latents fitted to its codes "
        f"{metrics.percent(own)} are clear instead of {metrics.percent(clear)}: {_gap(own - clear)}."
    )


def _gap(gap: float) -> str:
    if abs(gap) <= GAP:
        return "its codes lie about where the prior draws"
    return (
        "the gap is what holes between its codes cost"
        if gap > 0
        else "a normal distribution does not describe its codes well"
    )


def _both(name: str, share: float, other: str, second: float, plural: str) -> str:
    return f"{metrics.percent(share)} of the {plural} of {name} and of {metrics.percent(second)} of those of {other}"


def _nearer(name: str, distance: float, other: str, second: float) -> str:
    low, high = sorted((distance, second))
    if high <= ALIKE * low:
        return "about the same"
    return f"{name if distance < second else other} comes nearer to real images"


def _cost(one: Named) -> str:
    """What a run loses on the way from its own codes to the prior."""
    clear, own = one[1].number("confident_share") or 0.0, one[1].number("fitted_confident_share") or 0.0
    if own - clear > GAP:
        return f"From there to the prior {one[0]} loses {100 * (own - clear):.1f} points: the holes between its codes."
    return f"From there to the prior {one[0]} loses next to nothing."
