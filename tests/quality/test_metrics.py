"""The table of measures, and places on their scales."""

from __future__ import annotations

import pytest

from genmod.datasets import DATASETS, FASHION_MNIST, MNIST, SHAPES, DataSource
from genmod.quality import metrics, reference
from genmod.quality.repeats import limit

METRICS = metrics.of(MNIST)
BY_NAME = {metric.name: metric for metric in METRICS}
every = pytest.mark.parametrize("source", DATASETS.values(), ids=lambda source: source.name)


def test_every_measure_is_described_once() -> None:
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert metric.sentence.endswith(".")
        assert metric.title[0].isupper()


@every
def test_every_measure_but_the_kl_has_both_ends_in_the_right_order(source: DataSource) -> None:
    ends = reference.ends(source)
    assert [metric.name for metric in METRICS if metric.ends(ends) is None] == ["test_kl_loss"]
    for name, (best, worst) in ends.items():
        if (source, name) == (SHAPES, "confident_share"):
            assert (best, worst) == (1.0, 1.0)  # this classifier is as sure of noise, and the page says so
        else:
            assert best > worst if BY_NAME[name].direction == "higher" else best < worst, name


def test_place_goes_from_the_worst_end_to_the_best_and_no_further() -> None:
    recall = BY_NAME["recall"]
    assert [recall.place(value, 0.9, 0.1) for value in (0.0, 0.1, 0.3, 0.9, 1.0)] == pytest.approx([0, 0, 0.25, 1, 1])
    loss = BY_NAME["test_reconstruction_loss"]
    assert loss.place(100, 50, 850) == pytest.approx(0.9375)


def test_logarithmic_place_is_half_way_at_the_geometric_mean() -> None:
    distance = BY_NAME["frechet_distance"]
    assert distance.place(10, 1, 100) == pytest.approx(0.5)
    assert distance.place(0.0, 1, 100) == 1.0


def test_nearer_than_real_images_is_no_better_than_farther() -> None:
    metric = BY_NAME["nearest_distance"]
    assert metric.place(4, 4, 14) == 1.0
    assert metric.place(3, 4, 14) == metric.place(5, 4, 14) == pytest.approx(0.9)


def test_values_are_told_with_their_units() -> None:
    assert BY_NAME["recall"].text(0.1234) == "12.3 %"
    assert BY_NAME["test_elbo"].text(-95.04) == "−95.0 nats"
    assert BY_NAME["frechet_distance"].text(1234.5) == "1,234.50"
    assert BY_NAME["class_coverage"].text(9.0) == "9 of 10"
    assert BY_NAME["recall"].give_or_take(0.5, 0.012) == "50.0 ± 1.2 %"
    assert BY_NAME["test_elbo"].give_or_take(-95.04, 0.2) == "−95.0 ± 0.2 nats"


def test_where_no_two_samples_are_alike_only_a_lower_limit_is_told() -> None:
    assert BY_NAME["different_images"].text(730_000.0) == "730,000"
    assert BY_NAME["different_images"].text(limit(metrics.SAMPLES)) == "more than 16,000,000"
    fewer = {metric.name: metric for metric in metrics.of(MNIST, 1_000)}["different_images"]
    assert fewer.text(limit(1_000)) == "more than 160,000"


def test_the_words_are_those_of_the_data_set() -> None:
    said = {source: {metric.name: metric for metric in metrics.of(source)} for source in (MNIST, FASHION_MNIST, SHAPES)}
    assert [said[source]["confident_share"].title for source in said] == [
        "Clear digits", "Clear fashion items", "Clear shapes",
    ]  # fmt: skip
    assert said[SHAPES]["class_coverage"].text(3.0) == "3 of 3"
    assert "1.10 nats, the logarithm of 3" in said[SHAPES]["class_entropy"].sentence
