"""The state of a training: on histories made up, and on the presets that are bad on purpose."""

from __future__ import annotations

import math

import pytest

from genmod import kinds, runs
from genmod.kinds import AEConfig, Config, Diagnosis, GANConfig, VAEConfig

GAN = GANConfig()


def epoch(number: int, real: float, fake: float, variety: float = 0.8, **others: float) -> dict[str, float]:
    row = {"epoch": number, "d_real": real, "d_fake": fake, "variety": variety}
    row |= {"real_accuracy": 0.5 + 2 * (real - 0.5) ** 2 + (real - 0.5) / 2, "fake_accuracy": 1 - fake}
    return row | {"d_loss": -math.log(real) - math.log(1 - fake), "g_loss": -math.log(fake)} | others


def diagnose(config: Config, history: list[dict[str, float]], live: dict[str, float] | None = None) -> Diagnosis | None:
    return kinds.of(config).diagnose(config, history, live or {})


def state(*rows: dict[str, float], config: GANConfig = GAN) -> str:
    found = diagnose(config, list(rows))
    assert found is not None
    assert found.sentence.endswith(".")
    assert " nan" not in found.sentence
    return found.state


def test_a_sound_training_goes_from_ahead_to_balanced() -> None:
    assert state(epoch(1, 0.85, 0.07, 0.31)) == "discriminator ahead"
    assert state(epoch(1, 0.7, 0.2), epoch(2, 0.62, 0.28), epoch(3, 0.57, 0.33)) == "close"
    assert state(epoch(1, 0.5, 0.5)) == "balanced"


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [
        (0.83, 0.95, "discriminator ahead"), (0.80, 0.80, "discriminator ahead"), (0.79, 0.80, "close"),
        (0.66, 0.66, "close"), (0.64, 0.64, "balanced"), (0.25, 0.84, "balanced"),
    ],
)  # fmt: skip
def test_a_state_goes_by_how_often_the_discriminator_is_right(real: float, fake: float, expected: str) -> None:
    row = epoch(1, 0.71, 0.2, real_accuracy=real, fake_accuracy=fake)
    found = diagnose(GAN, [row])
    assert found is not None
    assert found.state == expected
    assert f"right on {real:.0%} of the real and {fake:.0%} of the generated images" in found.sentence
    assert found.sentence.startswith("In the last epoch")


def test_a_sentence_says_over_which_epochs_its_numbers_are_taken() -> None:
    rows = [epoch(number, 0.6, 0.4) for number in range(1, 6)]
    for history, live, said in (
        (rows, {}, "Over the last 3 epochs the"), (rows, rows[0], "Over the last 3 epochs, the present one so far inc"),
        ([], rows[0], "In the present epoch so far the"),
    ):  # fmt: skip
        found = diagnose(GAN, history, live)
        assert found is not None and found.sentence.startswith(said), found


@pytest.mark.parametrize("name", ["gan-dense", "gan-dcgan", "gan-conditional", "fashion-gan"])
def test_what_is_said_of_shipped_gans_is_so(name: str) -> None:
    run = runs.find(name)
    found = diagnose(run.config(), run.history())
    assert found is not None and found.sound
    last = run.history()[-3:]
    right = sum(row["real_accuracy"] + row["fake_accuracy"] for row in last) / 6
    assert found.state == ("balanced" if right <= 0.65 else "close" if right < 0.8 else "discriminator ahead")


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.3])
def test_the_level_lines_are_where_an_undecided_discriminator_ends(smoothing: float) -> None:
    """Found by trial: no other constant answer gives a discriminator that cannot tell a smaller loss."""
    config = GAN.replace(label_smoothing=smoothing)
    kind = kinds.of(config)
    answers, losses, _ = kind.plots(config)

    def loss(answer: float) -> float:
        real = -(1 - smoothing) * math.log(answer) - smoothing * math.log(1 - answer)
        return real - math.log(1 - answer)

    best = min((step / 1000 for step in range(1, 1000)), key=loss)
    (answer,) = answers.rules.values()
    assert answer == pytest.approx(best, abs=1e-3)
    d_loss, g_loss = losses.rules.values()
    assert d_loss == pytest.approx(loss(best), abs=1e-4)
    assert g_loss == pytest.approx(-math.log(best), abs=3e-3)
    said = kind.explanation(config)
    assert f"meet at {answer:.3g}" in said and f"{d_loss:.2f}" in said and f"{g_loss:.2f}" in said


def test_a_discriminator_that_is_always_right_has_won() -> None:
    assert state(epoch(1, 0.997, 0.001, 0.5), epoch(2, 0.99, 0.004, 0.38)) == "discriminator winning"


def test_a_discriminator_that_is_fooled_has_lost() -> None:
    assert state(epoch(1, 0.6, 0.65)) == "generator winning"
    assert state(epoch(1, 0.4, 0.45)) == "generator winning"


def test_pictures_that_are_all_alike_have_collapsed_whatever_the_answers() -> None:
    for real, fake in ((0.5, 0.5), (0.85, 0.17), (0.99, 0.01), (0.4, 0.6)):
        assert state(epoch(1, real, fake, 0.1), epoch(2, real, fake, 0.1)) == "collapsing"


def test_pictures_of_the_first_epoch_may_be_alike() -> None:
    assert state(epoch(1, 0.6, 0.4, 0.05)) == "balanced"


def test_losses_beyond_all_bounds_have_diverged() -> None:
    wild = epoch(2, 0.99, 0.01, 0.0, g_loss=5e5)
    assert state(epoch(1, 0.9, 0.1), wild) == "diverged"
    assert state(epoch(1, 0.9, 0.1, d_loss=math.inf)) == "diverged"


def test_scores_have_no_bounds() -> None:
    far = epoch(1, 0.6, 0.4, g_loss=-500.0, d_loss=-900.0)
    assert state(far, config=GAN.replace(loss="wgan-gp")) in ("balanced", "close")
    assert state(far | {"g_loss": math.nan}, config=GAN.replace(loss="hinge")) == "diverged"


def test_the_unfinished_epoch_counts() -> None:
    live = {"d_real": 0.999, "d_fake": 0.001, "d_loss": 0.0, "g_loss": 7.0, "real_accuracy": 1.0, "fake_accuracy": 1.0}
    found = diagnose(GAN, [], live)
    assert found is not None
    assert found.state == "discriminator winning"


def test_there_is_nothing_to_say_before_the_first_numbers() -> None:
    assert diagnose(GAN, []) is None
    assert diagnose(VAEConfig(), []) is None


def test_a_vae_whose_codes_say_nothing_has_collapsed() -> None:
    found = diagnose(VAEConfig(), [{"epoch": 1, "val_kl_loss": 0.02}])
    assert found is not None
    assert found.state == "posterior collapse"
    assert "0.02 nats" in found.sentence
    assert diagnose(VAEConfig(), [{"epoch": 1, "val_kl_loss": 15.0}]) is None
    loose = diagnose(VAEConfig(), [{"epoch": 1, "val_kl_loss": 170.0}])
    assert loose is not None
    assert loose.state == "holes"
    assert diagnose(AEConfig(), [{"epoch": 1, "val_loss": 90.0}]) is None
