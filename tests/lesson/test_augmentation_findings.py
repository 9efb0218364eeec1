"""What accuracies say: planted ones whose answer is known, and every statement about the shipped ones again."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from genmod.drawing import images as pictures
from genmod.lesson import augmentation, chapters
from genmod.lesson import augmentation_findings as findings
from genmod.lesson.augmentation import SIZES, WAYS, Cell, Experiment, Result
from genmod.lesson.augmentation_findings import CHANCE, LESS, MORE, Difference

T_TWO = 4.303  # Student's t at 97.5 % with two degrees of freedom, from a table


def planted(images: int = 5, agreements: Mapping[int, float] | None = None, **ways: Sequence[float]) -> Result:
    """A result with these accuracies, a list for each way."""
    cells = tuple(Cell(way, seed, share) for way, shares in ways.items() for seed, share in enumerate(shares))
    return Result(Experiment(images, ways=tuple(ways)), cells, agreements or {})


def test_a_difference_is_taken_seed_by_seed() -> None:
    found = findings.difference(planted(real=[0.7, 0.8, 0.6], moved=[0.75, 0.86, 0.64]), "moved")
    assert found is not None
    assert found.by_seed == pytest.approx((0.05, 0.06, 0.04))
    assert found.mean == pytest.approx(0.05)
    assert found.limit == pytest.approx(T_TWO * 0.01 / 3**0.5, rel=1e-3)
    assert found.verdict == MORE


@pytest.mark.parametrize(
    ("by_seed", "verdict"),
    [
        ((0.05, 0.06, 0.04), MORE), ((-0.05, -0.06, -0.04), LESS), ((0.05, -0.06, 0.04), CHANCE),
        ((0.01, 0.05, 0.09), CHANCE), ((0.0, 0.0, 0.0), CHANCE), ((0.02, 0.02, 0.02), MORE), ((0.3,), CHANCE),
    ],
)  # fmt: skip
def test_a_verdict_needs_more_than_chance(by_seed: tuple[float, ...], verdict: str) -> None:
    assert Difference(by_seed).verdict == verdict


def test_sentences_say_more_less_and_chance() -> None:
    result = planted(
        real=[0.70, 0.71, 0.72], moved=[0.80, 0.81, 0.82], generated=[0.65, 0.66, 0.67], both=[0.82, 0.80, 0.83]
    )
    said = findings.about_one(result)
    assert said[0] == "From 5 real images of each digit the classifier gets 71.0 % of the 10,000 test images right."
    assert said[1] == "Shifted and turned, they give 81.0 %, 10.0 percentage points more."
    assert said[2] == "With generated images it is 66.0 %, 5.0 percentage points less."
    assert said[3].endswith("turning alone 0.7 percentage points more: no more than chance explains.")


def test_ways_that_were_not_measured_are_not_spoken_of() -> None:
    said = " ".join(findings.about_one(planted(real=[0.7, 0.7, 0.7], generated=[0.7, 0.7, 0.7])))
    assert "hifting" not in said and "Both" not in said and "generated" in said


def test_all_sizes_together_are_counted() -> None:
    results = {
        5: planted(5, real=[0.7, 0.71, 0.72], moved=[0.8, 0.81, 0.82], generated=[0.6, 0.61, 0.62]),
        10: planted(10, real=[0.75, 0.76, 0.77], moved=[0.85, 0.86, 0.87], generated=[0.70, 0.76, 0.81]),
        20: planted(20, real=[0.85, 0.86, 0.87], moved=[0.9, 0.91, 0.92], generated=[0.8, 0.86, 0.91]),
    }
    first, why, worth = findings.about_all(results)
    assert first == (
        "Shifting and turning helps with every number of real images; adding generated images harms with 5 and makes "
        "no difference beyond chance with 10 and 20."
    )
    assert "near copies" in why
    assert (
        worth
        == "5 images of each digit, shifted and turned, are worth more than 10 as they are (81.0 % beside 76.0 %)."
    )


def test_where_generated_images_help_it_is_said_and_why() -> None:
    results = {5: planted(5, real=[0.7, 0.71, 0.72], moved=[0.7, 0.71, 0.72], generated=[0.8, 0.81, 0.82])}
    said = findings.about_all(results)
    assert "adding generated images helps with every number" in said[0]
    assert "blends of images of one digit are new images" in said[1]
    assert len(said) == 2  # nothing to compare the fewest with


def test_alternative_texts_name_every_number() -> None:
    result = planted(real=[0.7, 0.71, 0.72], moved=[0.8, 0.81, 0.82], generated=[0.6, 0.61, 0.62], both=[0.5, 0.5, 0.5])
    assert "with generated: 61.0 % with 5" in findings.words({5: result})
    assert "shifted and turned, yours: 80.0 %, 81.0 %, 82.0 %" in findings.words_of_one([("yours", result)])


def test_the_method_says_who_reads_the_generated_images() -> None:
    result = planted(5, {0: 0.9, 1: 0.8, 2: 0.7}, real=[0.7, 0.7, 0.7], generated=[0.7, 0.7, 0.7])
    assert "80.0 % are read as the digit" in findings.method(result)[-1]
    assert "from no other" in findings.method(result)[1]
    assert len(findings.method(planted(real=[0.7] * 3, moved=[0.7] * 3))) == 3


# What ships


@pytest.fixture(scope="module")
def shipped() -> dict[int, Result]:
    return augmentation.shipped()


def table() -> dict[tuple[int, str], list[float]]:
    """The accuracies of the file, read without this project."""
    found: dict[tuple[int, str], list[float]] = {}
    for result in json.loads(augmentation.TABLE.read_text())["results"]:
        for cell in result["cells"]:
            found.setdefault((result["experiment"]["images"], cell["way"]), []).append(cell["accuracy"])
    return found


def test_every_size_ships_with_every_way_and_seed(shipped: dict[int, Result]) -> None:
    assert tuple(shipped) == SIZES
    assert all(len(shares) >= 3 for shares in table().values()) and len(table()) == len(SIZES) * len(WAYS)
    assert all(len(result.agreements) == result.experiment.seeds for result in shipped.values())
    about = json.loads(augmentation.TABLE.read_text())
    assert about["recipe"] == augmentation.recipe(), "the recipe has changed: run scripts/make_augmentation.py"
    assert set(about["versions"]) == {"tensorflow", "keras", "numpy"}


def test_a_sheet_of_generated_digits_ships_for_every_size() -> None:
    for images in SIZES:
        sheet = augmentation.shipped_sheet(images)
        assert sheet is not None and len(sheet) < 20_000
        pixels = pictures.pixels(sheet)
        assert pixels.shape == (4 * 29 - 1, 10 * 29 - 1) and pixels.max() > 200
        assert len(np.unique(pixels)) > 20


def test_the_sentences_on_each_size_hold(shipped: dict[int, Result]) -> None:
    known = table()
    for images, result in shipped.items():
        said = findings.about_one(result)
        for sentence, (way, other) in zip(
            said[1:], (("moved", "real"), ("generated", "real"), ("both", "moved")), strict=True
        ):
            one, two = known[images, way], known[images, other]
            by_seed = [100 * (a - b) for a, b in zip(one, two, strict=True)]
            mean, deviation = statistics.fmean(by_seed), statistics.stdev(by_seed)
            assert f" {100 * statistics.fmean(one):.1f} %, " in sentence
            shown = round(100 * statistics.fmean(one), 1) - round(100 * statistics.fmean(two), 1)
            assert f"{abs(shown):.1f} percentage points {'more' if shown >= 0 else 'less'}" in sentence
            assert abs(shown - mean) < 0.11
            student = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}[len(by_seed)]
            assert ("no more than chance" in sentence) == (abs(mean) <= student * deviation / len(by_seed) ** 0.5)


def test_the_sentences_on_all_sizes_hold(shipped: dict[int, Result]) -> None:
    first, _, worth = findings.about_all(shipped)
    known = table()
    moved, generated = first.split("; ")
    for clause, way in ((moved, "moved"), (generated, "generated")):
        for images, result in shipped.items():
            found = findings.difference(result, way)
            assert found is not None
            verb = findings.VERBS[found.verdict]
            (part,) = re.findall(rf"{verb} with ((?:\d+(?:, | and )?)+|every number)", clause)
            assert part == "every number" or str(images) in re.findall(r"\d+", part)
    few, most, one, two = re.findall(
        r"^(\d+) images.* more than (\d+) as they are \(([\d.]+) % beside ([\d.]+) %\)\.$", worth
    )[0]
    fewer, more = known[int(few), "moved"], known[int(most), "real"]
    assert f"{100 * statistics.fmean(fewer):.1f}" == one and f"{100 * statistics.fmean(more):.1f}" == two
    assert Difference(tuple(a - b for a, b in zip(fewer, more, strict=True))).verdict == MORE


def test_the_guess_of_the_chapter_is_answered_as_measured(shipped: dict[int, Result]) -> None:
    guess = chapters.chapter("augment").guess
    assert "five real images" in guess.text and guess.options[guess.right].startswith("The same images, shifted")
    moved, beside = (
        findings.difference(shipped[5], way, other) for way, other in (("moved", "real"), ("moved", "generated"))
    )
    assert moved is not None and beside is not None
    assert moved.verdict == MORE and beside.verdict == MORE
