"""The hyperparameters in the sidebar: kind and preset first, the few that matter, the rest folded away."""

from __future__ import annotations

import streamlit as st

from genmod import config as configs
from genmod.config import Config, Setting, Value
from genmod.errors import ConfigError
from genmod.ui import links

FIRST = {
    "vae": ("latent_dim", "beta", "epochs", "seed"),
    "ae": ("latent_dim", "epochs", "seed"),
    "gan": ("learning_rate", "discriminator_learning_rate", "epochs", "seed"),
}
DEFAULT_KIND = "vae"
# Settings that only one sort of layers, or one loss, reads: the others' are not shown.
ONLY_WITH = {
    "generator_units": ("architecture", "dense"),
    "discriminator_units": ("architecture", "dense"),
    "generator_filters": ("architecture", "conv"),
    "discriminator_filters": ("architecture", "conv"),
    "generator_start": ("architecture", "conv"),
    "discriminator_head": ("architecture", "conv"),
    "gradient_penalty": ("loss", "wgan-gp"),
    "label_smoothing": ("loss", "non-saturating"),
}


def form() -> Config | None:
    """Draw the settings; the config they make, or None (with a sentence on the page) if they make none."""
    kind = _kind()
    presets = configs.presets(kind)
    names = list(presets)
    links.check("preset", lambda name: _known_preset(kind, name))
    preset = st.selectbox(
        "Preset", names, key="preset", bind="query-params", on_change=_apply_preset,
        help="Settings that are known to show something. Change any of them below.",
    )  # fmt: skip
    preset = preset if preset in presets else names[0]
    st.caption(configs.reason(kind, preset))
    base = presets[preset]
    values: dict[str, object] = {}
    for name in FIRST[kind]:
        values[name] = _input(base.setting(name), base.values[name])
    with st.expander("More settings"):
        for item in base.settings():
            if item.name not in values and _applies(item.name, base, values):
                values[item.name] = _input(item, base.values[item.name])
    try:
        return configs.from_preset(kind, preset, **values)
    except ConfigError as error:
        st.error(str(error), icon=":material/error:")
        return None


def current() -> Config:
    """The config that the form holds right now; for callbacks, which run before the form is drawn again.

    Raises:
        ConfigError: if the form holds something that is not valid.
    """
    kind = _chosen_kind()
    preset = str(st.session_state.get("preset", configs.default_preset(kind)))
    base = configs.from_preset(kind, preset)
    values: dict[str, object] = {}
    for item in base.settings():
        if item.name in st.session_state and _applies(item.name, base, values):
            values[item.name] = st.session_state[item.name]
    return configs.from_preset(kind, preset, **values)


def _kind() -> str:
    """The choice of the kind of model, part of the link."""
    links.check("kind", configs.presets)
    # The very words of the command line and of the link: with other labels the link would hold those.
    st.selectbox(
        "Kind of model", list(configs.KINDS), key="kind", bind="query-params", on_change=_apply_kind,
        help="vae, a variational autoencoder, learns to rebuild images and to make new ones. ae, a plain "
        "autoencoder, learns only to rebuild them. In gan, a generative adversarial network, one net learns to fool "
        "another.",
    )  # fmt: skip
    st.caption(configs.KINDS[_chosen_kind()].title)
    return _chosen_kind()


def _chosen_kind() -> str:
    kind = str(st.session_state.get("kind", DEFAULT_KIND))
    return kind if kind in configs.KINDS else DEFAULT_KIND


def _known_preset(kind: str, name: str) -> None:
    configs.from_preset(kind, name)


def _apply_kind() -> None:
    """Start from the newly chosen kind's first preset."""
    st.session_state["preset"] = configs.default_preset(_chosen_kind())
    _apply_preset()


def _apply_preset() -> None:
    """Set every input to the newly chosen preset's value."""
    kind = _chosen_kind()
    for name, value in configs.from_preset(kind, st.session_state["preset"]).values.items():
        item = configs.KINDS[kind].setting(name)
        st.session_state[name] = item.text(value) if item.type is tuple else value


def _applies(name: str, base: Config, values: dict[str, object]) -> bool:
    """Whether a setting means something beside those chosen before it."""
    if name not in ONLY_WITH:
        return True
    other, wanted = ONLY_WITH[name]
    return values.get(other, base.values[other]) == wanted


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
