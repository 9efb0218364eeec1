"""Two runs beside each other: how many of their random images are recognised, measured alike."""

from __future__ import annotations

from genmod import runs
from genmod.errors import GenmodError
from genmod.quality import measurements, metrics
from genmod.runs import Run


def recognised(*compared: Run) -> str:
    """A sentence on how many images from random latents the classifier recognises, for each run."""
    found = []
    for run in compared:
        try:
            known = measurements.result(runs.home(), run)
        except GenmodError:
            known = None
        share = known.number("confident_share") if known is not None else None
        if share is None:
            return f"{run.id} has not been measured: on Quality it can be, and then both are compared here."
        found.append(f"{metrics.percent(share)} of those of {run.id}")
    return (
        f"Of 10,000 images drawn from random latents, N(0, I), the classifier recognises {' and '.join(found)}; it is "
        f"then more than {100 * metrics.SURE:.0f} % sure of what it sees."
    )
