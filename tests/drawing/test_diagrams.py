"""Drawings of a model's layers."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from genmod import kinds
from genmod.drawing import diagrams
from genmod.kinds import AEConfig, Config, GANConfig, Layer, VAEConfig

SVG = "{http://www.w3.org/2000/svg}"
CONFIGS = [
    VAEConfig(),
    VAEConfig(latent_dim=32, hidden_units=(4,)),
    VAEConfig(latent_dim=2, hidden_units=(1024, 512, 256, 4)),
]
OTHERS: list[Config] = [
    AEConfig(),
    AEConfig(architecture="conv"),
    VAEConfig(conditional=True),
    VAEConfig(conditional=True, architecture="conv", filters=(128, 128), hidden_units=(64, 32)),
    GANConfig(),
    GANConfig(architecture="conv"),
    GANConfig(architecture="conv", generator_start=48, discriminator_head=64),
    GANConfig(conditional=True),
    GANConfig(conditional=True, architecture="conv", latent_dim=2, generator_filters=(64,)),
]


def layers(config: Config) -> list[Layer]:
    return kinds.of(config).layers(config)


def drawn(config: Config) -> ElementTree.Element:
    return ElementTree.fromstring(diagrams.network(layers(config), ink="#222", accent="#0b6e99"))


@pytest.mark.parametrize("config", CONFIGS, ids=kinds.describe)
def test_every_layer_is_drawn_and_named(config: VAEConfig) -> None:
    picture = drawn(config)
    assert len(picture.findall(f"{SVG}rect")) == len(layers(config))
    words = " ".join(text.text or "" for text in picture.iter(f"{SVG}text"))
    for name in ("image", "hidden 1", "z_mean", "z_log_var", "latents", "784"):
        assert name in words


@pytest.mark.parametrize("config", [*CONFIGS, *OTHERS], ids=lambda config: f"{config.kind}-{kinds.describe(config)}")
def test_nothing_lies_outside_the_frame(config: Config) -> None:
    picture = drawn(config)
    left, top, width, height = (float(number) for number in picture.attrib["viewBox"].split())
    for block in picture.findall(f"{SVG}rect"):
        x, y, w, h = (float(block.attrib[name]) for name in ("x", "y", "width", "height"))
        assert x >= left
        assert y >= top
        assert x + w <= left + width
        assert y + h <= top + height
    for text in picture.iter(f"{SVG}text"):
        assert left <= float(text.attrib["x"]) <= left + width
        assert top + 8 <= float(text.attrib["y"]) <= top + height


@pytest.mark.parametrize("config", OTHERS, ids=lambda config: f"{config.kind}-{kinds.describe(config)}")
def test_blocks_of_one_column_never_overlap_and_all_layers_are_drawn(config: Config) -> None:
    columns: dict[str, list[tuple[float, float]]] = {}
    for block in drawn(config).findall(f"{SVG}rect"):
        top = float(block.attrib["y"])
        columns.setdefault(block.attrib["x"], []).append((top, top + float(block.attrib["height"])))
    assert sum(map(len, columns.values())) == len(layers(config))
    for column in columns.values():
        upper, *lower = sorted(column)
        assert all(upper[1] < block[0] for block in lower)


def test_a_gan_is_drawn_from_noise_to_judgement() -> None:
    words = [text.text for text in drawn(GANConfig()).iter(f"{SVG}text")]
    assert words[0] == "latents"
    assert words.count("image") == 2  # what the generator draws, and what the discriminator looks at
    assert words[-2:] == ["real?", "1"]


@pytest.mark.parametrize("config", CONFIGS, ids=kinds.describe)
def test_blocks_of_a_pair_do_not_touch(config: VAEConfig) -> None:
    columns: dict[str, list[tuple[float, float]]] = {}
    for block in drawn(config).findall(f"{SVG}rect"):
        top = float(block.attrib["y"])
        columns.setdefault(block.attrib["x"], []).append((top, top + float(block.attrib["height"])))
    pairs = [sorted(column) for column in columns.values() if len(column) > 1]
    assert len(pairs) == 1
    for upper, lower in pairs:
        assert upper[1] < lower[0]


def test_a_wider_layer_is_drawn_taller() -> None:
    heights = [float(block.attrib["height"]) for block in drawn(VAEConfig()).findall(f"{SVG}rect")]
    image, hidden, z_mean = heights[:3]
    assert image > hidden > z_mean


def test_only_the_latents_wear_the_accent() -> None:
    assert sum(block.attrib.get("fill") == "#0b6e99" for block in drawn(VAEConfig()).findall(f"{SVG}rect")) == 3


def test_names_are_escaped() -> None:
    picture = diagrams.network([Layer("encoder", "<b>&", "dense", (4,), 1)], "#222", "#0b6e99")
    assert "<b>" not in picture
    ElementTree.fromstring(picture)


def test_the_drawing_has_words() -> None:
    assert diagrams.description(layers(VAEConfig())) == (
        "Layers from left to right: images 784, hidden_1 128, z_mean 4, z_log_var 4, "
        "latents 4, hidden_1 128, logits 784."
    )


@pytest.mark.parametrize("config", [*CONFIGS, *OTHERS], ids=lambda config: f"{config.kind}-{kinds.describe(config)}")
def test_the_drawing_for_a_narrow_screen_fits_it_and_names_every_layer(config: Config) -> None:
    found = layers(config)
    svg = ElementTree.fromstring(diagrams.network_tall(found, "#222222", "#0b6e99"))
    width = float(svg.attrib["width"])
    assert width <= 340
    bars = [element for element in svg if element.tag.endswith("rect")]
    words = [element.text or "" for element in svg if element.tag.endswith("text")]
    assert len(bars) == len(words) == len(found)
    for bar in bars:
        assert float(bar.attrib["x"]) >= 0 and float(bar.attrib["x"]) + float(bar.attrib["width"]) <= width
    for layer, said in zip(found, words, strict=True):
        assert said.endswith(f"{layer.units:,}")
