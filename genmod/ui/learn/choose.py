"""The chapter on choosing the data: what models rebuild and draw that were trained on different images."""

from __future__ import annotations

import html
from collections.abc import Mapping

import streamlit as st

from genmod import runs
from genmod.datasets import MNIST
from genmod.drawing import images
from genmod.inference import latent_space
from genmod.kinds import Config
from genmod.lesson import choosing
from genmod.lesson.choosing import GROUPS, TRAININGS, Group, Training
from genmod.quality import measurements, reference
from genmod.runs import Run
from genmod.ui import links, models, pictures, say, terms
from genmod.ui.learn import answer_bars, labelled, labels, shipped
from genmod.ui.pictures import Markup

TRAINED, REBUILD = "choose_data", "choose_rebuild"
FIRST = "No sevens"
SAMPLES, COLUMNS = 20, 5
_SHOWN = "choose_shown"  # in the session: how many images of a group were rebuilt
STYLE = """
<style>
.gm-lost { border-collapse: collapse; font-variant-numeric: tabular-nums; line-height: 1.4; max-width: 46rem;
  width: 100%; margin: 0; }
.gm-lost caption { text-align: left; font-size: 0.875rem; opacity: 0.82; padding: 0 0 0.4rem; caption-side: top;
  max-width: 66ch; }
.gm-lost th, .gm-lost td { border: none; border-bottom: 1px solid rgba(128, 128, 128, 0.3); padding: 0.35rem 0.7rem;
  text-align: right; font-weight: 400; }
.gm-lost th:first-child { text-align: left; padding-left: 0.5rem; }
.gm-lost thead th { font-size: 0.8125rem; opacity: 0.85; vertical-align: bottom; }
.gm-lost .gm-seen { font-weight: 700; background: rgba(31, 122, 165, 0.16); }
.gm-lost .gm-chosen th:first-child { box-shadow: inset 4px 0 0 #1f7aa5; font-weight: 600; }
.gm-rebuilt { display: flex; flex-wrap: wrap; gap: 0.6rem 1.2rem; align-items: flex-start; }
.gm-rebuilt .gm-digits { flex: none; width: 186px; }
@media (max-width: 640px) {
  .gm-lost th, .gm-lost td { padding: 0.35rem 0.3rem; font-size: 0.8125rem; }
  .gm-rebuilt .gm-digits { --gm-most: 5; width: 158px; }
}
</style>
"""


def play() -> None:
    """Models of different images, what they rebuild, and what a label changes."""
    links.check(
        {
            TRAINED: links.option(TRAINED, [training.name for training in TRAININGS]),
            REBUILD: links.option(REBUILD, [group.name for group in GROUPS]),
            labels.ASKED: links.class_reader(labels.ASKED, MNIST),
        }
    )
    answer_bars.style()
    labelled.style()
    st.html(STYLE)
    _data()
    say.heading("What a label changes")
    labels.show()
    terms.row(
        "training images", "sample", "latents", "reconstruction", "nats", "classifier", "generative model", "VAE",
        "class-conditional", "unsupervised", key="choose",
    )  # fmt: skip


@st.fragment
@shipped.or_why_not
def _data() -> None:
    """The choice of the training images, what the model draws, what it rebuilds, and what all models lose."""
    trainings = {one.name: one for one in TRAININGS}
    groups = {one.name: one for one in GROUPS}
    training = trainings[say.segments("Trained on", list(trainings), TRAINED, default=FIRST, wrap=True)]
    group = groups[say.segments("Rebuild", list(groups), REBUILD, wrap=True)]
    run = shipped.run(training.run)
    left, right = st.columns([7, 5], gap="large")
    with left:
        _rebuild(run, group)
    with right:
        _samples(run)
    _losses(training)


def _samples(run: Run) -> None:
    """What the model draws from random latents."""
    sampler, source = models.sampler(run), run.config().source
    drawn = images.to_uint8(sampler.decode(latent_space.prior_samples(SAMPLES, sampler.latent_dim, 0)))
    pictures.show(
        images.contact_sheet(drawn, COLUMNS),
        alt=f"{SAMPLES} pictures that {run.id} draws from random latents.",
        caption=f"Drawn from random latents by {run.id}, trained on {_trained_on(run.config())}.",
        largest=2,
    )
    terms.paragraph(choosing.said_of_samples(source, run.config(), measurements.result(runs.home(), run)), key="choose")


def _trained_on(config: Config) -> str:
    """How many images of what, in words."""
    return f"{len(config.learned):,} images of {config.source.title}"


def _rebuild(run: Run, group: Group) -> None:
    """A test image of a group, what the model makes of it, and what it makes of many."""
    shown, classes = choosing.originals(group)
    place = int(st.session_state.get(_SHOWN, {}).get(group.name, 0)) % len(shown)
    encoder, sampler, source = models.encoder(run), models.sampler(run), run.config().source
    pixels = choosing.decoded(shown[place : place + 1], encoder, sampler)
    made = images.to_uint8(pixels)
    _, shares = reference.of(source).classifier.classify(made)
    seen, sure = int(shares[0].argmax()), float(shares[0].max())
    phrase = group.source.class_phrase(classes[place])
    taken = f"the classifier takes it for {source.class_phrase(seen)}, {100 * sure:.0f} % sure"
    extra = float(choosing.lost(shown[place : place + 1], pixels)[0])
    original = pictures.figure(shown[place], f"A test image: {phrase}.", f"A test image: {phrase}", 6)
    copy = pictures.figure(made[0], f"What {run.id} rebuilds: {taken}.", f"Rebuilt, {extra:.0f} nats off: {taken}", 6)
    st.html(Markup(f'<div class="gm-rebuilt">{original}{copy}</div>'))
    st.button("Another", icon=":material/refresh:", key="choose_another", on_click=_another, args=(group.name,))
    found = choosing.rebuilt(run, group, models.encoder, models.sampler)
    terms.paragraph(
        f"{choosing.what_was_seen(group, run.config())} {choosing.said_of_rebuilt(run, group, found)}", key="choose"
    )


def _losses(chosen: Training) -> None:
    """How much every model loses with every sort of test image, as a table, and what is to be seen in it."""
    table: dict[str, tuple[Config, Mapping[str, float]]] = {}
    for training in TRAININGS:
        run = runs.shipped().find(training.run)
        if run is not None:
            losses = {group.name: choosing.rebuilt(run, group, models.encoder, models.sampler).loss for group in GROUPS}
            table[training.name] = run.config(), losses
    st.html(markup(table, chosen.name))
    terms.paragraph(choosing.said_of_losses(table, chosen.name), key="choose")


def markup(table: Mapping[str, tuple[Config, Mapping[str, float]]], chosen: str) -> Markup:
    """The table: a row for each training, a column for each sort of test image."""
    head = "".join(f"<th scope=col>{html.escape(group.plural)}</th>" for group in GROUPS)
    rows = "".join(
        f"<tr{' class=gm-chosen' if name == chosen else ''}><th scope=row>{html.escape(name)}</th>"
        + "".join(_cell(losses[group.name], group.seen_by(config)) for group in GROUPS)
        + "</tr>"
        for name, (config, losses) in table.items()
    )
    return Markup(
        '<table class="gm-lost"><caption>By how many nats the reconstruction loss exceeds that of an exact copy, the '
        f"mean over {choosing.CHECKED:d} test images. Bold on blue: what the model has learned from.</caption>"
        f"<thead><tr><th scope=col>Trained on</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _cell(loss: float, seen: bool) -> Markup:
    return Markup(f"<td{' class=gm-seen' if seen else ''}>{loss:,.0f}</td>")


def _another(name: str) -> None:
    """Rebuild the next image of a group; a callback."""
    shown: dict[str, int] = st.session_state.setdefault(_SHOWN, {})
    shown[name] = shown.get(name, 0) + 1
