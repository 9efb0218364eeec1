"""Between two images: a path through latent space, as a strip and as a film to keep."""

from __future__ import annotations

import streamlit as st

from genmod.datasets import Floats, Images
from genmod.drawing import films, images
from genmod.inference import latent_sources, latent_space
from genmod.kinds import Setting
from genmod.ui import links, moving, pictures, say, terms
from genmod.ui.latent import subject
from genmod.ui.latent.subject import Space

FEWEST, MOST = 5, 25
STEPS = Setting("steps", int, 9, "Steps", "How many images there are from one end to the other.", "data",
                low=FEWEST, high=MOST)  # fmt: skip
FROM = Setting("from_digit", int, 0, "From test image", "Where the path begins.", "data", low=0, high=9_999)
TO = Setting("to_digit", int, 3, "To test image", "Where the path ends.", "data", low=0, high=9_999)
FROM_SEED = Setting(
    "from_seed", int, 1, "From seed", "A random draw where the path begins.", "data", low=0, high=99_999
)
TO_SEED = Setting("to_seed", int, 2, "To seed", "A draw where the path ends.", "data", low=0, high=99_999)
OWN_END = "own_end"  # in the session: whether the way begins at the visitor's own image
COLUMNS = 9  # of the strip
SECONDS = 3.0  # of the film, there and back


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return links.readers(STEPS, FROM, TO, FROM_SEED, TO_SEED)


def seen() -> tuple[object, ...]:
    """What the way depends on."""
    own = bool(st.session_state.get(OWN_END))
    return (own, *(links.held(item) for item in (STEPS, FROM, TO, FROM_SEED, TO_SEED)))


def path(space: Space) -> Floats:
    """The way that is chosen, (steps, latent_dim)."""
    steps = _value(STEPS)
    start, end = (_end(space, number) for number in (0, 1))
    return latent_space.path(start, end, steps, latent_space.is_spherical(space.latent_dim))


def _value(item: Setting) -> int:
    return int(str(links.held(item)))


def _end(space: Space, number: int) -> Floats:
    """Where the way begins, 0, or ends, 1; shape (latent_dim,)."""
    if not space.kind.encodes:
        first: Floats = latent_sources.draw(space.run, 1, space.latent_dim, _value((FROM_SEED, TO_SEED)[number]))[0]
        return first
    if number == 0 and st.session_state.get(OWN_END):
        own = subject.own_image(space.source)
        if own is not None:
            return space.encode(own, subject.own_class(space))[0]
    code: Floats = space.z_mean[min(_value((FROM, TO)[number]), len(space.z_mean) - 1)]
    return code


def show(space: Space) -> None:
    """The part of the page."""
    own = space.kind.encodes and subject.own_image(space.source) is not None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if own:
            st.toggle(say.plain(f"From your own {space.source.noun}"), key=OWN_END)
        first, last = (FROM, TO) if space.kind.encodes else (FROM_SEED, TO_SEED)
        links.number(first, disabled=own and bool(st.session_state.get(OWN_END)), width=220)
        links.number(last, width=220)
        st.slider(
            STEPS.label,
            FEWEST,
            MOST,
            9,
            key=STEPS.name,
            bind="query-params",
            help=STEPS.help,
            width=220,
        )
    points = path(space)
    steps = space.decode(points)
    ends = _words(space)
    left, right = st.columns([1, 2], gap="medium")
    with left:
        there_and_back = [*steps, *steps[-2:0:-1]]
        words = (f"A film {ends}, there and back.", f"The image halfway {ends}.")
        moving.show(there_and_back, steps[len(steps) // 2], 5, SECONDS, words, hold=0.0)
    with right:
        pictures.show(
            images.contact_sheet(steps, min(COLUMNS, len(steps))),
            alt=f"{len(steps)} images on the path {ends}.",
            caption=f"{len(steps)} images {ends}"
            + (f", each asked for {space.source.class_phrase(space.wanted)}" if space.sampler.conditional else "")
            + ". On the pad the path is the white line.",
            largest=3,
        )
        if latent_space.is_spherical(space.latent_dim):
            say.caption(latent_space.why_spherical(space.latent_dim))
        else:
            terms.caption(f"With {space.latent_dim:d} latent numbers the path is a straight line in even steps.")
        with st.container(horizontal=True):
            _download(space, steps, "gif", "Film as GIF")
            _download(space, steps, "webp", "Film as WebP")
            st.download_button(
                "Strip as PNG", lambda: images.png(images.contact_sheet(steps, len(steps)), 4),
                f"{space.run.id}-between.png", "image/png", icon=":material/download:", on_click="ignore",
            )  # fmt: skip


def _download(space: Space, steps: Images, format: films.Format, label: str) -> None:
    """A button for the film as a file."""
    st.download_button(
        say.plain(label), lambda: films.between(steps, format, SECONDS), f"{space.run.id}-between.{format}",
        films.MIME[format], icon=":material/download:", on_click="ignore",
    )  # fmt: skip


def _words(space: Space) -> str:
    """From where to where the way leads."""
    if not space.kind.encodes:
        return f"from the draw with seed {_value(FROM_SEED)} to the one with seed {_value(TO_SEED)}"
    labels = space.data.test_labels
    own = st.session_state.get(OWN_END) and subject.own_image(space.source) is not None
    begin, finish = (min(_value(item), len(labels) - 1) for item in (FROM, TO))
    shows = [space.source.class_phrase(int(labels[index])) for index in (begin, finish)]
    start = f"your own {space.source.noun}" if own else f"test image {begin:,}, {shows[0]},"
    return f"from {start} to test image {finish:,}, {shows[1]}"
