"""Settings: bounds, sentences, presets, and JSON both ways."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest

from genmod import kinds
from genmod.datasets import MNIST
from genmod.errors import ConfigError
from genmod.kinds import AEConfig, Config, GANConfig, VAEConfig
from genmod.runs import fingerprint

SETTINGS = {item.name: item for item in VAEConfig.settings()}


def is_one_sentence(text: str) -> bool:
    return text.endswith(".") and "\n" not in text and len(text) < 400


def test_the_article_preset_is_the_article() -> None:
    assert kinds.from_preset("vae", "article").values == {
        "architecture": "dense",
        "latent_dim": 4,
        "filters": (16, 32),  # of convolutions, which it has not
        "hidden_units": (128,),
        "decoder_layers": "mirrored",
        "decoder_units": (64, 128, 256, 256),  # of a decoder that does not mirror
        "latent_skips": False,
        "optimizer": "rmsprop",
        "learning_rate": 1e-3,
        "learning_rate_schedule": "constant",
        "batch_size": 100,
        "epochs": 50,
        "seed": 0,
        "activation": "relu",
        "conditional": False,
        "beta": 0.0392,
        "beta_warm_up": 0,
        "weight_decay": 0.0,
        "binarise": False,
        "dataset": "mnist",
        "images": 60_000,
        "classes": (),  # all of them
    }


def test_the_article_beta_follows_from_its_formula() -> None:
    # 1e-4 times a mean over 4 coordinates, against cross-entropy as a mean over 784 pixels; KL has a factor 1/2.
    assert kinds.from_preset("vae", "article").values["beta"] == pytest.approx(784 * 1e-4 * 2 / 4)


def test_elbo_is_the_article_with_beta_one() -> None:
    article, elbo = (kinds.from_preset("vae", name).values for name in ("article", "elbo"))
    assert {name for name in article if article[name] != elbo[name]} == {"beta"}
    assert elbo["beta"] == 1.0


def test_map_has_two_latents_adam_and_a_cosine() -> None:
    values = kinds.from_preset("vae", "map").values
    assert (values["latent_dim"], values["optimizer"], values["learning_rate_schedule"]) == (2, "adam", "cosine")


PRESETS = {
    "vae": ["article", "elbo", "map", "best", "conv", "conditional", "fashion-map", "no-kl", "kl-too-strong"],
    "ae": ["article"],
    "flow": ["latent", "conditional", "map"],
    "gan": [
        "dense", "dcgan", "conditional", "fashion", "non-saturating", "wgan-gp", "hinge",
        "discriminator-wins", "generator-wins", "mode-collapse", "learning-rate-too-high",
    ],
}  # fmt: skip
ALL = [preset.config for kind in kinds.KINDS.values() for preset in kind.presets]


def name(config: Config) -> str:
    return f"{config.kind}-{config.preset}"


@pytest.mark.parametrize("kind", PRESETS)
def test_every_preset_has_a_reason_and_knows_its_name(kind: str) -> None:
    presets = kinds.KINDS[kind].presets
    assert [preset.name for preset in presets] == PRESETS[kind]
    reasons = [preset.reason for preset in presets]
    assert len(set(reasons)) == len(reasons)
    assert all(is_one_sentence(reason) for reason in reasons)
    assert not any(kinds.changes(preset.config) for preset in presets)


def test_what_is_bad_on_purpose_says_so() -> None:
    bad = {"no-kl", "kl-too-strong", "discriminator-wins", "generator-wins", "mode-collapse"}
    bad.add("learning-rate-too-high")
    presets = [preset for kind in kinds.KINDS.values() for preset in kind.presets]
    assert {preset.name for preset in presets if preset.reason.startswith("On purpose bad")} == bad


@pytest.mark.parametrize("config", ALL, ids=name)
def test_what_can_be_adjusted_is_a_setting(config: Config) -> None:
    assert set(config.adjustable) <= set(config.values)


@pytest.mark.parametrize("config", ALL, ids=name)
def test_a_kind_made_without_arguments_is_its_first_preset(config: Config) -> None:
    made = type(config)()
    assert made.preset == kinds.of(config).presets[0].name


def test_a_config_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        VAEConfig().epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (kind, item.name)
        for kind, found in kinds.KINDS.items()
        for item in found.config.settings()
        if not item.choices and item.type is not bool and not item.run_of
    ],
)
def test_bounds_are_inclusive_and_beyond_them_is_refused(kind: str, name: str) -> None:
    item = kinds.KINDS[kind].config.setting(name)
    assert item.low is not None and item.high is not None
    for value in (item.low, item.high):
        assert item.parse(str(value) if item.type is float else str(int(value))) is not None
    for value in (item.low - 1, item.high + 1):
        with pytest.raises(ConfigError) as caught:
            item.parse(value)
        assert is_one_sentence(str(caught.value))
        assert name in str(caught.value)


@pytest.mark.parametrize("value", ["", "Up", "a--b", "../x", "a" * 65])
def test_a_setting_that_names_a_run_takes_only_what_can_be_an_id(value: str) -> None:
    with pytest.raises(ConfigError, match="^vae is .*; it must be the id of a finished run of the kind vae\\.$"):
        kinds.FlowConfig.setting("vae").parse(value)
    assert kinds.FlowConfig.setting("vae").parse("vae-best") == "vae-best"


def test_what_a_run_is_built_on_comes_back_from_json() -> None:
    config = kinds.from_preset("flow").on(VAEConfig(latent_dim=7))
    assert config.latent_dim == 7
    assert kinds.from_json(config.to_json()) == config
    data = config.to_json()
    del data["base"]
    with pytest.raises(ConfigError, match="the settings of the run that it is built on are missing"):
        kinds.from_json(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", "many"),
        ("epochs", ""),
        ("epochs", "1.5"),
        ("epochs", 1.5),
        ("epochs", True),
        ("epochs", None),
        ("epochs", [3]),
        ("epochs", "9" * 400),
        ("epochs", "9" * 5000),
        ("epochs", 10**400),
        ("learning_rate", "nan"),
        ("learning_rate", "inf"),
        ("learning_rate", "-inf"),
        ("learning_rate", 0),
        ("learning_rate", "1e400"),
        ("learning_rate", 10**400),
        ("beta", -0.1),
        ("beta", {}),
        ("latent_dim", 0),
        ("latent_dim", 33),
        ("latent_dim", "2; rm -rf"),
        ("hidden_units", ""),
        ("hidden_units", ()),
        ("hidden_units", "128,"),
        ("hidden_units", "1,2,3,4,5"),
        ("hidden_units", (64,) * 5),
        ("hidden_units", (2,)),
        ("hidden_units", "128,x"),
        ("optimizer", "ADAM "),
        ("optimizer", ""),
        ("optimizer", None),
        ("seed", -1),
        ("seed", 2**31),
        ("images", 60_001),
        ("classes", "7,"),
        ("classes", "10"),
        ("classes", "-1"),
        ("classes", "seven"),
        ("classes", True),
        ("classes", tuple(range(11))),
        ("conditional", "perhaps"),
        ("conditional", None),
        ("conditional", 2),
    ],
)
def test_a_wrong_value_gives_one_sentence_that_names_the_setting(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        SETTINGS[name].parse(value)
    assert is_one_sentence(str(caught.value))
    assert str(caught.value).startswith(f"{name} is ")
    assert SETTINGS[name].expectation in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("epochs", " 7 ", 7),
        ("epochs", 7.0, 7),
        ("learning_rate", "1e-3", 1e-3),
        ("learning_rate", 1, 1.0),
        ("hidden_units", "512, 256", (512, 256)),
        ("hidden_units", [512, 256], (512, 256)),
        ("hidden_units", 64, (64,)),
        ("classes", "all", ()),
        ("classes", " ALL ", ()),
        ("classes", "", ()),
        ("classes", [], ()),
        ("classes", "7", (7,)),
        ("classes", 7, (7,)),
        ("optimizer", "adam", "adam"),
        ("conditional", "Yes", True),
        ("conditional", False, False),
        ("conditional", 1, True),
    ],
)
def test_a_value_is_read_from_text_and_numbers(name: str, value: object, expected: object) -> None:
    parsed = SETTINGS[name].parse(value)
    assert parsed == expected
    assert type(parsed) is type(expected)


@pytest.mark.parametrize("config", ALL, ids=name)
def test_text_of_a_value_is_read_back(config: Config) -> None:
    for name, value in config.values.items():
        item = config.setting(name)
        assert item.parse(item.text(value)) == value


def test_values_are_checked_when_a_config_is_made() -> None:
    with pytest.raises(ConfigError):
        VAEConfig(latent_dim=0)
    with pytest.raises(ConfigError):
        dataclasses.replace(VAEConfig(), batch_size=0)


def test_an_unknown_name_kind_or_preset_is_named_with_what_is_known() -> None:
    with pytest.raises(ConfigError, match=r"dropout is not a setting of vae; known are architecture, latent_dim, "):
        VAEConfig().replace(dropout=0.1)
    with pytest.raises(ConfigError, match="'gpt' is not a kind of model; known are vae"):
        kinds.kind("gpt")
    with pytest.raises(ConfigError, match="preset is 'worst'; it must be one of article, elbo, map, "):
        kinds.from_preset("vae", "worst")


@pytest.mark.parametrize("config", ALL, ids=name)
def test_json_goes_both_ways(config: Config) -> None:
    changed = config.replace(epochs=3, seed=9)
    assert kinds.from_json(json.loads(json.dumps(changed.to_json()))) == changed


def test_json_is_grouped_as_a_person_would_look_for_it() -> None:
    data = VAEConfig().to_json()
    assert set(data) == {"kind", "preset", "architecture", "training", "data"}
    assert set(data["architecture"]) == {
        "architecture", "latent_dim", "filters", "hidden_units", "decoder_layers", "decoder_units", "latent_skips",
        "activation", "conditional",
    }  # fmt: skip
    assert set(data["data"]) == {"dataset", "images", "classes"}


@pytest.mark.parametrize(
    "damage",
    [
        {"kind": None},
        {"kind": "gan"},
        {"kind": "tree"},
        {"kind": ["vae"]},
        {"architecture": {}},
        {"architecture": [4, 128]},
        {"training": None},
        {"data": {"images": "all"}},
        {"architecture": {"latent_dim": 4, "hidden_units": {"a": 1}}},
        {"architecture": {"latent_dim": 4, "hidden_units": [[1]]}},
    ],
    ids=str,
)
def test_damaged_json_gives_one_sentence(damage: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        kinds.from_json(VAEConfig().to_json() | damage)
    assert is_one_sentence(str(caught.value))


def test_json_of_the_first_format_is_read_with_what_it_could_not_say() -> None:
    data = VAEConfig(beta=1).to_json()
    del data["architecture"]["conditional"], data["architecture"]["activation"], data["training"]["beta_warm_up"]
    del data["training"]["binarise"]
    assert kinds.from_json(data) == VAEConfig(beta=1)
    assert {1, 2, 3, 4, 5, kinds.FORMAT} == kinds.READABLE


def test_json_of_the_second_format_knew_neither_dense_layers_around_convolutions_nor_black_and_white() -> None:
    data, other = GANConfig(architecture="conv").to_json(), VAEConfig().to_json()
    del data["architecture"]["discriminator_head"], data["architecture"]["generator_start"]
    del other["training"]["binarise"]
    assert kinds.from_json(data) == GANConfig(architecture="conv", generator_start=0, discriminator_head=0)
    assert kinds.from_json(other) == VAEConfig(binarise=False)


def test_json_of_the_third_format_knew_one_data_set() -> None:
    data = VAEConfig().to_json()
    del data["data"]["dataset"]
    assert kinds.from_json(data) == VAEConfig(dataset="mnist")


@pytest.mark.parametrize("config", [VAEConfig(), AEConfig()], ids=lambda config: config.kind)
def test_json_of_the_fourth_format_knew_mirrored_dense_autoencoders_alone(config: Config) -> None:
    data = config.to_json()
    for name in ("architecture", "filters", "decoder_layers", "decoder_units", "latent_skips"):
        del data["architecture"][name]
    assert kinds.from_json(data).values["architecture"] == "dense"
    assert kinds.from_json(data) == config


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_json_of_the_fifth_format_knew_trainings_on_all_classes_alone(kind: str) -> None:
    config = kinds.from_preset(kind)
    data = config.to_json()
    assert data["data"].pop("classes") == []
    if config.base is not None:
        del data["base"]["data"]["classes"]
    assert kinds.from_json(data) == config


def test_classes_of_another_data_set_are_refused_in_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"^classes is 1, 7; Shapes has the classes 0 to 2\.$"):
        VAEConfig(dataset="shapes", classes=(7, 1))
    with pytest.raises(ConfigError, match=r"^classes is 7; Shapes has the classes 0 to 2\.$"):
        VAEConfig(classes=(7,)).replace(dataset="shapes")
    with pytest.raises(ConfigError, match=r"^classes is '10'; it must be all, or 1 to 10 whole numbers from 0 to 9, "):
        VAEConfig(classes="10")  # type: ignore[arg-type]  # as a form or the command line hands it over


def test_all_classes_named_one_by_one_are_the_same_training() -> None:
    every = VAEConfig(dataset="shapes", classes=(2, 0, 1))
    assert every == VAEConfig(dataset="shapes")
    assert fingerprint(every) == fingerprint(VAEConfig(dataset="shapes"))
    assert fingerprint(VAEConfig(classes=(7,))) != fingerprint(VAEConfig())
    assert VAEConfig(classes=(7, 1, 7)).classes == (1, 7)


def test_a_fingerprint_of_before_there_were_classes_to_choose_stays() -> None:
    # As it stands in the config.json of the shipped run row-ae, which is of format 4.
    config = AEConfig(latent_dim=2, hidden_units=(64,))
    assert fingerprint(config) == "69355fbcb0fdf960d86e423bbc4006b0"


@pytest.mark.parametrize("config", ALL, ids=name)
def test_a_fingerprint_is_the_one_of_before_there_were_classes_to_choose(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, some = fingerprint(config), fingerprint(config.replace(classes=(1, 2)))
    before = tuple(item for item in config.settings() if item.name != "classes")
    monkeypatch.setattr(type(config), "settings", classmethod(lambda cls: before))
    assert "classes" not in config.values
    assert fingerprint(config) == found != some


def test_an_epoch_has_the_images_of_the_chosen_classes_alone() -> None:
    labels = MNIST.load().train_labels
    sevens = VAEConfig(classes=(7,))
    assert (labels[sevens.learned] == 7).all() and len(sevens.learned) == (labels == 7).sum()
    assert sevens.steps_per_epoch == math.ceil((labels == 7).sum() / 100)
    few = sevens.replace(images=250)
    assert few.learned.tolist() == sevens.learned[:250].tolist() and few.steps_per_epoch == 3
    assert VAEConfig(images=250).learned.tolist() == list(range(250))


def test_chosen_classes_are_named_in_words() -> None:
    config = VAEConfig(classes=(7, 1))
    assert kinds.describe(config) == "article, with classes 1, 7"
    assert kinds.differences(VAEConfig(), config) == ["classes all to 1, 7"]


@pytest.mark.parametrize("preset", ["renamed", "", "a" * 200, None, 7])
def test_the_preset_of_a_run_is_a_label(preset: object) -> None:
    read = kinds.from_json(VAEConfig(beta=2.0).to_json() | {"preset": preset})
    assert read.values == VAEConfig(beta=2.0).values
    assert kinds.changes(read) == {}
    assert kinds.describe(read) == read.preset


def test_a_setting_says_with_which_other_it_matters() -> None:
    filters = GANConfig.setting("generator_filters")
    assert filters.applies({"architecture": "conv"}, {})
    assert not filters.applies({}, GANConfig().values)
    assert all(item.applies({}, {}) for item in GANConfig.settings() if item.only_with is None and item.open)
    assert dataclasses.replace(GANConfig.setting("dataset"), choices=("mnist",)).open is False
    for kind in kinds.KINDS.values():
        for item in kind.config.settings():
            if item.only_with is not None:
                other, wanted = item.only_with
                assert all(kind.config.setting(other).parse(value) == value for value in wanted)


def test_settings_of_one_name_belong_to_several_kinds() -> None:
    assert list(kinds.settings_called("latent_dim")) == ["vae", "ae", "gan"]
    assert list(kinds.settings_called("dropout")) == ["gan"]
    assert len(kinds.setting_names()) == len(set(kinds.setting_names()))


def test_json_of_a_friendly_newer_version_is_read() -> None:
    data = VAEConfig().to_json()
    data["training"]["warmup"] = 10
    data["weather"] = "fine"
    assert kinds.from_json(data) == VAEConfig()


def test_a_run_is_described_by_what_differs_from_its_preset() -> None:
    assert kinds.describe(VAEConfig()) == "article"
    assert kinds.describe(VAEConfig(beta=1)) == "article, with beta 1"
    assert kinds.describe(VAEConfig(beta=1, seed=3, latent_dim=2)) == "article, with latent size 2, seed 3 and beta 1"


@pytest.mark.parametrize(
    ("images", "batch_size", "steps"),
    [(60_000, 100, 600), (60_000, 10_000, 6), (250, 100, 3), (1, 100, 1), (99, 100, 1)],
)
def test_steps_per_epoch_cover_every_image(images: int, batch_size: int, steps: int) -> None:
    assert VAEConfig(images=images, batch_size=batch_size).steps_per_epoch == steps


def test_flags_are_spelled_as_the_settings() -> None:
    assert {item.flag for item in SETTINGS.values()} >= {
        "--epochs", "--batch-size", "--latent-dim", "--beta", "--learning-rate", "--seed", "--images",
    }  # fmt: skip
