"""What a kind of model declares of itself: all that the rest of the project asks it instead of asking what it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Literal, TypeVar

from genmod.errors import ConfigError
from genmod.kinds.config import Config
from genmod.kinds.layers import Layer
from genmod.kinds.setting import Setting, Value

# Where the latents of random samples come from; see `genmod.inference.latent_sources`.
Prior = Literal["normal", "fitted", "mixture", "codes"]
MOST_TOLD = 1e12  # of a number that a page tells, whatever a file may say
TRAINING, HELD_OUT = "training", "held-out"
NATS = "nats per image"
C = TypeVar("C", bound=Config)
Row = Mapping[str, float]


@dataclass(frozen=True)
class Preset(Generic[C]):
    """Settings that are known to show something.

    Attributes:
        config: the settings; its `preset` is the name.
        reason: what it is there to show, in a sentence.
        fails_as: of one that is bad on purpose, the state that names what went wrong when it has come to its end.
    """

    config: C
    reason: str
    fails_as: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.config.preset


@dataclass(frozen=True)
class Scale:
    """What the numbers of a plot are compared with those of other runs by; in nats, and less is better.

    Attributes:
        measure: the name of the same number among the measures of quality.
        columns: the history columns whose sum it is, after each epoch.
        whole: whether it is the sum of all parts of the loss, so that only models with the same parts have it.
        note: under which condition, if the plot itself shows another number.
    """

    measure: str
    columns: tuple[str, ...]
    whole: bool = False
    note: str = ""


@dataclass(frozen=True)
class Plot:
    """One chart of a training.

    Attributes:
        title: stands above it.
        unit: of its values.
        curves: for each curve the history columns whose sum it shows; the first stands back, the second out.
        weights: by which columns are multiplied in such a sum; 1 for those not named.
        rules: level lines with their names.
        bounds: of the values; None follows them.
        stacked: parts that add up to a whole, each a sum of history columns times these weights, drawn one upon the
            other from 0 on.
        scale: by what its numbers are compared with other runs'; None if they cannot be.
        remark: if they cannot be, in a few words what they say instead.
        reason: the same as a sentence.
    """

    title: str
    unit: str
    curves: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, float] = field(default_factory=dict)
    bounds: tuple[float, float] | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    stacked: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    scale: Scale | None = None
    remark: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Dial:
    """What a network that judges images answers, between 0, surely made, and 1, surely real.

    Attributes:
        real: the metric that holds its mean answer to real images.
        generated: the same for generated ones.
        even: the answer of one that cannot tell them apart.
        meaning: of that answer, in a sentence.
    """

    real: str
    generated: str
    even: float
    meaning: str


@dataclass(frozen=True)
class Diagnosis:
    """A state of a training and the sentence that says it, with the numbers it was read from.

    Attributes:
        sound: whether a model in this state has learned what it should.
        remedy: by which factor to change which adjustable setting, if that usually helps.
    """

    state: str
    sentence: str
    sound: bool = True
    remedy: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Moment:
    """One thing that a training step does, told with the numbers of a few images of its batch.

    Attributes:
        title: what happens.
        sentence: the same with its numbers.
        table: numbers by row and column, such as the mean and sigma of each latent number; empty if there are none.
    """

    title: str
    sentence: str
    table: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Schedule:
    """The steps in which a velocity network carries latents to where a decoder draws from.

    In each step a point moves along the velocity at it, times how long the step is. The velocity is a share of the
    point itself and what the network adds to it.

    Attributes:
        times: where the steps begin and end, one more than there are steps, from 0 to 1.
        told: what the network is told of each time, a row for each; it follows the point in the network's input.
        heun: whether a step goes along the mean of the velocities at its two ends (Heun), for which the network is
            asked twice, or along that at its beginning (Euler).
        guidance: for a network that knows classes, by how much its answer to a class is taken further from its answer
            to none (Ho and Salimans 2022, arXiv:2207.12598): 1 is the answer to the class, 0 that to none.
        kept: at each time, which multiple of the point is part of the velocity; none if empty.
        scales: at each time, by which factor a point is multiplied before the network sees it, and its answer after;
            1 if empty.
    """

    times: tuple[float, ...]
    told: tuple[tuple[float, ...], ...]
    heun: bool = False
    guidance: float = 1.0
    kept: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()

    @property
    def steps(self) -> int:
        """How many steps there are."""
        return len(self.times) - 1


DIVERGED = Diagnosis(
    "diverged",
    "A loss was no longer a number: the steps were too large, and what was learned is lost. Lower learning rates "
    "usually help.",
    sound=False,
    remedy={"learning_rate": 0.1, "discriminator_learning_rate": 0.1},
)


@dataclass(frozen=True)
class Number:
    """How one number of a training is shown: its name and its format, such as "{:.1f} nats"."""

    title: str
    format: str = "{:.2f}"

    def text(self, value: float) -> str:
        """The value as a person reads it."""
        return self.format.format(value)


class Kind(ABC, Generic[C]):
    """One kind of model, without Keras. An instance is registered in `genmod.kinds`.

    Attributes:
        name: on the command line, in links and in config.json.
        title: for people.
        help: what this kind learns, in a sentence.
        config: the class of its settings.
        presets: the default one first.
        recipe: raised when its training gives other results than before.
        model: where its Keras model is built, as "module:function"; only the trainer imports it.
        simplify: what folds layers of a finished model together before its weights are rounded, in the same form;
            empty if nothing has to be.
        networks: the networks it exports and the names of what comes out of each.
        sampler: the one of them that draws images from latents.
        judge: the one of them that says how real an image looks; empty if it has none.
        adds_noise: whether its codes are distributions, from which training draws at random.
        numbers: how its metrics are shown.
        live: the metrics shown while it trains; all if empty.
        loss_parts: the metrics whose plain sum is a likelihood in nats per image, if there are such.
        held_out: whether it has a loss on images that it does not train on.
        velocity: the one of them that carries latents to where the sampler draws from, in several steps; empty if it
            draws from the latents themselves.
        drawing: what may be chosen anew whenever it draws, such as in how many steps.
        borrowed: the networks that it takes over as they are from the run that it is built on.
        compared: values of one of `drawing` with which a measurement draws samples, to compare them; None for none.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    help: ClassVar[str]
    config: type[C]
    presets: tuple[Preset[C], ...]
    recipe: ClassVar[int]
    model: ClassVar[str]
    simplify: ClassVar[str] = ""
    networks: ClassVar[Mapping[str, tuple[str, ...]]]
    sampler: ClassVar[str] = "decoder"
    judge: ClassVar[str] = ""
    adds_noise: ClassVar[bool] = False
    numbers: ClassVar[Mapping[str, Number]] = {}
    live: ClassVar[tuple[str, ...]] = ()
    loss_parts: ClassVar[tuple[str, ...]] = ()
    held_out: ClassVar[bool] = True
    velocity: ClassVar[str] = ""
    drawing: ClassVar[tuple[Setting, ...]] = ()
    borrowed: ClassVar[tuple[str, ...]] = ()
    compared: ClassVar[tuple[str, tuple[int, ...]] | None] = None

    @property
    def codes_are_points(self) -> bool:
        """Whether its encoder gives an image one point in latent space, and no distribution."""
        return self.encodes and not self.adds_noise

    @property
    def draws_with(self) -> tuple[str, ...]:
        """The networks that are needed to draw."""
        return (self.velocity, self.sampler) if self.velocity else (self.sampler,)

    @property
    def encodes(self) -> bool:
        """Whether it has an encoder, so that an image has a place in its latent space."""
        return "encoder" in self.networks

    def preset(self, name: str) -> Preset[C]:
        """The preset of that name.

        Raises:
            ConfigError: if there is none.
        """
        for preset in self.presets:
            if preset.name == name:
                return preset
        raise ConfigError(f"preset is {name!r}; it must be one of {', '.join(p.name for p in self.presets)}.")

    # What it is made of

    @abstractmethod
    def layers(self, config: C) -> list[Layer]:
        """All layers in the order of the data: from the image to the remade one, or from noise to the probability."""

    @abstractmethod
    def story(self, config: C) -> str:
        """What happens from the first layer to the last, in a sentence."""

    def passes(self, config: C) -> Mapping[str, float]:
        """How many passes of one image through each network a training step keeps in memory at once."""
        return {network: 1.0 for network in self.networks}

    # How it draws

    def schedule(self, config: C, chosen: Mapping[str, Value]) -> Schedule | None:
        """The steps in which its velocity network carries latents; None for a kind that has no such network.

        Args:
            chosen: a value for each of `drawings`.
        """
        return None

    def drawings(self, config: C) -> tuple[Setting, ...]:
        """Those of `drawing` that matter for a run with these settings."""
        return tuple(item for item in self.drawing if item.applies(config.values, config.values))

    def chosen(self, config: C, given: Mapping[str, object]) -> dict[str, Value]:
        """A value for each of `drawings`: the given one, or its default.

        Raises:
            ConfigError: if there is no such choice, or a value is out of range.
        """
        known = {item.name: item for item in self.drawings(config)}
        for name in given:
            if name not in known:
                choice = f"what can be chosen is {', '.join(known)}" if known else "there is nothing to choose"
                raise ConfigError(f"{name} cannot be chosen when this run draws; {choice}.")
        return {name: item.parse(given.get(name, item.default)) for name, item in known.items()}

    # What it is built on

    def complaint(self, config: C) -> str:
        """Why a model with these settings cannot be built on the run that is its `base`; empty if it can."""
        return ""

    # How its training goes

    @abstractmethod
    def plots(self, config: C) -> list[Plot]:
        """The charts that show how its training goes."""

    def explanation(self, config: C) -> str:
        """What to look for in the charts; empty if they speak for themselves."""
        return ""

    def latest(self, config: C, history: Sequence[Row]) -> str:
        """One sentence with the numbers after the last epoch; empty before the first, or if its row is damaged."""
        try:
            return self.summary(config, history[-1])
        except (IndexError, KeyError):
            return ""

    @abstractmethod
    def summary(self, config: C, last: Row) -> str:
        """One sentence with the numbers after the last epoch, given its row of the history.

        Raises:
            KeyError: if the row lacks a number.
        """

    @abstractmethod
    def brief(self, metrics: Row) -> str:
        """The losses in a few words, for a progress bar."""

    def diagnose(self, config: C, history: Sequence[Row], live: Row) -> Diagnosis | None:
        """The state of a training, read from its numbers; None if there is nothing to say.

        Args:
            history: one row a finished epoch, as in history.csv.
            live: the metrics of the unfinished epoch; empty if there is none.
        """
        return None

    def headline(self, config: C, metrics: Row) -> dict[str, str]:
        """The three numbers that say most about an epoch, or fewer: name and value with its unit.

        A number that is missing in `metrics`, as all are before the first epoch, is left empty.
        """
        names = (self.live or tuple(self.numbers))[:3]
        return {
            self.numbers[name].title: self.numbers[name].text(metrics[name]) if name in metrics else ""
            for name in names
        }

    def dial(self, config: C) -> Dial | None:
        """How to show what its judge answers; None if it has none."""
        return None

    def moments(self, config: C, facts: Mapping[str, Any]) -> list[Moment]:
        """What one training step does, in order, told with the facts of `models`' `explain`; empty if they lack one."""
        return []

    def shown(self, metrics: Row) -> dict[str, str]:
        """A training's latest numbers as a person reads them: name and value with its unit."""
        names = self.live or tuple(metrics)
        found = {name: self.numbers.get(name, Number(name)) for name in names if name in metrics}
        return {number.title: number.text(metrics[name]) for name, number in found.items()}

    # What pages say of it

    def remark_on_curves(self, config: C, adjusted: Row) -> str:
        """What to know of the curves of this run; empty if there is nothing.

        Args:
            adjusted: the present values of its adjustable settings.
        """
        return ""

    @abstractmethod
    def remark_on_samples(self, source: Prior) -> str:
        """What to expect of random samples whose latents come from there."""

    def remark_on_no_encoder(self) -> str:
        """Why there is no map of its latent space; only asked of a kind without an encoder."""
        return ""


def told(facts: Mapping[str, Any], name: str) -> list[float]:
    """The numbers of one fact of a step; of several images those of the first.

    Raises:
        KeyError: if it is missing, or holds anything but finite numbers.
    """
    values: Any = facts.get(name)
    if isinstance(values, list) and values and isinstance(values[0], list):
        values = values[0]
    found: list[Any] = values if isinstance(values, list) else [values]
    if not found or not all(type(value) in (int, float) and abs(value) < MOST_TOLD for value in found):
        raise KeyError(name)
    return [float(value) for value in found]


def training_and_held_out(names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Two curves, the training's and the held-out images', each the sum of these metrics."""
    return {TRAINING: names, HELD_OUT: tuple(f"val_{name}" for name in names)}
