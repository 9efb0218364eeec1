"""Generative adversarial networks: a generator against a discriminator, dense or convolutional."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from genmod.kinds import gan_layers
from genmod.kinds.config import Config, optimizer_setting
from genmod.kinds.gan_layers import DISCRIMINATOR, GENERATOR
from genmod.kinds.kind import Diagnosis, Dial, Kind, Moment, Number, Plot, Preset, Prior, Row, told
from genmod.kinds.layers import Layer
from genmod.kinds.setting import conditional_setting, setting

REAL, GENERATED = "real images", "generated images"

# Answers are probabilities, the gap is between those to real and to generated images; variety is 1 for test
# images. Sound trainings begin with a gap of 0.6 to 0.8 and a variety of 0.3 to 0.5.
RECENT = 3  # epochs whose mean is looked at: single ones jump about
SETTLED = 2  # epochs after which the variety of the pictures means something: at the start all are alike
WON = 0.9  # gap beyond which the discriminator is right nearly always
SEES_THROUGH = 0.8  # share of images on which it is right, from which on it sees through most drawings
GUESSES = 0.65  # and up to which it can hardly tell; by guessing alone it would be right on half of them
FOOLED = 0.55  # answer to generated images beyond which the generator is ahead
ALIKE = 0.25  # variety below which the pictures repeat each other
PENALTY = 2.5  # passes through the discriminator that a gradient penalty keeps in memory
EVEN = 0.5  # an answer from which on an image is taken for real
WILD = 40.0  # nats of loss beyond which the steps have lost all measure; a discriminator that wins gets 20


@dataclass(frozen=True)
class Loss:
    """What the two networks play for, as a person meets it.

    Attributes:
        answers: what the discriminator's answers are.
        unit: of the losses.
        levels: the losses at which the two are even, if there are such.
        most: a loss beyond which the steps have lost all measure.
        penalty: what the slope of the discriminator's score is held to: 1 between real and generated images, or 0 at
            both of them; None leaves it alone.
        only_differences: whether the loss looks at differences of scores only, so that their zero means nothing.
    """

    answers: str = "sigmoid of its score"
    unit: str = "score"
    levels: Mapping[str, float] = field(default_factory=dict)
    most: float = math.inf
    penalty: Literal["one between", "zero at both"] | None = None
    only_differences: bool = False


NON_SATURATING, WGAN_GP, HINGE, RELATIVISTIC = "non-saturating", "wgan-gp", "hinge", "relativistic"
LOSSES: Mapping[str, Loss] = {
    NON_SATURATING: Loss("probability of being real", "nats", {"2 ln 2": 2 * math.log(2), "ln 2": math.log(2)}, WILD),
    WGAN_GP: Loss(penalty="one between", only_differences=True),
    HINGE: Loss(),
    RELATIVISTIC: Loss(unit="nats", most=WILD, penalty="zero at both", only_differences=True),
}
PENALISED = tuple(name for name, loss in LOSSES.items() if loss.penalty)


@dataclass(frozen=True)
class GANConfig(Config):
    """A generative adversarial network (Goodfellow et al. 2014, arXiv:1406.2661), dense or convolutional."""

    kind: ClassVar[str] = "gan"
    adjustable: ClassVar[tuple[str, ...]] = ("learning_rate", "discriminator_learning_rate")

    preset: str = "dense"
    architecture: str = setting(
        "dense", "Layers",
        "Dense layers train in a minute or two. Convolutions look at neighbouring pixels together: crisper digits, "
        "slower training.",
        "architecture", choices=tuple(gan_layers.LAYOUTS),
    )  # fmt: skip
    latent_dim: int = setting(
        64, "Latent size",
        "How many random numbers the generator turns into one image.",
        "architecture", low=2, high=128,
    )  # fmt: skip
    generator_units: tuple[int, ...] = setting(
        (256, 384), "Generator's hidden layers",
        "The width of each hidden layer of a dense generator, separated by commas.",
        "architecture", low=4, high=1024, longest=4, only_with=("architecture", ("dense",)),
    )  # fmt: skip
    discriminator_units: tuple[int, ...] = setting(
        (512, 256), "Discriminator's hidden layers",
        "The width of each hidden layer of a dense discriminator, separated by commas.",
        "architecture", low=4, high=1024, longest=4, only_with=("architecture", ("dense",)),
    )  # fmt: skip
    generator_filters: tuple[int, ...] = setting(
        (64, 32), "Generator's filters",
        "How many patterns each layer of a convolutional generator draws with, from 7 x 7 pixels up to 28 x 28.",
        "architecture", low=2, high=128, longest=3, only_with=("architecture", ("conv",)),
    )  # fmt: skip
    discriminator_filters: tuple[int, ...] = setting(
        (32, 64), "Discriminator's filters",
        "How many patterns each layer of a convolutional discriminator looks for; each layer halves the picture.",
        "architecture", low=2, high=128, longest=3, only_with=("architecture", ("conv",)),
    )  # fmt: skip
    generator_start: int = setting(
        0, "Generator's dense layer",
        "How many numbers a dense layer turns the random ones into before the convolutions draw; 0 leaves it out.",
        "architecture", low=0, high=1024, since=3, only_with=("architecture", ("conv",)),
    )  # fmt: skip
    discriminator_head: int = setting(
        0, "Discriminator's dense layer",
        "How many numbers a dense layer after the convolutions sums the whole picture up in; 0 leaves it out.",
        "architecture", low=0, high=1024, since=3, only_with=("architecture", ("conv",)),
    )  # fmt: skip
    minibatch_std: bool = setting(
        False, "Minibatch standard deviation",
        "Tell the discriminator's last dense layer how much the images of a batch differ, so that a generator that "
        "draws them all alike gives itself away.",
        "architecture", since=5,
    )  # fmt: skip
    batch_norm: bool = setting(
        True, "Batch normalisation",
        "Whether the generator keeps its layers' values in one range, batch by batch.",
        "architecture",
    )  # fmt: skip
    conditional: bool = conditional_setting()
    clusters: int = setting(
        0, "Clusters",
        "Sort the training images by likeness into so many clusters first, those of each class if it is told the "
        "class, and tell both networks the cluster. What lies between two digits is no digit: a generator that chooses "
        "a cluster first draws less of it. 0 leaves it out.",
        "architecture", low=0, high=200, since=5,
    )  # fmt: skip
    optimizer: str = optimizer_setting("adam")
    beta_1: float = setting(
        0.5, "Momentum",
        "How much of earlier gradients Adam keeps (its beta 1). The opponent changes all the time, so less than "
        "the usual 0.9.",
        "training", low=0.0, high=0.999, only_with=("optimizer", ("adam",)),
    )  # fmt: skip
    learning_rate: float = setting(
        1e-3, "Generator's learning rate",
        "How far one step of the generator goes.",
        "training", low=1e-6, high=1.0, first=2, step=0.0005,
    )  # fmt: skip
    discriminator_learning_rate: float = setting(
        4e-4, "Discriminator's learning rate",
        "How far one step of the discriminator goes. Too far ahead of the generator, it leaves it nothing to learn.",
        "training", low=1e-6, high=1.0, first=3, step=0.0005,
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
        "training", low=1, high=500, first=8,
    )  # fmt: skip
    loss: str = setting(
        NON_SATURATING, "Loss",
        "What the two networks play for. Non-saturating is the standard; wgan-gp and hinge score instead of giving a "
        "probability; relativistic compares a real image with a generated one and asks which is the more real.",
        "training", choices=tuple(LOSSES),
    )  # fmt: skip
    gradient_penalty: float = setting(
        10.0, "Gradient penalty",
        "How strongly the slope of the discriminator's score is held: near 1 with the loss wgan-gp (10 is usual), "
        "near 0 with relativistic (0.02 to 0.3).",
        "training", low=0.0, high=100.0, only_with=("loss", PENALISED),
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
        "training", low=0.0, high=0.5, only_with=("loss", (NON_SATURATING,)),
    )  # fmt: skip
    average: float = setting(
        0.9995, "Averaged weights",
        "How much of the generator's earlier weights the kept average remembers at each step (EMA); its digits are "
        "calmer. 0 keeps the last weights as they are.",
        "training", low=0.0, high=0.9999,
    )  # fmt: skip


class GenerativeAdversarialNetwork(Kind[GANConfig]):
    """What the project knows of GANs."""

    name = "gan"
    title = "Generative adversarial network"
    help = "a generative adversarial network, lets one net learn to fool another"
    config = GANConfig
    recipe = 2
    model = "genmod.models.gan:build"
    simplify = "genmod.models.gan:simplified"
    networks: ClassVar[Mapping[str, tuple[str, ...]]] = {GENERATOR: ("images",), DISCRIMINATOR: ("probability",)}
    sampler = GENERATOR
    judge = DISCRIMINATOR
    held_out = False
    numbers: ClassVar[Mapping[str, Number]] = {
        "d_loss": Number("Discriminator's loss"),
        "g_loss": Number("Generator's loss"),
        "d_real": Number("D(real)"),
        "d_fake": Number("D(generated)"),
        "real_accuracy": Number("Right on real", "{:.0%}"),
        "fake_accuracy": Number("Right on generated", "{:.0%}"),
    }
    presets = (
        Preset(
            GANConfig(
                preset="dense", generator_units=(160, 320, 320), discriminator_units=(448, 160), minibatch_std=True,
                loss=RELATIVISTIC, gradient_penalty=0.06, beta_1=0.0, dropout=0.0, batch_size=64, learning_rate=1e-3,
                discriminator_learning_rate=1e-3, learning_rate_schedule="cosine", epochs=24,
            ),
            "Two dense networks that compare images in pairs: good digits in two or three minutes.",
        ),
        Preset(
            GANConfig(
                preset="dcgan", architecture="conv", generator_filters=(48, 24), discriminator_filters=(24, 48),
                generator_start=96, discriminator_head=96, minibatch_std=True, clusters=100, loss=RELATIVISTIC,
                gradient_penalty=0.075, beta_1=0.0, dropout=0.0, batch_size=64, learning_rate=1e-3,
                discriminator_learning_rate=1e-3, learning_rate_schedule="cosine", epochs=8,
            ),
            "Convolutions, and clusters found without labels: the crispest digits, most of a minute for an epoch.",
        ),
        Preset(
            GANConfig(
                preset="conditional", architecture="conv", conditional=True, generator_filters=(48, 24),
                discriminator_filters=(24, 48), generator_start=96, discriminator_head=96, minibatch_std=True,
                clusters=10, loss=RELATIVISTIC, gradient_penalty=0.075, beta_1=0.0, dropout=0.0, batch_size=64,
                learning_rate=1e-3, discriminator_learning_rate=1e-3, learning_rate_schedule="cosine", epochs=8,
            ),
            "Both networks are told the class: ask for a digit and get it.",
        ),
        Preset(
            GANConfig(
                preset="fashion", dataset="fashion-mnist", generator_units=(128, 256, 256),
                discriminator_units=(288, 128), learning_rate=1e-3, discriminator_learning_rate=8e-4, average=0.9998,
                epochs=25,
            ),
            "Two dense networks on Fashion-MNIST: from noise to clothes, shoes and bags.",
        ),
        Preset(
            GANConfig(
                preset="non-saturating", generator_units=(128, 256, 256), discriminator_units=(288, 128),
                learning_rate=1e-3, discriminator_learning_rate=8e-4, average=0.9998, epochs=25,
            ),
            "The loss of most textbooks with what it needs to work: label smoothing, dropout, a small batch.",
        ),
        Preset(
            GANConfig(
                preset="wgan-gp", loss=WGAN_GP, dropout=0.0, label_smoothing=0.0, discriminator_steps=3,
                learning_rate=2e-4, discriminator_learning_rate=2e-4,
            ),
            "The discriminator gives a score whose slope is kept near 1, so that the generator always learns "
            "something.",
        ),
        Preset(
            GANConfig(preset="hinge", loss=HINGE, label_smoothing=0.0),
            "The discriminator only learns from images it is not yet sure of.",
        ),
        Preset(
            GANConfig(
                preset="discriminator-wins", batch_size=100, generator_units=(64, 128), discriminator_units=(128, 64),
                dropout=0.0, label_smoothing=0.0, learning_rate=1e-5,
                discriminator_learning_rate=1e-3, average=0.0, epochs=10,
            ),
            "On purpose bad: the discriminator learns a hundred times faster and is soon always right, which teaches "
            "the generator nothing.",
            fails_as="discriminator winning",
        ),
        Preset(
            GANConfig(
                preset="generator-wins", batch_size=100, discriminator_units=(128, 64),
                dropout=0.0, label_smoothing=0.0, learning_rate=2e-5,
                discriminator_learning_rate=1e-6, average=0.0, epochs=3,
            ),
            "On purpose bad: the discriminator hardly learns, so the generator finds out what it takes for real, and "
            "that is no digit.",
            fails_as="generator winning",
        ),
        Preset(
            GANConfig(
                preset="mode-collapse", batch_size=100, discriminator_units=(64, 32),
                latent_dim=2, dropout=0.0, label_smoothing=0.0, learning_rate=4e-3,
                discriminator_learning_rate=4e-5, beta_1=0.9, average=0.0, epochs=10,
            ),
            "On purpose bad: the generator runs ahead and draws the one picture that pays best, again and again.",
            fails_as="collapsing",
        ),
        Preset(
            GANConfig(
                preset="learning-rate-too-high", batch_size=100,
                generator_units=(64, 128), discriminator_units=(128, 64),
                dropout=0.0, label_smoothing=0.0, learning_rate=0.1,
                discriminator_learning_rate=0.1, average=0.0, epochs=10,
            ),
            "On purpose bad: each step overshoots so far that the losses jump about and no digit forms.",
            fails_as="diverged",
        ),
    )  # fmt: skip

    def layers(self, config: GANConfig) -> list[Layer]:
        """Generator and discriminator."""
        return gan_layers.layers(config)

    def story(self, config: GANConfig) -> str:
        """What happens from the first layer to the last, in a sentence."""
        noun, count = config.source.noun, gan_layers.clusters(config)
        told = f", told which {noun} it is," if config.conditional else ""
        if count:
            of = f"{noun} it is and which of its {count} clusters" if config.conditional else f"of {count} clusters"
            told = f", told which {of} of like images it is in,"
        return (
            f"the generator{told} turns {config.latent_dim} random numbers into an image; the discriminator{told} "
            "looks at that image or at a real one and says how likely it is real."
        )

    def passes(self, config: GANConfig) -> Mapping[str, float]:
        """The discriminator looks at real and generated images at once, and once more at the generated ones."""
        penalised = LOSSES[config.loss].penalty is not None and config.gradient_penalty > 0
        return {GENERATOR: 1.0, DISCRIMINATOR: 3.0 + (PENALTY if penalised else 0.0)}

    def plots(self, config: GANConfig) -> list[Plot]:
        """The discriminator's answers, the two losses, and how much the pictures differ."""
        loss, answer = LOSSES[config.loss], undecided(config)
        levels = even_losses(config) if loss.levels else {}
        return [
            Plot(
                "What the discriminator answers",
                loss.answers,
                {GENERATED: ("d_fake",), REAL: ("d_real",)},
                {f"{answer:.3g}": answer},
                (0.0, 1.0),
                remark="Says who is ahead, not how good the images are",
                reason="The answers say which of the two networks is ahead. A discriminator that has learned little "
                "cannot tell poor images from real ones either.",
            ),
            Plot(
                "The two losses",
                loss.unit,
                {DISCRIMINATOR: ("d_loss",), GENERATOR: ("g_loss",)},
                levels,
                remark="Not how good the images are: see the Frechet distance on Quality",
                reason="Each loss is measured by the other network, which changes with every step: no value of it "
                "means good images. The Frechet distance on the page Quality, measured by a classifier that stands "
                "still, says how good they are.",
            ),
            Plot(
                "Variety of the pictures",
                "test images = 1",
                {"generated": ("variety",)},
                {"test images": 1.0},
                remark="1 is that of test images; near 0 all pictures are alike",
                reason="The variety should come close to 1, which is that of test images; near 0 all pictures are "
                "alike.",
            ),
        ]

    def explanation(self, config: GANConfig) -> str:
        """What to look for in the charts."""
        if not LOSSES[config.loss].levels:
            return (
                f"With the loss {config.loss} the discriminator gives a score instead of a probability; its sigmoid "
                "is shown, where 0.5 stands for no decision. The losses have no fixed level at which the two are even."
            )
        even = even_losses(config)
        d_loss, g_loss = even.values()
        losses = (
            f"its loss is {d_loss:.2f} and the generator's is {g_loss:.2f} (with the label smoothing of "
            f"{config.label_smoothing:g}; without, it would be 0.5, 1.39 and 0.69)"
            if config.label_smoothing
            else "its loss is 2 ln 2 = 1.39 and the generator's is ln 2 = 0.69"
        )
        return (
            "When the generated images are as good as real ones, the discriminator can only guess: both of its lines "
            f"meet at {undecided(config):.3g}, {losses}. Variety is how far each picture is from the one most like "
            "it, compared with test images; near 0 all pictures are alike."
        )

    def summary(self, config: GANConfig, last: Row) -> str:
        """How often the discriminator was right, and the variety."""
        return (
            f"After epoch {last['epoch']:.0f}: the discriminator was right on {last['real_accuracy']:.0%} of the real "
            f"and on {last['fake_accuracy']:.0%} of the generated images of that epoch; the variety of the pictures is "
            f"{last.get('variety', math.nan):.2f}."
        )

    def headline(self, config: GANConfig, metrics: Row) -> dict[str, str]:
        """How often the discriminator is right, and the variety of the pictures."""
        return {
            title: number.format(metrics[name]) if name in metrics else ""
            for title, name, number in (
                ("Right on real", "real_accuracy", "{:.0%}"),
                ("Right on generated", "fake_accuracy", "{:.0%}"),
                ("Variety", "variety", "{:.2f}"),
            )
        }

    def dial(self, config: GANConfig) -> Dial:
        """Its discriminator's answers."""
        even = undecided(config)
        because = f" (label smoothing {config.label_smoothing:g})" if even != EVEN else ""
        dropout = "Dial: its mean answers in training, where dropout makes it less sure. " if config.dropout else ""
        return Dial("d_real", "d_fake", even, f"{dropout}Unable to tell, it answers {even:.3g} to both{because}.")

    def moments(self, config: GANConfig, facts: Mapping[str, Any]) -> list[Moment]:
        """Forgeries, verdicts, and who learns from them."""
        try:
            real, fake = told(facts, "real"), told(facts, "generated")
        except KeyError:
            return []
        d_real, d_fake = sum(real) / len(real), sum(fake) / len(fake)
        taken, through = sum(value >= EVEN for value in fake), sum(value >= EVEN for value in real)
        times = f"It does so {config.discriminator_steps} times, each time with other forgeries. " * (
            config.discriminator_steps > 1
        )
        return [
            Moment("The generator forges", "It turns random numbers into images: the lower row."),
            Moment(
                "The discriminator judges",
                f"It looks at real images (the upper row) and at forgeries, not knowing which is which. Here it takes "
                f"{through} of {len(real)} real images and {taken} of {len(fake)} forgeries for real; its mean answers "
                f"are {d_real:.2f} and {d_fake:.2f}.",
                {"real": real, "generated": fake},
            ),
            Moment(
                "The discriminator learns",
                f"{times}Its weights move so that it answers higher to real images and lower to forgeries. The "
                "generator stands still meanwhile.",
            ),
            Moment(
                "The generator learns",
                "Its weights move so that the discriminator would answer higher to its forgeries. What to change comes "
                "back through the discriminator, which stands still meanwhile: the generator never sees a real image.",
            ),
        ]

    def brief(self, metrics: Row) -> str:
        """Both losses."""
        return f"D loss {metrics['d_loss']:.2f}, G loss {metrics['g_loss']:.2f}"

    def diagnose(self, config: GANConfig, history: Sequence[Row], live: Row) -> Diagnosis | None:
        """Whether the losses are lost, the pictures repeat each other, and which network is ahead."""
        rows = [*history, *([live] if live else [])][-RECENT:]
        if not rows:
            return None
        variety = _mean(history[-SETTLED:], "variety") if len(history) >= SETTLED else math.nan
        return _lost(LOSSES[config.loss], rows) or _repeating(variety) or _game(rows, bool(live))

    def remark_on_samples(self, source: Prior) -> str:
        """Who draws them."""
        return "All of these come from the generator alone; the discriminator is needed only to train it."

    def remark_on_no_encoder(self) -> str:
        """Why there is no map."""
        return (
            "is a generative adversarial network: it has no encoder, so no image has a place in its latent space, and "
            "there is nothing to draw a map of."
        )


def _lost(loss: Loss, rows: Sequence[Row]) -> Diagnosis | None:
    """Whether the losses are beyond all measure. Scores have none: there only what is no number counts."""
    d_loss, g_loss = (_mean(rows, name) for name in ("d_loss", "g_loss"))
    if math.isfinite(d_loss) and math.isfinite(g_loss) and max(d_loss, g_loss) <= loss.most:
        return None
    return Diagnosis(
        "diverged",
        f"The losses have left all bounds (discriminator {_shown(d_loss)}, generator {_shown(g_loss)}): the steps are "
        "too large for anything to be learned. Lower learning rates usually help.",
        sound=False,
        remedy={"learning_rate": 0.1, "discriminator_learning_rate": 0.1},
    )


def _shown(loss: float) -> str:
    return f"{loss:,.3g}" if math.isfinite(loss) else "no number"


def _repeating(variety: float) -> Diagnosis | None:
    if not variety < ALIKE:
        return None
    return Diagnosis(
        "collapsing",
        f"Each picture differs from the one most like it only {variety:.2f} times as much as test images do: the "
        "generator draws the same few things again and again.",
        sound=False,
        remedy={"learning_rate": 0.25},
    )


def _game(rows: Sequence[Row], live: bool) -> Diagnosis | None:
    """Who is ahead: by how often the discriminator is right, and by its answers where it is fooled."""
    d_real, d_fake = (_mean(rows, name) for name in ("d_real", "d_fake"))
    real, fake = (_mean(rows, name) for name in ("real_accuracy", "fake_accuracy"))
    if math.isnan(d_real + d_fake + real + fake):
        return None
    over = _period(len(rows), live)
    if d_fake > FOOLED or d_real < d_fake:
        return Diagnosis(
            "generator winning",
            f"{over} the discriminator gave real images {d_real:.2f} and generated ones {d_fake:.2f} on average: it is "
            "fooled, and nothing tells the generator how to draw better.",
            sound=False,
            remedy={"learning_rate": 0.25},
        )
    right = f"{over} the discriminator was right on {real:.0%} of the real and {fake:.0%} of the generated images"
    share = (real + fake) / 2
    if d_real - d_fake > WON:
        return Diagnosis(
            "discriminator winning",
            f"{right}: hardly a drawing gets past it, and the generator cannot catch up.",
            sound=False,
            remedy={"discriminator_learning_rate": 0.25},
        )
    if share >= SEES_THROUGH:
        return Diagnosis(
            "discriminator ahead", f"{right}: it sees through most drawings, as at the start of a sound training, too."
        )
    if share > GUESSES:
        return Diagnosis("close", f"{right}: it is often taken in, and both networks go on learning from each other.")
    return Diagnosis("balanced", f"{right}: that is little more than guessing, which is right on half of them.")


def _period(epochs: int, live: bool) -> str:
    """Over which epochs a mean was taken, to begin a sentence."""
    if epochs == 1:
        return "In the present epoch so far" if live else "In the last epoch"
    return f"Over the last {epochs} epochs{', the present one so far included,' if live else ''}"


def undecided(config: GANConfig) -> float:
    """What a discriminator answers that cannot tell at all; one-sided label smoothing draws it below one half."""
    return (1 - config.label_smoothing) / 2 if LOSSES[config.loss].levels else 0.5


def even_losses(config: GANConfig) -> dict[str, float]:
    """The non-saturating losses of both networks where the discriminator cannot tell, in nats, by name."""
    answer, smoothing = undecided(config), config.label_smoothing
    d_loss = -((1 - smoothing) * math.log(answer) + (1 + smoothing) * math.log(1 - answer))
    if smoothing:
        return {"discriminator even": d_loss, "generator even": -math.log(answer)}
    return {"2 ln 2": d_loss, "ln 2": -math.log(answer)}


def _mean(rows: Sequence[Row], name: str) -> float:
    values = [row[name] for row in rows if name in row]
    return sum(values) / len(values) if values else math.nan
