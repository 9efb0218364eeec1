"""What is said of three numbers is so, for every data set and for good and bad models alike."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import DATASETS, FASHION_MNIST, MNIST, SHAPES, DataSource, Images
from genmod.quality import Quality, Sizes, compare, kept, metrics, reference, verdict
from genmod.quality.metrics import Value
from genmod.quality.verdict import Dial, Level, Verdict
from genmod.runs import Run

every = pytest.mark.parametrize("source", DATASETS.values(), ids=lambda source: source.name)
FEW = Sizes(samples=2_000, balls=5_000, searched=200)


def quality_of(**values: Value) -> Quality:
    """A measurement with these numbers."""
    return Quality(values, {}, {"searched": 2_000}, {}, "")


def told(source: DataSource, values: Mapping[str, Value]) -> Verdict:
    """The verdict on these numbers."""
    found = verdict.verdict(source, quality_of(**values), reference.ends(source))
    assert found is not None
    return found


def measured(source: DataSource, images: Images) -> dict[str, Value]:
    """All numbers of these images; recall is overrated where they are fewer than the 5,000 real ones."""
    against, data = reference.of(source), source.load()
    return metrics.values(source, compare(np.ascontiguousarray(images), against, data, sizes=FEW))


@every
def test_the_ends_of_the_dials_are_the_measured_ones(source: DataSource) -> None:
    right, there, invented = verdict.dials(source, None, reference.ends(source))
    ends = reference.ends(source)
    assert (right.best, right.worst) == ends["precision"]
    assert (there.best, there.worst) == ends["recall"]
    assert (1 - invented.best, 1 - invented.worst) == pytest.approx(ends["copied_share"])
    assert right.value is right.place is right.level is None
    assert all(dial.tells for dial in (right, there, invented))


@every
def test_most_is_more_than_half(source: DataSource) -> None:
    right = verdict.dials(source, None, reference.ends(source))[0]
    assert right.worst + verdict.STEPS[Level.MOST - 1] * (right.best - right.worst) > 0.5


@every
def test_real_test_images_are_close_to_real_images(source: DataSource) -> None:
    said = told(source, {name: best for name, (best, _) in reference.ends(source).items()})
    assert said.headline == "Close to real images"
    assert "about as often as real test images do, and about the whole real variety is there" in said.sentences
    assert said.sentences.endswith("is a copy.")


@every
def test_noise_is_not_praised_for_copying_nothing(source: DataSource) -> None:
    noise = {name: worst for name, (_, worst) in reference.ends(source).items()} | {"copied_share": 0.0}
    said = told(source, noise)
    assert said.headline == f"Not like real {source.plural}"
    assert "almost none of the real variety is there" in said.sentences
    assert said.sentences.endswith("None is a copy of a training image, but neither is noise.")


@pytest.mark.sampled(1)
@every
def test_the_training_images_themselves_are_learned_by_heart(source: DataSource) -> None:
    images = source.load().train_images[::30]
    said = told(source, measured(source, images))
    assert said.headline == "Learned by heart"
    assert "Nearly all are copies: 100.0 % of them" in said.sentences
    half = source.load().test_images[:2000].copy()
    half[::2] = images[: len(half[::2])]
    assert told(source, measured(source, half)).headline == "Learned by heart"


# Odd images, as bad models make them, and what may and may not be said of them
def _noise(source: DataSource) -> Images:
    return np.random.default_rng(5).integers(0, 256, (2000, 28, 28), np.uint8)


def _blocks(source: DataSource) -> Images:
    rng = np.random.default_rng(6)
    shares = rng.random((2000, 7, 7)).repeat(4, 1).repeat(4, 2)
    return ((rng.random((2000, 28, 28)) < shares) * 255).astype(np.uint8)


def _shuffled(source: DataSource) -> Images:
    rows = source.load().test_images[:2000].reshape(2000, -1)
    shuffled = np.random.default_rng(7).permuted(rows, axis=1)
    return np.asarray(shuffled.reshape(2000, 28, 28), np.uint8)


def _black(source: DataSource) -> Images:
    return np.zeros((2000, 28, 28), np.uint8)


def _mean(source: DataSource) -> Images:
    mean = source.load().train_images[:5000].mean(axis=0)
    return np.asarray(mean[np.newaxis].repeat(2000, axis=0), np.uint8)


@pytest.mark.sampled(3)
@every
@pytest.mark.parametrize("make", [_noise, _blocks, _shuffled, _black, _mean])
def test_what_is_like_no_real_image_is_called_so(source: DataSource, make: object) -> None:
    assert callable(make)
    said = told(source, measured(source, make(source)))
    assert said.headline == f"Not like real {source.plural}"
    assert re.search(r"(no|hardly) more often than noise does|lie as far from every training image", said.sentences)


@pytest.mark.sampled(1)
@every
def test_one_class_alone_is_convincing_one_by_one_and_too_much_alike(source: DataSource) -> None:
    data = source.load()
    members = data.test_images[data.test_labels == 1]
    said = told(source, measured(source, members[np.random.default_rng(9).integers(0, len(members), 5000)]))
    assert said.headline == "Convincing one by one, too much alike together"
    assert f"of the {source.classes} classes each make up less than 1 %" in said.sentences


@every
def test_ten_images_again_and_again_are_no_variety(source: DataSource) -> None:
    images = source.load().test_images[np.arange(2000) % 10]
    said = told(source, measured(source, images))
    assert said.headline.endswith("too much alike together")
    assert "almost none of the real variety is there" in said.sentences


def test_grain_does_not_pass_on_fashion_where_precision_is_easily_fooled() -> None:
    images = FASHION_MNIST.load().test_images[:2000]
    grain = np.random.default_rng(8).normal(0, 80, images.shape)
    values = measured(FASHION_MNIST, np.clip(images + grain, 0, 255).astype(np.uint8))
    precise, noisy = reference.ends(FASHION_MNIST)["precision"]
    place = (float(str(values["precision"])) - noisy) / (precise - noisy)
    assert place > 0.6  # precision alone would say that most look right
    said = told(FASHION_MNIST, values)
    assert said.headline == "Seldom convincing"
    assert "Few of its fashion items look right" in said.sentences


@pytest.mark.parametrize("run", runs.shipped().runs(), ids=lambda run: run.id)
def test_what_is_said_of_each_shipped_run_is_so(run: Run) -> None:
    known, source = kept(run.path), run.config().source
    assert known is not None
    ends = reference.ends(source)
    said = verdict.verdict(source, known, ends)
    assert said is not None
    for name, words in WORDS.items():
        place = (known.values[name] - ends[name][1]) / (ends[name][0] - ends[name][1])  # type: ignore[operator]
        for phrase, (low, high) in words.items():
            if phrase in said.sentences:
                assert low <= place < high, (run.id, phrase)
        assert any(phrase in said.sentences for phrase in words) or (name, source) == ("precision", FASHION_MNIST)
    copied = known.number("copied_share")
    assert ("None of the" in said.sentences or "None is" in said.sentences) == (copied == 0.0)
    missing = sum(share < 0.01 for share in known.shares("class_shares"))
    if said.headline != f"Not like real {source.plural}":
        found = re.search(r"(\d+) of the \d+ classes", said.sentences)
        assert (int(found[1]) if found else 0) == missing


ENDLESS = 99.0
WORDS = {
    "precision": {
        "no more often than noise": (-ENDLESS, 1e-9),
        "hardly more often than noise": (0.0, 0.1),
        "only a little more often than noise": (0.1, 0.3),
        "Only part of its": (0.3, 0.6),
        "look right, if not as often": (0.6, 0.9),
        "look right about as often": (0.9, ENDLESS),
    },
    "recall": {
        "almost none of the real variety": (-ENDLESS, 0.03),
        "little of the real variety": (0.03, 0.3),
        "only part of the real variety": (0.3, 0.6),
        "part of the real variety": (0.3, 0.6),
        "most of the real variety": (0.6, 0.9),
        "about the whole real variety": (0.9, ENDLESS),
    },
}  # fmt: skip


@every
def test_no_words_say_more_than_the_numbers(source: DataSource) -> None:
    ends = reference.ends(source)
    best = {name: ends[name][0] for name in ("confident_share", "nearest_distance")}
    for precision, recall in itertools.product(np.linspace(0, 1, 41), (0.0, 0.02, 0.1, 0.4, 0.7, 0.9)):
        said = told(source, {**best, "precision": precision, "recall": recall, "copied_share": 0.0})
        place = (precision - ends["precision"][1]) / (ends["precision"][0] - ends["precision"][1])
        variety = recall / ends["recall"][0]
        assert ("onvincing" in said.headline or "Close" in said.headline) == (place >= 0.1)
        assert ("Close to real" in said.headline) == (place >= 0.9 and variety >= 0.9)
        assert ("too much alike" in said.headline) == (place >= 0.6 and variety < 0.3)
        if "varied" in said.headline.lower():
            assert place >= 0.3
            assert variety >= 0.6
        assert ("The variety counts for little" in said.sentences) == (place < 0.3 and variety >= 0.3)
        assert ("Even noise gets a precision of 59.5 %" in said.sentences) == (source == FASHION_MNIST)
        assert not re.search(r" (and|but) (and|but) |\.\.|,,", said.sentences)


@pytest.mark.parametrize(
    ("share", "said", "headline"),
    [
        (0.0, "None of the 2,000 compared with the training images is a copy.", "Close to real images"),
        (0.0005, "Hardly any is a copy: 1 of 2,000 is nearer to a training image than any test image is.",
         "Close to real images"),
        (0.05, "A few are copies, or very plain: 100 of 2,000 are nearer", "Close to real images"),
        (0.2, "Many are copies, or very plain: 20.0 % of them", "Close to real images, and in part copied"),
        (0.6, "At least half of them are copies: 60.0 %", "Learned by heart"),
        (0.95, "Nearly all are copies: 95.0 %", "Learned by heart"),
    ],
)  # fmt: skip
def test_copies_are_told_by_how_many_there_are(share: float, said: str, headline: str) -> None:
    best = {name: best for name, (best, _) in reference.ends(MNIST).items()}
    found = told(MNIST, best | {"copied_share": share})
    assert said in found.sentences
    assert found.headline == headline


def test_a_scale_whose_ends_meet_is_not_read() -> None:
    ends = {**reference.ends(SHAPES), "precision": (0.9, 0.89)}
    found = verdict.verdict(SHAPES, quality_of(precision=0.9, recall=0.9, copied_share=0.0), ends)
    assert found is not None
    assert found.headline == "One scale tells nothing here"
    assert "Whether its shapes look right cannot be told here" in found.sentences


def test_without_all_three_numbers_there_is_no_verdict() -> None:
    for left_out in ("precision", "recall", "copied_share"):
        values: dict[str, Value] = {"precision": 0.5, "recall": 0.5, "copied_share": 0.0}
        del values[left_out]
        assert verdict.verdict(MNIST, quality_of(**values), reference.ends(MNIST)) is None


def test_a_dial_s_place_is_between_its_ends() -> None:
    dial = Dial("", "", 0.5, 0.2, 0.8, "", "", "")
    assert dial.place == pytest.approx(0.5)
    assert dial.level == Level.PART
