"""The chapter on data augmentation: what shifted, turned and generated images gain a classifier with few real ones."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import streamlit as st

from genmod.datasets import Images
from genmod.drawing import accuracy_curves, images, palette
from genmod.drawing.accuracy_curves import Line, Look
from genmod.errors import GenmodError
from genmod.lesson import augmentation, augmentation_findings
from genmod.lesson.augmentation import SIZES, SOURCE, WAYS, Result
from genmod.lesson.few_images import in_columns, moved
from genmod.ui import frame, links, pictures, say, terms
from genmod.ui.learn import own_experiment
from genmod.ui.pictures import Markup

FEW = "augment_images"
COLORS = (3, 4, 9)  # of the ten class colours: told apart by all, and from the grey of real images alone
REAL_ROWS = 2
SHIFTS_SEED = 1  # of the shifted images that are shown
MISSING = "The shipped results of this chapter are missing or damaged; you can still run the experiment yourself."


def play() -> None:
    """The shipped results for a chosen number of real images, and an experiment of one's own."""
    links.check({FEW: links.option(FEW, SIZES), **own_experiment.readers()}, many=own_experiment.MANY)
    results = augmentation.shipped()
    terms.paragraph(
        "A classifier learns from a few real digits: as they are; shifted and turned a little each time; together with "
        "digits that a VAE draws; and with all of that. The VAE learns from the very same few digits and sees no other "
        f"real image. Then the classifier is asked about {SOURCE.test_images:,} test images.",
        "augment",
    )
    _measured(results)
    own_experiment.show(results, look())
    terms.row_for(
        "data augmentation, classifier, VAE, class-conditional, training images, accuracy, seed",
        key="augment",
    )


@st.fragment
def _measured(results: Mapping[int, Result]) -> None:
    """What ships: accuracies for every number of real images, and the digits for the chosen one."""
    few = say.segments(f"Real images of each {SOURCE.noun}", SIZES, FEW, wrap=True)
    left, right = st.columns([4, 5], gap="medium")
    with left:
        if results:
            _chart(results, few)
        else:
            say.error(MISSING)
    with right:
        try:
            _digits(few)
        except GenmodError as error:
            say.error(str(error))
    if few in results:
        terms.paragraph(" ".join(augmentation_findings.about_one(results[few])), "one")
        terms.paragraph(" ".join(augmentation_findings.about_all(results)), "all")
        with st.expander("How this was measured", icon=":material/straighten:"):
            for sentence in augmentation_findings.method(results[few]):
                terms.paragraph(sentence, "method")


def look() -> Look:
    """The colours of the ways in the visitor's theme: grey for real images alone."""
    colors = frame.class_colors(len(palette.CLASS_COLORS_LIGHT))
    grey = palette.GREY_DARK if frame.dark() else palette.GREY_LIGHT
    return Look((grey, *(colors[number] for number in COLORS)), frame.ink(), grey, frame.ground())


def _chart(results: Mapping[int, Result], few: int) -> None:
    """Accuracy against the number of real images."""
    lines = tuple(
        Line(way.label, tuple((size, tuple(one.accuracies(name).items())) for size, one in results.items()))
        for name, way in WAYS.items()
    )
    st.vega_lite_chart(
        accuracy_curves.rows(lines),
        accuracy_curves.spec(lines, few, look()),
        key="augment_chart",
        alt=augmentation_findings.words(results),
    )
    terms.caption(
        "Lines and large marks are means; each small mark is a seed, which takes other real images, other starting "
        "weights and another order. The upright line is your choice.",
        "augment-chart",
    )


def _digits(few: int) -> None:
    """The real images of the first seed, the same shifted and turned, and what the VAE draws that has seen them."""
    real, _ = augmentation.real_images(few, seed=0)
    rows = in_columns(real, SOURCE.classes, REAL_ROWS)
    shifted = moved(rows, np.random.default_rng(SHIFTS_SEED))
    figures = [
        _figure(rows, f"{REAL_ROWS} of the {few} real images of each {SOURCE.noun}"),
        _figure(shifted, "The same, shifted and turned"),
    ]
    if (drawn := own_experiment.first_rows(augmentation.shipped_sheet(few))) is not None:
        words = f"What the VAE draws that has seen those {few} of each {SOURCE.noun} and no others"
        figures.append(pictures.figure(drawn, f"{words}, one {SOURCE.noun} a column.", words, largest=2))
    pictures.row(*figures)
    if drawn is None:
        say.caption("The picture of the generated digits is missing in this installation.")


def _figure(rows: Images, caption: str) -> Markup:
    sheet = images.contact_sheet(rows, SOURCE.classes)
    return pictures.figure(sheet, f"{caption}, one {SOURCE.noun} a column.", caption, largest=2)
