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
FORMAT = 3  # of config.json; raised when an older reader could misread a newer run
# What an older file could not say was the default: 1 knew neither classes nor other kinds than the VAE, 2 neither
# `binarise` nor dense layers around convolutions.
READABLE = frozenset({1, 2, FORMAT})

Group = Literal["architecture", "training", "data"]
TRUTH = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
Value = bool | int | float | str | tuple[int, ...]


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
    since: int = 1  # the format of config.json that first had it; older files mean its default

    @property
    def flag(self) -> str:
        """The option's name on the command line, such as `--latent-dim`."""
        return "--" + self.name.replace("_", "-")

    @property
    def expectation(self) -> str:
        """What a value must be, to follow the words "it must be"."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.type is bool:
            return "yes or no"
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
        except (KeyError, TypeError, ValueError, OverflowError):
            raise complaint from None
        numbers = parsed if isinstance(parsed, tuple) else (parsed,)
        if self.type is bool:
            return parsed
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
        if isinstance(value, bool):
            return "yes" if value else "no"
        return f"{value:.6g}" if isinstance(value, float) else str(value)

    def _convert(self, value: object) -> Value:
        if self.type is str:
            return str(value)
        if self.type is bool:
            return TRUTH[str(value).strip().lower()]
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
    since: int = 1,
) -> Any:
    """A dataclass field that carries its own label, help and bounds."""
    metadata = {
        "label": label, "help": help, "group": group,
        "low": low, "high": high, "choices": choices, "longest": longest, "since": since,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


def _optimizer(default: str) -> Any:
    return setting(
        default, "Optimizer",
        "How a gradient becomes a step. Adam keeps a running mean of the gradient, RMSprop only of its size.",
        "training", choices=("rmsprop", "adam", "sgd"),
    )  # fmt: skip


@dataclass(frozen=True)
class Config:
    """Settings that every kind of model shares. Frozen, validated when made, JSON both ways."""

    kind: ClassVar[str] = ""
    title: ClassVar[str] = ""
    knobs: ClassVar[tuple[str, ...]] = ("learning_rate",)  # settings that may be changed while it trains

    preset: str = "article"
    optimizer: str = _optimizer("rmsprop")
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
    def by_class(self) -> bool:
        """Whether the model is told each image's class, and can be asked for one."""
        return bool(getattr(self, "conditional", False))

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


_LATENT_DIM = setting(
    4, "Latent size",
    "How many numbers describe an image. 2 can be drawn as a map, 16 keep far more detail.",
    "architecture", low=2, high=32,
)  # fmt: skip
_HIDDEN_UNITS = setting(
    (128,), "Hidden layers",
    "The width of each hidden layer of the encoder, separated by commas. The decoder mirrors them.",
    "architecture", low=4, high=1024, longest=4,
)  # fmt: skip
_ACTIVATION = setting(
    "relu", "Activation",
    "What each hidden layer does with its sums: ReLU cuts off what is negative, GELU does so smoothly.",
    "architecture", choices=("relu", "gelu"), since=2,
)  # fmt: skip
_CONDITIONAL = setting(
    False, "By class",
    "Tell the model which digit each image shows. Afterwards it can be asked for a digit.",
    "architecture", since=2,
)  # fmt: skip


@dataclass(frozen=True)
class AEConfig(Config):
    """A plain autoencoder: the VAE's net without the random draw (Hinton and Salakhutdinov 2006)."""

    kind: ClassVar[str] = "ae"
    title: ClassVar[str] = "Autoencoder"

    latent_dim: int = _LATENT_DIM
    hidden_units: tuple[int, ...] = _HIDDEN_UNITS
    activation: str = _ACTIVATION


@dataclass(frozen=True)
class VAEConfig(Config):
    """A variational autoencoder with dense layers (Kingma and Welling 2014, arXiv:1312.6114)."""

    kind: ClassVar[str] = "vae"
    title: ClassVar[str] = "Variational autoencoder"
    knobs: ClassVar[tuple[str, ...]] = ("learning_rate", "beta")

    latent_dim: int = _LATENT_DIM
    hidden_units: tuple[int, ...] = _HIDDEN_UNITS
    activation: str = _ACTIVATION
    conditional: bool = _CONDITIONAL
    beta: float = setting(
        0.0392, "Beta",
        "The weight of the KL part of the loss. 1 is the evidence lower bound; near 0 the model becomes "
        "almost a plain autoencoder; large values make all images alike.",
        "training", low=0.0, high=100.0,
    )  # fmt: skip
    beta_warm_up: int = setting(
        0, "Beta's warm-up",
        "Over how many epochs beta grows from 0. Latent numbers that the KL part would switch off at the start get "
        "time to become useful.",
        "training", low=0, high=100, since=2,
    )  # fmt: skip
    binarise: bool = setting(
        False, "Black and white at random",
        "While it trains, show the encoder each pixel as black or white, drawn anew each time: the brighter the "
        "pixel, the likelier white. It cannot learn the images by heart.",
        "training", since=3,
    )  # fmt: skip


@dataclass(frozen=True)
class GANConfig(Config):
    """A generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661), dense or convolutional."""

    kind: ClassVar[str] = "gan"
    title: ClassVar[str] = "Generative adversarial network"
    knobs: ClassVar[tuple[str, ...]] = ("learning_rate", "discriminator_learning_rate")

    preset: str = "dense"
    architecture: str = setting(
        "dense", "Layers",
        "Dense layers train in a minute or two. Convolutions look at neighbouring pixels together: crisper digits, "
        "slower training.",
        "architecture", choices=("dense", "conv"),
    )  # fmt: skip
    latent_dim: int = setting(
        64, "Latent size",
        "How many random numbers the generator turns into one image.",
        "architecture", low=2, high=128,
    )  # fmt: skip
    generator_units: tuple[int, ...] = setting(
        (256, 384), "Generator's hidden layers",
        "The width of each hidden layer of a dense generator, separated by commas.",
        "architecture", low=4, high=1024, longest=4,
    )  # fmt: skip
    discriminator_units: tuple[int, ...] = setting(
        (512, 256), "Discriminator's hidden layers",
        "The width of each hidden layer of a dense discriminator, separated by commas.",
        "architecture", low=4, high=1024, longest=4,
    )  # fmt: skip
    generator_filters: tuple[int, ...] = setting(
        (64, 32), "Generator's filters",
        "How many patterns each layer of a convolutional generator draws with, from 7 x 7 pixels up to 28 x 28.",
        "architecture", low=2, high=128, longest=3,
    )  # fmt: skip
    discriminator_filters: tuple[int, ...] = setting(
        (32, 64), "Discriminator's filters",
        "How many patterns each layer of a convolutional discriminator looks for; each layer halves the picture.",
        "architecture", low=2, high=128, longest=3,
    )  # fmt: skip
    generator_start: int = setting(
        0, "Generator's dense layer",
        "How many numbers a dense layer turns the random ones into before the convolutions draw; 0 leaves it out.",
        "architecture", low=0, high=1024, since=3,
    )  # fmt: skip
    discriminator_head: int = setting(
        0, "Discriminator's dense layer",
        "How many numbers a dense layer after the convolutions sums the whole picture up in; 0 leaves it out.",
        "architecture", low=0, high=1024, since=3,
    )  # fmt: skip
    batch_norm: bool = setting(
        True, "Batch normalisation",
        "Whether the generator keeps its layers' values in one range, batch by batch.",
        "architecture",
    )  # fmt: skip
    conditional: bool = _CONDITIONAL
    optimizer: str = _optimizer("adam")
    beta_1: float = setting(
        0.5, "Momentum",
        "How much of earlier gradients Adam keeps (its beta 1). The opponent changes all the time, so less than "
        "the usual 0.9.",
        "training", low=0.0, high=0.999,
    )  # fmt: skip
    learning_rate: float = setting(
        1e-3, "Generator's learning rate",
        "How far one step of the generator goes.",
        "training", low=1e-6, high=1.0,
    )  # fmt: skip
    discriminator_learning_rate: float = setting(
        4e-4, "Discriminator's learning rate",
        "How far one step of the discriminator goes. Too far ahead of the generator, it leaves it nothing to learn.",
        "training", low=1e-6, high=1.0,
    )  # fmt: skip
    discriminator_steps: int = setting(
        1, "Discriminator's steps",
        "How many steps the discriminator takes for each one of the generator.",
        "training", low=1, high=10,
    )  # fmt: skip
    batch_size: int = setting(
        50, "Batch size",
        "How many real images share one step, and how many generated ones.",
        "training", low=1, high=10_000,
    )  # fmt: skip
    epochs: int = setting(
        30, "Epochs",
        "How often the training goes through all its images.",
        "training", low=1, high=500,
    )  # fmt: skip
    loss: str = setting(
        "non-saturating", "Loss",
        "What the two networks play for. Non-saturating is the standard; wgan-gp and hinge score instead of "
        "giving a probability.",
        "training", choices=("non-saturating", "wgan-gp", "hinge"),
    )  # fmt: skip
    gradient_penalty: float = setting(
        10.0, "Gradient penalty",
        "How strongly the loss wgan-gp keeps the slope of the discriminator's score near 1.",
        "training", low=0.0, high=100.0,
    )  # fmt: skip
    dropout: float = setting(
        0.3, "Dropout",
        "The share of the discriminator's values switched off at random at each step, so that it cannot learn the "
        "images by heart.",
        "training", low=0.0, high=0.9,
    )  # fmt: skip
    label_smoothing: float = setting(
        0.1, "Label smoothing",
        "How far below 1 the discriminator's target for real images lies; keeps it from being too sure. "
        "Only with the non-saturating loss.",
        "training", low=0.0, high=0.5,
    )  # fmt: skip
    average: float = setting(
        0.9995, "Averaged weights",
        "How much of the generator's earlier weights the kept average remembers at each step (EMA); its digits are "
        "calmer. 0 keeps the last weights as they are.",
        "training", low=0.0, high=0.9999,
    )  # fmt: skip


KINDS: dict[str, type[Config]] = {item.kind: item for item in (VAEConfig, AEConfig, GANConfig)}

# The article's KL weight: mean binary cross-entropy over 784 pixels minus 1e-4 times the mean of
# (1 + log_var - mean^2 - exp(log_var)) over 4 coordinates. Times 784, in nats per image, the factor
# in front of KL = -1/2 sum(...) is 784 * 1e-4 * 2 / 4 = 0.0392.
_PRESETS: dict[str, tuple[tuple[Config, str], ...]] = {
    "vae": (
        (
            VAEConfig(preset="article"),
            "A small net whose loss hardly weighs the KL part: sharp reconstructions, poor random samples.",
        ),
        (
            VAEConfig(preset="elbo", beta=1.0),
            "The same small net with the full KL part (beta 1): its random samples look like digits.",
        ),
        (
            VAEConfig(
                preset="map", latent_dim=2, hidden_units=(192, 96, 64), activation="gelu", binarise=True, beta=1.0,
                optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine", batch_size=200, epochs=100,
            ),
            "Two latent numbers and a wider net: the whole latent space can be drawn as a map.",
        ),
        (
            VAEConfig(
                preset="best", latent_dim=24, hidden_units=(400, 272), activation="gelu", binarise=True, beta=1.0,
                beta_warm_up=12, optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine", batch_size=100,
                epochs=140,
            ),
            "A wider net and twenty-four latent numbers: the closest to the images that a dense VAE here comes.",
        ),
        (
            VAEConfig(
                preset="conditional", latent_dim=5, hidden_units=(128, 64), activation="gelu", beta=1.0,
                conditional=True, optimizer="adam", learning_rate=2e-3, learning_rate_schedule="cosine",
                batch_size=100, epochs=40,
            ),
            "The model is told the class of each image: ask for a digit and get it.",
        ),
        (
            VAEConfig(preset="no-kl", beta=0.0, epochs=10),
            "On purpose bad: without the KL part nothing keeps the codes near the middle, so random latents meet "
            "holes.",
        ),
        (
            VAEConfig(preset="kl-too-strong", beta=30.0, epochs=10),
            "On purpose bad: the KL part outweighs the images, the codes say nothing, and all digits come out alike "
            "(posterior collapse).",
        ),
    ),
    "ae": (
        (
            AEConfig(preset="article"),
            "The article's starting point: the VAE's net without the random draw. Sharp, but its latent space has "
            "holes.",
        ),
    ),
    "gan": (
        (
            GANConfig(
                preset="dense", generator_units=(128, 256, 256), discriminator_units=(288, 128),
                learning_rate=1e-3, discriminator_learning_rate=8e-4, average=0.9998, epochs=25,
            ),
            "Two dense networks against each other: quick enough to watch from noise to digits.",
        ),
        (
            GANConfig(
                preset="dcgan", architecture="conv", generator_start=64, discriminator_head=96, batch_size=64,
                learning_rate=6e-4, discriminator_learning_rate=9e-4, dropout=0.2, average=0.9998, epochs=24,
            ),
            "Convolutions and batch normalisation: crisper digits, half a minute for an epoch instead of seconds.",
        ),
        (
            GANConfig(
                preset="conditional", conditional=True, latent_dim=32, generator_units=(128, 224),
                discriminator_units=(224, 96), learning_rate=5e-4, discriminator_learning_rate=5e-4, average=0.9998,
            ),
            "Both networks are told the class: ask for a digit and get it.",
        ),
        (
            GANConfig(
                preset="wgan-gp", loss="wgan-gp", dropout=0.0, label_smoothing=0.0, discriminator_steps=3,
                learning_rate=2e-4, discriminator_learning_rate=2e-4,
            ),
            "The discriminator gives a score whose slope is kept near 1, so that the generator always learns "
            "something.",
        ),
        (
            GANConfig(preset="hinge", loss="hinge", label_smoothing=0.0),
            "The discriminator only learns from images it is not yet sure of.",
        ),
        (
            GANConfig(
                preset="discriminator-wins", batch_size=100, discriminator_units=(384, 256),
                dropout=0.0, label_smoothing=0.0, learning_rate=1e-5,
                discriminator_learning_rate=1e-3, average=0.0, epochs=10,
            ),
            "On purpose bad: the discriminator learns a hundred times faster and is soon always right, which teaches "
            "the generator nothing.",
        ),
        (
            GANConfig(
                preset="mode-collapse", batch_size=100, discriminator_units=(384, 256),
                latent_dim=2, dropout=0.0, label_smoothing=0.0, learning_rate=2e-3,
                discriminator_learning_rate=1e-4, beta_1=0.9, average=0.0, epochs=10,
            ),
            "On purpose bad: the generator runs ahead and draws the one picture that pays best, again and again.",
        ),
        (
            GANConfig(
                preset="learning-rate-too-high", batch_size=100, discriminator_units=(384, 256),
                dropout=0.0, label_smoothing=0.0, learning_rate=0.1,
                discriminator_learning_rate=0.1, average=0.0, epochs=10,
            ),
            "On purpose bad: each step overshoots so far that the losses jump about and no digit forms.",
        ),
    ),
}  # fmt: skip


def settings_called(name: str) -> dict[str, Setting]:
    """The settings of that name, by the kinds that have one."""
    return {kind: item for kind, config in KINDS.items() for item in config.settings() if item.name == name}


def setting_names() -> list[str]:
    """The names of all settings of all kinds, each once."""
    return list(dict.fromkeys(item.name for config in KINDS.values() for item in config.settings()))


def presets(kind: str) -> Mapping[str, Config]:
    """The named presets of a kind of model, the default one first."""
    return {config.preset: config for config, _ in _described(kind)}


def default_preset(kind: str) -> str:
    """The preset a kind of model starts from when none is named."""
    return next(iter(presets(kind)))


def reason(kind: str, preset: str) -> str:
    """What a preset is there to show, in a sentence."""
    return next(why for config, why in _described(kind) if config.preset == preset)


def _described(kind: str) -> tuple[tuple[Config, str], ...]:
    if kind not in KINDS:
        raise ConfigError(f"{kind!r} is not a kind of model; known are {', '.join(KINDS)}.")
    return _PRESETS[kind]


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
    settings = KINDS[kind].settings()
    known = {item.name for item in settings}
    # A file of an older format could not say what came later; it meant the default.
    unsaid = {item.name for item in settings if item.since > 1}
    if missing := sorted(known - unsaid - values.keys()):
        raise ConfigError(f"the settings {', '.join(missing)} are missing.")
    defaults = {item.name: item.default for item in settings if item.name in unsaid}
    chosen = {**defaults, **{name: values[name] for name in values if name in known}}
    return from_preset(kind, str(data.get("preset")), **chosen)
