"""Carrying out a click, and saying why one was not carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from genmod.errors import GenmodError
from genmod.ui import say

_REFUSAL = "refusal"


def attempt(action: Callable[..., Any], *arguments: Any) -> None:
    """Do what was clicked; a callback, whose refusal the page shows when it is drawn."""
    try:
        action(*arguments)
    except GenmodError as error:
        st.session_state[_REFUSAL] = str(error)


def show_refusal() -> None:
    """Say why the last click was not carried out, if so."""
    if refusal := st.session_state.pop(_REFUSAL, None):
        say.error(refusal)
