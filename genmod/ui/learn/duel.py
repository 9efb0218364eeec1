"""The chapter on GANs: be the curator, see one step of each player, where the two end up, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from genmod.ui import links, say
from genmod.ui.learn import curator, endings, failures, slow_motion, verdicts

KEY = "duel_part"
GAME = "You are the curator"
PARTS: Mapping[str, Callable[[], None]] = {
    GAME: curator.play,
    "One step of each": slow_motion.play,
    "Towards 0.5": endings.play,
    "How it fails": failures.play,
}


def play() -> None:
    """The four parts of the chapter, of which one is shown."""
    readers = [module.readers() for module in (curator, slow_motion, endings, failures)]
    links.check({KEY: links.option(KEY, PARTS), **{name: read for part in readers for name, read in part.items()}})
    verdicts.style()
    part = say.segments("Parts of this chapter", list(PARTS), KEY, wrap=True)
    PARTS[part]()
    _lead_on(part)


def _lead_on(part: str) -> None:
    """A button to the next part, so that nobody takes the first for all there is."""
    order = list(PARTS)
    if part != order[-1]:
        after = order[order.index(part) + 1]
        st.button(
            say.plain(f"Then: {after}"), icon=":material/arrow_forward:", key="duel_then", on_click=_show, args=(after,)
        )


def _show(part: str) -> None:
    st.session_state[KEY] = part
