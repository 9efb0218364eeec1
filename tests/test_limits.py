"""The bounds of a public host."""

from __future__ import annotations

import math

import pytest

from genmod.architecture import parameters
from genmod.config import VAEConfig
from genmod.errors import ConfigError
from genmod.limits import VARIABLES, Limits, limits


def test_without_a_word_trainings_are_bound_by_size_time_and_disk_alone() -> None:
    assert limits({}) == Limits(math.inf, math.inf, 20_000_000, 720, 10_000)


@pytest.mark.parametrize("name", VARIABLES)
def test_each_bound_follows_its_variable(name: str) -> None:
    found = limits({VARIABLES[name]: "12.5"})
    assert getattr(found, name) == 12.5
    others = [other for other in VARIABLES if other != name]
    assert all(getattr(found, other) == getattr(Limits(), other) for other in others)


@pytest.mark.parametrize("text", ["", "0", "-5", "many", "nan", "1,000"])
def test_a_value_that_is_no_bound_leaves_the_default(text: str) -> None:
    assert limits({variable: text for variable in VARIABLES.values()}) == Limits()


def test_the_environment_is_read_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENMOD_MAX_EPOCHS", "7")
    assert limits().epochs == 7
    monkeypatch.setenv("GENMOD_MAX_EPOCHS", "8")
    assert limits().epochs == 8


SMALL = VAEConfig(epochs=10, images=1000)


@pytest.mark.parametrize(
    ("bound", "sentence"),
    [
        (Limits(epochs=9), "This training would have 10 epochs, and this server allows at most 9; choose less."),
        (Limits(images=999), "This training would have 1,000 training images, and this server allows at most 999; "
                             "choose less."),
        (Limits(parameters=203_287), "This training would have 203,288 parameters, and this server allows at most "
                                     "203,287; choose less."),
    ],
)  # fmt: skip
def test_a_training_that_is_too_large_is_refused_in_one_sentence(bound: Limits, sentence: str) -> None:
    with pytest.raises(ConfigError) as refused:
        bound.check(SMALL)
    assert str(refused.value) == sentence


def test_a_training_just_within_bounds_is_allowed() -> None:
    Limits(epochs=10, images=1000, parameters=parameters(SMALL)).check(SMALL)
    Limits().check(VAEConfig(hidden_units=(1024,) * 4, epochs=500))
