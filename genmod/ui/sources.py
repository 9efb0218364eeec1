"""Where latents come from, in numbers: how far the samples of each source are from real images."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from genmod import runs
from genmod.errors import GenmodError
from genmod.kinds.kind import Prior
from genmod.quality import Quality, faults, measurements, reference
from genmod.runs import Run
from genmod.ui import say

MEASURED: Mapping[Prior, str] = {"normal": "", "fitted": "fitted_", "mixture": "mixture_", "codes": "codes_"}


def show(run: Run, titles: Mapping[Prior, str]) -> None:
    """A small table of all sources, and what is the prior's fault and what the decoder's; nothing if not measured.

    Args:
        titles: what each source is called.
    """
    try:
        known = measurements.result(runs.home(), run)
        ends = reference.ends(run.config().source)
    except GenmodError:
        return
    if known is None or (found := table(known, titles)) is None:
        return
    st.dataframe(
        found, hide_index=True, alt="Frechet distance and share of recognised images, by where the latents come from.",
        column_config={
            "Frechet distance": st.column_config.NumberColumn("Frechet distance", format="%.1f"),
            "recognised": st.column_config.NumberColumn("recognised", format="%.0f %%"),
        },
    )  # fmt: skip
    say.caption(faults.sentence(known, ends))


def table(known: Quality, titles: Mapping[Prior, str]) -> pd.DataFrame | None:
    """One row a source, measured on 10,000 samples each; None if a number is missing."""
    rows = []
    for prior, title in titles.items():
        distance = known.number(f"{MEASURED[prior]}frechet_distance")
        share = known.number(f"{MEASURED[prior]}confident_share")
        if distance is None or share is None:
            return None
        rows.append({"latents from": title, "Frechet distance": distance, "recognised": 100 * share})
    return pd.DataFrame(rows)
