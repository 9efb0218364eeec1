"""Where the model puts each held-out image, one image in detail, and the manifold grid."""

import contextlib

import numpy as np
import pandas as pd
import streamlit as st

from genmod import kinds, runs
from genmod.datasets import Floats, to_float
from genmod.drawing import charts, images
from genmod.errors import ConfigError, GenmodError
from genmod.inference import latent_sources, latent_space
from genmod.kinds import Setting
from genmod.quality import likelihood
from genmod.runs import Run
from genmod.ui import beta_row, frame, links, models, picker, pictures, say, terms

frame.guard()

DIGIT = Setting(
    "digit", int, 0, "Test image", "Which of the 10,000 test images to look at; a click on the map sets it.",
    "data", low=0, high=9_999,
)  # fmt: skip
POINTS = (1_000, 3_000, 10_000)
SIDES = (8, 12, 16, 20)
PCA = "pca"
VIEWS = (PCA, "coordinates")
MOST_AXES = 128  # of any model


def points_label(count: int) -> str:
    """How many points, as the link has it."""
    return f"{count:,}"


def side_label(side: int) -> str:
    """The size of the grid, as the link has it."""
    return f"{side} x {side}"


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
    "Each mark is a test image that the model never trained on, drawn at the place its encoder gives it. "
    "Neighbours on the map have similar codes, so the decoder draws them alike.",
)
# All that the page can be asked for, whether this run has a use for it or not.
links.check(
    {
        "points": links.option("points", POINTS, points_label),
        "side": links.option("side", SIDES, side_label),
        "view": links.option("view", VIEWS),
        "across": axis_reader("across", MOST_AXES),
        "up": axis_reader("up", MOST_AXES),
        "grid_digit": links.class_reader("grid_digit", picker.source()),
        **links.readers(DIGIT),
    }
)
run, sampler = picker.opened()
config = run.config()
latent_dim = sampler.latent_dim
if latent_dim > 2:
    links.check({name: axis_reader(name, latent_dim) for name in ("across", "up")})
links.show_complaints()
kind = kinds.of(config)
if not kind.encodes:
    say.info(
        f"{run.id} {kind.remark_on_no_encoder()} Choose a run of another kind, or look at what its "
        f"{kind.sampler} draws."
    )
    st.page_link("pages/generate.py", label="Generate images with it", icon=":material/tune:")
    terms.row("encoder", "generator", "latent space", "code", "decoder", "training images", "GAN", "discriminator")
    st.stop()
try:
    z_mean, z_log_var = models.test_codes(run)
except GenmodError as error:
    say.error(str(error))
    st.stop()
source = config.source
data = source.load()
names = [f"z{number}" for number in range(1, latent_dim + 1)]

with st.sidebar:
    count = st.segmented_control(
        "Points", POINTS, default=POINTS[1], required=True, key="points", bind="query-params",
        format_func=points_label, help="How many test images the map shows, from the first.",
    )  # fmt: skip
    across, up = names[0], names[1]
    view = "coordinates"
    if latent_dim > 2:
        view = st.segmented_control(
            "View", VIEWS, default=PCA, required=True, key="view", bind="query-params",
            help="The two directions in which the codes vary most (principal components), or two latent numbers "
            "of your choice.",
        )  # fmt: skip
        across = st.selectbox("To the right", names, index=0, key="across", bind="query-params")
        up = st.selectbox("Upwards", names, index=1, key="up", bind="query-params")
    side = st.segmented_control(
        "Grid", SIDES, default=SIDES[1], required=True, key="side", bind="query-params", format_func=side_label,
        help="How many images the manifold grid has along each side.",
    )  # fmt: skip
count = count if count in POINTS else POINTS[1]
side = side if side in SIDES else SIDES[1]
axes = (names.index(across) if across in names else 0, names.index(up) if up in names else 1)
if axes[0] == axes[1]:
    axes = (axes[0], (axes[0] + 1) % latent_dim)
    with st.sidebar:
        say.caption(f"The map needs two different latent numbers; upwards is {names[axes[1]]}.")


@st.cache_data(max_entries=16, show_spinner=False)
def projected(run_id: str, stamp: float, view: str, axes: tuple[int, int]) -> tuple[Floats, list[str]]:
    """All test codes in two dimensions, and what the axes are called."""
    codes, _ = models.test_codes(run)
    if view == PCA:
        projection = latent_space.pca(codes)
        return projection.apply(codes), [
            f"principal component {number} ({share:.0%} of the variance)"
            for number, share in enumerate(projection.explained, 1)
        ]
    return codes[:, axes], [names[axis] for axis in axes]


def take_click() -> None:
    """Make the clicked point the chosen test image."""
    picked = st.session_state["map"].selection.get("picked") or []
    # It comes from the browser: anything may be in it. An empty selection keeps the image.
    with contextlib.suppress(ConfigError, KeyError, TypeError, IndexError):
        st.session_state["digit"] = DIGIT.parse(picked[0]["index"])


@st.fragment
def explore(run: Run) -> None:
    """The map and, beside it, the chosen image."""
    left, right = st.columns([5, 3], gap="medium")
    flat, titles = projected(run.id, run.exported("encoder.tflite").stat().st_mtime, view, axes)
    with right:
        index = int(links.number(DIGIT))
        detail(index)
    with left:
        st.vega_lite_chart(
            charts.latent_rows(flat, data.test_labels, source.class_names, source.marks, count, index),
            charts.latent_scatter(
                titles[0], titles[1], source.class_names, frame.class_colors(source.classes), source.noun, frame.quiet()
            ),
            key="map",
            on_select=take_click,
            selection_mode="picked",
            alt=f"Scatter of the codes of {count:,} test images of {run.id}; each point is drawn as the mark of its "
            f"class. Test image {index}, {phrase(index)}, stands out "
            f"at {flat[index, 0]:.1f}, {flat[index, 1]:.1f}.",
        )
        st.caption("Click or tap a point to look at that image, or type its number.")
        if source.marks != source.class_names:
            named = ", ".join(f"{mark} {name}" for mark, name in zip(source.marks, source.class_names, strict=True))
            say.caption(f"The marks: {named}.")


def phrase(index: int) -> str:
    """What a test image shows, with its article."""
    return source.class_phrase(int(data.test_labels[index]))


def detail(index: int) -> None:
    """One test image, its reconstruction and its code."""
    original = data.test_images[index]
    mean, sigma = z_mean[index], np.exp(0.5 * z_log_var[index])
    own_class = data.test_labels[index : index + 1] if sampler.conditional else None
    remade = sampler.decode(mean[np.newaxis], own_class)
    pictures.show(
        images.contact_sheet(np.stack([original, images.to_uint8(remade)[0]]), 2),
        alt=f"Two images: test image {index}, {phrase(index)}, and what the decoder makes of its code.",
        caption=f"Test image {index}, {phrase(index)}, and its reconstruction from "
        f"{'the mean of its code' if kind.adds_noise else 'its code'}.",
        largest=5,
    )
    nats = float(likelihood.binary_crossentropy(to_float(original[np.newaxis]), remade)[0])
    table = pd.DataFrame({"latent number": names, "mean": mean})
    if not kind.adds_noise:
        terms.caption(
            f"Reconstruction loss {nats:.1f} nats. The code of a plain autoencoder is a point: it has no spread."
        )
    else:
        kl = float(likelihood.kl_divergence(mean[np.newaxis], z_log_var[index][np.newaxis])[0])
        terms.caption(f"Reconstruction loss {nats:.1f} nats; KL {kl:.1f} nats.")
        table["sigma"] = sigma
    st.dataframe(
        table,
        hide_index=True,
        height="auto" if latent_dim <= 8 else 320,
        column_config={
            "mean": st.column_config.NumberColumn("mean", format="%.3f"),
            "sigma": st.column_config.NumberColumn("sigma (standard deviation)", format="%.3f"),
        },
        alt=f"The code of test image {index}, one row a latent number.",
    )


explore(run)

st.header("The manifold grid", anchor=False)
others = "" if latent_dim == 2 else " All other latent numbers are 0."
asked = None
if sampler.conditional:
    wanted = links.one_class(
        "grid_digit", source, "This model was trained by class: say which class the grid is to show."
    )
    asked = np.full(side * side, wanted)
    others += f" The model was asked for {source.class_phrase(wanted)} throughout."
points = latent_space.manifold_grid(side, latent_dim, axes)
if not kind.adds_noise:
    middle, spread = latent_sources.code_scale(run)
    points = middle + spread * points
    others = " The normal distribution is moved and stretched to the codes' own means and standard deviations" + (
        "." if latent_dim == 2 else ", and all other latent numbers stay at their means."
    )
pictures.show(
    images.contact_sheet(images.to_uint8(sampler.decode(points, asked)), side, gap=0),
    alt=f"A grid of {side} by {side} images decoded from equally likely values of {names[axes[0]]} and "
    f"{names[axes[1]]}.",
    caption=f"What the decoder draws: {names[axes[0]]} grows to the right and {names[axes[1]]} grows upwards, in "
    "steps that are equally likely under the normal distribution (its inverse cumulative distribution function)."
    + others,
    largest=2,
)
beta_row.show(runs.shipped().runs(), run, {name: st.query_params.get_all(name) for name in st.query_params})
terms.row(
    "latent space", "latents", "code", "encoder", "decoder", "test images", "nats", "reconstruction", "loss",
    "normal distribution", "standard deviation", "manifold grid",
    *(("KL divergence",) if kind.adds_noise else ("autoencoder",)),
    *(("principal component",) if view == PCA else ()),
    *(("class-conditional",) if sampler.conditional else ()),
)  # fmt: skip
