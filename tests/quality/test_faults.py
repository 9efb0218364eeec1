"""What is the prior's fault and what the decoder's blur: the sentence against its numbers."""

from __future__ import annotations

import re

import pytest

from genmod import quality, runs
from genmod.quality import Quality, faults, reference
from genmod.runs import Run

ENDS = {"frechet_distance": (0.34, 270.0)}


def said(prior: float, codes: float | None) -> str:
    values = {"frechet_distance": prior} | ({} if codes is None else {"codes_frechet_distance": codes})
    return faults.sentence(Quality(values, {}, {}, {}, ""), ENDS)


@pytest.mark.parametrize(
    ("prior", "codes", "expected"),
    [
        (
            20.64, 3.84,
            "Of the Frechet distance of 20.64, 16.80 are the prior's fault: with the codes of real images as latents "
            "3.84 are left. Of these, 3.50 are the decoder's blur; real test images have 0.34.",
        ),
        (
            20.64, 0.36,
            "Of the Frechet distance of 20.64, 20.28 are the prior's fault: with the codes of real images as latents "
            "it is 0.36, about that of real test images, 0.34, so the decoder's blur costs next to nothing.",
        ),
        (
            20.64, 0.04,
            "Of the Frechet distance of 20.64, 20.60 are the prior's fault: with the codes of real images as latents "
            "it is 0.04, even below that of real test images, 0.34, so the decoder's blur costs next to nothing.",
        ),
        (
            62.1, 62.0,
            "Nothing of the Frechet distance of 62.10 is the prior's fault: with the codes of real images as latents "
            "it is 62.00, about that from the prior. Of that, 61.66 are the decoder's blur; real test images have "
            "0.34.",
        ),
        (
            62.0, 70.0,
            "Nothing of the Frechet distance of 62.00 is the prior's fault: with the codes of real images as latents "
            "it is 70.00, even above that from the prior. Of that, 69.66 are the decoder's blur; real test images "
            "have 0.34.",
        ),
        (
            0.5, 0.42,
            "Neither the prior nor the decoder's blur costs much: the Frechet distance is 0.50 with latents from the "
            "prior, 0.42 with the codes of real images, and 0.34 for real test images.",
        ),
    ],
)  # fmt: skip
def test_the_sentence_says_what_the_numbers_say(prior: float, codes: float, expected: str) -> None:
    assert said(prior, codes) == expected


@pytest.mark.parametrize("prior", [0.0, 0.2, 0.34, 0.45, 1.0, 5.0, 80.0, 300.0])
@pytest.mark.parametrize("codes", [0.0, 0.2, 0.34, 0.45, 1.0, 5.0, 80.0, 300.0])
def test_a_part_that_is_named_is_the_difference_and_never_negative(prior: float, codes: float) -> None:
    sentence = said(prior, codes)
    assert sentence.endswith(".")
    assert "-" not in sentence and "−" not in sentence
    fault = re.search(r", ([\d.]+) are the prior's fault", sentence)
    blur = re.search(r", ([\d.]+) are the decoder's blur", sentence)
    assert (fault is not None) == (prior - codes > max(0.1, 0.01 * prior))
    assert (blur is not None) == (codes - 0.34 > max(0.1, 0.01 * codes))
    assert fault is None or float(fault[1]) == pytest.approx(prior - codes, abs=0.006)
    assert blur is None or float(blur[1]) == pytest.approx(codes - 0.34, abs=0.006)


def test_without_codes_nothing_is_said() -> None:
    assert said(3.0, None) == ""


@pytest.mark.parametrize("run", runs.shipped().runs(), ids=lambda run: run.id)
def test_every_shipped_run_with_an_encoder_has_its_sentence(run: Run) -> None:
    known = quality.kept(run.path)
    assert known is not None
    sentence = faults.sentence(known, reference.ends(run.config().source))
    assert bool(sentence) == run.has("encoder.tflite")
