"""The hyperparameters in the sidebar: those of the shown run, until one is touched; the rest folded away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from genmod import kinds, runs
from genmod.errors import ConfigError, RunError
from genmod.kinds import Config, Setting, Value
from genmod.runs import bases
from genmod.ui import links, picker, say

SHOWN = "shown run"  # the preset that stands for the settings of the shown run
_FORM_OF = "form_of"  # the run whose settings the form was filled with last


@dataclass(frozen=True)
class Form:
    """What the form holds.

    Attributes:
        config: the settings; None if they make none, which the page then says.
        base: those it started from: the shown run's, or a preset's.
        start: what people call those.
        shown: whether the settings are those of the shown run, to the last one.
    """

    config: Config | None
    base: Config
    start: str
    shown: bool

    @property
    def changes(self) -> list[str]:
        """What was changed, such as "epochs 25 to 40"."""
        return kinds.differences(self.base, self.config) if self.config is not None else []


def form() -> Form:
    """Draw the settings."""
    _fill()
    check_link()
    kind = kinds.kind(_kind())
    names = _presets(kind.name)
    _keep_known("preset", names)
    preset = st.selectbox(
        "Start from", names, key="preset", bind="query-params", on_change=_apply_preset,
        help="The settings of the shown run, or a preset: settings that are known to show something. Change any of "
        "them below; a model with other settings is trained anew, beside the shown run.",
    )  # fmt: skip
    preset = preset if preset in names else names[0]
    base = _base(kind.name, preset)
    own = picker.current()
    start = f"like {own.id}" if preset == SHOWN and own is not None else f"preset {preset}"
    say.caption(
        kind.preset(preset).reason if preset != SHOWN else f"These are the settings of {own.id if own else ''}."
    )
    values = _inputs(base)
    try:
        config = bases.resolved(base.replace(**values), runs.home())
    except ConfigError as error:
        say.error(str(error))
        return Form(None, base, start, shown=False)
    shown = _shown_config()
    return Form(config, base, start, shown is not None and same(shown, config))


def same(one: Config, other: Config) -> bool:
    """Whether two configs ask for the same training, whatever preset they are called by."""
    return one.kind == other.kind and one.values == other.values


def _inputs(base: Config) -> dict[str, object]:
    """Draw every setting that matters; changed ones say what they were, and so does what they are folded in."""
    values: dict[str, object] = {}
    for item in sorted((item for item in base.settings() if item.first and item.open), key=lambda item: item.first):
        values[item.name] = _input(item, base.values[item.name])
    if values["dataset"] != base.dataset:
        say.caption(f"These settings were chosen for {base.source.title}: with other images they give other results.")
    folded = [item for item in base.settings() if item.name not in values and item.applies(values, base.values)]
    changed = sum(_is_changed(item, base.values[item.name]) for item in folded)
    with st.expander(f"More settings ({changed:d} changed)" if changed else "More settings", key="more_settings"):
        for item in base.settings():
            if item.name not in values and item.applies(values, base.values):
                values[item.name] = _input(item, base.values[item.name])
    return values


def current() -> Config:
    """The config that the form holds right now; for callbacks, which run before the form is drawn again.

    Raises:
        ConfigError: if the form holds something that is not valid.
    """
    kind = _chosen_kind()
    names = _presets(kind)
    preset = st.session_state.get("preset")
    base = _base(kind, preset if preset in names else names[0])
    values: dict[str, object] = {}
    for item in base.settings():
        if item.name in st.session_state and item.applies(values, base.values):
            values[item.name] = st.session_state[item.name]
    return base.replace(**values)


def set_values(values: Mapping[str, Value]) -> None:
    """Put other values into the form; from a callback."""
    base = current()
    for name, value in values.items():
        item = base.setting(name)
        st.session_state[name] = item.text(value) if item.type is tuple else value


def back_to_the_shown_run() -> None:
    """Fill the form with the settings of the shown run again; a callback."""
    if (config := _shown_config()) is not None:
        _set_all(config, SHOWN)


# Where the form starts from


def _shown_config() -> Config | None:
    """The settings of the shown run; None if there is no run, or its settings cannot be read."""
    run = picker.current()
    try:
        return run.config() if run is not None else None
    except RunError:
        return None


def _fill() -> None:
    """When another run was chosen, fill the form with its settings; a link may have others for the first one."""
    run = picker.current()
    wanted = run.id if run is not None else ""
    before = st.session_state.get(_FORM_OF)
    st.session_state[_FORM_OF] = wanted
    config = _shown_config()
    if before is None or before == wanted or config is None or links.going_back():
        return  # on the way back the address holds what the form was
    _set_all(config, SHOWN)


def _set_all(config: Config, preset: str) -> None:
    st.session_state["kind"] = config.kind
    st.session_state["preset"] = preset
    for name, value in config.values.items():
        item = config.setting(name)
        st.session_state[name] = item.text(value) if item.type is tuple else value


def _presets(kind: str) -> list[str]:
    """The names that the form can start from, for a kind."""
    config = _shown_config()
    own = [SHOWN] if config is not None and config.kind == kind else []
    return [*own, *(preset.name for preset in kinds.kind(kind).presets)]


def _base(kind: str, preset: str) -> Config:
    if preset == SHOWN:
        config = _shown_config()
        assert config is not None
        return config
    return kinds.from_preset(kind, preset)


def _keep_known(key: str, options: list[str]) -> None:
    """Drop a choice that there is no more, such as the settings of a run of another kind."""
    if key in st.session_state and st.session_state[key] not in options:
        st.session_state[key] = options[0]


# What the link says


def check_link() -> None:
    """Note what is wrong in the link with any setting, also with one that is not shown now."""
    kind = _chosen_kind() if "kind" in st.session_state else _kind_in_link()
    items = {item.name: item for other in kinds.KINDS.values() for item in other.config.settings()}
    items |= {item.name: item for item in kinds.kind(kind).config.settings()}
    named = {"kind": _known_kind, "preset": lambda name: _known_preset(kind, name)}
    links.check(named | links.readers(*items.values()))


def _kind_in_link() -> str:
    """The kind that the form will show at first: the link's, or else that of the shown run."""
    kind = str(st.query_params.get("kind"))
    return kind if kind in kinds.KINDS else _default_kind()


def _known_kind(kind: str) -> str:
    return kinds.kind(kind).name


def _known_preset(kind: str, name: str) -> str:
    if name not in _presets(kind):
        kinds.from_preset(kind, name)
    return name


# The inputs


def _kind() -> str:
    """The choice of the kind of model, part of the link."""
    # The very words of the command line and of the link: with other labels the link would hold those.
    names = list(kinds.KINDS)
    st.selectbox(
        "Kind of model", names, index=names.index(_default_kind()), key="kind", bind="query-params",
        on_change=_apply_kind,
        help=say.plain(" ".join(f"{kind.name}, {kind.help}." for kind in kinds.KINDS.values())),
    )  # fmt: skip
    say.caption(kinds.KINDS[_chosen_kind()].title)
    return _chosen_kind()


def _default_kind() -> str:
    config = _shown_config()
    return config.kind if config is not None else next(iter(kinds.KINDS))


def _chosen_kind() -> str:
    kind = str(st.session_state.get("kind", _default_kind()))
    return kind if kind in kinds.KINDS else _default_kind()


def _apply_kind() -> None:
    """Start from the shown run if it is of the newly chosen kind, else from the kind's first preset."""
    st.session_state["preset"] = _presets(_chosen_kind())[0]
    _apply_preset()


def _apply_preset() -> None:
    """Set every input to the newly chosen start's value."""
    kind, preset = _chosen_kind(), st.session_state["preset"]
    _set_all(_base(kind, preset), preset)


def _is_changed(item: Setting, before: Value) -> bool:
    """Whether the form holds another value for a setting than it started from."""
    held = st.session_state.get(item.name)
    if held is None:
        return False
    try:
        return item.parse(held) != before
    except ConfigError:
        return True


def _input(item: Setting, default: Value) -> object:
    if _is_changed(item, default):
        item = replace(item, label=f"{item.label} (was {item.text(default)})")
    if item.run_of:
        known = [run.id for run in bases.choices(item, runs.home(), str(st.session_state.get("dataset") or "") or None)]
        # What the form started from stays a choice, so that a run that is gone is named and not silently another.
        names = tuple(dict.fromkeys([*known, str(default)]))
        links.forget_other(item.name, names)
        return links.choice(replace(item, choices=names), default)
    if item.choices:
        return links.choice(item, default)
    if item.type is tuple:
        return links.text(item, default)
    if item.type is bool:
        return links.switch(item, default)
    if item.type is float:
        return links.number(item, default, step=links.step(item), format="%g")
    return links.number(item, default)
