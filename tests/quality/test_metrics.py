"""The table of measures, and places on their scales."""

from __future__ import annotations

import pytest

from genmod.quality import reference
from genmod.quality.metrics import BY_NAME, METRICS


def test_every_measure_is_described_once() -> None:
    assert len(BY_NAME) == len(METRICS)
    for metric in METRICS:
        assert metric.sentence.endswith(".")
        assert metric.title[0].isupper()


def test_every_measure_but_the_kl_has_both_ends_in_the_right_order() -> None:
    ends = reference.ends()
    assert BY_NAME.keys() - ends.keys() == {"test_kl_loss"}
    for name, (best, worst) in ends.items():
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
