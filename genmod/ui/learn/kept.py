"""What the lesson keeps of a visit: in the link, and in the session for as long as it lasts; nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from genmod.ui import links
from genmod.ui.links import Reader

CHAPTER, DONE, BEFORE, AFTER, ROOM, TEACHER, PROJECTOR = (
    "chapter", "done", "before", "after", "room", "teacher", "projector",
)  # fmt: skip
TEACHERS = "teachers"  # the place whose address alone holds the teacher's key: others are copied for a class
SWITCHES = (PROJECTOR,)  # kept as yes or no; all else is text
YES = "yes"

# No input is bound to these names: Streamlit takes what an input is bound to out of the address, and forgets it, as
# soon as another page is shown. Here a visitor who has left the lesson to play comes back to where they were.


def read(readers: Mapping[str, Reader]) -> None:
    """Take what the link says into the session, and what the session knows into the link; once a run, at its start.

    Where the visitor is follows the link, so that Back leads to what was seen. All else is the link's at the beginning
    of a visit and the session's from then on: Back does not undo what was answered.

    Args:
        readers: for each name in the link what refuses a value, with a ConfigError.
    """
    links.check(readers, always=True)
    for name in readers:
        said = st.query_params.get(name, "")
        known = name in st.session_state
        follows = name == CHAPTER and (said or links.going_back())
        put(name, said if follows or not known else get(name))


def get(name: str) -> str:
    """What is known under a name; empty if nothing is."""
    value = st.session_state.get(name, "")
    return (YES if value else "") if name in SWITCHES else str(value)


def put(name: str, value: str) -> None:
    """Keep a value under a name; empty forgets it."""
    st.session_state[name] = value == YES if name in SWITCHES else value
    if value and (name != TEACHER or get(CHAPTER) == TEACHERS):
        if st.query_params.get_all(name) != [value]:
            st.query_params[name] = value
    elif name in st.query_params:
        del st.query_params[name]
