"""A point that a hand moves through latent space, the images of the data set around it, and one image's story."""

import numpy as np
import streamlit as st

from genmod.datasets import Floats
from genmod.errors import ConfigError, GenmodError
from genmod.inference import latent_sources, planes
from genmod.inference.planes import Plane
from genmod.kinds import Setting
from genmod.ui import frame, links, models, pad, picker, say, terms
from genmod.ui.latent import parts, subject
from genmod.ui.latent.subject import DIGIT, Space
from genmod.ui.pad import point
from genmod.ui.pad.routes import POINTS

frame.guard()

TELLING, COORDINATES, PCA = "two that say most", "coordinates", "pca"
VIEWS = (TELLING, COORDINATES, PCA)
RANDOM, PRINCIPAL = "random", "principal"
DIRECTIONS = (PRINCIPAL, RANDOM)
PLANE_SEED = Setting(
    "plane_seed", int, 0, "Seed of the directions", "Another seed, another pair of random directions.",
    "data", low=0, high=99_999,
)  # fmt: skip
MOST_AXES = 128  # of any model
BESIDE = "beside_pad"
NONE = "none"


def points_label(count: int) -> str:
    """How many points, as the link has it."""
    return f"{count:,}"


def ground_label(ground: pad.Ground) -> str:
    """What lies below the point, as the link has it."""
    return pad.GROUNDS[ground]


def axis_reader(name: str, most: int) -> links.Reader:
    """What reads a link's latent number."""

    def read(text: str) -> str:
        if text not in [f"z{number}" for number in range(1, most + 1)]:
            shown = text[:40] + "…" if len(text) > 40 else text
            raise ConfigError(f"{name} is {shown!r}; it must be one of z1 to z{most}.")
        return text

    return read


frame.header(
    "Latent space",
    "Every point of the latent space is an image. Move the point, and see how one image becomes another.",
)
pad.style()
# All that the page can be asked for, whether this run has a use for it or not.
links.check(
    {
        "points": links.option("points", POINTS, points_label),
        "ground": links.option("ground", pad.GROUNDS, ground_label),
        "view": links.option("view", VIEWS),
        "directions": links.option("directions", DIRECTIONS),
        "across": axis_reader("across", MOST_AXES),
        "up": axis_reader("up", MOST_AXES),
        "grid_digit": links.class_reader("grid_digit", picker.source()),
        **links.readers(DIGIT, PLANE_SEED),
        **parts.readers(),
    }
)
run, sampler = picker.opened()
kind, source = run.kind(), run.config().source
latent_dim = sampler.latent_dim
if latent_dim > 2:
    links.check({name: axis_reader(name, latent_dim) for name in ("across", "up")})
point.check_link(run, latent_dim)
links.show_complaints()
z_mean = z_log_var = np.zeros((0, latent_dim), np.float32)
try:
    if kind.encodes:
        z_mean, z_log_var = models.test_codes(run)
except GenmodError as error:
    say.error(str(error))
    st.stop()
information = planes.information(z_mean, z_log_var) if kind.encodes else None
names = [f"z{number}" for number in range(1, latent_dim + 1)]

with st.sidebar:
    count = POINTS[1]
    if kind.encodes:
        chosen = st.segmented_control(
            "Points", POINTS, default=POINTS[1], required=True, key="points", bind="query-params",
            format_func=points_label, help="How many test images the pad shows, from the first.",
        )  # fmt: skip
        count = chosen if chosen in POINTS else count


def axes() -> tuple[int, int]:
    """The two latent numbers that were asked for; never the same twice."""
    with st.sidebar:
        first, second = (
            st.selectbox(title, names, index=place, key=key, bind="query-params")
            for place, (title, key) in enumerate((("To the right", "across"), ("Upwards", "up")))
        )
        found = (names.index(first) if first in names else 0, names.index(second) if second in names else 1)
        if found[0] == found[1]:
            found = (found[0], (found[0] + 1) % latent_dim)
            say.caption(f"The pad needs two different latent numbers; upwards is {names[found[1]]}.")
    return found


def plane_of_codes() -> Plane:
    """The plane of a model with an encoder: two latent numbers, or two directions of its codes."""
    if latent_dim == 2 or information is None:
        return planes.coordinates(latent_dim, (0, 1))
    with st.sidebar:
        view = st.selectbox(
            "Plane", VIEWS, key="view", bind="query-params", format_func=lambda view: VIEW_LABELS[view],
            help="The pad shows two dimensions; the plane passes through the point, and the sliders hold the rest.",
        )  # fmt: skip
    if view == PCA:
        return planes.principal(z_mean)
    if view == COORDINATES:
        return planes.coordinates(latent_dim, axes())
    first, second = map(int, np.argsort(-information, kind="stable")[:2])
    return planes.coordinates(latent_dim, (min(first, second), max(first, second)))


VIEW_LABELS = {TELLING: "The two numbers that say most", COORDINATES: "Two numbers of your choice",
               PCA: "Two principal directions"}  # fmt: skip
DIRECTION_LABELS = {PRINCIPAL: "Two principal directions", RANDOM: "Two random directions"}


def next_plane() -> None:
    """Take the next pair of random directions; a callback."""
    st.session_state["plane_seed"] = (int(st.session_state.get("plane_seed", 0)) + 1) % 100_000


def plane_of_generator() -> Plane:
    """The plane of a model without an encoder: directions along which its images change."""
    if latent_dim == 2:
        return planes.coordinates(latent_dim, (0, 1))
    with st.sidebar:
        wanted = st.selectbox(
            "Plane", DIRECTIONS, key="directions", bind="query-params",
            format_func=lambda direction: DIRECTION_LABELS[direction],
            help="Principal: those along which the images change most. Random: any two.",
        )  # fmt: skip
        if wanted == PRINCIPAL:
            return models.generator_plane(run)
        seed = links.number(PLANE_SEED)
        st.button("Other directions", icon=":material/casino:", on_click=next_plane)
    return planes.random(latent_dim, int(seed))


plane = plane_of_codes() if kind.encodes else plane_of_generator()
limit = planes.limit(plane.places(z_mean)) if kind.encodes else planes.LIMITS[0]
wanted = 0
if sampler.conditional:
    with st.sidebar:
        wanted = links.one_class("grid_digit", source, "This model was trained by class: say which class it draws.")
space = Space(run, sampler, z_mean, z_log_var, wanted)



def take_move() -> None:
    """Take over what a hand did; a callback."""
    moved = pad.take_move(latent_dim, len(z_mean))
    if moved.digit is not None:
        st.session_state[DIGIT.name] = moved.digit
        st.session_state[subject.LOOKED_AT] = False
        point.set_point(z_mean[moved.digit])
        st.rerun(["explore", "parts"])
    elif moved.z:
        point.set_point(moved.z)


def to(values: Floats) -> None:
    """Move the point; a callback."""
    point.set_point(values)


def random_point() -> None:
    """Draw a point from the prior; a callback."""
    seed = int(np.random.default_rng().integers(100_000))
    point.set_point(latent_sources.draw(run, 1, latent_dim, seed)[0])


@st.fragment(key="explore")
def explore() -> None:
    """The pad with what lies below it, and the sliders."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="pad_controls"):
        ground = st.segmented_control(
            "Below the point", pad.GROUNDS, default="manifold", required=True, key="ground", bind="query-params",
            format_func=ground_label,
        )  # fmt: skip
        held_out = kind.encodes and st.toggle(f"Held-out {source.plural}", True, key="held_out", bind="query-params")
        st.button("Random point", icon=":material/casino:", on_click=random_point)
        st.button("To the middle", icon=":material/restart_alt:", on_click=to, args=(np.zeros(latent_dim),))
    try:
        z = point.present(latent_dim)
    except ConfigError as error:
        say.error(str(error))
        z = np.zeros(latent_dim, np.float32)
    view = pad.View(
        run, plane, limit, ground if ground in pad.GROUNDS else "manifold", count if kind.encodes else 0, held_out,
        wanted, subject.mark(subject.chosen(space), source) if kind.encodes else None,
    )  # fmt: skip
    pad.show([view], z, pad.numbers(latent_dim, information), take_move)
    with st.expander("All numbers as text"):
        point.text_input()


explore()
