"""The pad and the part below it: which of the two shows something newer."""

from __future__ import annotations

import streamlit as st

from genmod.ui.latent import mirror


def test_the_number_grows_only_when_something_else_is_seen() -> None:
    st.session_state.clear()
    first = mirror.version(("story", 1))
    assert mirror.version(("story", 1)) == first
    assert mirror.version(("story", 2)) == first + 1
    assert mirror.version(("story", 1)) == first + 2
