"""What models of different images rebuild: the numbers, and each sentence computed again for the shipped runs."""

from __future__ import annotations

import re

import numpy as np
import pytest

from genmod import runs
from genmod.datasets import DATASETS, MNIST, to_float
from genmod.inference import Encoder, Sampler
from genmod.kinds import VAEConfig
from genmod.lesson import chapters, choosing
from genmod.lesson.choosing import GROUPS, SEVEN, TRAININGS, Group, Rebuilt
from genmod.quality import likelihood, measurements
from genmod.runs import Run
from genmod.ui.learn import shipped

SEVENS, OTHERS, FASHION, SHAPES = GROUPS
RUNS = {training.name: training.run for training in TRAININGS}


def made(run: Run, group: Group) -> Rebuilt:
    return choosing.rebuilt(run, group, Encoder, Sampler)


@pytest.mark.parametrize("group", GROUPS[:3], ids=lambda group: group.name)  # of shapes: tests/datasets/test_shapes
def test_a_group_holds_test_images_of_its_classes(group: Group) -> None:
    shown, classes = choosing.originals(group)
    data = group.source.load()
    assert shown.shape == (choosing.CHECKED, 28, 28) and len(classes) == choosing.CHECKED
    assert set(classes) == set(group.classes or range(group.source.classes))
    for image, label in zip(shown[:5], classes, strict=False):
        places = np.flatnonzero((data.test_images == image).all(axis=(1, 2)))
        assert label in data.test_labels[places]


def test_what_was_seen_follows_from_the_settings() -> None:
    def seen(**settings: object) -> list[str]:
        return [group.plural for group in GROUPS if group.seen_by(VAEConfig().replace(**settings))]

    assert seen() == ["sevens", "other digits"]
    assert seen(classes=(0, 1, 2, 3, 4, 5, 6, 8, 9)) == ["other digits"]
    assert seen(classes=(SEVEN,)) == ["sevens"]
    assert seen(classes=(1, SEVEN)) == ["sevens"]
    assert seen(dataset="fashion-mnist") == ["fashion items"]
    assert seen(dataset="shapes") == ["shapes"]
    assert seen(dataset="shapes", classes=(1,)) == []


def test_a_copy_loses_nothing_and_anything_else_does() -> None:
    shown = choosing.originals(OTHERS)[0][:20]
    copy = to_float(shown)[..., 0]
    np.testing.assert_allclose(choosing.lost(shown, copy), 0, atol=1e-3)
    rng = np.random.default_rng(0)
    for other in (np.full_like(copy, 0.2), np.clip(copy + rng.normal(0, 0.1, copy.shape), 0.01, 0.99)):
        assert (choosing.lost(shown, other.astype(np.float32)) > 10).all()


def test_of_a_shipped_run_losses_and_opinions_are_those_of_its_reconstructions() -> None:
    run = shipped.run(RUNS["No sevens"])
    shown, _ = choosing.originals(SEVENS)
    pixels = Sampler(run).decode(Encoder(run).encode(shown)[0])
    targets = to_float(shown)
    extra = likelihood.binary_crossentropy(targets, pixels) - likelihood.binary_crossentropy(targets, targets)
    found = made(run, SEVENS)
    assert found.loss == pytest.approx(float(extra.mean()), rel=1e-5)
    assert found.seen.sum() == pytest.approx(1) and found.right == found.seen[SEVEN]


def test_runs_were_trained_on_what_their_names_say() -> None:
    configs = {name: shipped.run(run_id).config() for name, run_id in RUNS.items()}
    assert configs["All digits"].classes == () and configs["Only sevens"].classes == (SEVEN,)
    assert configs["No sevens"].classes == tuple(digit for digit in range(10) if digit != SEVEN)
    assert [configs[name].dataset for name in RUNS] == ["mnist"] * 3 + ["fashion-mnist", "shapes"]
    alike = [config.replace(classes=()).values for name, config in configs.items() if config.dataset == "mnist"]
    assert alike[0] == alike[1] == alike[2], "they differ in nothing but what they were shown"


def test_the_guess_is_answered_by_what_comes_out() -> None:
    found = made(shipped.run(RUNS["No sevens"]), SEVENS)
    assert found.right is not None and found.right < 0.05
    chapter = chapters.chapter("choose")
    right = chapter.guess.options[chapter.guess.right]
    words = {"one": 1, "four": 4, "eight": 8, "nine": 9}
    named = [number for word, number in words.items() if word in right]
    assert int(found.seen.argmax()) in named
    assert found.seen[named].sum() > 0.5


def test_a_model_loses_more_with_what_it_has_not_seen() -> None:
    losses = {
        name: {group.plural: made(shipped.run(run_id), group).loss for group in GROUPS} for name, run_id in RUNS.items()
    }
    assert losses["No sevens"]["sevens"] > 1.3 * losses["No sevens"]["other digits"]
    assert losses["All digits"]["sevens"] < losses["All digits"]["other digits"]
    assert losses["No sevens"]["sevens"] > 1.3 * losses["All digits"]["sevens"]
    for group in GROUPS:  # whoever has learned from them rebuilds them better than all who have not
        seen = [losses[name][group.plural] for name in RUNS if group.seen_by(shipped.run(RUNS[name]).config())]
        unseen = [losses[name][group.plural] for name in RUNS if not group.seen_by(shipped.run(RUNS[name]).config())]
        assert max(seen) < min(unseen), group.plural


@pytest.mark.parametrize("name", RUNS)
def test_sentences_quote_the_numbers(name: str) -> None:
    table = {
        training.name: (
            shipped.run(training.run).config(),
            {group.name: made(shipped.run(training.run), group).loss for group in GROUPS},
        )
        for training in TRAININGS
    }
    config, losses = table[name]
    said = choosing.said_of_losses(table, name)
    numbers = [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", said)]
    unseen = [losses[group.name] for group in GROUPS if not group.seen_by(config)]
    seen = [losses[group.name] for group in GROUPS if group.seen_by(config)]
    assert numbers == [*sorted({round(loss) for loss in seen}), round(min(unseen)), round(max(unseen))]
    assert ("loses more" in said) == (min(unseen) > max(seen))


def test_what_is_said_of_rebuilt_images_depends_on_who_looks() -> None:
    mnist, seen = shipped.run(RUNS["No sevens"]), np.zeros(10)
    seen[[9, 8, 4, 1]] = 0.6, 0.25, 0.11, 0.04
    assert choosing.said_of_rebuilt(mnist, SEVENS, Rebuilt(1.0, seen, 0.0)) == (
        "Of 300 rebuilt sevens the classifier still takes 0 % for a 7, 60 % for a 9, 25 % for an 8 and 11 % for a 4."
    )
    assert choosing.said_of_rebuilt(mnist, OTHERS, Rebuilt(1.0, seen, 0.83)) == (
        "Of 300 rebuilt other digits the classifier recognises 83 %."
    )
    assert choosing.said_of_rebuilt(mnist, OTHERS, Rebuilt(50.0, seen, 0.1)) == (
        "Of 300 rebuilt other digits the classifier recognises 10 % and takes 60 % for a 9."
    )
    assert choosing.said_of_rebuilt(mnist, OTHERS, Rebuilt(9.0, seen, 0.1)).endswith(
        "for a 9: few pixels tell other digits apart, and those are lost."
    )
    assert choosing.said_of_rebuilt(mnist, SHAPES, Rebuilt(1.0, seen, None)) == (
        "Of 300 rebuilt shapes the classifier takes 60 % for a 9, 25 % for an 8 and 11 % for a 4: it knows digits "
        "alone, and so does the model."
    )


@pytest.mark.parametrize("name", RUNS)
def test_what_is_said_of_samples_was_measured(name: str) -> None:
    run = shipped.run(RUNS[name])
    found = measurements.result(runs.home(), run)
    assert found is not None
    said = choosing.said_of_samples(run.config().source, run.config(), found)
    shares = [float(share) for share in re.findall(r"([\d.]+) %", said)]
    if run.config().dataset == "mnist":
        labels = MNIST.load().train_labels[run.config().learned]
        among = float((labels == SEVEN).mean())
        wanted = [100 * found.shares("class_shares")[SEVEN], *([100 * among] if 0 < among < 1 else [])]
        assert ("no training image was one" in said) == (among == 0)
        assert ("all training images were" in said) == (among == 1)
    else:
        wanted = [100 * float(found.number("confident_share") or 0)]
    assert shares == pytest.approx(wanted, abs=0.051)
    assert choosing.said_of_samples(run.config().source, run.config(), None) == ""


def test_every_group_is_of_a_data_set_that_there_is() -> None:
    assert {group.source.name for group in GROUPS} <= DATASETS.keys()
