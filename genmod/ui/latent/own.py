"""The visitor's own image: drawn or from a file, where it falls, and what the networks make of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from genmod.datasets import Images
from genmod.drawing import images, own_digit
from genmod.errors import GenmodError
from genmod.quality import metrics, reference
from genmod.ui import models, pictures, say, terms
from genmod.ui.latent import subject
from genmod.ui.latent.subject import Space
from genmod.ui.pad import paper, point

CENTRE = "centre_own"
WORTH_SAYING = 0.001  # of a probability
_RAW = "own_drawing"  # in the session: what is on the paper, and of which data set
_VERSION = "paper_version"  # in the session: raised when something else than a stroke changes the paper
_FILE = "own_file"
_NOTES = "own_notes"  # in the session: what was done to the image
_COMPLAINT = "own_complaint"
_OF_FILE = "own_of_file"  # in the session: whether the image came from a file, which is always centred


def show(space: Space) -> None:
    """The part of the page."""
    source = space.source
    left, right = st.columns([2, 3], gap="medium")
    with left:
        raw = st.session_state.get(_RAW)
        drawn = raw[1] if raw is not None and raw[0] == source.name else None
        paper.show(source, lambda: _take_drawing(space), int(st.session_state.get(_VERSION, 0)), drawn)
        st.toggle(
            "Centre it as the data set does", True, key=CENTRE, on_change=lambda: _prepare_again(space),
            disabled=bool(st.session_state.get(_OF_FILE)),
            help=f"The images of {source.title} are scaled and centred alike. A model has seen no others.",
        )  # fmt: skip
        st.file_uploader(
            "Or a picture file", type=["png", "jpg", "jpeg"], key=_FILE, max_upload_size=5,
            on_change=lambda: _take_file(space),
            help="PNG or JPEG, of one dark shape on light paper or the other way round.",
        )  # fmt: skip
        if space.sampler.conditional:
            st.pills(
                f"Which {source.noun} it is", range(source.classes), key=subject.WHO,
                format_func=source.class_names.__getitem__, help="This model is told the class of each image.",
            )  # fmt: skip
    with right:
        if complaint := st.session_state.get(_COMPLAINT):
            say.error(str(complaint))
            return
        image = subject.own_image(source)
        if image is None:
            st.caption(f"Draw a {source.noun} on the paper, and see what the model makes of it.")
            return
        _opinions(space, image)


def _opinions(space: Space, image: Images) -> None:
    """What the networks make of the image."""
    source = space.source
    shown, words = [image], f"Your own {source.noun}"
    label = subject.own_class(space)
    if space.kind.encodes:
        z_mean, _ = space.encode(image, label)
        remade = images.to_uint8(space.sampler.decode(z_mean[np.newaxis], space.labels(label, 1)))
        shown.append(remade[0])
        words += " as the model sees it, and its reconstruction"
    pictures.show(images.contact_sheet(np.stack(shown), len(shown)), alt=f"{words}.", caption=f"{words}.", largest=5)
    notes: Sequence[str] = st.session_state.get(_NOTES, ())
    if notes:
        say.caption(" ".join(notes))
    if label is not None and subject.said_class(space) is None:
        say.caption(f"The model was told that it is {source.class_phrase(label)}: say below the paper which it is.")
    try:
        _, shares = reference.of(source).classifier.classify(image[np.newaxis])
        order = np.argsort(-shares[0], kind="stable")[:3]
        said = "; ".join(
            f"{source.class_phrase(int(place))}, {metrics.percent(float(shares[0][place]))}"
            for place in order
            if shares[0][place] >= WORTH_SAYING
        )
        say.caption(f"The classifier sees: {said}.")
    except GenmodError as error:
        say.error(str(error))
    if space.kind.judge and space.run.has(f"{space.kind.judge}.tflite"):
        _judge(space, image, label)
    elif space.kind.encodes:
        say.caption("On the pad a square marks where it falls; its draws and bell curves are under One image.")


def _judge(space: Space, image: Images, label: int | None) -> None:
    """What the discriminator says of it, beside what it says of test images and of generated ones."""
    try:
        judge = models.discriminator(space.run)
        classes = None if label is None else np.array([label])
        answer = float(judge.judge(image[np.newaxis], classes)[0])
        tests = space.data.test_images[:200]
        real = judge.judge(tests, space.data.test_labels[:200].astype(np.int64) if space.sampler.conditional else None)
    except GenmodError as error:
        say.error(str(error))
        return
    middle, lower, upper = (float(value) for value in np.quantile(real, (0.5, 0.1, 0.9)))
    terms.caption(
        f"The discriminator takes it for real with a probability of {100 * answer:.1f} %. To eight test images of ten "
        f"it gives between {100 * lower:.1f} % and {100 * upper:.1f} %; half of them get less than "
        f"{100 * middle:.1f} %."
    )


def _take_drawing(space: Space) -> None:
    drawn = paper.take_drawing(space.source)
    if drawn is not None:
        st.session_state[_RAW] = (space.source.name, drawn)
        st.session_state[_OF_FILE] = False
        _prepare(space, drawn)


def _prepare_again(space: Space) -> None:
    raw = st.session_state.get(_RAW)
    if raw is not None and raw[0] == space.source.name:
        _prepare(space, raw[1])


def _prepare(space: Space, drawn: Images) -> None:
    """Make the visitor's image of what is on the paper."""
    st.session_state[_COMPLAINT] = None
    if not drawn.any():
        _forget()
        return
    if st.session_state.get(CENTRE, True):
        prepared = own_digit.centred(drawn, space.source)
        _keep(space, prepared.image, prepared.done)
    else:
        _keep(space, drawn, ())


def _take_file(space: Space) -> None:
    """Take over a picture file; a callback."""
    file = st.session_state.get(_FILE)
    if file is not None:
        try:
            prepared = own_digit.from_file(file.getvalue(), space.source)
        except GenmodError as error:
            st.session_state[_COMPLAINT] = f"{file.name[:60]}: {error}"
        else:
            st.session_state[_COMPLAINT] = None
            st.session_state[_RAW] = (space.source.name, prepared.image)
            st.session_state[_OF_FILE] = True
            st.session_state[_VERSION] = int(st.session_state.get(_VERSION, 0)) + 1
            _keep(space, prepared.image, prepared.done)


def _keep(space: Space, image: Images, notes: Sequence[str]) -> None:
    """Look at the image, and move the point to its code."""
    subject.keep_own(space.source, image)
    st.session_state[_NOTES] = tuple(notes)
    if space.kind.encodes:
        try:
            point.set_later(space.encode(image, subject.own_class(space))[0])
        except GenmodError as error:  # the run was deleted meanwhile
            st.session_state[_COMPLAINT] = str(error)


def _forget() -> None:
    for name in (subject.OWN, subject.LOOKED_AT, _NOTES):
        st.session_state.pop(name, None)
