"""The bounds of a public host."""

from __future__ import annotations

import math
import re

import pytest

from genmod import kinds
from genmod.errors import ConfigError
from genmod.jobs import footprint
from genmod.jobs.limits import VARIABLES, Limits, check_environment, limits
from genmod.kinds import GANConfig, VAEConfig, parameters
from genmod.system import memory


def test_without_a_word_trainings_are_bound_by_size_time_and_disk_alone() -> None:
    assert limits({}) == Limits(math.inf, math.inf, 20_000_000, 720, 10_000, math.inf)


@pytest.mark.parametrize("name", VARIABLES)
def test_each_bound_follows_its_variable(name: str) -> None:
    found = limits({VARIABLES[name]: "12.5"})
    assert getattr(found, name) == 12.5
    others = [other for other in VARIABLES if other != name]
    assert all(getattr(found, other) == getattr(Limits(), other) for other in others)


NO_BOUNDS = ["", " ", "0", "-1", "-0.0", "abc", "nan", "inf", "-inf", "1e999", "1,000", "12 epochs", "0x10", "9" * 500]


@pytest.mark.parametrize("text", NO_BOUNDS)
@pytest.mark.parametrize("variable", VARIABLES.values())
def test_a_value_that_is_no_bound_is_refused_and_lifts_none(variable: str, text: str) -> None:
    for read in (limits, check_environment):
        with pytest.raises(ConfigError) as refused:
            read({variable: text})
        said = str(refused.value)
        assert said.startswith(f"The environment variable {variable} is ")
        assert said.endswith("; it must be a number above 0, such as 500, or not be set.")
        assert (repr(text[:40])[:-1] if text.strip() else "empty") in said
        assert len(said) < 200


@pytest.mark.parametrize("text", ["0", "-2", "1.5", "many", "", "nan", "inf", "101"])
def test_a_wrong_number_of_workers_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="GENMOD_WORKERS is .*; it must be a whole number from 1 to 100"):
        check_environment({"GENMOD_WORKERS": text})


@pytest.mark.parametrize("text", ["no", "2", "-1", "", "nan"])
def test_a_wrong_word_on_the_spare_process_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="GENMOD_SPARE is .*; it must be 0 or 1, or not be set"):
        check_environment({"GENMOD_SPARE": text})


def test_what_can_be_meant_is_not_refused() -> None:
    check_environment({})
    check_environment(
        {variable: "1e3" for variable in VARIABLES.values()} | {"GENMOD_WORKERS": "3", "GENMOD_SPARE": "0"}
    )


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


# Memory

LARGE = GANConfig(
    architecture="conv", generator_filters=(128,) * 3, discriminator_filters=(128,) * 3, batch_size=10_000
)


def test_a_training_beyond_the_allowed_memory_is_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError) as refused:
        Limits(memory_megabytes=4000).check(LARGE)
    assert re.fullmatch(
        r"This training would need about \d\d\.\d GB of memory, and this server allows one training 4\.0 GB; "
        r"choose a smaller batch or a smaller net\.",
        str(refused.value),
    )


def test_a_training_that_the_machine_cannot_hold_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "total", lambda: 8_000_000_000)
    with pytest.raises(ConfigError, match=r"of memory, and this machine has 7\.6 GB for it; choose a smaller batch"):
        Limits().check(LARGE)
    monkeypatch.setattr(memory, "total", lambda: 100_000_000)
    with pytest.raises(ConfigError, match="this machine has 0 MB for it"):
        Limits().check(SMALL)


def test_every_preset_fits_a_machine_with_two_gigabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "total", lambda: 2_000_000_000)
    for kind in kinds.KINDS.values():
        for preset in kind.presets:
            config = preset.config
            Limits().check(config)
            assert footprint.needed(config) < Limits().memory_of(config) <= 2 * footprint.needed(config)


def test_a_training_is_held_to_what_the_host_allows() -> None:
    assert Limits(memory_megabytes=1500).memory_of(LARGE) == 1_500_000_000
