"""Digits from latent numbers set by hand, and the grid from random ones."""

import numpy as np
import streamlit as st

from genmod import images, latent
from genmod.config import Setting
from genmod.runs import Run
from genmod.ui import frame, links, picker, pictures

frame.guard()

LIMIT = 4.0
GRID_SEED = Setting(
    "grid_seed", int, 0, "Seed", "Where the random numbers start: the same seed draws the same hundred digits.",
    "data", low=0, high=99_999,
)  # fmt: skip
SPREAD = Setting(
    "spread", float, 1.0, "Spread",
    "The standard deviation of the random latents. The model was trained for 1; less stays near the middle, "
    "more goes to the edges.",
    "data", low=0.0, high=3.0,
)  # fmt: skip

frame.header(
    "Generate",
    "The decoder draws whatever its latent numbers say. Move one at a time to find out what it stands for: "
    "slant, thickness, a loop that opens, one digit turning into another.",
)
run, decoder = picker.opened()
latent_dim = decoder.latent_dim
sliders = [
    Setting(f"z{number}", float, 0.0, f"z{number}", "", "data", low=-LIMIT, high=LIMIT)
    for number in range(1, latent_dim + 1)
]
for item in (*sliders, GRID_SEED, SPREAD):
    links.check(item.name, item.parse)
links.show_complaints("generate")


def set_latents(values: np.ndarray) -> None:
    """Move all sliders; a callback."""
    for item, value in zip(sliders, values, strict=True):
        st.session_state[item.name] = float(np.clip(round(float(value), 2), -LIMIT, LIMIT))


def draw_latents() -> None:
    """Move all sliders to a random draw from the prior."""
    set_latents(np.random.default_rng().standard_normal(latent_dim))


def reset_latents() -> None:
    """Move all sliders to the middle."""
    set_latents(np.zeros(latent_dim))


@st.fragment
def by_hand(run: Run) -> None:
    """One slider a latent number, and the digit they make."""
    left, right = st.columns([2, 3], gap="medium")
    with right:
        with st.container(horizontal=True):
            st.button(
                "Random",
                icon=":material/casino:",
                on_click=draw_latents,
                help="Draw all latent numbers from the normal distribution.",
            )
            st.button("Set to 0", icon=":material/restart_alt:", on_click=reset_latents)
        columns = st.columns(1 if latent_dim <= 4 else 2 if latent_dim <= 16 else 3)
        values = []
        for index, item in enumerate(sliders):
            with columns[index % len(columns)]:
                values.append(
                    st.slider(
                        item.label,
                        -LIMIT,
                        LIMIT,
                        0.0,
                        0.05,
                        key=item.name,
                        bind="query-params",
                        format="%.2f",
                    )
                )
    latents = np.clip(np.array([values], np.float32), -LIMIT, LIMIT)
    digit = images.to_uint8(decoder.decode(latents))[0]
    said = ", ".join(f"{value:.2f}" for value in values)
    with left:
        pictures.show(
            digit,
            alt=f"The digit that {run.id} draws from the latent numbers {said}.",
            caption=f"What {run.id} draws from these {latent_dim} numbers.",
            largest=12,
        )
        st.download_button(
            "Digit as PNG", lambda: images.png(digit, 10), f"{run.id}-digit.png", "image/png",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def next_seed() -> None:
    """Take the next seed; a callback."""
    st.session_state["grid_seed"] = (int(st.session_state.get("grid_seed", 0)) + 1) % 100_000


@st.fragment
def at_random(run: Run) -> None:
    """A hundred digits from random latents."""
    st.subheader("A hundred at random", anchor=False)
    left, right = st.columns([3, 2], gap="medium")
    with right:
        seed = links.number(GRID_SEED)
        st.button("Next seed", icon=":material/refresh:", on_click=next_seed)
        spread = st.slider(SPREAD.label, 0.0, 3.0, 1.0, 0.05, key="spread", bind="query-params", help=SPREAD.help)
        st.caption(
            "Not all of them are good. Where the training put no codes, the decoder has never learned what to draw."
            if spread <= 1.5
            else "With a spread this large most latents lie where hardly any training image was, so expect odd shapes."
        )
    digits = images.to_uint8(decoder.decode(latent.prior_samples(100, latent_dim, int(seed), float(spread))))
    sheet = images.contact_sheet(digits, 10)
    with left:
        pictures.show(
            sheet,
            alt=f"A grid of ten by ten digits that {run.id} draws from random latents "
            f"with seed {seed} and spread {spread:.2f}.",
            caption=f"{run.id}, latents from a normal distribution with standard deviation {spread:.2f}, seed {seed}.",
            largest=2,
        )
    with right:
        st.download_button(
            "Grid as PNG", lambda: images.png(sheet, 4), f"{run.id}-grid-{seed}.png", "image/png",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


by_hand(run)
at_random(run)
