"""What a run is: the settings of each kind of model, their bounds and the named presets."""

from __future__ import annotations

import dataclasses
import functools
import math
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

from genmod.errors import ConfigError

IMAGE_SHAPE = (28, 28, 1)
PIXELS = math.prod(IMAGE_SHAPE)
TRAINING_IMAGES = 60_000
FORMAT = 1  # of config.json; raised when an older reader could misread a newer run

Group = Literal["architecture", "training", "data"]
Value = int | float | str | tuple[int, ...]


@dataclass(frozen=True)
class Setting:
    """One hyperparameter as a person meets it: in a form, on the command line, in a link."""

    name: str
    type: type
    default: Value
    label: str
    help: str
    group: Group
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    longest: int = 1  # how many numbers a tuple may hold

    @property
    def flag(self) -> str:
        """The option's name on the command line, such as `--latent-dim`."""
        return "--" + self.name.replace("_", "-")

    @property
    def expectation(self) -> str:
        """What a value must be, to follow the words "it must be"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        bounds = f"from {_plain(self.low)} to {_plain(self.high)}"
        if self.type is tuple:
            return f"1 to {self.longest} whole numbers {bounds}, separated by commas"
        return f"a {'whole ' if self.type is int else ''}number {bounds}"

    def parse(self, value: object, name: str | None = None) -> Value:
        """Turn `value`, text or already a number, into a valid value of this setting.

        Raises:
            ConfigError: with one sentence that says what came and what was expected.
        """
        complaint = ConfigError(f"{name or self.name} is {_shown(value)}; it must be {self.expectation}.")
        try:
            parsed = self._convert(value)
        except (TypeError, ValueError, OverflowError):
            raise complaint from None
        numbers = parsed if isinstance(parsed, tuple) else (parsed,)
        if self.choices:
            if parsed not in self.choices:
                raise complaint
        elif not 1 <= len(numbers) <= self.longest or not all(self._within(number) for number in numbers):
            raise complaint
        return parsed

    def text(self, value: Value) -> str:
        """`value` as a person would type it; `parse` reads it back."""
        if isinstance(value, tuple):
            return ", ".join(str(number) for number in value)
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def _convert(self, value: object) -> Value:
        if self.type is str:
            return str(value)
        if self.type is tuple:
            parts = value.split(",") if isinstance(value, str) else value
            if not isinstance(parts, (list, tuple)):
                parts = (parts,)
            return tuple(_whole_number(part) for part in parts)
        if self.type is int:
            return _whole_number(value)
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise TypeError
        return float(value)

    def _within(self, number: object) -> bool:
        assert isinstance(number, (int, float)) and self.low is not None and self.high is not None
        return self.low <= number <= self.high  # not of infinities, and NaN is in no range


def _whole_number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise TypeError
    if isinstance(value, float) and not value.is_integer():
        raise ValueError
    return int(value)


def _plain(number: float | None) -> str:
    assert number is not None
    return f"{number:,.0f}" if number == int(number) and abs(number) < 1e12 else f"{number:g}"


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(part) for part in value)
    text = str(value)
    return repr(text[:40] + "…" if len(text) > 40 else text) if isinstance(value, str) else text[:60]


def setting(
    default: Value,
    label: str,
    help: str,
    group: Group,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] = (),
    longest: int = 1,
) -> Any:
    """A dataclass field that carries its own label, help and bounds."""
    metadata = {
        "label": label, "help": help, "group": group,
        "low": low, "high": high, "choices": choices, "longest": longest,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Config:
    """Settings that every kind of model shares. Frozen, validated when made, JSON both ways."""

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    knobs: ClassVar[tuple[str, ...]] = ("learning_rate",)  # settings that may be changed while it trains

    preset: str = "article"
    optimizer: str = setting(
        "rmsprop", "Optimizer",
        "How a gradient becomes a step. Adam keeps a running mean of the gradient, RMSprop only of its size.",
        "training", choices=("rmsprop", "adam", "sgd"),
    )  # fmt: skip
    learning_rate: float = setting(
        1e-3, "Learning rate",
        "How far one step goes. Too small learns slowly, too large jumps about.",
        "training", low=1e-6, high=1.0,
    )  # fmt: skip
    learning_rate_schedule: str = setting(
        "constant", "Learning rate over time",
        "Cosine lets the learning rate glide down to zero by the last step, which sharpens the end result.",
        "training", choices=("constant", "cosine"),
    )  # fmt: skip
    batch_size: int = setting(
        100, "Batch size",
        "How many images share one step. Larger batches train faster per image and take fewer, calmer steps.",
        "training", low=1, high=10_000,
    )  # fmt: skip
    epochs: int = setting(
        50, "Epochs",
        "How often the training goes through all its images.",
        "training", low=1, high=500,
    )  # fmt: skip
    seed: int = setting(
        0, "Seed",
        "Where all random numbers start. The same seed on the same machine gives exactly the same weights.",
        "training", low=0, high=2**31 - 1,
    )  # fmt: skip
    images: int = setting(
        TRAINING_IMAGES, "Training images",
        "How many of MNIST's 60,000 training images are used, counted from the first.",
        "data", low=1, high=TRAINING_IMAGES,
    )  # fmt: skip

    def __post_init__(self) -> None:
        for item in self.settings():
            object.__setattr__(self, item.name, item.parse(getattr(self, item.name)))

    @classmethod
    @functools.cache
    def settings(cls) -> tuple[Setting, ...]:
        """All settings of this kind, architecture first."""
        found = [
            Setting(item.name, _value_type(hints[item.name]), typing.cast(Value, item.default), **item.metadata)
            for hints in [typing.get_type_hints(cls)]
            for item in dataclasses.fields(cls)
            if item.metadata
        ]
        order = ("architecture", "training", "data")
        return tuple(sorted(found, key=lambda item: order.index(item.group)))

    @classmethod
    def setting(cls, name: str) -> Setting:
        """The setting called `name`."""
        return next(item for item in cls.settings() if item.name == name)

    @property
    def values(self) -> dict[str, Value]:
        """Every setting's value by name."""
        return {item.name: getattr(self, item.name) for item in self.settings()}

    @property
    def steps_per_epoch(self) -> int:
        """Steps in one epoch; the last batch is filled up from the epoch's first images."""
        return math.ceil(self.images / min(self.batch_size, self.images))

    def changes(self) -> dict[str, Value]:
        """The settings that differ from the preset this config started from."""
        base = presets(self.kind)[self.preset].values
        return {name: value for name, value in self.values.items() if value != base[name]}

    def describe(self) -> str:
        """A short name for people, such as "article, with beta 1 and seed 3"."""
        changed = [
            f"{self.setting(name).label.lower()} {self.setting(name).text(value)}"
            for name, value in self.changes().items()
        ]
        return self.preset + (", with " + _listed(changed) if changed else "")

    def replace(self, **values: object) -> Self:
        """A copy with other values.

        Raises:
            ConfigError: if a value is out of range or a name is unknown.
        """
        known = {item.name: item for item in self.settings()}
        for name in values:
            if name not in known:
                raise ConfigError(f"{name} is not a setting of {self.kind}; known are {', '.join(known)}.")
        parsed: dict[str, Any] = {name: known[name].parse(value) for name, value in values.items()}
        return dataclasses.replace(self, **parsed)

    def to_json(self) -> dict[str, Any]:
        """Plain data, grouped as in config.json; `from_json` reads it back."""
        groups: dict[str, Any] = {"kind": self.kind, "preset": self.preset}
        for item in self.settings():
            value = getattr(self, item.name)
            groups.setdefault(item.group, {})[item.name] = list(value) if isinstance(value, tuple) else value
        return groups


def _value_type(hint: Any) -> type:
    found: type = typing.get_origin(hint) or hint
    return found


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


@dataclass(frozen=True)
class VAEConfig(Config):
    """A variational autoencoder with dense layers (Kingma and Welling 2014, arXiv:1312.6114)."""

    kind: ClassVar[str] = "vae"
    title: ClassVar[str] = "Variational autoencoder"
    knobs: ClassVar[tuple[str, ...]] = ("learning_rate", "beta")

    latent_dim: int = setting(
        4, "Latent size",
        "How many numbers describe an image. 2 can be drawn as a map, 16 keep far more detail.",
        "architecture", low=2, high=32,
    )  # fmt: skip
    hidden_units: tuple[int, ...] = setting(
        (128,), "Hidden layers",
        "The width of each hidden layer of the encoder, separated by commas. The decoder mirrors them.",
        "architecture", low=4, high=1024, longest=4,
    )  # fmt: skip
    beta: float = setting(
        0.0392, "Beta",
        "The weight of the KL part of the loss. 1 is the evidence lower bound; near 0 the model becomes "
        "almost a plain autoencoder; large values make all images alike.",
        "training", low=0.0, high=100.0,
    )  # fmt: skip


KINDS: dict[str, type[Config]] = {VAEConfig.kind: VAEConfig}

# The article's KL weight: mean binary cross-entropy over 784 pixels minus 1e-4 times the mean of
# (1 + log_var - mean^2 - exp(log_var)) over 4 coordinates. Times 784, in nats per image, the factor
# in front of KL = -1/2 sum(...) is 784 * 1e-4 * 2 / 4 = 0.0392.
_VAE_PRESETS = {
    "article": VAEConfig(preset="article"),
    "elbo": VAEConfig(preset="elbo", beta=1.0),
    "map": VAEConfig(
        preset="map", latent_dim=2, hidden_units=(256, 256, 128), beta=1.0, optimizer="adam",
        learning_rate=2e-3, learning_rate_schedule="cosine", batch_size=200, epochs=100,
    ),
}  # fmt: skip

PRESET_REASONS = {
    "article": "A small net whose loss hardly weighs the KL part: sharp reconstructions, poor random samples.",
    "elbo": "The same small net with the full KL part (beta 1): its random samples look like digits.",
    "map": "Two latent numbers and a wider net: the whole latent space can be drawn as a map.",
}


def presets(kind: str) -> Mapping[str, Config]:
    """The named presets of a kind of model, the default one first."""
    if kind not in KINDS:
        raise ConfigError(f"{kind!r} is not a kind of model; known are {', '.join(KINDS)}.")
    return {"vae": _VAE_PRESETS}[kind]


def from_preset(kind: str, preset: str, **values: object) -> Config:
    """The preset's config with some values changed.

    Raises:
        ConfigError: if the kind, the preset, a name or a value is not valid.
    """
    known = presets(kind)
    if preset not in known:
        raise ConfigError(f"preset is {_shown(preset)}; it must be one of {', '.join(known)}.")
    return known[preset].replace(**values)


def from_json(data: Mapping[str, Any]) -> Config:
    """Read what `Config.to_json` wrote.

    Raises:
        ConfigError: if it is not such data, or holds values out of range.
    """
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(f"the kind of model is {_shown(kind)}; known are {', '.join(KINDS)}.")
    values: dict[str, object] = {}
    for group in ("architecture", "training", "data"):
        part = data.get(group, {})
        if not isinstance(part, Mapping):
            raise ConfigError(f"the part {group!r} is not a table of settings.")
        values.update(part)
    known = {item.name for item in KINDS[kind].settings()}
    if missing := sorted(known - values.keys()):
        raise ConfigError(f"the settings {', '.join(missing)} are missing.")
    preset = data.get("preset")
    return from_preset(kind, str(preset), **{name: values[name] for name in values if name in known})
