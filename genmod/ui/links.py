"""What a link says: inputs whose value is part of the address, checked before it is used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from genmod.config import Setting, Value
from genmod.datasets import CLASSES
from genmod.errors import ConfigError

_COMPLAINTS = "link_complaints"
_SEVEN = 7  # the digit a model is asked for at first


def check(name: str, parse: Callable[[str], Any]) -> None:
    """Note a sentence if the link holds a value for `name` that `parse` refuses.

    Called before the input is made: Streamlit then falls back to the default without a word.
    """
    value = st.query_params.get(name)
    if value is None:
        return
    try:
        parse(value)
    except ConfigError as error:
        _complaints()[name] = str(error)


def complain(name: str, sentence: str) -> None:
    """Note a sentence about the link's value for `name`."""
    _complaints()[name] = sentence


def show_complaints(page: str) -> None:
    """Show what was wrong in the link; it stays until the visitor goes to another page."""
    if st.session_state.get("complaints_page") not in (None, page):
        st.session_state.pop(_COMPLAINTS, None)
    st.session_state["complaints_page"] = page
    for sentence in _complaints().values():
        st.warning(f"{sentence} The link's value was not used.", icon=":material/link_off:")


def _complaints() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault(_COMPLAINTS, {})
    return found


def number(item: Setting, default: Value | None = None, **options: Any) -> Any:
    """A number input for an int or float setting, bound to the link under the setting's name."""
    check(item.name, item.parse)
    kind = item.type
    assert item.low is not None and item.high is not None
    options.setdefault("step", 1 if kind is int else None)
    return st.number_input(
        item.label,
        min_value=kind(item.low),
        max_value=kind(item.high),
        value=kind(default if default is not None else item.default),
        key=item.name,
        bind="query-params",
        help=item.help,
        **options,
    )


def step(item: Setting) -> float:
    """How far one press on plus or minus goes, for a setting that is not a whole number."""
    return 0.0005 if item.name.endswith("learning_rate") else 0.1


def choice(item: Setting, default: Value | None = None) -> Any:
    """A select box for a setting with choices, bound to the link."""
    check(item.name, item.parse)
    value = default if default is not None else item.default
    return st.selectbox(
        item.label,
        item.choices,
        index=item.choices.index(str(value)),
        key=item.name,
        bind="query-params",
        help=item.help,
    )


def text(item: Setting, default: Value | None = None) -> str:
    """A text input for a setting that is a list of numbers, bound to the link."""
    check(item.name, item.parse)
    value = default if default is not None else item.default
    return str(
        st.text_input(item.label, item.text(value), max_chars=40, key=item.name, bind="query-params", help=item.help)
    )


def switch(item: Setting, default: Value | None = None) -> bool:
    """A switch for a setting that is yes or no, bound to the link."""
    check(item.name, item.parse)
    value = bool(default if default is not None else item.default)
    return bool(st.toggle(item.label, value, key=item.name, bind="query-params", help=item.help))


def known_digit(text: str) -> None:
    """Refuse a link's digit that is none.

    Raises:
        ConfigError: with one sentence.
    """
    Setting("digit", int, 0, "Digit", "", "data", low=0, high=CLASSES - 1).parse(text)


def digit(key: str, help: str) -> int:
    """Buttons for the digit that a model trained by class is to draw, bound to the link."""
    check(key, known_digit)
    wanted = st.pills("Digit", range(CLASSES), default=_SEVEN, required=True, key=key, bind="query-params", help=help)
    return wanted if wanted in range(CLASSES) else _SEVEN
