"""The frame of a chapter: a guess, what answers it, a question at the end, and the way on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from genmod.lesson.chapters import Chapter
from genmod.lesson.questions import Question
from genmod.ui import frame, say, terms
from genmod.ui.learn import course

Play = Callable[[], None]


def show(chapter: Chapter, play: Play) -> None:
    """Draw one chapter.

    Args:
        play: draws what there is to do, the picture that answers, and the sentences about it.
    """
    frame.header(chapter.title, chapter.lead)
    with st.container(border=True, key="guess"):
        guessed = _asked("First a guess", chapter.guess, f"guess_{chapter.slug}")
        opened = guessed is not None or course.is_done(chapter.slug) or bool(st.session_state.get(_opened(chapter)))
        if not opened:
            st.button("Show me without a guess", key=f"skip_{chapter.slug}", on_click=_open, args=(chapter,))
            terms.caption("There is nothing to lose: a guess makes what follows easier to remember.")
            return
        st.session_state[_opened(chapter)] = True
    play()
    if guessed is not None:
        _answer(chapter.guess, guessed, "Your guess")
    with st.container(border=True, key="check"):
        chosen = _asked("Now you know", chapter.check, f"check_{chapter.slug}")
        if chosen is not None:
            _answer(chapter.check, chosen, "Your answer")
            course.note_done(chapter.slug)
    st.page_link(
        chapter.open.page, label=f"Try it in the open: {say.plain(chapter.open.label)}", icon=":material/open_in_new:",
        query_params=dict(chapter.open.query),
    )  # fmt: skip


def _asked(heading: str, question: Question, key: str) -> int | None:
    """A question with its answers to choose from; the place of the chosen one."""
    say.caption(heading)
    return st.radio(
        say.plain(question.text), range(len(question.options)), index=None, key=key,
        format_func=lambda place: say.plain(question.options[place]),
    )  # fmt: skip


def _answer(question: Question, chosen: int, whose: str) -> None:
    """Whether the chosen answer is right, and why."""
    if chosen == question.right:
        say.success(f"{whose} is right. {question.explanation}")
    else:
        right = question.options[question.right]
        say.info(f"{whose}: {question.options[chosen]}. Right is: {right}. {question.explanation}")


def _opened(chapter: Chapter) -> str:
    return f"opened_{chapter.slug}"


def _open(chapter: Chapter) -> None:
    st.session_state[_opened(chapter)] = True
