"""Fashion-MNIST: photographs of clothes, shoes and bags in the size and number of MNIST's digits."""

from __future__ import annotations

import functools
from pathlib import Path

from genmod.datasets.dataset import load
from genmod.datasets.source import DataSource

NAME = "fashion-mnist"
PATH = Path(__file__).parents[1] / "data" / NAME / f"{NAME}.npz"
SHA256 = "5b6d2c4c694a91887af8ab7d039c04f80af3c29378d731c93a538d2e831aa469"
CLASSES = (  # name, with its article, mark
    ("T-shirt/top", "a T-shirt or top", "Ts"),
    ("trouser", "trousers", "Tr"),
    ("pullover", "a pullover", "Pu"),
    ("dress", "a dress", "Dr"),
    ("coat", "a coat", "Co"),
    ("sandal", "a sandal", "Sa"),
    ("shirt", "a shirt", "Sh"),
    ("sneaker", "a sneaker", "Sn"),
    ("bag", "a bag", "Ba"),
    ("ankle boot", "an ankle boot", "Bo"),
)

FASHION_MNIST = DataSource(
    name=NAME,
    title="Fashion-MNIST",
    noun="fashion item",
    plural="fashion items",
    class_names=tuple(name for name, _, _ in CLASSES),
    class_phrases=tuple(phrase for _, phrase, _ in CLASSES),
    marks=tuple(mark for _, _, mark in CLASSES),
    image_shape=(28, 28, 1),
    training_images=60_000,
    test_images=10_000,
    sha256=SHA256,
    licence="MIT, copyright 2017 Zalando SE",
    source="Han Xiao, Kashif Rasul and Roland Vollgraf, Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine "
    "Learning Algorithms (2017, arXiv:1708.07747)",
    description="Photographs of clothes, shoes and bags from a shop's catalogue, made small and grey. It is as large "
    "as MNIST and harder: a shirt, a coat and a pullover look much alike.",
    classifier="classifier-fashion-mnist",
    longer_side=28,
    centred_by="box",
    read=functools.partial(load, PATH, SHA256, NAME),
)
