"""One step of a generator and of a discriminator: the verdicts, the losses, and whose weights each error moves."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from genmod.drawing import images, players
from genmod.drawing.players import Scene, Step
from genmod.lesson import steps
from genmod.lesson.steps import Message, Pairs
from genmod.runs import Run
from genmod.system.file_cache import FileCache
from genmod.ui import frame, links, models, pictures, say, terms
from genmod.ui.learn import shipped, verdicts

RUN = "gan-dense"
KEY, SEED = "duel_step", "duel_pairs"
NAMES: Mapping[Step, str] = {
    "judge": "Forge and judge",
    "discriminator": "The discriminator learns",
    "generator": "The generator learns",
}
MOST_SEEDS = 100_000
MOST_KEPT = 32
_kept: FileCache[dict[int, tuple[Pairs, Message]]] = FileCache(2)


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {KEY: links.option(KEY, NAMES, NAMES.__getitem__)}


@st.fragment
@shipped.or_why_not
def play() -> None:
    """Five pairs, the drawing of the way forward and back, and what each step does."""
    run = shipped.run(RUN)
    step = say.segments("In slow motion", list(NAMES), KEY, NAMES.__getitem__, wrap=True)
    pairs, message = _of_step(run, int(st.session_state.get(SEED, 0)))
    _draw(step, pairs)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        verdicts.show_pairs(pairs, step)
        st.button("Other images", icon=":material/refresh:", key="duel_others", on_click=_other_pairs)
    with right:
        for text in _told(step, pairs):
            terms.paragraph(text, key="step")
        if step == players.GENERATOR:
            _show_message(pairs, message)
    terms.row("generator", "discriminator", "loss", "weights", "training images", key="step")


def _other_pairs() -> None:
    st.session_state[SEED] = (int(st.session_state.get(SEED, 0)) + 1) % MOST_SEEDS


def _of_step(run: Run, seed: int) -> tuple[Pairs, Message]:
    """A few pairs, and what comes back about the forgery that is doubted most; kept, for many visitors see the same."""
    discriminator, sampler = models.discriminator(run), models.sampler(run)
    kept = _kept.get(str(run.exported(f"{run.kind().judge}.tflite")), lambda _: {})
    if seed not in kept:
        pairs = steps.pairs(run, sampler, discriminator, seed)
        kept[seed] = pairs, steps.message(discriminator, pairs.forged[pairs.doubted])
        while len(kept) > MOST_KEPT:
            kept.pop(next(iter(kept)), None)
    return kept[seed]


def _draw(step: Step, pairs: Pairs) -> None:
    """The drawing of who learns from whom."""
    loss: Mapping[Step, tuple[str, ...]] = {
        "judge": (), "discriminator": ("loss", f"{pairs.d_loss:.2f}"), "generator": ("loss", f"{pairs.g_loss:.2f}"),
    }  # fmt: skip
    one = pairs.doubted
    answers = f"forgery {pairs.d_fake[one]:.2f}", f"real {pairs.d_real[one]:.2f}"
    scene = Scene(step, images.png(pairs.forged[one]), images.png(pairs.real[one]), answers, loss[step])
    look = players.Look(frame.ink(), frame.quiet(), frame.accent(), frame.ground())
    pictures.drawing(players.draw(scene, look), players.draw(scene, look, tall=True), players.description(step))


def _told(step: Step, pairs: Pairs) -> list[str]:
    """What happens in a step, with the numbers of these images."""
    even = "If both got the same scores it would be ln 2 = 0.69."
    count = len(pairs.forged)
    if step == players.DISCRIMINATOR:
        return [
            "In each pair the real image is to get the higher score, which is the answer before it is squeezed between "
            f"0 and 1. The discriminator's loss says how far that fails: here {pairs.d_loss:.2f}, the mean of these "
            f"{count} pairs. {even}",
            "The error goes back through the discriminator, and only its weights change. The generator stands still.",
        ]
    if step == players.GENERATOR:
        return [
            "Now the forgery is to get the higher score. The generator's loss says how far that fails: here "
            f"{pairs.g_loss:.2f}, the mean of the same pairs. {even}",
            "The error goes back through the discriminator, which stands still this time, to the pixels of the forgery "
            "and on into the generator. Only the generator's weights change. It never sees a real image: what comes "
            "back is all it learns from.",
        ]
    passed, through = int((pairs.d_fake >= 0.5).sum()), int((pairs.d_real >= 0.5).sum())
    return [
        "The generator turns random numbers into forgeries. The discriminator answers to each image how likely it is "
        f"real: here {through} of {count} training images and {passed} of {count} forgeries get 0.5 or more.",
        "This discriminator was trained to compare: which of two images is the more real? Its answers are set so that "
        "0.5 lies in the middle between its answers to real and to generated images.",
    ]


def _show_message(pairs: Pairs, message: Message) -> None:
    """What comes back to the generator about one forgery."""
    pictures.row(
        pictures.figure(
            pairs.forged[pairs.doubted], "A forgery.", f"The forgery doubted most: {message.before:.2f}.", largest=4
        ),
        pictures.figure(
            verdicts.slopes(message), "For each pixel whether it should be lighter, in blue, or darker, in orange.",
            "What comes back: lighter where blue, darker where orange.", largest=4,
        ),
        pictures.figure(
            message.moved, "The same forgery with its pixels moved a little that way.",
            f"All pixels moved a little that way: {message.after:.2f}.", largest=4,
        ),
    )  # fmt: skip
    terms.caption(
        "The generator cannot paint single pixels: it changes its weights so that all its images change this way as "
        "far as they can.", key="back",
    )  # fmt: skip
