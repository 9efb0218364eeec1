"""The way through the lesson: where a visitor is, what is done, and the buttons that lead on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from genmod.errors import ConfigError
from genmod.kinds.setting import shown
from genmod.lesson import checks, rooms
from genmod.lesson.chapters import CHAPTERS
from genmod.ui import say
from genmod.ui.learn import kept, look
from genmod.ui.links import Reader

START, END, TEACHERS = "start", "end", kept.TEACHERS
PLACES: tuple[str, ...] = (START, *(chapter.slug for chapter in CHAPTERS), END)
ALL = (*PLACES, TEACHERS)
_NAMES = {START: "Start", END: "End", TEACHERS: "For teachers"}
_ROW = "places"  # the row of places; which one is chosen stands under `kept.CHAPTER`


def name(place: str) -> str:
    """What a place is called on its button."""
    return _NAMES.get(place) or next(chapter.short for chapter in CHAPTERS if chapter.slug == place)


def number(place: str) -> int | None:
    """The number of a chapter, from 1; none of what is no chapter."""
    return next((count for count, chapter in enumerate(CHAPTERS, 1) if chapter.slug == place), None)


def choose() -> str:
    """Read the link, draw the row of places, and say which one is shown."""
    kept.read(
        {
            kept.CHAPTER: _place, kept.DONE: _done, kept.BEFORE: _answers(kept.BEFORE),
            kept.AFTER: _answers(kept.AFTER), kept.ROOM: _room, kept.TEACHER: _key, kept.PROJECTOR: _switch,
        }
    )  # fmt: skip
    place = kept.get(kept.CHAPTER) or START
    st.session_state[_ROW] = place
    labels = {one: _label(one) for one in ALL}
    with st.container(key="path"):
        st.pills(
            "Chapters", ALL, required=True, key=_ROW, format_func=labels.__getitem__, on_change=_chosen,
            label_visibility="collapsed",
        )  # fmt: skip
    look.lead(place, _standing(place), seen=number(place) is not None or bool(_done_numbers()), keys=projected())
    return place


def go(place: str) -> None:
    """Show another place; a callback."""
    kept.put(kept.CHAPTER, "" if place == START else place)


def ways_on(place: str) -> None:
    """The buttons to the places before and after this one."""
    if place not in PLACES:
        st.button(say.plain("Back to the lesson"), icon=":material/arrow_back:", on_click=go, args=(START,))
        return
    position = PLACES.index(place)
    with st.container(horizontal=True, horizontal_alignment="distribute", key="ways_on"):
        if position > 0:
            before = PLACES[position - 1]
            st.button(
                say.plain(f"Back: {name(before)}"), icon=":material/arrow_back:", key="way_back", on_click=go,
                args=(before,),
            )  # fmt: skip
        if position + 1 < len(PLACES):
            after = PLACES[position + 1]
            st.button(
                say.plain(f"Next: {name(after)}"), icon=":material/arrow_forward:", icon_position="right",
                key="way_next", type="primary", on_click=go, args=(after,),
            )  # fmt: skip
    if projected():
        with st.container(horizontal=True, vertical_alignment="center", key="projecting"):
            say.caption("For the projector: the arrow keys lead to the chapter before and after.")
            st.button("Usual size", type="tertiary", on_click=kept.put, args=(kept.PROJECTOR, ""))


def projected() -> bool:
    """Whether the lesson is shown large, for a room to read."""
    return bool(kept.get(kept.PROJECTOR))


def is_done(place: str) -> bool:
    """Whether the question at a chapter's end was answered."""
    return str(number(place)) in _done_numbers()


def note_done(place: str) -> None:
    """Note that a chapter is done."""
    if not is_done(place):
        found = sorted({*_done_numbers(), str(number(place))}, key=int)
        kept.put(kept.DONE, "-".join(found))


def _chosen() -> None:
    place = st.session_state[_ROW]
    go(place if place in ALL else START)


def _label(place: str) -> str:
    count = f"{number(place)} " if number(place) else ""
    return f"{count}{say.plain(name(place))}{' ✓' if is_done(place) else ''}"


def _standing(place: str) -> str:
    """Where that is, in words."""
    where = f"Chapter {number(place)} of {len(CHAPTERS)}" if number(place) else name(place)
    return f"{where}. {done} of {len(CHAPTERS)} done" if (done := len(_done_numbers())) else where


def _done_numbers() -> Sequence[str]:
    return [part for part in kept.get(kept.DONE).split("-") if part]


# What reads the link


def _place(text: str) -> str:
    if text not in ALL:
        raise ConfigError(f"{kept.CHAPTER} is {shown(text)}; it must be one of {', '.join(ALL)}.")
    return text


def _done(text: str) -> str:
    known = [str(number(chapter.slug)) for chapter in CHAPTERS]
    parts = text.split("-")
    if any(part not in known for part in parts) or parts != sorted(set(parts), key=int):
        raise ConfigError(
            f"{kept.DONE} is {shown(text)}; it must be the numbers of chapters from 1 to {len(CHAPTERS)}, in order and "
            "joined by -, such as 1-2."
        )
    return text


def _answers(check: str) -> Reader:
    def read(text: str) -> str:
        if checks.read(text) is None:
            raise ConfigError(
                f"{check} is {shown(text)}; it must be the answers to a check of {checks.COUNT} questions, such as "
                f"{checks.EXAMPLE}."
            )
        return text

    return read


def _room(text: str) -> str:
    if not rooms.is_code(text):
        raise ConfigError(
            f"{kept.ROOM} is {shown(text)}; it must be the name of a room, {rooms.CODE_LENGTH} of a-z and 0-9."
        )
    return text


def _key(text: str) -> str:
    if not rooms.is_key(text):
        raise ConfigError(f"{kept.TEACHER} is {shown(text)}; it must be the key from a teacher's own link.")
    return text


def _switch(text: str) -> str:
    if text.strip().lower() in ("yes", "true", "1"):
        return kept.YES
    if text.strip().lower() in ("no", "false", "0"):
        return ""
    raise ConfigError(f"{kept.PROJECTOR} is {shown(text)}; it must be yes or no.")
