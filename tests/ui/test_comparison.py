"""Two runs beside each other: the settings that differ, and what the same seed means."""

from __future__ import annotations

from genmod import runs
from genmod.kinds import AEConfig, GANConfig, VAEConfig
from genmod.ui import comparison
from genmod.ui.comparison import Difference


def test_only_the_settings_that_differ_are_listed() -> None:
    one = VAEConfig()
    found = comparison.differences(one, one.replace(epochs=one.epochs + 1, seed=7))
    assert found == [Difference("Epochs", str(one.epochs), str(one.epochs + 1)), Difference("Seed", str(one.seed), "7")]
    assert comparison.differences(one, one) == comparison.only_one_has(one, one) == []


def test_a_setting_that_matters_to_neither_is_left_out() -> None:
    one = GANConfig().replace(architecture="dense")
    unused = next(item for item in one.settings() if item.name == "generator_filters")
    assert not unused.applies(one.values, {})
    assert comparison.differences(one, one.replace(generator_filters=(7, 7))) == []


def test_what_one_kind_lacks_stands_apart() -> None:
    alone = comparison.only_one_has(AEConfig(), VAEConfig())
    assert any(row.label == VAEConfig.setting("beta").label and row.one == "" and row.other for row in alone)
    assert not {row.label for row in alone} & {row.label for row in comparison.differences(AEConfig(), VAEConfig())}


def test_the_same_seed_means_the_same_latents_only_at_the_same_length() -> None:
    same = comparison.remark(runs.find("ae-article"), runs.find("vae-elbo"), 4)
    assert "the same latents at the same place" in same
    other = comparison.remark(runs.find("vae-map"), runs.find("gan-dense"), 4)
    assert "One model takes 2 latents and the other 64" in other
