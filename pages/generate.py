"""Images from latent numbers set by hand, and the grid from random ones."""

import numpy as np
import streamlit as st

from genmod import kinds
from genmod.datasets import Doubles, Floats
from genmod.drawing import images
from genmod.errors import ConfigError, GenmodError
from genmod.inference import latent_sources, turns
from genmod.kinds import Setting
from genmod.kinds.kind import Prior
from genmod.runs import Run
from genmod.ui import frame, links, picker, pictures, say, terms

frame.guard()

LIMIT = 4.0
MOST_SLIDERS = 32  # beyond that, the first dozen have one and the others come from a seed
SHOWN_SLIDERS = 12
GRID_SEED = Setting(
    "grid_seed", int, 0, "Seed", "Where the random numbers start: the same seed draws the same hundred images.",
    "data", low=0, high=99_999,
)  # fmt: skip
REST_SEED = Setting(
    "rest_seed", int, 0, "Seed of the others", "Where the latent numbers without a slider come from.",
    "data", low=0, high=99_999,
)  # fmt: skip
SPREAD = Setting(
    "spread", float, 1.0, "Spread",
    "How far the random latents lie from their mean. The model was made for 1; less stays near the middle, "
    "more goes to the edges.",
    "data", low=0.0, high=3.0,
)  # fmt: skip
SLIDERS = [
    Setting(f"z{number}", float, 0.0, f"z{number}", "", "data", low=-LIMIT, high=LIMIT)
    for number in range(1, MOST_SLIDERS + 1)
]
EACH = "each"
PRIORS: dict[Prior, str] = {"normal": "normal distribution", "fitted": "fitted to the codes"}


def prior_label(prior: Prior) -> str:
    """Where the latents come from, as the link has it."""
    return PRIORS[prior]


def known_classes(text: str) -> str:
    """Refuse what a link asks a hundred of, if it is neither a class nor all of them."""
    try:
        return text if text == EACH else links.class_reader("digits", source)(text)
    except ConfigError as error:
        raise ConfigError(f"{str(error)[:-1]}, or {EACH}.") from None


frame.header(
    "Generate",
    "The model draws whatever its latent numbers say. Move one at a time to find out what it stands for: in digits "
    "slant, thickness, a loop that opens, one digit turning into another.",
)
source = picker.source()
# All that the page can be asked for, whether this run has a use for it or not.
links.check(
    {
        "wanted": links.class_reader("wanted", source),
        "digits": known_classes,
        **{
            f"latents_{kind.name}": links.option(f"latents_{kind.name}", PRIORS, prior_label)
            for kind in kinds.KINDS.values()
            if kind.encodes
        },
        **links.readers(*SLIDERS, GRID_SEED, REST_SEED, SPREAD),
    }
)
run, sampler = picker.opened()
config = run.config()
kind = kinds.of(config)
latent_dim = sampler.latent_dim
shown = latent_dim if latent_dim <= MOST_SLIDERS else SHOWN_SLIDERS
sliders = SLIDERS[:shown]
links.show_complaints()


def set_latents(values: Floats | Doubles) -> None:
    """Move all sliders; a callback."""
    for item, value in zip(sliders, values, strict=True):
        st.session_state[item.name] = float(np.clip(round(float(value), 2), -LIMIT, LIMIT))


def draw_latents() -> None:
    """Move all sliders to a random draw, and take another seed for latent numbers without one; a callback."""
    seed = int(np.random.default_rng().integers(100_000))
    set_latents(latent_sources.draw(run, 1, latent_dim, seed)[0][:shown])
    if shown < latent_dim:
        st.session_state["rest_seed"] = seed


def reset_latents() -> None:
    """Move all sliders to the middle; a callback."""
    set_latents(np.zeros(shown))


def with_the_others(values: list[float], seed: int) -> Floats:
    """The whole latent vector, shape (1, latent_dim): what the sliders say, and a draw for the rest."""
    latents = (
        np.zeros((1, latent_dim), np.float32) if shown == latent_dim else latent_sources.draw(run, 1, latent_dim, seed)
    )
    latents[0, :shown] = np.clip(values, -LIMIT, LIMIT)
    return latents


@st.fragment
def by_hand(run: Run) -> None:
    """One slider a latent number, and the image they make."""
    left, right = st.columns([2, 3], gap="medium")
    with right:
        label = None
        if sampler.conditional:
            label = links.one_class("wanted", source, "This model was trained by class: say which class it is to draw.")
        with st.container(horizontal=True):
            st.button(
                "Random",
                icon=":material/casino:",
                on_click=draw_latents,
                help="Draw all latent numbers at random.",
            )
            st.button("Set to 0", icon=":material/restart_alt:", on_click=reset_latents)
        across = 1 if shown <= 4 else 2 if shown <= 16 else 3
        values = []
        for index, item in enumerate(sliders):
            if index % across == 0:
                columns = st.columns(across)  # a row each, so that a phone keeps their order
            with columns[index % across]:
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
        seed = 0
        st.caption(
            "Random draws each number from the prior, the standard normal distribution, whatever the kind of model."
        )
        if shown < latent_dim:
            seed = int(links.number(REST_SEED))
            say.caption(
                f"This model has {latent_dim} latent numbers. The other {latent_dim - shown} are drawn with this seed; "
                "any one of them alone changes little."
            )
    latents = with_the_others(values, seed)
    wanted = None if label is None else np.array([label])
    drawn = images.to_uint8(sampler.decode(latents, wanted))[0]
    said = ", ".join(f"{value:.2f}" for value in values)
    asked = "" if label is None else f", asked for {source.class_phrase(label)},"
    others = "" if shown == latent_dim else f" and {latent_dim - shown} others"
    with left, st.container(key="in_sight"):
        pictures.show(
            drawn,
            alt=f"The {source.noun} that {run.id}{asked} draws from the latent numbers {said}{others}.",
            caption=f"What {run.id}{asked} draws from these {latent_dim} numbers.",
            largest=12,
        )
    with right:
        st.download_button(
            "Image as PNG", lambda: images.png(drawn, 10), f"{run.id}-{source.noun.replace(' ', '-')}.png", "image/png",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


def next_seed() -> None:
    """Take the next seed; a callback."""
    st.session_state["grid_seed"] = (int(st.session_state.get("grid_seed", 0)) + 1) % 100_000


def choose_prior() -> Prior:
    """Where the latents come from: for models with an encoder a choice."""
    if not kind.encodes:
        return "normal"
    chosen = st.segmented_control(
        "Latents from", PRIORS, default="normal", required=True, key=f"latents_{kind.name}",
        bind="query-params", format_func=prior_label,
        help="The standard normal distribution, or a normal distribution with the mean and the covariance of the "
        "codes of training images.",
    )  # fmt: skip
    return "normal" if chosen == "normal" else "fitted"


def remark(prior: Prior, spread: float) -> str:
    """What to expect of the samples."""
    if spread > 1.5:
        return "With a spread this large most latents lie where hardly any training image was, so expect odd shapes."
    return kind.remark_on_samples(prior)


@st.fragment
def at_random(run: Run) -> None:
    """A hundred images from random latents."""
    st.header("A hundred at random", anchor=False)
    left, right = st.columns([7, 5], gap="medium")
    with right:
        wanted = None
        if sampler.conditional:
            links.forget_other("digits", (EACH, *source.class_names))
            asked = st.pills(
                source.plural.capitalize(), [EACH, *source.class_names], default=EACH, required=True, key="digits",
                bind="query-params", help="One class a hundred times, or all of them in turn.",
            )  # fmt: skip
            known = asked in source.class_names
            wanted = np.full(100, source.class_number(asked)) if known else turns(100, source.classes)
        prior = choose_prior()
        seed = links.number(GRID_SEED)
        st.button("Next seed", icon=":material/refresh:", on_click=next_seed)
        spread = st.slider(SPREAD.label, 0.0, 3.0, 1.0, 0.05, key="spread", bind="query-params", help=SPREAD.help)
        say.caption(remark(prior, spread))
    try:
        latents = latent_sources.draw(run, 100, latent_dim, int(seed), float(spread), prior)
    except GenmodError as error:  # a damaged encoder: the codes' distribution cannot be fitted
        with left:
            say.error(str(error))
        return
    columns = 10 if wanted is None or wanted[0] == wanted[1] else source.classes
    sheet = images.contact_sheet(images.to_uint8(sampler.decode(latents, wanted)), columns)
    whence = (
        f"a normal distribution with standard deviation {spread:.2f}"
        if prior == "normal"
        else f"a normal distribution fitted to the codes, spread {spread:.2f}"
    )
    what = ""
    if wanted is not None and wanted[0] != wanted[1]:
        what = f", one column for each class: {', '.join(source.class_names)}"
    elif wanted is not None:
        what = f", asked for {source.class_phrase(int(wanted[0]))} each time"
    with left:
        pictures.show(
            sheet,
            alt=f"A grid of a hundred images that {run.id} draws from random latents{what}, "
            f"with seed {seed} and spread {spread:.2f}.",
            caption=f"{run.id}{what}; latents from {whence}, seed {seed}.",
            largest=2,
        )
    with right:
        st.download_button(
            "Grid as PNG", lambda: images.png(sheet, 4), f"{run.id}-grid-{seed}.png", "image/png",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip


by_hand(run)
at_random(run)
terms.row_for(
    "latents, prior, normal distribution, standard deviation, seed, sample, training images",
    kind.sampler, kind.title, *(kind.remark_on_samples(prior) for prior in PRIORS),
    "code" if kind.encodes else "", "class-conditional" if sampler.conditional else "",
)  # fmt: skip
