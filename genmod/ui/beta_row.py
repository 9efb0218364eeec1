"""From autoencoder to VAE: runs of growing beta side by side, each a link that chooses its run."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from genmod.datasets import DataSource
from genmod.drawing import code_maps, images
from genmod.errors import GenmodError
from genmod.inference import ENCODER, Encoder, Sampler, latent_space
from genmod.quality import beta_row, metrics, reference
from genmod.quality.beta_row import Step
from genmod.runs import Run
from genmod.system.file_cache import FileCache
from genmod.ui import frame, run_map, say, terms
from genmod.ui.pictures import Markup

HEADING = "From autoencoder to VAE"
PAGE = "latent-space"  # the address of the page where a run is looked at
REACH = 6.0  # of all maps: three times the prior's outer circle, and all that a VAE of some beta needs
POINTS = 3_000  # test images on a map
SIDE = 3  # samples along each side of a sheet
SEED = 0  # of their latents, the same for all runs

STYLE = """
<style>
.gm-betas { margin: 0; }
.gm-betas ul { list-style: none; display: flex; gap: 8px; margin: 0 !important; padding: 4px !important;
  overflow-x: auto; scroll-snap-type: x proximity; }
.gm-betas li { flex: none; width: 168px; margin: 0 !important; padding: 0; scroll-snap-align: start; }
.gm-betas a { display: flex; flex-direction: column; gap: 4px; color: inherit; text-decoration: none;
  border-radius: 4px; font-size: 0.8125rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
.gm-betas strong { font-weight: 600; font-size: 0.9375rem; }
.gm-betas a:hover strong { text-decoration: underline; }
.gm-betas img { display: block; width: 168px; height: 168px; max-width: none; border-radius: 3px;
  outline: 1px solid rgba(128, 128, 128, 0.6); outline-offset: -1px; }
.gm-betas .gm-samples { image-rendering: pixelated; background: #000; margin-top: 2px; }
.gm-betas [aria-current] strong { color: var(--gm-accent); }
.gm-betas [aria-current] img { outline: 2px solid var(--gm-accent); }
.gm-betas .gm-beyond { opacity: 0.85; min-height: 1.35em; }
.gm-betas figcaption { max-width: none; margin-top: 0.6rem; }
.gm-betas .gm-numbers span { display: block; }
.gm-betas .gm-numbers span::first-letter { text-transform: uppercase; }
</style>
"""


@dataclass(frozen=True)
class _Pictures:
    """What is drawn of one run: PNG files, and how many codes its map cannot show."""

    map: bytes
    samples: bytes
    outside: int


_drawn: Mapping[bool, FileCache[_Pictures]] = {dark: FileCache(24) for dark in (False, True)}


def show(found: Sequence[Run], chosen: Run | None = None, link: Mapping[str, list[str]] | None = None) -> None:
    """The row with its heading, and what it says; nothing if fewer than `beta_row.FEWEST` runs can be drawn.

    Args:
        found: the runs among which those of the row are looked for.
        chosen: the run that the page is about, which is marked.
        link: the parameters of the Latent space page's link that are kept; the run is another.
    """
    drawn = [(step, seen) for step in beta_row.of(found) if (seen := pictures(step.run)) is not None]
    if len(drawn) < beta_row.FEWEST:
        return
    shown = [step for step, _ in drawn]
    source = shown[0].run.config().source
    say.heading(HEADING)
    first = "an autoencoder, then VAEs" if shown[0].beta is None else "VAEs"
    terms.paragraph(
        f"The same data, seed and net in {len(shown)} runs: {first} of growing beta, the factor of the KL divergence "
        "in the loss. " + beta_row.sentences(shown, source)
    )
    st.html(STYLE)
    st.html(markup(drawn, source, chosen, link or {}))


def markup(
    drawn: Sequence[tuple[Step, _Pictures]], source: DataSource, chosen: Run | None, link: Mapping[str, list[str]]
) -> Markup:
    """The row as markup: a column for each run."""
    columns = "".join(_column(step, found, source, step.run == chosen, link) for step, found in drawn)
    return Markup(
        f'<figure class="gm-betas" style="--gm-accent:{frame.accent()}">'
        f'<ul aria-label="{html.escape(HEADING)}">{columns}</ul>'
        f'<figcaption class="gm-remark">{_legend(source)}</figcaption></figure>'
    )


def pictures(run: Run) -> _Pictures | None:
    """The map of a run's codes in the visitor's theme and some of its samples; None if its models cannot be used."""
    try:
        return _drawn[frame.dark()].get(str(run.exported(ENCODER)), lambda _: _draw(run))
    except GenmodError:
        return None


def _draw(run: Run) -> _Pictures:
    source = run.config().source
    data = source.load()
    codes, _ = Encoder(run).encode(data.test_images[:POINTS])
    made = Sampler(run).decode(latent_space.prior_samples(SIDE * SIDE, beta_row.DIMENSIONS, SEED))
    return _Pictures(
        code_maps.draw(
            codes, data.test_labels[:POINTS], frame.class_colors(source.classes), frame.ink(), frame.ground(), REACH
        ),
        images.png(images.contact_sheet(images.to_uint8(made), SIDE, gap=0)),
        int(code_maps.outside(codes, REACH).sum()),
    )


def _column(step: Step, found: _Pictures, source: DataSource, current: bool, link: Mapping[str, list[str]]) -> Markup:
    beyond = f"{found.outside:,} more outside" if found.outside else ""
    words = ", ".join([step.title, *filter(None, [beyond]), *step.numbers])
    numbers = "".join(f"<span>{html.escape(number)}</span>" for number in step.numbers)
    shape = (
        f"Map of the codes of {POINTS:,} test images with {step.phrase}, coloured by class, from {-REACH:.0f} to "
        f"{REACH:.0f} both ways; {found.outside:,} lie outside."
    )
    marked = ' aria-current="true"' if current else ""
    return Markup(
        f'<li><a href="{html.escape(PAGE + run_map.href(link, step.run.id))}" aria-label="{html.escape(words)}" '
        f'title="{html.escape(step.run.id)}"{marked}><strong>{html.escape(step.title)}</strong>'
        f'{_image(found.map, shape, "gm-codes")}<span class="gm-beyond">{html.escape(beyond)}</span>'
        f"{_image(found.samples, f'{SIDE * SIDE} random {source.plural} of {step.phrase}.', 'gm-samples')}"
        f'<span class="gm-numbers">{numbers}</span></a></li>'
    )


def _image(png: bytes, alt: str, name: str) -> Markup:
    return Markup(
        f'<img class="{html.escape(name)}" alt="{html.escape(alt)}" decoding="sync" '
        f'src="data:image/png;base64,{base64.b64encode(png).decode()}">'
    )


def _legend(source: DataSource) -> Markup:
    """How to read the row; words of the field can be opened."""
    return terms.marked(_reading(source), HEADING)


def _reading(source: DataSource) -> str:
    said = (
        f"Above: the codes of {POINTS:,} test images, coloured by class, all on one scale from −{REACH:.0f} to "
        f"{REACH:.0f}; the circles lie 1 and 2 standard deviations of the prior N(0, I) from its middle. Below: images "
        "decoded from random latents of this prior, the same for all. "
    )
    try:
        best, worst = reference.ends(source)["confident_share"]
    except GenmodError:
        return said + "Each column is a link that chooses its run."
    return said + (
        "Recognised is the share of 10,000 such samples of which the classifier is more than "
        f"{100 * metrics.SURE:.0f} % sure: of real test images it is {metrics.percent(best)}, of noise "
        f"{metrics.percent(worst)}, and it does not tell whether all show the same {source.noun}. The Frechet distance "
        "does. Each column is a link that chooses its run."
    )
