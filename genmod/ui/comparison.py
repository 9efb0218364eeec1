"""Two runs beside each other: what they draw from the same seed, and the settings in which they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from genmod import kinds
from genmod.drawing import images
from genmod.errors import GenmodError
from genmod.inference import latent_sources
from genmod.kinds import Config, Setting, Value
from genmod.runs import Run
from genmod.ui import models, pictures, say
from genmod.ui.pictures import Markup

SIDE = 5  # images along each side of a grid
SEED = Setting(
    "pair_seed", int, 0, "Seed of the grids", "Where the random numbers start from which both runs draw.",
    "data", low=0, high=99_999,
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A setting in which two runs differ, as people read it; empty where a kind has no such setting."""

    label: str
    one: str
    other: str


def grids(one: Run, other: Run, seed: int) -> None:
    """What both runs draw from the prior with the same seed."""
    try:
        pictures.row(*(_grid(run, seed) for run in (one, other)))
    except GenmodError as error:
        say.error(str(error))


def _grid(run: Run, seed: int) -> Markup:
    sampler = models.sampler(run)
    latents = latent_sources.draw(run, SIDE * SIDE, sampler.latent_dim, seed)
    drawn = images.to_uint8(sampler.decode(latents))
    classes = ", the classes in turn" if sampler.conditional else ""
    return pictures.figure(
        images.contact_sheet(drawn, SIDE),
        alt=f"{SIDE * SIDE} samples of {run.id} from seed {seed}{classes}.",
        caption=f"{run.id}: {kinds.of(run.config()).title}, {sampler.latent_dim} latents{classes}.",
        largest=3,
    )


def remark(one: Run, other: Run, seed: int) -> str:
    """What the two grids have in common."""
    first, second = (models.sampler(run).latent_dim for run in (one, other))
    if first == second:
        return (
            f"Both grids begin with seed {seed}: the same latents at the same place. What a number stands for is each "
            "model's own affair."
        )
    return (
        f"Both grids begin with seed {seed}. One model takes {first} latents and the other {second}, so the images at "
        "the same place have nothing to do with each other."
    )


def differences(one: Config, other: Config) -> list[Difference]:
    """The settings that both kinds have, that matter for one of the two runs at least, and whose values differ."""
    mine, theirs = one.values, other.values
    known = {item.name for item in other.settings()}
    return [
        Difference(item.label, item.text(mine[item.name]), item.text(theirs[item.name]))
        for item in one.settings()
        if item.name in known
        and mine[item.name] != theirs[item.name]
        and (_matters(item, one) or _matters(item, other))
    ]


def only_one_has(one: Config, other: Config) -> list[Difference]:
    """The settings that one kind has and the other has not, as far as they matter."""
    names, others = ({item.name for item in config.settings()} for config in (one, other))
    return [
        *(Difference(item.label, _text(item, one), "") for item in _mattering(one) if item.name not in others),
        *(Difference(item.label, "", _text(item, other)) for item in _mattering(other) if item.name not in names),
    ]


def settings(one: Run, other: Run) -> None:
    """The settings in which two runs differ; for different kinds also what each of them is."""
    first, second = one.config(), other.config()
    kind, second_kind = kinds.of(first), kinds.of(second)
    if kind != second_kind:
        say.paragraph(
            f"The two are different kinds of model. {one.id} is {kind.help}. {other.id} is {second_kind.help}."
        )
    found = differences(first, second)
    if found:
        _table(one, other, found, "The settings in which the two runs differ.")
    else:
        st.caption("They have the same values in every setting that they share.")
    if alone := only_one_has(first, second):
        with st.expander("Settings that only one of the two kinds has"):
            _table(one, other, alone, "Settings that only one of the two kinds has.")


def _table(one: Run, other: Run, found: Sequence[Difference], alt: str) -> None:
    rows = [(row.label, row.one or "–", row.other or "–") for row in found]
    st.dataframe(pd.DataFrame(rows, columns=["setting", one.id, other.id]), hide_index=True, alt=alt)


def _mattering(config: Config) -> list[Setting]:
    return [item for item in config.settings() if _matters(item, config)]


def _matters(item: Setting, config: Config) -> bool:
    defaults: dict[str, Value] = {known.name: known.default for known in config.settings()}
    return any(known.name == item.name for known in config.settings()) and item.applies(config.values, defaults)


def _text(item: Setting, config: Config) -> str:
    return item.text(config.values[item.name])
