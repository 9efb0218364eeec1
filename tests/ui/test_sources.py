"""Where latents come from, in numbers."""

from __future__ import annotations

import dataclasses

import pytest

from genmod import quality, runs
from genmod.ui import sources

TITLES = {"normal": "N", "fitted": "F", "mixture": "M", "codes": "C"}


@pytest.mark.parametrize("run_id", ["vae-best", "vae-article", "ae-article"])
def test_the_table_holds_what_was_measured(run_id: str) -> None:
    known = quality.kept(runs.find(run_id).path)
    assert known is not None
    table = sources.table(known, TITLES)  # type: ignore[arg-type]
    assert table is not None and list(table["latents from"]) == ["N", "F", "M", "C"]
    assert table["Frechet distance"][0] == known.number("frechet_distance")
    assert table["recognised"][2] == 100 * (known.number("mixture_confident_share") or 0)
    # The lesson: a better source of latents, the same decoder.
    assert table["Frechet distance"][0] > table["Frechet distance"][2] > table["Frechet distance"][3]


def test_what_was_not_measured_is_not_shown() -> None:
    known = quality.kept(runs.find("vae-best").path)
    assert known is not None
    values = {name: value for name, value in known.values.items() if name != "mixture_frechet_distance"}
    assert sources.table(dataclasses.replace(known, values=values), TITLES) is None  # type: ignore[arg-type]
