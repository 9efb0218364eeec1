"""Whatever a sentence quotes is written so that Markdown does nothing with it."""

from __future__ import annotations

import re

import pytest

from genmod.datasets import DATASETS, DataSource
from genmod.ui import say
from tests.pages import junk


@pytest.mark.parametrize("text", junk.MARKUP)
def test_markup_is_shown_as_the_signs_it_is_made_of(text: str) -> None:
    written = say.plain(f"x is '{text}'.")
    assert junk.read(written) == f"x is '{re.sub(chr(10), ' ', text)}'."
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", written)  # without what is escaped
    assert not re.search(r"[\[\]<>*`$|&~]|://|www\.|\w@|:\w+:|:[a-z]", bare, re.IGNORECASE)


def test_ordinary_sentences_are_left_as_they_are() -> None:
    for text in (
        "latent_dim is '64'; it must be a whole number from 2 to 32.",
        "After epoch 3, on the 10,000 test images: reconstruction 80.1 + KL 22.3 = 102.4 nats per image (100 %).",
        "It broke off at 12:30, after 5 - 6 minutes!",
    ):
        assert say.plain(text) == text


@pytest.mark.parametrize(
    "text", ["# a", "- a", "+ a", "1. a", "12) a", "::: a", "=== a", "> a", "    a", "\t\ta", "--- a"]
)
def test_no_line_begins_a_heading_a_list_or_a_block(text: str) -> None:
    assert not re.match(r"[#+>=:-]|\d+[.)]|\s", say.plain(text))


@pytest.mark.parametrize("sign", ["\x00", "\x1b", "\u202e", "\u200b", "\u2066", "\ud800", "\ufeff", "\uffff"])
def test_signs_without_a_shape_are_marked(sign: str) -> None:
    assert say.plain(f"a{sign}b") == "a\ufffdb"
    say.plain(f"a{sign}b").encode()


def test_a_text_of_any_length_is_cut() -> None:
    assert len(say.plain("x" * 100_000)) == say.LONGEST + 1
    assert say.plain("a\r\nb\u2028c") == "a  b c"


@pytest.mark.parametrize("source", DATASETS.values(), ids=lambda source: source.name)
def test_the_words_of_a_data_set_are_no_markup(source: DataSource) -> None:
    for word in (source.title, source.noun, source.plural, *source.class_names):
        assert say.plain(word) == word
