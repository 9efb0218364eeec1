"""The frame of a chapter: a guess, what answers it, a question at the end, and the way on."""

from __future__ import annotations

import html
from collections.abc import Callable

import streamlit as st

from genmod.lesson.chapters import Chapter
from genmod.lesson.questions import Question
from genmod.ui import say, terms
from genmod.ui.learn import course
from genmod.ui.pictures import Markup

Play = Callable[[], None]
SKIPPED = -1  # stands for a guess that was not made
GUESS, CHECK = "guess", "check"
# How the names begin that a chapter's inputs have in a link.
INPUTS = {
    "describe": ("describe_",),
    "two-ways": ("placed", "plane_", "gaussians", "test_x"),
    "squeeze": ("squeeze_", "bottleneck", "hole"),
    "fill": ("fill_", "kl_"),
    "duel": ("duel_",),
    "after": ("after_",),
    "augment": ("augment_",),
    "choose": ("choose_", "label_"),
}
_MARKS = {True: "✓", False: "✗", None: "–"}  # the right answer, the wrong one that was chosen, the others


def show(chapter: Chapter, play: Play) -> None:
    """Draw one chapter.

    Args:
        play: draws what there is to do, the picture that answers, and the sentences about it.
    """
    st.title(say.plain(chapter.title), anchor=False)
    st.html(Markup(f'<p class="gm-lead">{terms.marked(chapter.lead, chapter.slug)}</p>'))
    guessed = _answer(chapter, GUESS)
    if guessed is None and (course.is_done(chapter.slug) or _linked(chapter)):
        # By a link, or after a reload. It is kept: an input that is put back takes its name out of the link.
        guessed = st.session_state[_name(chapter, GUESS)] = SKIPPED
    if guessed is None:
        with st.container(border=True, key=GUESS):
            _ask(chapter, GUESS, "First a guess. There is nothing to lose: what you have guessed, you remember better.")
            st.button(
                "Show me without a guess", key=f"skip_{chapter.slug}", type="tertiary", on_click=_choose,
                args=(chapter, GUESS, SKIPPED),
            )  # fmt: skip
    else:
        if guessed != SKIPPED:
            say.caption(f"Your guess: {chapter.guess.options[guessed]}. What follows answers it.")
        play()
        if guessed != SKIPPED:
            _verdict(chapter.guess, guessed, "Your guess")
        with st.container(border=True, key=CHECK):
            _check(chapter)
        with st.container(key="open"):
            st.page_link(
                chapter.open.page, label=f"Try it in the open: {say.plain(chapter.open.label)}",
                icon=":material/open_in_new:", query_params=dict(chapter.open.query),
            )  # fmt: skip


def _linked(chapter: Chapter) -> bool:
    """Whether the link says something of what there is to do in the chapter: then the guess is behind the visitor."""
    return any(name.startswith(INPUTS[chapter.slug]) for name in st.query_params)


def words(chapter: Chapter) -> None:
    """Offer the words of the title and of the answers, which cannot be opened where they stand."""
    terms.row_for(
        chapter.title, *chapter.guess.options, *chapter.check.options, key="frame", label="Words in title and questions"
    )


def _check(chapter: Chapter) -> None:
    """The question at the end, or how it was answered."""
    chosen = _answer(chapter, CHECK)
    if chosen is None:
        _ask(chapter, CHECK, "One question before you go on.")
        return
    question = chapter.check
    st.html(_asked(question.text, "One question", f"{chapter.slug} {CHECK}"))
    st.html(_options(question, chosen))
    _verdict(question, chosen, "Your answer")


def _ask(chapter: Chapter, which: str, heading: str) -> None:
    """A question with a button for each answer: on a radio group the arrow keys would answer before all are read."""
    question = chapter.guess if which == GUESS else chapter.check
    st.html(_asked(question.text, heading, f"{chapter.slug} {which}"))
    for place, option in enumerate(question.options):
        st.button(
            say.plain(option), key=f"{which}_{chapter.slug}_{place}", width="stretch", on_click=_choose,
            args=(chapter, which, place),
        )  # fmt: skip


def _asked(text: str, heading: str, place: str) -> Markup:
    """A question below the line that says what it is for."""
    return Markup(
        f'<p class="gm-asked"><span class="gm-for">{html.escape(heading)}</span>{terms.marked(text, place)}</p>'
    )


def _options(question: Question, chosen: int) -> Markup:
    """All answers, with a mark at the right one and at a wrong one that was chosen."""
    lines = []
    for place, option in enumerate(question.options):
        mark = True if place == question.right else False if place == chosen else None
        words = {True: "right", False: "your answer, wrong", None: "not chosen"}[mark]
        lines.append(
            f'<li><i aria-hidden="true">{html.escape(_MARKS[mark])}</i>{html.escape(option)}'
            f'<span class="gm-aloud"> ({html.escape(words)})</span></li>'
        )
    return Markup(f'<ul class="gm-options">{"".join(lines)}</ul>')


def _verdict(question: Question, chosen: int, whose: str) -> None:
    """Whether the chosen answer is right, and why."""
    if chosen == question.right:
        box, first, right = "gm-verdict gm-right", "", f"{whose} is right."
    else:
        box, first = "gm-verdict", f"{whose}: {question.options[chosen]}."
        right = f"Right is: {question.options[question.right]}."
    st.html(
        Markup(
            f'<p class="{html.escape(box)}" role="status">{html.escape(first)} <strong>{html.escape(right)}</strong> '
            f"{terms.marked(question.explanation, whose)}</p>"
        )
    )


def _answer(chapter: Chapter, which: str) -> int | None:
    """What was answered in this visit; None if nothing was. It outlives the buttons, which another chapter replaces."""
    answer = st.session_state.get(_name(chapter, which))
    return answer if isinstance(answer, int) else None


def _choose(chapter: Chapter, which: str, place: int) -> None:
    """Note an answer; a callback, so that the row of chapters already knows that this one is done."""
    st.session_state[_name(chapter, which)] = place
    if which == CHECK:
        course.note_done(chapter.slug)


def _name(chapter: Chapter, which: str) -> str:
    return f"answered_{which}_{chapter.slug}"
