"""How a run draws in several steps: what to choose, what the choice costs in numbers, and the way as a film."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from genmod import kinds, runs
from genmod.datasets import Floats, Labels
from genmod.drawing import charts, films, images
from genmod.errors import GenmodError
from genmod.inference import Sampler
from genmod.kinds import Setting, Value
from genmod.quality import measurements
from genmod.runs import Run
from genmod.ui import frame, links, moving, pictures, say

FILMED = 20  # images of the film, in rows of `ACROSS`
ACROSS = 5
STOPS = 7  # of the strip
SECONDS = 3.0


def in_link(item: Setting) -> Setting:
    """What may be chosen, under the name that the link has: apart from other inputs that count steps."""
    return replace(item, name=f"draw_{item.name}")


def readers() -> dict[str, links.Reader]:
    """What reads a link's choices of all kinds."""
    return links.readers(*map(in_link, kinds.drawings_called().values()))


def choose(sampler: Sampler) -> dict[str, Value]:
    """Inputs for all that may be chosen whenever a run draws, bound to the link; nothing if it draws in one step."""
    inputs = {item.name: in_link(item) for item in sampler.choices}
    return sampler.chosen({name: _input(item) for name, item in inputs.items()})


def _input(item: Setting) -> object:
    links.carry(item.name, lambda held: item.text(held))
    value = links.choice(item) if item.choices else links.slider(item)
    links.share(item.name)
    return value


def show_distances(run: Run) -> None:
    """The Frechet distance for a few values of what may be chosen, as measured; a sentence if it was not."""
    kind = run.kind()
    if kind.compared is None:
        return
    try:
        known = measurements.result(runs.home(), run)
    except GenmodError:
        known = None
    pairs = [] if known is None else known.compared()
    if not pairs:
        say.caption("How the number of steps changes the Frechet distance has not been measured for this run.")
        st.page_link("pages/quality.py", label="Measure it", icon=":material/speed:")
        return
    name = next(item.label for item in kind.drawing if item.name == kind.compared[0]).lower()
    st.vega_lite_chart(
        charts.distance_rows(pairs), charts.distances(name, frame.quiet(), frame.accent()), key="distances",
    )  # fmt: skip
    first, last = pairs[0], pairs[-1]
    say.caption(
        f"Frechet distance of 10,000 samples from the same noise: {first[1]:.3g} for {name} = {first[0]:g}, "
        f"{last[1]:.3g} for {name} = {last[0]:g}. Less is better."
    )


def show_film(run: Run, sampler: Sampler, latents: Floats, labels: Labels | None, chosen: dict[str, Value]) -> None:
    """The first latents on their way to images: a film, and stops on the way as a strip; nothing without steps.

    Args:
        latents: (n, latent_dim).
        labels: the class of each, (n,), of a conditional model.
    """
    if not sampler.choices:
        return
    say.heading("From noise to image")
    told = None if labels is None else labels[:FILMED]
    way = sampler.way(latents[:FILMED], told, **chosen)
    stages = [images.to_uint8(sampler.drawn(points, told)) for points in way]
    frames = [images.contact_sheet(stage, ACROSS) for stage in stages]
    left, right = st.columns([1, 1], gap="medium")
    with left:
        words = f"{min(FILMED, len(latents))} images of {run.id} forming from noise."
        moving.show(frames, frames[-1], 2, SECONDS, (words, f"The last picture of the film: {words}"))
    with right:
        stops = sorted({round(place) for place in np.linspace(0, len(stages) - 1, min(STOPS, len(stages)))})
        shown = np.concatenate([np.stack([stages[stop][row] for stop in stops]) for row in range(ACROSS)])
        pictures.show(
            images.contact_sheet(shown, len(stops)),
            alt=f"Five images of {run.id} from noise, on the left, to the end of the way, on the right.",
            caption=f"Five of them after {', '.join(map(str, stops))} of {len(stages) - 1} steps: what the decoder "
            "draws at the point that the noise has come to.",
            largest=2,
        )
        st.download_button(
            "Film as GIF", lambda: films.encode(frames, "gif", SECONDS), f"{run.id}-way.gif", films.MIME["gif"],
            icon=":material/download:", on_click="ignore",
        )  # fmt: skip
