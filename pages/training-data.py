"""The images a model learns from: a grid, a filter, the classes' counts and means, and known factors."""

import numpy as np
import pandas as pd
import streamlit as st

from genmod import datasets
from genmod.datasets import DataSource, Factors, Indices
from genmod.drawing import charts, images
from genmod.errors import DataError
from genmod.kinds import Config, Setting
from genmod.ui import frame, links, pictures, say, terms

frame.guard()

SHUFFLE_SEED = Setting(
    "shuffle_seed", int, 0, "Shuffle seed",
    "0 keeps the order of the data set; any other number shuffles it its own way.",
    "data", low=0, high=99_999,
)  # fmt: skip
DATASET = Config.setting("dataset")
SHOWN = 100


def factor_rows(source: DataSource, factors: Factors, members: Indices) -> pd.DataFrame:
    """What the chosen images were drawn from, a row each; the first factor is the class, by its name."""
    columns: dict[str, object] = {"image": members}
    for factor in source.factors:
        values = factors[factor.name][members]
        title = f"{factor.title} ({factor.unit})" if factor.unit else factor.title
        columns[title] = [source.class_names[value] for value in values] if not factor.unit else values
    return pd.DataFrame(columns)


with st.sidebar:
    source = datasets.source(str(links.choice(DATASET)))
frame.header(
    "Training data",
    f"{source.title}: {source.training_images:,} images for training and {source.test_images:,} held back for "
    f"testing, each {source.image_shape[0]} x {source.image_shape[1]} pixels between black and white. "
    f"{source.description}",
)
say.caption(
    "A model sees the pixels only, unless it is trained by class: then it is also told what each training image shows."
)
links.check({"digits": links.class_reader("digits", source), **links.readers(SHUFFLE_SEED)}, many=("digits",))
links.show_complaints()
try:
    data = source.load()
except DataError as error:
    say.error(str(error))
    st.stop()

with st.sidebar:
    links.forget_other("digits", range(source.classes))
    chosen = st.pills(
        source.plural.capitalize(), list(range(source.classes)), selection_mode="multi", key="digits",
        bind="query-params", format_func=source.class_names.__getitem__,
        help="Show only these; none chosen shows all.",
    )  # fmt: skip
    seed = links.number(SHUFFLE_SEED)

chosen = [number for number in chosen if number in range(source.classes)]
members = np.flatnonzero(np.isin(data.train_labels, chosen)) if chosen else np.arange(len(data.train_labels))
order = np.random.default_rng(seed).permutation(members) if seed else members
shown = order[:SHOWN]
which = ", ".join(source.class_names[number] for number in sorted(chosen)) if chosen else f"all {source.plural}"
how = f"shuffled with seed {seed}" if seed else "in the order of the data set"

left, right = st.columns([3, 2], gap="medium")
with left:
    pictures.show(
        images.contact_sheet(data.train_images[shown], 10),
        alt=f"A grid of ten by ten training images of {source.title}: {which}. Their labels, row by row: "
        + ", ".join(source.class_names[label] for label in data.train_labels[shown]),
        caption=f"The first {len(shown)} of {len(members):,} training images ({which}), {how}.",
        largest=2,
    )
with right:
    st.markdown("**How many of each**", help=f"Counted in the {source.training_images:,} training images.")
    counts = source.summary().counts
    st.vega_lite_chart(
        charts.class_count_rows(source.class_names, counts),
        charts.class_counts(source.class_names, frame.class_colors(source.classes), source.noun, frame.quiet()),
        key="class_counts",
        alt=f"Bars of how many training images each {source.noun} has: "
        + ", ".join(f"{name}: {count:,}" for name, count in zip(source.class_names, counts, strict=True)),
    )
    fewest, most = counts.argmin(), counts.argmax()
    say.caption(
        f"Every class has {counts[0]:,} images."
        if counts[fewest] == counts[most]
        else f"No class is rare: the fewest images show {source.class_phrase(int(fewest))} ({counts[fewest]:,}), the "
        f"most {source.class_phrase(int(most))} ({counts[most]:,})."
    )

st.markdown(f"**The mean of each {say.plain(source.noun)}**")
pictures.show(
    images.contact_sheet(source.summary().means, source.classes),
    alt=f"{source.classes} blurred images, the mean of all training images of each class: "
    f"{', '.join(source.class_names)}.",
    caption=f"Pixel by pixel, the mean of all training images of one class, from the left: "
    f"{', '.join(source.class_names)}. A mean is blurred: no single image looks like it. A good generative model has "
    "to do better.",
)

if data.train_factors is not None:
    st.header("What each image was drawn from", anchor=False)
    say.caption(
        f"These images are drawn by a program, so it is known what made each of them. A model sees only the pixels; "
        f"whether its latent numbers find these factors again can be checked. Below: the "
        f"{len(shown)} images shown above."
    )
    st.dataframe(
        factor_rows(source, data.train_factors, shown),
        hide_index=True,
        height=320,
        column_config={
            f"{factor.title} ({factor.unit})": st.column_config.NumberColumn(format="%.1f")
            for factor in source.factors
            if factor.unit
        },
        alt=f"The factors of the {len(shown)} images shown above, one row an image.",
    )
    for factor in source.factors:
        bounds = f" From {factor.low:g} to {factor.high:g} {factor.unit}." if factor.unit else ""
        st.caption(f"**{say.plain(factor.title)}.** {say.plain(factor.meaning + bounds)}")

say.caption(f"Source: {source.source}. Licence: {source.licence}.")
terms.row("training images", "class-conditional", "generative model", "seed", "latents")
