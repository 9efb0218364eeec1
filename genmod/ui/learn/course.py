"""Where a visitor is in the lesson: the chapter and what is done stand in the link, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genmod.errors import ConfigError
from genmod.kinds.setting import shown
from genmod.lesson.chapters import CHAPTERS
from genmod.ui import links, say

START, END, ROOM = "start", "end", "room"
PLACES: tuple[str, ...] = (START, *(chapter.slug for chapter in CHAPTERS), END)
KEY, DONE = "chapter", "done"
_NAMES = {START: "Start", END: "End", ROOM: "For teachers"}


def name(place: str) -> str:
    """What a place is called, on its button and in the link."""
    return _NAMES.get(place) or next(chapter.short for chapter in CHAPTERS if chapter.slug == place)


def number(place: str) -> int | None:
    """The number of a chapter, from 1; none of what is no chapter."""
    return next((place_ for place_, chapter in enumerate(CHAPTERS, 1) if chapter.slug == place), None)


def choose() -> str:
    """The row of places, of which one is shown; bound to the link."""
    links.check({KEY: _place, DONE: _done})
    st.session_state.setdefault(DONE, st.query_params.get(DONE, ""))
    if st.session_state[DONE]:
        st.query_params[DONE] = st.session_state[DONE]
    done = len(_done_numbers())
    chosen = st.pills(
        "Chapters", [*PLACES, ROOM], default=START, required=True, key=KEY, bind="query-params", format_func=name,
        label_visibility="collapsed",
    )  # fmt: skip
    st.progress(done / len(CHAPTERS), f"{done} of {len(CHAPTERS)} chapters done")
    return chosen if chosen in (*PLACES, ROOM) else START


def go(place: str) -> None:
    """Show another place; a callback."""
    st.session_state[KEY] = place


def ways_on(place: str) -> None:
    """The buttons to the places before and after this one."""
    position = PLACES.index(place)
    keys = bool(st.session_state.get("projector"))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if position > 0:
            before = PLACES[position - 1]
            st.button(
                say.plain(f"Back: {name(before)}"), icon=":material/arrow_back:", on_click=go, args=(before,),
                shortcut="Left" if keys else None,
            )  # fmt: skip
        if position + 1 < len(PLACES):
            after = PLACES[position + 1]
            st.button(
                say.plain(f"Next: {name(after)}"), icon=":material/arrow_forward:", type="primary", on_click=go,
                args=(after,), shortcut="Right" if keys else None,
            )  # fmt: skip


def is_done(place: str) -> bool:
    """Whether the question at a chapter's end was answered."""
    return str(number(place)) in _done_numbers()


def note_done(place: str) -> None:
    """Note in the link that a chapter is done."""
    if not is_done(place):
        found = sorted({*_done_numbers(), str(number(place))}, key=int)
        st.session_state[DONE] = st.query_params[DONE] = "-".join(found)


def _done_numbers() -> Sequence[str]:
    return [part for part in str(st.session_state.get(DONE, "")).split("-") if part]


def _place(text: str) -> str:
    for place in (*PLACES, ROOM):
        if text in (place, name(place), str(number(place))):
            return name(place)
    choices = ", ".join((*PLACES, ROOM))
    raise ConfigError(f"{KEY} is {shown(text)}; it must be one of {choices}, or a number from 1 to {len(CHAPTERS)}.")


def _done(text: str) -> str:
    known = [str(number(chapter.slug)) for chapter in CHAPTERS]
    if any(part not in known for part in text.split("-")):
        raise ConfigError(
            f"{DONE} is {shown(text)}; it must be the numbers of chapters, from 1 to {len(CHAPTERS)}, joined by -, "
            "such as 1-2."
        )
    return text
