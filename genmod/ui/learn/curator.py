"""The curator's game: twenty pictures to tap, the verdict on each, and the discriminator beside the visitor."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
import streamlit as st

from genmod.drawing import images
from genmod.kinds import Setting
from genmod.lesson import curator
from genmod.lesson.curator import COUNT, MOMENTS, Round, Score, Truths, When
from genmod.runs import Run
from genmod.system.file_cache import FileCache
from genmod.ui import links, models, say, terms
from genmod.ui.learn import shipped, verdicts
from genmod.ui.pictures import Markup

RUN = "gan-dense"
WHEN = "duel_when"
SEED = Setting(
    "duel_seed", int, 0, "Seed of the twenty", "Where the random numbers start: the same seed shows the same twenty.",
    "data", low=0, high=99_999,
)  # fmt: skip
NAMES: Mapping[When, str] = {"first": "First epoch", "middle": "Middle", "last": "Last epoch"}
HANDED, TALLY = "duel_handed", "duel_tally"  # the verdicts that were handed in, and what they came to, by moment
_large: FileCache[Score] = FileCache(4)

STYLE = f"""
<style>
.st-key-duel_pictures [data-testid="stButtonGroup"] > div {{ display: grid; gap: 10px; padding: 4px;
  grid-template-columns: repeat(10, {verdicts.SIDE:d}px); }}
.st-key-duel_pictures [data-testid="stButtonGroup"] button {{ width: {verdicts.SIDE:d}px; height: {verdicts.SIDE:d}px;
  min-height: 0; padding: 0; margin: 0; border: none; border-radius: 4px; position: relative; cursor: pointer;
  background-color: #000; background-size: {10 * verdicts.SIDE:d}px {2 * verdicts.SIDE:d}px; image-rendering: pixelated;
  box-shadow: 0 0 0 1px rgba(128, 128, 128, 0.5); overflow: visible; }}
.st-key-duel_pictures [data-testid="stButtonGroup"] button > * {{ opacity: 0; }}
.st-key-duel_pictures [data-testid="stButtonGroup"] button[data-selected] {{ box-shadow: 0 0 0 3px var(--gm-mark); }}
.st-key-duel_pictures [data-testid="stButtonGroup"] button[data-selected]::after {{ content: "forged"; opacity: 1;
  position: absolute; left: 0; right: 0; bottom: 0; background: var(--gm-mark); color: var(--gm-page);
  font-size: 0.75rem; line-height: 1.15rem; border-radius: 0 0 4px 4px; text-align: center; }}
@media (max-width: 1080px) {{
  .st-key-duel_pictures [data-testid="stButtonGroup"] > div {{
    grid-template-columns: repeat(5, {verdicts.SIDE:d}px); }} }}
@media (max-width: 640px) {{
  .st-key-duel_pictures [data-testid="stButtonGroup"] > div {{ gap: 6px; padding: 3px;
    grid-template-columns: repeat(4, {verdicts.SIDE:d}px); }} }}
</style>
"""


def readers() -> dict[str, links.Reader]:
    """What reads this part's link."""
    return {WHEN: links.option(WHEN, NAMES, NAMES.__getitem__), **links.readers(SEED)}


@st.fragment
@shipped.or_why_not
def play() -> None:
    """Twenty pictures to judge, and then what was right."""
    run = shipped.run(RUN)
    st.html(STYLE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        when = say.segments("Forgeries from", list(MOMENTS), WHEN, NAMES.__getitem__, default=MOMENTS[-1])
        seed = int(links.number(SEED, width=170))
    shown = curator.draw(run, models.sampler(run), when, seed)
    handed = st.session_state.get(HANDED, {}).get((when, seed))
    if handed is None:
        _judge(shown, when, seed, run)
    else:
        _reveal(run, shown, when, np.array(handed))
    terms.row("GAN", "generator", "discriminator", "sensitivity", "specificity", "test images", key="game")


def _judge(shown: Round, when: When, seed: int, run: Run) -> None:
    """The pictures to tap, and the button that hands in."""
    terms.paragraph(
        f"Ten of these are test images, ten were drawn by the generator of {run.id} after {_epochs(shown.epoch)} of "
        "training. Tap or click those that you take for forgeries.", key="judge",
    )  # fmt: skip
    st.html(_backgrounds(shown))
    with st.container(key="duel_pictures"):
        marked = st.pills(
            "Pictures, marked if forged", range(1, COUNT + 1), selection_mode="multi", format_func=_name,
            key=f"duel_marks_{when}_{seed}", label_visibility="collapsed",
        )  # fmt: skip
    places = sorted(number for number in marked or [] if number in range(1, COUNT + 1))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Hand in", type="primary", icon=":material/gavel:", key="duel_hand_in", on_click=_hand_in,
            args=(run, shown, when, seed, places),
        )  # fmt: skip
        say.caption(f"{len(places)} marked as forged, {COUNT - len(places)} taken for real.")


def _name(number: int) -> str:
    return f"Picture {number:d}"


def _epochs(count: int) -> str:
    return f"{count:d} epoch{'s' if count != 1 else ''}"


def _backgrounds(shown: Round) -> Markup:
    """The style that puts each picture on its button; a sheet of ten columns without gaps serves all of them."""
    sheet = images.contact_sheet(shown.pictures, 10, gap=0)
    encoded = base64.b64encode(images.png(sheet)).decode()
    buttons = '.st-key-duel_pictures [data-testid="stButtonGroup"] button'
    side = verdicts.SIDE
    places = [
        f"{buttons}:nth-of-type({place + 1:d}) {{ background-position: -{place % 10 * side:d}px "
        f"-{place // 10 * side:d}px }}"
        for place in range(COUNT)
    ]
    image = f'{buttons} {{ background-image: url("data:image/png;base64,{encoded}") }}'
    return Markup(f"<style>{image} {' '.join(places)}</style>")


def _hand_in(run: Run, shown: Round, when: When, seed: int, places: list[int]) -> None:
    """Note the verdicts, and what they and the discriminator's came to; a callback."""
    called = np.isin(np.arange(1, COUNT + 1), places)
    _, suspected = curator.suspects(models.discriminator(run), shown.pictures)
    handed = st.session_state.setdefault(HANDED, {})
    tally: dict[When, tuple[Score, Score]] = st.session_state.setdefault(TALLY, {})
    if (when, seed) not in handed:
        handed[when, seed] = called.tolist()
        new = curator.score(shown.forged, called), curator.score(shown.forged, suspected)
        before = tally.get(when)
        tally[when] = new if before is None else (before[0] + new[0], before[1] + new[1])


def _reveal(run: Run, shown: Round, when: When, called: Truths) -> None:
    """The verdict on each picture, and the shares."""
    discriminator = models.discriminator(run)
    answers, suspected = curator.suspects(discriminator, shown.pictures)
    own, net = curator.score(shown.forged, called), curator.score(shown.forged, suspected)
    terms.paragraph(
        f"You were right on {own.right} of {own.pictures} pictures, the discriminator on {net.right}. You found "
        f"{own.found} of {own.forgeries} forgeries: that share is your sensitivity. You left {own.spared} of "
        f"{own.real} real pictures alone: that share is your specificity. {curator.remark(own)}", key="own",
    )  # fmt: skip
    verdicts.show_round(shown, called, answers, suspected)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Twenty others", type="primary", icon=":material/refresh:", key="duel_others", on_click=_next)
        say.caption("Framed: forgeries. Net: the discriminator's answer; below 0.50 it says forged.")
    tally: dict[When, tuple[Score, Score]] = st.session_state.get(TALLY, {})
    verdicts.show_scores({_row(run, one): tally[one] for one in MOMENTS if one in tally})
    terms.caption(_of_the_discriminator(run), key="net")


def _row(run: Run, when: When) -> str:
    return f"epoch {curator.epochs(run)[when]:d}"


def _of_the_discriminator(run: Run) -> str:
    """What to know of the network beside which the visitor stands."""
    large = _large.get(
        str(run.exported(run.sampler())),
        lambda _: curator.at_large(run, models.sampler(run), models.discriminator(run)),
    )
    return (
        f"This is the discriminator of the end of the training; it has met forgeries of every epoch. On "
        f"{large.real:,} test images and as many new forgeries of the finished generator its sensitivity is "
        f"{large.sensitivity:.0%} and its specificity {large.specificity:.0%}; twenty pictures are few, so expect "
        "other shares here. It was trained to say which of two images is the more real, and 0.50 was set in the middle "
        "between its answers to real and generated images."
    )


def _next() -> None:
    """Show twenty others; a callback."""
    st.session_state[SEED.name] = (int(st.session_state.get(SEED.name, 0)) + 1) % 100_000
