"""What each kind of model is, without Keras: the table of kinds, and reading settings back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genmod.errors import ConfigError
from genmod.kinds.ae import AEConfig, Autoencoder
from genmod.kinds.config import FORMAT, READABLE, Config
from genmod.kinds.flow import FlowConfig, FlowMatching
from genmod.kinds.gan import GANConfig, GenerativeAdversarialNetwork
from genmod.kinds.kind import DIVERGED, Diagnosis, Dial, Kind, Moment, Number, Plot, Preset, Scale
from genmod.kinds.layers import Layer
from genmod.kinds.setting import GROUPS, Setting, Value, shown
from genmod.kinds.vae import VAEConfig, VariationalAutoencoder

__all__ = [
    "DIVERGED",
    "FORMAT",
    "KINDS",
    "READABLE",
    "AEConfig",
    "Config",
    "Diagnosis",
    "Dial",
    "FlowConfig",
    "GANConfig",
    "Kind",
    "Layer",
    "Moment",
    "Number",
    "Plot",
    "Preset",
    "Scale",
    "Setting",
    "VAEConfig",
    "Value",
    "adjustable",
    "changes",
    "describe",
    "differences",
    "drawings_called",
    "from_json",
    "from_preset",
    "kind",
    "of",
    "parameters",
    "setting_names",
    "settings_called",
]

# The first is the one a form begins with. A new kind is one more line.
KINDS: Mapping[str, Kind[Any]] = {
    item.name: item
    for item in (VariationalAutoencoder(), Autoencoder(), GenerativeAdversarialNetwork(), FlowMatching())
}


def kind(name: object) -> Kind[Any]:
    """The kind of that name.

    Raises:
        ConfigError: if there is none.
    """
    if not isinstance(name, str) or name not in KINDS:
        raise ConfigError(f"{shown(name)} is not a kind of model; known are {', '.join(KINDS)}.")
    return KINDS[name]


def of(config: Config) -> Kind[Any]:
    """The kind of model that a config is of."""
    return kind(config.kind)


def parameters(config: Config) -> int:
    """How many weights the whole model learns."""
    return sum(layer.parameters for layer in of(config).layers(config) if layer.trained)


def setting_names() -> list[str]:
    """The names of all settings of all kinds that leave a choice, each once."""
    return list(dict.fromkeys(item.name for found in KINDS.values() for item in found.config.settings() if item.open))


def settings_called(name: str) -> dict[str, Setting]:
    """The settings of that name, by the kinds that have one."""
    return {found.name: item for found in KINDS.values() for item in found.config.settings() if item.name == name}


def drawings_called() -> dict[str, Setting]:
    """What some kind lets people choose anew whenever it draws, by name."""
    return {item.name: item for found in KINDS.values() for item in found.drawing}


def adjustable() -> list[str]:
    """The names of all settings that some kind lets people change while it trains."""
    return sorted({name for found in KINDS.values() for name in found.config.adjustable})


def from_preset(kind_name: str, preset: str | None = None, **values: object) -> Config:
    """A preset's config with some values changed; the kind's first preset if none is named.

    Raises:
        ConfigError: if the kind, the preset, a name or a value is not valid.
    """
    found = kind(kind_name)
    start: Config = (found.presets[0] if preset is None else found.preset(preset)).config
    return start.replace(**values)


def changes(config: Config) -> dict[str, Value]:
    """The settings that differ from the preset this config started from; none if that preset is gone."""
    try:
        start: Config = of(config).preset(config.preset).config
    except ConfigError:
        return {}
    return {name: value for name, value in config.values.items() if value != start.values[name]}


def differences(before: Config, after: Config) -> list[str]:
    """What one config has other than another of its kind, such as "epochs 25 to 40"; settings that matter only."""
    found = []
    for item in after.settings():
        old, new = before.values.get(item.name), after.values[item.name]
        if old != new and old is not None and item.applies(after.values, after.values):
            found.append(f"{item.label[0].lower()}{item.label[1:]} {item.text(old)} to {item.text(new)}")
    return found


def describe(config: Config) -> str:
    """A short name for people, such as "article, with beta 1 and seed 3"."""
    changed = [
        f"{config.setting(name).label.lower()} {config.setting(name).text(value)}"
        for name, value in changes(config).items()
    ]
    return config.preset + (", with " + _listed(changed) if changed else "")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def from_json(data: Mapping[str, Any]) -> Config:
    """Read what `Config.to_json` wrote.

    Raises:
        ConfigError: if it is not such data, or holds values out of range.
    """
    found = kind(data.get("kind"))
    values: dict[str, object] = {}
    for group in GROUPS:
        part = data.get(group, {})
        if not isinstance(part, Mapping):
            raise ConfigError(f"the part {group!r} is not a table of settings.")
        values.update(part)
    settings = found.config.settings()
    known = {item.name for item in settings}
    # A file of an older format could not say what came later; it meant the default.
    unsaid = {item.name for item in settings if item.since > 1}
    if missing := sorted(known - unsaid - values.keys()):
        raise ConfigError(f"the settings {', '.join(missing)} are missing.")
    parsed = {item.name: item.parse(values.get(item.name, item.default)) for item in settings}
    # The preset is a label: a run stays readable when its preset is renamed or gone.
    preset = data.get("preset")
    config: Config = found.config(preset=preset[:64] if isinstance(preset, str) else "", **parsed)
    if config.base_setting is None:
        return config
    base = data.get("base")
    if not isinstance(base, Mapping):
        raise ConfigError("the settings of the run that it is built on are missing.")
    read = from_json(base)
    if read.kind != config.base_setting.run_of:
        raise ConfigError(
            f"it is built on a run of the kind {read.kind}, and {config.base_setting.run_of} was expected."
        )
    return config.on(read)
