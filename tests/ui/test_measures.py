"""What the Quality page says in words, and where a mark stands on a scale."""

from __future__ import annotations

import pytest

from genmod.datasets import FASHION_MNIST, MNIST, SHAPES, DataSource
from genmod.quality import metrics
from genmod.ui import measures


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (MNIST, "0 to 4 in the first row, 5 to 9 in the second row"),
        (SHAPES, "square, ellipse, triangle in the first row"),
        (FASHION_MNIST, "T-shirt/top, trouser, pullover, dress, coat in the first row, sandal, shirt, sneaker, bag, "
         "ankle boot in the second row"),
    ],
)  # fmt: skip
def test_which_classes_stand_in_which_row(source: DataSource, said: str) -> None:
    assert measures._in_rows(source) == said


def test_a_list_reads_as_a_sentence() -> None:
    assert measures._listed(["a 3"]) == "a 3"
    assert measures._listed(["a 3", "an 8", "a bag"]) == "a 3, an 8 or a bag"


def test_a_scale_without_two_ends_says_so_and_has_no_mark() -> None:
    metric = next(metric for metric in metrics.of(SHAPES) if metric.name == "confident_share")
    assert measures._sentence(metric, (1.0, 1.0)).endswith("Here it tells nothing: noise gets 100.0 % as well.")
    assert measures._sentence(metric, (0.9, 0.1)) == measures._sentence(metric, None) == metric.sentence
