"""The hyperparameters in the sidebar: preset first, the few that matter, the rest folded away."""

from __future__ import annotations

import streamlit as st

from genmod import config as configs
from genmod.config import Config, Setting, Value
from genmod.errors import ConfigError
from genmod.ui import links

FIRST = ("latent_dim", "beta", "epochs", "seed")
KIND = "vae"


def form() -> Config | None:
    """Draw the settings; the config they make, or None (with a sentence on the page) if they make none."""
    presets = configs.presets(KIND)
    names = list(presets)
    links.check("preset", _known_preset)
    preset = st.selectbox(
        "Preset", names, key="preset", bind="query-params", on_change=_apply_preset,
        help="Settings that are known to show something. Change any of them below.",
    )  # fmt: skip
    preset = preset if preset in presets else names[0]
    st.caption(configs.PRESET_REASONS[preset])
    base = presets[preset]
    values: dict[str, object] = {}
    for name in FIRST:
        values[name] = _input(base.setting(name), base.values[name])
    with st.expander("More settings"):
        for item in base.settings():
            if item.name not in values:
                values[item.name] = _input(item, base.values[item.name])
    try:
        return configs.from_preset(KIND, preset, **values)
    except ConfigError as error:
        st.error(str(error), icon=":material/error:")
        return None


def current() -> Config:
    """The config that the form holds right now; for callbacks, which run before the form is drawn again.

    Raises:
        ConfigError: if the form holds something that is not valid.
    """
    names = [item.name for item in configs.KINDS[KIND].settings()]
    values = {name: st.session_state[name] for name in names if name in st.session_state}
    return configs.from_preset(KIND, str(st.session_state.get("preset", "article")), **values)


def _known_preset(name: str) -> None:
    configs.from_preset(KIND, name)


def _apply_preset() -> None:
    """Set every input to the newly chosen preset's value."""
    for name, value in configs.from_preset(KIND, st.session_state["preset"]).values.items():
        item = configs.KINDS[KIND].setting(name)
        st.session_state[name] = item.text(value) if item.type is tuple else value


def _input(item: Setting, default: Value) -> object:
    if item.choices:
        return links.choice(item, default)
    if item.type is tuple:
        return links.text(item, default)
    if item.type is float:
        return links.number(item, default, step=links.step(item), format="%g")
    return links.number(item, default)
