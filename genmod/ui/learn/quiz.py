"""The two ends of the lesson: what it is about and six questions, and six like them with both scores side by side."""

from __future__ import annotations

import html
from collections.abc import Callable

import streamlit as st

from genmod.lesson import checks
from genmod.lesson.chapters import CHAPTERS
from genmod.lesson.checks import OPTIONS, Item
from genmod.lesson.rooms import CHECKS
from genmod.ui import opening, say, terms
from genmod.ui.learn import kept, rooms
from genmod.ui.pictures import Markup

AIMS = (
    "what a generative model is, and how it differs from a discriminative one",
    "how an autoencoder squeezes an image into a few numbers, and why a point between its codes may give a blot",
    "how a variational autoencoder fills its latent space, and what that costs",
    "how the two networks of a GAN learn from each other, and how that fails",
    "when generated images help a classifier, and when they do not",
)
WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
FILMED = "noise, epochs"  # words below the film
HERE = {kept.BEFORE: "Before", kept.AFTER: "After"}
_MARKS = {True: ("✓", "right"), False: ("✗", "wrong"), None: ("–", "left open")}


def start() -> None:
    """What the lesson is, what one can say after it, and the check before it."""
    st.title("Generative models, by doing", anchor=False)
    _lead(
        f"{_spelled(len(CHAPTERS))} short chapters on how machines learn to draw. In each you first guess, then do one "
        "thing, and see what comes of it. It takes about half an hour; you may leave at any point, play, and come back."
    )
    answers = checks.read(kept.get(kept.BEFORE))
    aims, film = st.columns([7, 9], gap="medium")
    with aims:
        st.html(
            Markup(
                '<p class="gm-text">Afterwards you will be able to say</p><ul class="gm-aims">'
                + "".join(f"<li>{terms.marked(aim, 'aims')}</li>" for aim in AIMS)
                + "</ul>"
            )
        )
        if answers is None:
            rooms.remark()
    with film, st.container(key="lesson_film"):
        opening.show()
    label = f"{_spelled(checks.COUNT)} questions before you begin, two minutes"
    with st.expander(say.plain(label), expanded=answers is not None or bool(kept.get(kept.ROOM)), key="first_check"):
        if answers is None:
            say.caption("At the end come six others like them, so that you can see what you have learned.")
            _form(kept.BEFORE)
        else:
            _score_before(answers)


def end() -> None:
    """The check after the lesson, both scores, and each answer explained."""
    st.title("What you can say now", anchor=False)
    _lead(
        f"{_spelled(checks.COUNT)} questions like those at the start: two on each of three ideas, and one of the two "
        "is about something that you have not seen here."
    )
    answers = checks.read(kept.get(kept.AFTER))
    if answers is None:
        rooms.remark()
        with st.container(border=True, key="last_check"):
            _form(kept.AFTER)
    else:
        before = checks.read(kept.get(kept.BEFORE))
        _scores(before, answers)
        rooms.handed_in()
        st.header("Each answer explained", anchor=False)
        _explained(kept.AFTER, answers)
        if before is not None:
            with st.expander("The questions at the start, explained", key="first_explained"):
                _explained(kept.BEFORE, before)
        st.header("Go on", anchor=False)
        with st.container(horizontal=True):
            st.page_link("pages/train.py", label="Train a model of your own", icon=":material/model_training:")
            st.page_link("pages/latent-space.py", label="Walk through a latent space", icon=":material/scatter_plot:")
            st.page_link("pages/quality.py", label="See how good each run is", icon=":material/straighten:")
        st.button(
            "Begin the lesson anew", type="tertiary", icon=":material/restart_alt:", on_click=_forget,
            help="Forgets what is done and both checks. What was handed in to a room stays there.",
        )  # fmt: skip


def _lead(text: str) -> None:
    st.html(Markup(f'<p class="gm-lead">{terms.marked(text, "lead")}</p>'))


def _spelled(count: int) -> str:
    """A small number as a sentence begins with it."""
    return WORDS[count] if count < len(WORDS) else str(count)


def _form(check: str) -> None:
    """The questions of a check; nothing is sent before all are handed in."""
    with st.form(f"{check}_check", border=False):
        columns = st.columns(2, gap="large")
        for place, item in enumerate(CHECKS[check]):
            with columns[place * 2 // checks.COUNT]:
                st.radio(
                    say.plain(f"{place + 1}. {item.question.text}"), range(OPTIONS + 1), index=None,
                    key=f"{check}_{place}", format_func=_labels(item),
                )  # fmt: skip
        st.form_submit_button("Hand in", type="primary", key=f"hand_in_{check}", on_click=_hand_in, args=(check,))
        say.caption("What you leave open counts as not known yet.")


def _labels(item: Item) -> Callable[[int], str]:
    options = (*item.question.options, checks.UNKNOWN)
    return lambda place: say.plain(options[place])


def _hand_in(check: str) -> None:
    """Score a check; a callback. Into a room it goes as well, if there is one."""
    chosen = [st.session_state.get(f"{check}_{place}") for place in range(checks.COUNT)]
    answers = [place if place in range(OPTIONS) else None for place in chosen]
    kept.put(check, checks.encoded(answers))
    rooms.hand_in(check)


def _score_before(answers: checks.Answers) -> None:
    count = sum(checks.marks(CHECKS[kept.BEFORE], answers))
    say.paragraph(
        f"You know {count} of {checks.COUNT}. Somebody who guesses each time gets {checks.BY_CHANCE:.0f} on average."
    )
    rooms.handed_in()
    with st.popover("Each answer explained"):
        _explained(kept.BEFORE, answers)


def _scores(before: checks.Answers | None, after: checks.Answers) -> None:
    """Both checks side by side, a line for each question."""
    found = {kept.AFTER: after} if before is None else {kept.BEFORE: before, kept.AFTER: after}
    head = "".join(f'<th scope="col">{html.escape(HERE[check])}</th>' for check in found)
    lines = []
    for place, item in enumerate(CHECKS[kept.AFTER]):
        cells = "".join(_cell(check, answers, place) for check, answers in found.items())
        lines.append(f'<tr><th scope="row">{rooms.asked_about(item, f"score {place:d}")}</th>{cells}</tr>')
    sums = "".join(
        f"<td>{sum(checks.marks(CHECKS[check], answers)):d} of {checks.COUNT:d}</td>"
        for check, answers in found.items()
    )
    st.html(
        Markup(
            f'<table class="gm-score"><thead><tr><th scope="col">Question</th>{head}</tr></thead>'
            f'<tbody>{"".join(lines)}</tbody><tfoot><tr><th scope="row">Right</th>{sums}</tr></tfoot></table>'
        )
    )
    say.caption(_compared(before, after))


def _cell(check: str, answers: checks.Answers, place: int) -> Markup:
    right = checks.marks(CHECKS[check], answers)[place]
    sign, word = _MARKS[None if answers[place] is None else right]
    return Markup(f'<td><span aria-hidden="true">{html.escape(sign)}</span> {html.escape(word)}</td>')


def _compared(before: checks.Answers | None, after: checks.Answers) -> str:
    """What the scores say, and what they do not."""
    chance = f"Guessing each time gives {checks.BY_CHANCE:.0f} of {checks.COUNT} on average."
    if before is None:
        return chance
    first, last = (sum(checks.marks(CHECKS[check], found)) for check, found in
                   ((kept.BEFORE, before), (kept.AFTER, after)))  # fmt: skip
    more = last - first
    said = f"{more} more than at the start." if more > 0 else "As many as at the start." if more == 0 else ""
    return f"{said} {chance} A single question more or less can be luck.".strip()


def _explained(check: str, answers: checks.Answers) -> None:
    """Each question of a check with its right answer, the chosen one, and why."""
    marks = checks.marks(CHECKS[check], answers)
    for place, (item, chosen) in enumerate(zip(CHECKS[check], answers, strict=True)):
        question = item.question
        yours = "You left it open." if chosen is None else f"Yours: {question.options[chosen]}."
        first = "" if marks[place] else yours
        right = "Right." if marks[place] else f"Right is: {question.options[question.right]}."
        box = "gm-verdict gm-right" if marks[place] else "gm-verdict"
        st.html(
            Markup(
                f'<p class="gm-asked">{place + 1:d}. {terms.marked(question.text, f"{check} {place}")}</p>'
                f'<p class="{html.escape(box)}">{html.escape(first)} <strong>{html.escape(right)}</strong> '
                f"{terms.marked(question.explanation, f'{check} {place}')}</p>"
            )
        )


def words() -> None:
    """Offer the words of all questions, which cannot be opened where they stand, and of the film."""
    items = [item for check in CHECKS.values() for item in check]
    terms.row_for(*(text for item in items for text in (item.question.text, *item.question.options)), FILMED)


def _forget() -> None:
    """Forget what was done and answered; a callback."""
    for name in (kept.DONE, kept.BEFORE, kept.AFTER, kept.CHAPTER):
        kept.put(name, "")
    for name in [name for name in st.session_state if str(name).startswith("answered_")]:
        del st.session_state[name]
    rooms.forget()
