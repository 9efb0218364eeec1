"""A point that a hand moves through latent space, the images of the data set around it, and one image's story."""

import numpy as np
import streamlit as st

from genmod.datasets import Floats
from genmod.errors import ConfigError, GenmodError
from genmod.inference import latent_sources, planes
from genmod.inference.planes import Plane
from genmod.kinds import Setting, glossary
from genmod.runs import Run
from genmod.ui import frame, links, models, pad, picker, say, terms, ways
from genmod.ui.latent import between, comparison, mirror, neighbours, parts, story, subject
from genmod.ui.latent.subject import DIGIT, Space
from genmod.ui.pad import point
from genmod.ui.pad.routes import POINTS

frame.guard()

TELLING, COORDINATES, PCA = "telling", "coordinates", "pca"
VIEWS = {
    TELLING: "the two numbers that say most",
    COORDINATES: "two numbers of your choice",
    PCA: "two principal directions",
}
PRINCIPAL, RANDOM = "principal", "random"
DIRECTIONS = {PRINCIPAL: "two principal directions", RANDOM: "two random directions"}
PLANE_SEED = Setting(
    "plane_seed", int, 0, "Seed of the directions", "Another seed, another pair of random directions.",
    "data", low=0, high=99_999,
)  # fmt: skip
HELD_OUT = Setting("held_out", bool, True, "", "", "data")
MOST_AXES = point.LONGEST  # of any model
BESIDE = "pad_beside"
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
        "view": links.option("view", VIEWS, VIEWS.__getitem__),
        "directions": links.option("directions", DIRECTIONS, DIRECTIONS.__getitem__),
        "across": axis_reader("across", MOST_AXES),
        "up": axis_reader("up", MOST_AXES),
        **{name: links.class_reader(name, picker.source()) for name in ("wanted", "grid_digit")},
        **links.readers(DIGIT, PLANE_SEED, HELD_OUT),
        **parts.readers(picker.source().noun),
        **ways.readers(),
    }
)
run, sampler = picker.opened()
kind, source = run.kind(), run.config().source
latent_dim = sampler.latent_dim
if latent_dim > 2:
    links.check({name: axis_reader(name, latent_dim) for name in ("across", "up")})
point.check_link(run, latent_dim)
z_mean = z_log_var = np.zeros((0, latent_dim), np.float32)
try:
    if kind.encodes:
        z_mean, z_log_var = models.test_codes(run)
except GenmodError as error:
    links.show_complaints()
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
        first = st.selectbox("To the right", names, index=0, key="across", bind="query-params")
        second = st.selectbox("Upwards", names, index=1, key="up", bind="query-params")
        found = (names.index(first) if first in names else 0, names.index(second) if second in names else 1)
        if found[0] == found[1]:
            found = (found[0], (found[0] + 1) % latent_dim)
            say.caption(f"The pad needs two different latent numbers; upwards is {names[found[1]]}.")
    return found


def plane_of_codes() -> Plane:
    """The plane of a model with an encoder: two latent numbers, or two directions of its codes."""
    if latent_dim <= 2 or information is None:
        return planes.coordinates(latent_dim, (0, min(1, latent_dim - 1)))
    first, second = map(int, np.argsort(-information, kind="stable")[:2])
    telling = planes.coordinates(latent_dim, (min(first, second), max(first, second)))
    if other_space is not None:  # directions of one run's codes would be none of the other's
        return telling
    with st.sidebar:
        view = st.selectbox(
            "Plane", VIEWS, key="view", bind="query-params", format_func=VIEWS.__getitem__,
            help="The pad shows two dimensions; the plane passes through the point, and the sliders hold the rest.",
        )  # fmt: skip
    if view == PCA:
        return planes.principal(z_mean)
    if view == COORDINATES:
        return planes.coordinates(latent_dim, axes())
    return telling


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
            format_func=DIRECTIONS.__getitem__,
            help="Principal: those along which the images change most. Random: any two.",
        )  # fmt: skip
        if wanted == PRINCIPAL:
            return models.generator_plane(run)
        seed = links.number(PLANE_SEED)
        st.button("Other directions", icon=":material/casino:", on_click=next_plane)
    return planes.random(latent_dim, int(seed))


wanted = 0
if sampler.conditional:
    with st.sidebar:
        if old := links.taken(["grid_digit"]):  # what links of an earlier version call it
            links.put("wanted", old["grid_digit"])
        links.carry("wanted", lambda held: source.class_names[held] if held in range(source.classes) else "")
        wanted = links.one_class("wanted", source, "This model was trained by class: say which class it draws.")
        links.share("wanted")
with st.sidebar:
    drawing = ways.choose(sampler)
space = Space(run, sampler, z_mean, z_log_var, wanted, drawing)


def take_move() -> None:
    """Take over what a hand did; a callback."""
    moved = pad.take_move(latent_dim, len(z_mean))
    if moved.digit is not None:
        st.session_state[DIGIT.name] = moved.digit
        st.session_state[subject.LOOKED_AT] = False
    if moved.z:
        point.set_point(moved.z)


def to(values: Floats) -> None:
    """Move the point; a callback."""
    point.set_point(values)


sliders = pad.numbers(latent_dim, information, spread=kind.codes_are_points)


def random_point() -> None:
    """Draw a point from the prior; a callback."""
    seed = int(np.random.default_rng().integers(100_000))
    point.set_point(latent_sources.draw(run, 1, latent_dim, seed)[0])


def comparable(other: Run) -> bool:
    """Whether the point means the same for another run: as many latent numbers, an encoder, the same data set."""
    try:
        config = other.config()
    except GenmodError:
        return False
    return (
        other.id != run.id
        and other.kind().encodes
        and config.source == source
        and config.latent_dim == latent_dim
        and config.conditional == sampler.conditional
        and other.usable()
    )


def choose_beside() -> Run | None:
    """Another run that the same point moves in, if the visitor wants one."""
    if not kind.encodes:
        return None
    others = {other.id: other for other in picker.available() if comparable(other)}
    links.check({BESIDE: links.option(BESIDE, (NONE, *others))})
    with st.sidebar:
        links.forget_other(BESIDE, (NONE, *others))
        chosen = st.selectbox(
            "Beside it", (NONE, *others), key=BESIDE, bind="query-params",
            help="A second run with as many latent numbers: one point moves in both, on one scale.",
        )  # fmt: skip
    return others.get(chosen)


beside = choose_beside()
links.show_complaints()
other_space = None
if beside is not None:
    try:
        other_space = Space(beside, models.sampler(beside), *models.test_codes(beside), wanted)
    except GenmodError as error:
        say.error(str(error))
plane = plane_of_codes() if kind.encodes else plane_of_generator()
limit = planes.LIMITS[0]
if kind.encodes:
    shown = [z_mean] if other_space is None else [z_mean, other_space.z_mean]
    limit = max(planes.limit(plane.places(codes)) for codes in shown)


def present(complain: bool = False) -> Floats:
    """The point; the middle if somebody typed what is none."""
    try:
        return point.present(latent_dim)
    except ConfigError as error:
        if complain:
            say.error(str(error))
        return np.zeros(latent_dim, np.float32)


@st.fragment
def explore() -> None:
    """The pad with what lies below it, and the sliders."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="pad_controls"):
        grounds = [ground for ground in pad.GROUNDS if kind.encodes or ground != "density"]
        links.forget_other("ground", grounds)
        ground, held_out = grounds[0], False
        if latent_dim > 1:  # one number has no map: sliders alone
            ground = say.segments("Below the point", grounds, "ground", ground_label)
            held_out = kind.encodes and st.toggle(
                f"Held-out {source.plural}", True, key="held_out", bind="query-params"
            )
        if kind.encodes:
            story.choose(space)
        st.button("Random point", icon=":material/casino:", on_click=random_point)
        st.button("To the middle", icon=":material/restart_alt:", on_click=to, args=(np.zeros(latent_dim),))
    if not kind.encodes:
        say.caption(f"{run.id} {kind.remark_on_no_encoder()} The pad walks two directions of that space instead.")
    board = st.container()
    with st.expander("All numbers as text"):
        point.text_input()
    z = present(complain=True)
    spaces = [space] if other_space is None else [space, other_space]
    with board:
        try:
            views = [view_of(one, z, ground, held_out) for one in spaces]
            version = mirror.version(parts.seen(parts.shown(space), z))
            pad.show(views, z, sliders, take_move, version=version)
        except GenmodError as error:  # the run was deleted meanwhile
            say.error(str(error))
        if other_space is not None:
            say.caption(comparison.recognised(run, other_space.run))


def view_of(one: Space, z: Floats, ground: pad.Ground, held_out: bool) -> pad.View:
    """How the pad shows a run."""
    found = subject.chosen(one) if kind.encodes else None
    noise = story.draws(one, found) if found is not None else None
    neighbour = neighbours.nearest(one, z) if other_space is None else None
    return pad.View(
        one.run, plane if latent_dim > 1 else None, limit, ground, count if kind.encodes else 0, held_out, wanted,
        None if found is None else subject.mark(found, source), neighbour,
        [between.path(one)] if parts.shown(one) == parts.BETWEEN else [], None if noise is None else noise[1],
        drawing or None,
    )  # fmt: skip


explore()


@st.fragment
def look_closer() -> None:
    """One of the parts below the pad."""
    part = parts.choose(space)
    z = present()
    parts.show(part, space, information, limit, z, plane)
    pad.follow(mirror.version(parts.seen(part, z)))


look_closer()
terms.row(
    "latent space", "latents", "code", "prior", "normal distribution", "standard deviation",
    "manifold grid", "classifier",
    "encoder",
    *(("decoder", "nats", "test images", "reconstruction", "loss") if kind.encodes else (*kind.networks, "seed")),
    *(term.name for term in glossary.found(kind.title)),
    *(("KL divergence",) if kind.adds_noise else ("autoencoder",) if kind.encodes else ()),
    *(("principal component",) if plane.axes is None and kind.encodes else ()),
    *(("class-conditional",) if sampler.conditional else ()),
    *(term.name for item in sampler.choices for term in glossary.found(item.label, *item.choices)),
)  # fmt: skip
