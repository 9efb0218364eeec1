"""The images a model learns from: a grid, a filter, the classes' counts and means."""

import numpy as np
import streamlit as st

from genmod.datasets import CLASSES, mnist, mnist_summary
from genmod.drawing import charts, images
from genmod.errors import DataError
from genmod.kinds import Setting
from genmod.ui import frame, links, pictures, say

frame.guard()

SHUFFLE_SEED = Setting(
    "shuffle_seed", int, 0, "Shuffle seed", "0 keeps the order of the file; any other number shuffles it its own way.",
    "data", low=0, high=99_999,
)  # fmt: skip
SHOWN = 100

frame.header(
    "Training data",
    "MNIST: 60,000 handwritten digits for training and 10,000 held back for testing, each 28 x 28 pixels "
    "between black and white. A generative model sees the images only, never the labels.",
)
links.check({"digits": links.digit_reader("digits"), **links.readers(SHUFFLE_SEED)}, many=("digits",))
links.show_complaints()
try:
    data = mnist()
except DataError as error:
    say.error(str(error))
    st.stop()

with st.sidebar:
    chosen = st.pills(
        "Digits", list(range(CLASSES)), selection_mode="multi", key="digits", bind="query-params",
        help="Show only these digits; none chosen shows all.",
    )  # fmt: skip
    seed = links.number(SHUFFLE_SEED)

chosen = [digit for digit in chosen if digit in range(CLASSES)]
members = np.flatnonzero(np.isin(data.train_labels, chosen)) if chosen else np.arange(len(data.train_labels))
order = np.random.default_rng(seed).permutation(members) if seed else members
shown = order[:SHOWN]
which = "the digits " + ", ".join(map(str, sorted(chosen))) if chosen else "all digits"
how = f"shuffled with seed {seed}" if seed else "in the order of the file"

left, right = st.columns([3, 2], gap="medium")
with left:
    pictures.show(
        images.contact_sheet(data.train_images[shown], 10),
        alt=f"A grid of ten by ten training images of {which}. Their labels, row by row: "
        + " ".join(str(label) for label in data.train_labels[shown]),
        caption=f"The first {len(shown)} of {len(members):,} training images of {which}, {how}.",
        largest=2,
    )
with right:
    st.markdown("**How many of each**", help="Counted in the 60,000 training images.")
    counts = mnist_summary().counts
    st.vega_lite_chart(
        charts.class_count_rows(counts),
        charts.class_counts(frame.class_colors()),
        key="class_counts",
        alt="Bars of how many training images each digit has: "
        + ", ".join(f"{digit}: {count:,}" for digit, count in enumerate(counts)),
    )
    say.caption(
        f"No digit is rare: the fewest are {counts.argmin()}s with {counts.min():,}, "
        f"the most are {counts.argmax()}s with {counts.max():,}."
    )

st.markdown("**The mean of each digit**")
pictures.show(
    images.contact_sheet(mnist_summary().means, CLASSES),
    alt="Ten blurred digits from 0 to 9: the mean of all training images of each.",
    caption="Pixel by pixel, the mean of all training images of one digit, from 0 on the left to 9. A mean is "
    "blurred: no single image looks like it. A good generative model has to do better.",
)
