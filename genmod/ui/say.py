"""Sentences on the screen: whatever they quote, it is shown as the characters it is made of.

Streamlit reads almost every text it is given as Markdown. A sentence that quotes a link, a file or a run's name goes
through `plain` first, so that a quoted link stays words and a quoted picture is never fetched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")

LONGEST = 1_000  # characters of a text; what comes from outside may be of any length
_JOINER = "\u2060"  # takes no room, and parts what must not be read as one word

# Web addresses, mail addresses, emoji and icon names, and arrows are sought by the browser in the finished text, where
# no backslash is left that could stop it: there the word is parted instead.
_PARTED = re.compile(
    r"(?<=:)(?=//)"
    r"|(?<=www)(?=\.)"
    r"|(?=@)"
    r"|(?<=:)(?=[\w+-]+:)"
    r"|(?<=:)(?=material/)"
    r"|(?<=(?<!\S)[<>~-])(?=[->=])",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[\\`*\[\]<>$~|&{}]|(?<![^\W_])_|_(?![^\W_])|:(?=[A-Za-z:])|^[#+=:-]")
_NUMBERED = re.compile(r"^(\d+)([.)])")  # the first item of a list


def plain(text: str, longest: int = LONGEST) -> str:
    """`text` on one line, written so that Markdown shows it and does nothing else with it."""
    text = text if len(text) <= longest else text[:longest] + "…"
    shown = "".join(_shown(sign) for sign in text).strip()
    return _NUMBERED.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", _PARTED.sub(_JOINER, shown)))


def _shown(sign: str) -> str:
    """A sign as it is; a space for a line break, and a mark for what has no shape, such as a change of direction."""
    if sign.isprintable():
        return sign
    return " " if sign.isspace() else "\ufffd"


def segments(
    label: str,
    options: Sequence[T],
    key: str,
    format: Callable[[T], str] = str,
    default: T | None = None,
    wrap: bool = False,
    **more: Any,
) -> T:
    """Buttons of which one is pressed, bound to the link; the first option if the visit holds one that is not there."""
    first = options[0] if default is None else default
    # Pills go on in the next line where there is no room; the others are cut off.
    buttons = st.pills if wrap else st.segmented_control
    chosen = buttons(
        plain(label), options, default=first, required=True, key=key, bind="query-params",
        format_func=lambda option: plain(format(option)), **more,
    )  # fmt: skip
    return chosen if chosen in options else first


def error(text: str) -> None:
    """Say what went wrong."""
    st.error(plain(text), icon=":material/error:")


def warning(text: str, icon: str = ":material/error:") -> None:
    """Say what needs attention."""
    st.warning(plain(text), icon=icon)


def info(text: str, icon: str = ":material/info:") -> None:
    """Say how things are."""
    st.info(plain(text), icon=icon)


def success(text: str, icon: str = ":material/check_circle:") -> None:
    """Say what is done."""
    st.success(plain(text), icon=icon)


def caption(text: str) -> None:
    """A remark in small letters."""
    st.caption(plain(text))


def paragraph(text: str) -> None:
    """A text in letters of the usual size."""
    st.markdown(plain(text))


def heading(text: str) -> None:
    """The heading of a part of the page."""
    st.header(plain(text), anchor=False)
