"""The words of the field: each once, found in any of its spellings."""

from __future__ import annotations

import pytest

from genmod.kinds import glossary

SPELLINGS = [word.lower() for term in glossary.TERMS for word in (term.name, *term.spellings)]


def test_every_spelling_belongs_to_one_term() -> None:
    assert len(SPELLINGS) == len(set(SPELLINGS))


@pytest.mark.parametrize("term", glossary.TERMS, ids=lambda term: term.name)
def test_an_explanation_is_one_or_two_short_sentences(term: glossary.Term) -> None:
    assert term.explanation.endswith(".")
    assert term.explanation[0].isupper()
    assert term.explanation.count(". ") <= 1
    assert len(term.explanation) < 180
    for spelling in (term.name, *term.spellings):
        assert glossary.found(f"It says {spelling}, once.") == [term]
        assert glossary.found(spelling.upper()) == [term]


@pytest.mark.parametrize(
    "word",
    ["nats", "latents", "latent numbers", "binary cross-entropy", "Frechet distance", "prior", "KL divergence",
     "beta",
     "precision", "recall", "ELBO", "reconstruction", "latent space", "encoder", "decoder", "generator",
     "discriminator",
     "epoch", "batch", "learning rate", "mode collapse", "posterior collapse", "principal component",
     "class-conditional"],
)  # fmt: skip
def test_the_words_that_pages_use_are_there(word: str) -> None:
    assert glossary.term(word).explanation


def test_the_longest_word_is_found_and_parts_of_words_are_not() -> None:
    found = [(text, term.name) for text in ("latent space",) for _, _, term in glossary.occurrences(text)]
    assert found == [("latent space", "latent space")]
    assert glossary.found("priority, encode, beta_1, alphabet, autoencoder-like") == []
    assert [term.name for term in glossary.found("Codes, then recall", "codes")] == ["code", "recall"]


def test_an_unknown_word_is_an_error() -> None:
    with pytest.raises(KeyError):
        glossary.term("gradient")
