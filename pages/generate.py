"""Images from latent numbers set by hand, and a hundred from random latents or real codes."""

import contextlib

import numpy as np
import streamlit as st

from genmod import kinds
from genmod.datasets import Floats
from genmod.drawing import images
from genmod.errors import ConfigError, GenmodError
from genmod.inference import latent_sources, planes, turns
from genmod.kinds import Setting
from genmod.kinds.kind import Prior
from genmod.runs import Run
from genmod.ui import frame, links, models, pad, picker, pictures, say, sources, terms, ways
from genmod.ui.pad import point

frame.guard()

GRID_SEED = Setting(
    "grid_seed", int, 0, "Seed", "Where the random numbers start: the same seed draws the same hundred images.",
    "data", low=0, high=99_999,
)  # fmt: skip
SPREAD = Setting(
    "spread", float, 1.0, "Spread",
    "How far the random latents are spread, as a factor: 1 is as their source has them, 0 leaves its middle alone.",
    "data", low=0.0, high=3.0,
)  # fmt: skip
EACH = "each"
PRIORS: dict[Prior, str] = {
    "normal": "normal distribution",
    "fitted": "fitted to the codes",
    "mixture": "mixture of ten",
    "codes": "real codes",
}
WHENCE: dict[Prior, str] = {
    "normal": "a normal distribution with standard deviation {:.2f}",
    "fitted": "a normal distribution fitted to the codes, spread {:.2f}",
    "mixture": "a mixture of ten normal distributions fitted to the codes, spread {:.2f}",
    "codes": "the codes of random training images, spread {:.2f}",
}


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
    "The model draws whatever its latent numbers say. Move one at a time and find out what it stands for.",
)
pad.style()
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
        **links.readers(GRID_SEED, SPREAD),
        **ways.readers(),
    }
)
run, sampler = picker.opened()
config = run.config()
kind = kinds.of(config)
latent_dim = sampler.latent_dim
point.check_link(run, latent_dim)
links.show_complaints()
information, limit = None, planes.LIMITS[0]
try:
    if kind.encodes:
        z_mean, z_log_var = models.test_codes(run)
        information = planes.information(z_mean, z_log_var)
        limit = planes.limit(z_mean[:, np.argsort(-information, kind="stable")[:2]])
except GenmodError:  # a damaged encoder: the order of the sliders is then that of their numbers
    information = None


def move_to(values: Floats) -> None:
    """Move the point; a callback."""
    point.set_point(values)


sliders = pad.numbers(latent_dim, information, spread=kind.codes_are_points)


def random_point() -> None:
    """Draw a point from the prior; a callback."""
    point.set_point(latent_sources.draw(run, 1, latent_dim, int(np.random.default_rng().integers(100_000)))[0])


def take_move() -> None:
    """Take over where a hand left the sliders; a callback."""
    moved = pad.take_move(latent_dim, 0, key="sliders")
    if moved.z:
        point.set_point(moved.z)


with st.sidebar:
    drawing = ways.choose(sampler)


@st.fragment
def by_hand(run: Run) -> None:
    """One slider a latent number, and the image they make while they are moved."""
    label = 0
    if sampler.conditional:
        links.carry("wanted", lambda held: source.class_names[held] if held in range(source.classes) else "")
        label = links.one_class("wanted", source, "This model was trained by class: say which class it is to draw.")
        links.share("wanted")
    with st.container(horizontal=True):
        st.button(
            "Random", icon=":material/casino:", on_click=random_point, help="Draw all latent numbers from the prior."
        )
        st.button("Set to 0", icon=":material/restart_alt:", on_click=move_to, args=(np.zeros(latent_dim),))
    board = st.container()
    with st.expander("All numbers as text"):
        point.text_input()
    try:
        z = point.present(latent_dim)
    except ConfigError as error:
        say.error(str(error))
        z = np.zeros(latent_dim, np.float32)
    with board:
        view = pad.View(run, None, limit, wanted=label, chosen_drawing=drawing)
        pad.show([view], z, sliders, take_move, key="sliders")
    asked = f", asked for {source.class_phrase(label)}," if sampler.conditional else ""
    say.caption(
        f"What {run.id}{asked} draws from these {latent_dim} numbers. Random draws each of them from the prior, the "
        "standard normal distribution, whatever the kind of model."
    )
    told = np.array([label]) if sampler.conditional else None
    drawn = images.to_uint8(sampler.decode(z[np.newaxis], told, **drawing))[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.download_button(
            "Image as PNG", lambda: images.png(drawn, 10), f"{run.id}-{source.noun.replace(' ', '-')}.png", "image/png",
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.page_link("pages/latent-space.py", label="This point on the pad", icon=":material/scatter_plot:")


def next_seed() -> None:
    """Take the next seed; a callback."""
    st.session_state["grid_seed"] = (int(st.session_state.get("grid_seed", 0)) + 1) % 100_000


def choose_prior() -> Prior:
    """Where the latents come from: for models with an encoder a choice."""
    if not kind.encodes:
        return "normal"
    return say.segments(
        "Latents from", list(PRIORS), f"latents_{kind.name}", prior_label, wrap=True,
        help="The standard normal distribution, one normal distribution fitted to the codes of training images, a "
        "mixture of ten of them, or the codes of training images themselves.",
    )  # fmt: skip


def remark(prior: Prior, spread: float) -> str:
    """What to expect of the samples."""
    if spread > 1.5 and prior in ("normal", "fitted"):
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
        if kind.encodes:
            sources.show(run, PRIORS)
        ways.show_distances(run)
    try:
        waiting = st.spinner("Fitting a mixture to the codes") if prior == "mixture" else contextlib.nullcontext()
        with left, waiting:
            latents = latent_sources.draw(run, 100, latent_dim, int(seed), float(spread), prior, wanted)
    except GenmodError as error:  # a damaged encoder, or a distribution that cannot be fitted
        with left:
            say.error(str(error))
        return
    columns = 10 if wanted is None or wanted[0] == wanted[1] else source.classes
    sheet = images.contact_sheet(images.to_uint8(sampler.decode(latents, wanted, **drawing)), columns)
    whence = WHENCE[prior].format(spread)
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
    ways.show_film(run, sampler, latents, wanted, drawing)


by_hand(run)
at_random(run)
terms.row_for(
    "latents, prior, normal distribution, standard deviation, seed, sample, training images",
    kind.sampler, kind.velocity, kind.title, *(kind.remark_on_samples(prior) for prior in PRIORS),
    *(f"{item.label} {' '.join(item.choices)}" for item in sampler.choices),
    "code, Frechet distance" if kind.encodes or kind.compared else "",
    "class-conditional" if sampler.conditional else "",
)  # fmt: skip
