"""The hyperparameters in the sidebar: kind and preset first, the few that matter, the rest folded away."""

from __future__ import annotations

import streamlit as st

from genmod import kinds
from genmod.errors import ConfigError
from genmod.kinds import Config, Setting, Value
from genmod.ui import links, say


def check_link() -> None:
    """Note what is wrong in the link with any setting, also with one that is not shown now."""
    kind = _kind_in_link()
    items = {item.name: item for other in kinds.KINDS.values() for item in other.config.settings()}
    items |= {item.name: item for item in kinds.kind(kind).config.settings()}
    named = {"kind": _known_kind, "preset": lambda name: _known_preset(kind, name)}
    links.check(named | links.readers(*items.values()))


def form() -> Config | None:
    """Draw the settings; the config they make, or None (with a sentence on the page) if they make none."""
    check_link()
    kind = kinds.kind(_kind())
    names = [preset.name for preset in kind.presets]
    preset = st.selectbox(
        "Preset", names, key="preset", bind="query-params", on_change=_apply_preset,
        help="Settings that are known to show something. Change any of them below.",
    )  # fmt: skip
    chosen = kind.preset(preset if preset in names else names[0])
    say.caption(chosen.reason)
    base: Config = chosen.config
    values: dict[str, object] = {}
    for item in sorted((item for item in base.settings() if item.first and item.open), key=lambda item: item.first):
        values[item.name] = _input(item, base.values[item.name])
    if values["dataset"] != base.dataset:
        say.caption(
            f"The preset was chosen for {chosen.config.source.title}: with other images it gives other results."
        )
    with st.expander("More settings"):
        for item in base.settings():
            if item.name not in values and item.applies(values, base.values):
                values[item.name] = _input(item, base.values[item.name])
    try:
        return base.replace(**values)
    except ConfigError as error:
        say.error(str(error))
        return None


def current() -> Config:
    """The config that the form holds right now; for callbacks, which run before the form is drawn again.

    Raises:
        ConfigError: if the form holds something that is not valid.
    """
    kind = _chosen_kind()
    base = kinds.from_preset(kind, st.session_state.get("preset"))
    values: dict[str, object] = {}
    for item in base.settings():
        if item.name in st.session_state and item.applies(values, base.values):
            values[item.name] = st.session_state[item.name]
    return base.replace(**values)


def _kind() -> str:
    """The choice of the kind of model, part of the link."""
    # The very words of the command line and of the link: with other labels the link would hold those.
    st.selectbox(
        "Kind of model", list(kinds.KINDS), key="kind", bind="query-params", on_change=_apply_kind,
        help=say.plain(" ".join(f"{kind.name}, {kind.help}." for kind in kinds.KINDS.values())),
    )  # fmt: skip
    say.caption(kinds.KINDS[_chosen_kind()].title)
    return _chosen_kind()


def _chosen_kind() -> str:
    kind = str(st.session_state.get("kind", next(iter(kinds.KINDS))))
    return kind if kind in kinds.KINDS else next(iter(kinds.KINDS))


def _kind_in_link() -> str:
    """The kind that the form will show: the one chosen before, or the link's."""
    kind = str(st.session_state.get("kind", st.query_params.get("kind")))
    return kind if kind in kinds.KINDS else next(iter(kinds.KINDS))


def _known_kind(kind: str) -> str:
    return kinds.kind(kind).name


def _known_preset(kind: str, name: str) -> str:
    kinds.from_preset(kind, name)
    return name


def _apply_kind() -> None:
    """Start from the newly chosen kind's first preset."""
    st.session_state["preset"] = kinds.kind(_chosen_kind()).presets[0].name
    _apply_preset()


def _apply_preset() -> None:
    """Set every input to the newly chosen preset's value."""
    kind = _chosen_kind()
    for name, value in kinds.from_preset(kind, st.session_state["preset"]).values.items():
        item = kinds.kind(kind).config.setting(name)
        st.session_state[name] = item.text(value) if item.type is tuple else value


def _input(item: Setting, default: Value) -> object:
    if item.choices:
        return links.choice(item, default)
    if item.type is tuple:
        return links.text(item, default)
    if item.type is bool:
        return links.switch(item, default)
    if item.type is float:
        return links.number(item, default, step=links.step(item), format="%g")
    return links.number(item, default)
