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
        found.append(f"{metrics.percent(share)} of {run.id}")
    return (
        "Recognised, which means that the classifier is more than 90 % sure, of 10,000 images from random latents of "
        f"N(0, I): {' and '.join(found)}."
    )
