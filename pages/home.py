"""What generative modelling is, digits forming, and where to begin."""

import streamlit as st

from genmod.drawing import images
from genmod.inference import latent_sources
from genmod.kinds import Setting
from genmod.lesson.chapters import CHAPTERS
from genmod.ui import frame, links, opening, picker, pictures, say, terms

frame.guard()

COUNT = 20
IN_A_ROW = 3  # places to go; they fill their rows
HOME_SEED = Setting(
    "home_seed", int, 0, "Seed of the twenty", "Where the random numbers start: the same seed draws the same images.",
    "data", low=0, high=99_999,
)  # fmt: skip


def draw_others() -> None:
    """Take the next twenty; a callback."""
    st.session_state["home_seed"] = (int(st.session_state.get("home_seed", 0)) + 1) % 100_000


links.check(links.readers(HOME_SEED))
frame.header(
    "See a machine learn to draw",
    "A classifier looks at a picture and says what it shows. A generative model goes the other way: it learns what "
    "images such as handwritten digits look like, and then draws new ones from nothing but random numbers.",
)
opening.style()
with st.container(horizontal=True, vertical_alignment="center", key="first_step"):
    with st.container(key="lesson", width="content"):
        st.page_link(
            "pages/learn.py", label="**Begin the lesson**", icon=":material/school:",
            query_params={"chapter": CHAPTERS[0].slug},
        )  # fmt: skip
    with st.container(key="play", width="content"):
        st.page_link("pages/train.py", label="**Just play**", icon=":material/play_arrow:")
say.caption(
    f"The lesson has {len(CHAPTERS)} chapters of a few minutes: guess, do one thing, see what comes of it. To play is "
    "to train a model at once."
)
opening.show()

run, sampler = picker.opened()
source = run.config().source
links.show_complaints()
st.header("Drawn just now", anchor=False)
with st.container(horizontal=True, vertical_alignment="bottom"):
    seed = int(links.number(HOME_SEED, width=200))
    st.button("Draw others", icon=":material/refresh:", on_click=draw_others)
latents = latent_sources.draw(run, COUNT, sampler.latent_dim, seed)
pictures.show(
    images.contact_sheet(images.to_uint8(sampler.decode(latents)), 10),
    alt=f"Twenty {source.plural} in two rows, drawn by the model {run.id} from random numbers, seed {seed}.",
    caption=f"{COUNT} {source.plural} that {run.id} drew when this page opened. Each began as {sampler.latent_dim} "
    "random numbers from the standard normal distribution.",
)

st.header("Where to go", anchor=False)
steps = (
    (
        "pages/learn.py",
        "Learn",
        "What all of this means, chapter by chapter: draw, place points, squeeze, judge forgeries.",
    ),
    (
        "pages/training-data.py",
        "Training data",
        "The images a model learns from: handwritten digits, clothes, or shapes drawn by code.",
    ),
    ("pages/train.py", "Train", "Choose the settings, start a training and watch the images form."),
    (
        "pages/latent-space.py",
        "Latent space",
        "A map of where the model puts each image, and what lies between.",
    ),
    ("pages/generate.py", "Generate", "Set the latent numbers by hand and see what they draw."),
    ("pages/quality.py", "Quality", "How good the images are, measured between noise and real ones."),
)
for start in range(0, len(steps), IN_A_ROW):
    for column, (page, label, what) in zip(st.columns(IN_A_ROW), steps[start : start + IN_A_ROW], strict=True):
        with column, st.container(border=True, height="stretch"):
            st.page_link(page, label=f"**{say.plain(label)}**", icon=":material/arrow_forward:")
            say.caption(what)

st.header("The idea in three steps", anchor=False)
first, second, third = st.columns(3)
with first:
    st.markdown(
        "**1. Squeeze.** An autoencoder's *encoder* turns an image $x$ of 784 pixels into a short list of numbers $z$, "
        "its *latent* code."
    )
with second:
    st.markdown(
        "**2. Rebuild.** A *decoder* turns $z$ back into an image. Both learn together, until the rebuilt "
        "image is close to the original."
    )
with third:
    st.markdown(
        "**3. Invent.** Give the decoder a $z$ that no image was squeezed into. If the codes fill the space "
        "without holes, it draws a new digit."
    )

st.caption(
    "A *variational* autoencoder is trained so that the codes do fill the space. A *generative adversarial network* "
    "goes another way: a *generator* draws from random numbers, a *discriminator* tries to tell its drawings from real "
    "images, and each learns from the other until the drawings can no longer be told apart."
)

with st.expander("The same in formulas"):
    st.markdown(
        r"""
A classifier learns $p(y \mid x)$: the probability of a class $y$ (such as a digit from 0 to 9), given an image $x$.
A generative model learns $p(x)$: how probable an image is at all. Then it can draw images from it.

A *variational autoencoder* draws in two steps: first a latent code $z$ from the normal distribution
$\mathcal N(0, I)$, independent numbers with mean 0 and variance 1, then an image from $p(x \mid z)$, which the
decoder computes. It learns by making

$$
\underbrace{-\,\mathbb E_{q(z \mid x)} \log p(x \mid z)}_{\text{reconstruction}}
\;+\; \beta\,\underbrace{\mathrm{KL}\big(q(z \mid x)\,\|\,\mathcal N(0, I)\big)}_{\text{KL divergence}}
$$

small. $q(z \mid x)$ is what the encoder says about the code of $x$: a mean and a variance for each latent number.
The first part asks that the image can be rebuilt from its code; $\mathbb E$ is the average over codes drawn from
$q$. The second part measures how far $q$ is from $\mathcal N(0, I)$, and asks that the codes fill that space.
$\beta$ weighs the two. Both parts are given in *nats* per image: bits, but with the natural logarithm.
A plain autoencoder has the first part only, and no draw. Some introductions say that the KL divergence is to be
maximised. It is a slip of the sign: what is maximised is the evidence lower bound, which has the KL divergence with a
minus; the KL divergence itself is made small, or the codes would flee from where new ones are drawn.

In a *generative adversarial network* the discriminator $D(x)$ is the probability that $x$ is real, and $G(z)$ is what
the generator draws from random numbers $z$. The discriminator makes
$-\,\mathbb E \log D(x) - \mathbb E \log\big(1 - D(G(z))\big)$ small, the generator $-\,\mathbb E \log D(G(z))$.
When the drawings are as good as real images, $D$ can only answer $\tfrac12$: then the two losses are $2 \ln 2$ and
$\ln 2$.
"""
    )

terms.row(
    "generative model", "classifier", "autoencoder", "encoder", "decoder", "VAE", "GAN", "generator", "discriminator",
    "latents", "latent space", "code", "prior", "normal distribution", "density", "noise", "holes",
    "training images", "epoch", "seed", "loss", "reconstruction", "KL divergence", "beta", "ELBO", "nats",
    "log-likelihood",
)  # fmt: skip
