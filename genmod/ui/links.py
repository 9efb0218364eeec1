"""What a link says: inputs whose value is part of the address, checked before it is used."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext, get_script_run_ctx

from genmod.datasets import DataSource
from genmod.errors import ConfigError
from genmod.kinds import Setting, Value
from genmod.kinds.setting import shown
from genmod.ui import say

STEP = 0.1  # for a setting that names no step of its own
_COMPLAINTS = "link_complaints"
_PAGE = "complaints_page"
_SEVENTH = 7  # the class a model is asked for at first: in MNIST the digit 7

# Says what Streamlit is to read instead of what a link holds: the same, or the same value in Streamlit's own words.
Reader = Callable[[str], str]


def begin(page: str) -> None:
    """Forget what was wrong in the link of the page before; called once a run, before anything is checked."""
    if st.session_state.get(_PAGE) != page:
        st.session_state.pop(_COMPLAINTS, None)
    st.session_state[_PAGE] = page


def check(readers: Mapping[str, Reader], many: Sequence[str] = (), always: bool = False) -> None:
    """Take every value that its reader refuses out of the link, and note a sentence about it.

    Called before the inputs are made. A name that no reader is for is left alone: pages that link here add names of
    their own, such as `utm_source`.

    Args:
        readers: for each name in the link what refuses a value, with a ConfigError.
        many: the names that may come more than once; their values are read one by one.
        always: complain also about what the link came to hold during the visit. Otherwise an input that the visitor
            has before them speaks for itself.
    """
    for name in [name for name in st.query_params if name in readers]:
        came = st.query_params.get_all(name)
        held = not always and name in st.session_state and not _context().is_history_navigation
        try:
            if len(came) != 1 and name not in many:
                raise ConfigError(f"{name} comes {len(came)} times in the link; it must come once.")
            wanted = list(dict.fromkeys(readers[name](value) for value in came))
        except ConfigError as error:
            _take_out(name, also_shown=not held)
            if not held:
                _complaints()[name] = str(error)
        else:
            if wanted != came and not held:
                _put(name, wanted)


def taken(names: Iterable[str]) -> dict[str, str]:
    """What the link holds for names of an earlier version, which are taken out of it."""
    found = {name: st.query_params[name] for name in names if name in st.query_params}
    for name in found:
        _take_out(name, also_shown=True)
    return found


def put(name: str, value: str) -> None:
    """Let the link hold a value, from which an input that is not drawn yet takes its own."""
    _put(name, [value])


def carry(name: str, text: Callable[[Any], str] = str) -> None:
    """Bring the value of an input from another page that has it too into the link; before it is drawn.

    What came with a link and was never moved Streamlit would forget on the next page.

    Args:
        text: of a value, as the link has it.
    """
    held = st.session_state.get(name)
    if held not in (None, "") and name not in st.query_params and not going_back():
        put(name, text(held))


def share(name: str) -> None:
    """Let an input that was just drawn belong to all pages that have one of this name.

    Streamlit takes what belongs to one page's input out of the address as soon as another page is shown; after Back
    from one page to another that has it too, the value would be lost.
    """
    context = _context()
    with context.session_state.query_params() as known:
        binding = known._bindings_by_param.get(name)
        if binding is not None:
            shared = dataclasses.replace(binding, script_hash=context.pages_manager.main_script_hash)
            known._bindings_by_param[name] = known._bindings_by_widget[binding.widget_id] = shared
        if going_back() and name in known._initial_query_params and name not in known:
            # The address had it, and lost it with the input of the page before.
            known.set_corrected_value(name, known._initial_query_params[name], "string_array_value")


# Inputs take their first value from what Streamlit has kept of the link, which `st.query_params` does not reach; and
# `st.query_params` refuses to change what an input is bound to, as it is after the browser's "back". A value such as
# `inf` that stayed there would end the page: Streamlit cannot make a whole number of it.


def _take_out(name: str, also_shown: bool) -> None:
    """Keep inputs from reading the link's value for a name, and take it from the address that is shown, if asked."""
    with _context().session_state.query_params() as known:
        known._initial_query_params.pop(name, None)
        if also_shown:
            known.remove_param(name)


def _put(name: str, values: list[str]) -> None:
    """Let the link hold other values for a name."""
    with _context().session_state.query_params() as known:
        known._initial_query_params[name] = values
        known.set_corrected_value(name, values, "string_array_value")


def going_back() -> bool:
    """Whether this run of the page was asked for by the browser's Back or Forward."""
    return bool(_context().is_history_navigation)


def _context() -> ScriptRunContext:
    context = get_script_run_ctx()
    assert context is not None, "links are read only while a page is drawn"
    return context


def show_complaints() -> None:
    """Show what was wrong in the link; it stays until the visitor goes to another page."""
    for sentence in _complaints().values():
        say.warning(f"{sentence} The link's value was not used.", icon=":material/link_off:")


def _complaints() -> dict[str, str]:
    found: dict[str, str] = st.session_state.setdefault(_COMPLAINTS, {})
    return found


def reader(item: Setting) -> Reader:
    """What reads a link's value for a setting."""

    def read(text: str) -> str:
        value = item.parse(text)
        if isinstance(value, bool):
            return str(value).lower()  # Streamlit knows no "yes"
        return item.text(value) if isinstance(value, tuple) else text

    return read


def readers(*items: Setting) -> dict[str, Reader]:
    """What reads a link's values for settings, by name."""
    return {item.name: reader(item) for item in items}


def held(item: Setting) -> Value:
    """The value of an input that is drawn further down: the visit's, or at first and after Back the link's."""
    text = st.query_params.get(item.name)
    if text is None or (item.name in st.session_state and not going_back()):
        value = None if going_back() else st.session_state.get(item.name)
        return item.default if value is None else value
    try:
        return item.parse(text)
    except ConfigError:
        return item.default


def option(name: str, options: Iterable[object], label: Callable[[Any], str] = str) -> Reader:
    """What reads a link's value for one of some options: the label by which Streamlit knows it, or the option."""

    def read(text: str) -> str:
        for one in options:
            if text in (label(one), str(one)):
                return label(one)
        return str(Setting(name, str, "", "", "", "data", choices=tuple(map(label, options))).parse(text))

    return read


def class_reader(name: str, source: DataSource) -> Reader:
    """What reads a link's class, given by its name or its number; Streamlit gets the name."""

    def read(text: str) -> str:
        try:
            return source.class_names[source.class_number(text)]
        except ConfigError:
            raise ConfigError(f"{name} is {shown(text)}; it must be {source.class_choices}.") from None

    return read


def number(item: Setting, default: Value | None = None, **options: Any) -> Any:
    """A number input for an int or float setting, bound to the link under the setting's name."""
    check(readers(item))
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


def slider(item: Setting) -> Any:
    """A slider for an int or float setting, bound to the link under the setting's name."""
    check(readers(item))
    assert item.low is not None and item.high is not None
    kind = item.type
    return st.slider(
        item.label, kind(item.low), kind(item.high), kind(item.default), 1 if kind is int else step(item),
        key=item.name, bind="query-params", help=item.help,
    )  # fmt: skip


def step(item: Setting) -> float:
    """How far one press on plus or minus goes, for a setting that is not a whole number."""
    return item.step or STEP


def choice(item: Setting, default: Value | None = None) -> Any:
    """A select box for a setting with choices, bound to the link."""
    check(readers(item))
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
    check(readers(item))
    value = default if default is not None else item.default
    return str(
        st.text_input(item.label, item.text(value), max_chars=40, key=item.name, bind="query-params", help=item.help)
    )


def switch(item: Setting, default: Value | None = None) -> bool:
    """A switch for a setting that is yes or no, bound to the link."""
    check(readers(item))
    value = bool(default if default is not None else item.default)
    return bool(st.toggle(item.label, value, key=item.name, bind="query-params", help=item.help))


def one_class(key: str, source: DataSource, help: str) -> int:
    """Buttons for the class that a model trained by class is to draw, bound to the link; its number."""
    check({key: class_reader(key, source)})
    forget_other(key, range(source.classes))
    first = min(_SEVENTH, source.classes - 1)
    wanted = st.pills(
        source.noun.capitalize(), range(source.classes), default=first, required=True, key=key, bind="query-params",
        format_func=source.class_names.__getitem__, help=say.plain(help),
    )  # fmt: skip
    return wanted if wanted in range(source.classes) else first


def forget_other(key: str, options: Collection[object]) -> None:
    """Drop a choice that was made where there were other options: of another data set's classes."""
    held = st.session_state.get(key)
    if not set(held if isinstance(held, list) else [] if held is None else [held]) <= set(options):
        del st.session_state[key]
        _take_out(key, also_shown=True)
