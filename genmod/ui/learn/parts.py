"""The parts of a chapter, of which one is shown, and the way from each to the next."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from genmod.ui import links, say


def reader(key: str, parts: Iterable[str]) -> dict[str, links.Reader]:
    """Reads the part from a link."""
    return {key: links.option(key, tuple(parts))}


def choose(key: str, parts: Iterable[str]) -> str:
    """A button for each part; the name of the chosen one."""
    return say.segments("Parts of this chapter", list(parts), key, wrap=True)


def lead_on(key: str, parts: Iterable[str], part: str) -> None:
    """A button to the next part, so that nobody takes the first for all there is."""
    order = list(parts)
    if part != order[-1]:
        after = order[order.index(part) + 1]
        st.button(
            say.plain(f"Then: {after}"), icon=":material/arrow_forward:", key=f"{key}_then", on_click=_show,
            args=(key, after),
        )  # fmt: skip


def _show(key: str, part: str) -> None:
    st.session_state[key] = part
