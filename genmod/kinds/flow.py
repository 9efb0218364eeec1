"""Flow matching in the latent space of a VAE: a velocity field that carries noise to codes, step by step."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from genmod.kinds import ae
from genmod.kinds import layers as parts
from genmod.kinds.config import (
    Config,
    learning_rate_schedule_setting,
    learning_rate_setting,
    optimizer_setting,
)
from genmod.kinds.kind import (
    Diagnosis,
    Kind,
    Moment,
    Number,
    Plot,
    Preset,
    Prior,
    Row,
    Schedule,
    told,
    training_and_held_out,
)
from genmod.kinds.layers import Layer
from genmod.kinds.setting import Setting, Value, conditional_setting, setting
from genmod.kinds.vae import VAEConfig, VariationalAutoencoder

VELOCITY = "velocity"
VAE = VariationalAutoencoder.name
WAVES = 5  # pairs of a sine and a cosine by which the network is told the time
TOLD = 1 + 2 * WAVES
EULER, HEUN = "euler", "heun"
STEPS = 20
MOST_STEPS = 50
# What the loss comes to at best where codes are one standard normal distribution: the mean over the times that training
# draws of 1 / (t^2 + (1 - t)^2), over the variance 2 of the way from noise to code.
ONE_NORMAL = 0.8706
NOTHING = 0.9  # loss well above that, with which training begins: the steps lead away from any answer
SETTLED = 3  # epochs after which that means something
FACTS = ("noise", "code", "point", "way", "velocity")

DRAWING_STEPS = Setting(
    "steps", int, STEPS, "Steps",
    "In how many steps noise becomes a code. Each asks the network for the direction anew.",
    "data", low=1, high=MOST_STEPS,
)  # fmt: skip
SOLVER = Setting(
    "solver", str, EULER, "Solver",
    "Euler goes straight on in the direction at the start of a step. Heun takes the mean of the directions at its two "
    "ends: fewer steps suffice, but each asks the network twice.",
    "data", choices=(EULER, HEUN),
)  # fmt: skip
# The preset `conditional` after 34 of its 80 epochs, 10,000 samples in 20 steps of Euler: with a guidance of 1, 1.5, 2
# and 3 the Frechet distance is 3.4, 2.4, 2.9 and 4.0, and the classifier agrees on 98.3, 99.95, 99.99 and 100 %.
GUIDANCE = Setting(
    "guidance", float, 1.5, "Guidance",
    "How strongly the class steers. 1 is what was learned; 0 does not listen to the class; above 1 the images become "
    "clearer and more alike.",
    "data", low=0.0, high=5.0, only_with=("conditional", (True,)), step=0.25,
)  # fmt: skip


# The settings of the shipped VAEs, until the run that is named is looked at.
BEST, MAP = (VariationalAutoencoder().preset(name).config for name in ("best", "map"))


@dataclass(frozen=True)
class FlowConfig(Config):
    """Flow matching (Lipman et al. 2023, arXiv:2210.02747) in the latent space of a VAE that has been trained."""

    kind: ClassVar[str] = "flow"

    preset: str = "latent"
    base: Config | None = BEST
    vae: str = setting(
        "vae-best", "VAE",
        "The finished VAE whose codes are learned and whose decoder draws. It is not changed.",
        "architecture", run_of=VAE, first=2,
    )  # fmt: skip
    velocity_units: tuple[int, ...] = setting(
        (256, 256, 256, 256), "Velocity's hidden layers",
        "The width of each hidden layer of the network that says where a point is to move, separated by commas. A "
        "layer as wide as the one before adds to what that one found.",
        "architecture", low=4, high=1024, longest=6,
    )  # fmt: skip
    conditional: bool = conditional_setting()
    class_dropout: float = setting(
        0.1, "Class left out",
        "The share of the training codes whose class is kept from the network, so that it can also draw without one: "
        "guidance compares the two.",
        "training", low=0.0, high=0.9, only_with=("conditional", (True,)),
    )  # fmt: skip
    optimizer: str = optimizer_setting("adam")
    learning_rate: float = learning_rate_setting(2e-3, first=3)
    learning_rate_schedule: str = learning_rate_schedule_setting("cosine")
    batch_size: int = setting(
        500, "Batch size",
        "How many codes share one step. Each step draws its noise, its times and its codes anew.",
        "training", low=1, high=10_000,
    )  # fmt: skip
    epochs: int = setting(
        80, "Epochs",
        "How often the training goes through the codes of all its images.",
        "training", low=1, high=500, first=8,
    )  # fmt: skip
    average: float = setting(
        0.999, "Averaged weights",
        "How much of the network's earlier weights the kept average remembers at each step (EMA); the average draws. "
        "0 keeps the last weights as they are.",
        "training", low=0.0, high=0.9999,
    )  # fmt: skip


class FlowMatching(Kind[FlowConfig]):
    """What the project knows of flow matching."""

    name = "flow"
    title = "Flow matching"
    help = "flow matching, learns to carry noise in small steps to the codes of a VAE"
    config = FlowConfig
    recipe = 1
    model = "genmod.models.flow:build"
    networks: ClassVar[Mapping[str, tuple[str, ...]]] = {VELOCITY: ("velocity",), ae.DECODER: ("images",)}
    sampler = ae.DECODER
    velocity = VELOCITY
    drawing = (DRAWING_STEPS, SOLVER, GUIDANCE)
    borrowed = (ae.DECODER,)
    compared = (DRAWING_STEPS.name, (1, 2, 5, 10, 20))
    numbers: ClassVar[Mapping[str, Number]] = {"loss": Number("Velocity loss", "{:.4f}")}
    presets = (
        Preset(
            FlowConfig(),
            "Noise is carried to the codes of the best VAE: image generators of today work like this, in miniature.",
        ),
        Preset(
            FlowConfig(preset="conditional", conditional=True),
            "The velocity field is told the class: ask for a digit, and set how strongly the class steers.",
        ),
        Preset(
            FlowConfig(preset="map", base=MAP, vae="vae-map", velocity_units=(128, 128, 128), epochs=30),
            "Two latent numbers: every way from noise to a code can be drawn on the map.",
        ),
    )  # fmt: skip

    # What it is made of

    def layers(self, config: FlowConfig) -> list[Layer]:
        """The velocity network, and the decoder of its VAE, which was trained before."""
        size, classes = config.latent_dim, ae.told_classes(config)
        units = config.velocity_units
        asked = [parts.latents(VELOCITY, size + TOLD, "a point and the time")]
        if classes:
            asked.append(parts.classes(VELOCITY, classes, config.source.noun))
        return [
            *asked,
            *parts.dense_row(VELOCITY, size + TOLD + classes, units, "gelu"),
            parts.dense(VELOCITY, "velocity", units[-1], size),
            *decoder(config),
        ]

    def story(self, config: FlowConfig) -> str:
        """What happens from the first layer to the last, in a sentence."""
        told = f", told which {config.source.noun} it is to become," if config.conditional else ""
        return (
            f"the velocity network{told} looks at a point of {config.latent_dim} latent numbers and at the time "
            f"between 0 and 1, and says where the point is to move; {STEPS} such steps lead from noise to a code, and "
            "the decoder of the VAE, which is not changed, draws the image."
        )

    def passes(self, config: FlowConfig) -> Mapping[str, float]:
        """The decoder takes no part in the training steps."""
        return {VELOCITY: 1.0, ae.DECODER: 0.0}

    def complaint(self, config: FlowConfig) -> str:
        """A VAE of other images, or one whose decoder has to be told a class that the field does not know."""
        base = config.base
        if base is None or base.dataset != config.dataset:
            learned = f"has learned {base.source.title}" if base is not None else "is not known"
            return (
                f"The run {config.vae} {learned}, and this training is to learn {config.source.title}; choose a VAE of "
                "the same data set."
            )
        if base.conditional and not config.conditional:
            return (
                f"The run {config.vae} was trained by class, so its decoder has to be told one; train by class as well "
                "(--conditional yes), or choose a VAE that was not."
            )
        return ""

    # How it draws

    def schedule(self, config: FlowConfig, chosen: Mapping[str, Value]) -> Schedule:
        """Steps of equal length from noise at time 0 to a code at time 1."""
        steps, guidance = chosen["steps"], chosen.get("guidance", 1.0)
        assert isinstance(steps, int) and isinstance(guidance, float)
        times = tuple(step / steps for step in range(steps + 1))
        return Schedule(
            times, tuple(map(time_told, times)), chosen["solver"] == HEUN, guidance,
            tuple(map(kept, times)), tuple(map(scale, times)),
        )  # fmt: skip

    # How its training goes

    def plots(self, config: FlowConfig) -> list[Plot]:
        """Its one loss."""
        return [
            Plot(
                "Loss of the velocity", "1 = variance of the ways", training_and_held_out(("loss",)),
                {"one normal distribution": ONE_NORMAL},
                remark="Falls little while images get better: see the Frechet distance on Quality",
                reason=f"At {ONE_NORMAL:.3f} it knows no more of the codes than one normal distribution, and it cannot "
                "come near 0. Little of it is left to fall when the images still become much better: the Frechet "
                "distance on the Quality page says how good they are.",
            )
        ]  # fmt: skip

    def explanation(self, config: FlowConfig) -> str:
        """Why the loss hardly falls."""
        return (
            "Each step mixes a code with noise and asks the network for the way from the noise to the code; the loss "
            "is the squared error of its answer, divided by the variance of that way; latent numbers weigh the more, "
            "the more precisely the encoder places images along them. It cannot come near 0: many pairs of noise and "
            "code pass through one point, and the best answer is the mean of their ways. For codes that are one "
            f"standard normal distribution the least is {ONE_NORMAL:.3f}; below that, what has been learned is how the "
            "codes differ from a normal distribution. Little of the curve is left to fall when the images still become "
            "much better."
        )

    def summary(self, config: FlowConfig, last: Row) -> str:
        """The held-out loss."""
        return (
            f"After epoch {last['epoch']:.0f}, on the codes of the {config.source.test_images:,} test images: loss "
            f"{last['val_loss']:.4f}; {ONE_NORMAL:.4f} knows nothing of the codes but their mean and their spread."
        )

    def headline(self, config: FlowConfig, metrics: Row) -> dict[str, str]:
        """The loss on codes that it trains on, and on those of test images."""
        return {
            title: f"{metrics[name]:.4f}" if name in metrics else ""
            for title, name in (("Velocity loss", "loss"), ("On test images", "val_loss"))
        }

    def moments(self, config: FlowConfig, facts: Mapping[str, Any]) -> list[Moment]:
        """One code, one noise, a point between them, and the way that the network takes for the right one."""
        try:
            found = {name: told(facts, name) for name in FACTS}
            (time,), (loss,) = told(facts, "time"), told(facts, "loss")
        except (KeyError, ValueError):
            return []
        return [
            Moment(
                "The encoder of the VAE looks at one image of the batch",
                "One draw, half as wide as it says, is the code that the way is to end at. The encoder is not changed.",
                {"code": found["code"]},
            ),
            Moment(
                "Noise and a time",
                f"Chance draws the noise at which the way begins, and the time {time:.2f}. A point is put on the "
                f"straight line between them: {1 - time:.2f} x noise + {time:.2f} x code.",
                {"noise": found["noise"], "point": found["point"]},
            ),
            Moment(
                "The velocity says where the point is to move",
                "It follows from the point and the time; the network sees neither the noise nor the code. Before the "
                "first step it is that of codes from one standard normal distribution, and the network learns what to "
                "add. The true way is code - noise.",
                {"says": found["velocity"], "code - noise": found["way"]},
            ),
            Moment(
                "One loss",
                f"The squared error of its answer, divided by the variance of such ways, is {loss:.3f}. A step lowers "
                "its mean over the batch. Where its answer would lead from the point, the decoder draws the image on "
                "the right.",
            ),
        ]

    def brief(self, metrics: Row) -> str:
        """Its loss."""
        return f"loss {metrics['loss']:.4f}"

    def diagnose(self, config: FlowConfig, history: Sequence[Row], live: Row) -> Diagnosis | None:
        """Whether the field has learned anything."""
        loss = history[-1].get("val_loss", math.nan) if len(history) >= SETTLED else math.nan
        if loss > NOTHING:
            return Diagnosis(
                "no direction",
                f"The loss on test images is {loss:.2f}, and a field that takes the codes for one standard normal "
                f"distribution, as it does before the first step, has {ONE_NORMAL:.2f}: training has made it worse.",
                sound=False,
                remedy={"learning_rate": 0.1},
            )
        return None

    def remark_on_samples(self, source: Prior) -> str:
        """What to expect of them."""
        return (
            "Noise from the standard normal distribution is carried to where the codes of training images lie. What is "
            "still wrong then is mostly the blur of the VAE's decoder."
        )

    def remark_on_no_encoder(self) -> str:
        """Why there is no map."""
        return (
            "draws from noise, and no image has a place in that noise: its latents say where a way begins, and the VAE "
            "that it is built on has the map of where the ways end."
        )


def decoder(config: FlowConfig) -> list[Layer]:
    """The layers of its VAE's decoder, which stand still."""
    assert isinstance(config.base, VAEConfig)
    latents, *others = parts.of_network(VariationalAutoencoder().layers(config.base), ae.DECODER)
    return [parts.standing(layer) for layer in (replace(latents, says="where the steps end"), *others)]


def kept(time: float) -> float:
    """Which multiple of a point is the velocity at it, were codes distributed as the noise is: N(0, I)."""
    return (2 * time - 1) / _variance(time)


def scale(time: float) -> float:
    """By which points are multiplied for the network, and its answers: both then vary as much at every time."""
    return 1 / math.sqrt(2 * _variance(time))


def _variance(time: float) -> float:
    """Of the points at that time, were codes distributed as the noise is."""
    return time**2 + (1 - time) ** 2


def time_told(time: float) -> tuple[float, ...]:
    """What the network is told of a time between 0 and 1: it, and sines and cosines of half waves up to `WAVES`."""
    waves = [math.pi * number * time for number in range(1, WAVES + 1)]
    return (time, *map(math.sin, waves), *map(math.cos, waves))
