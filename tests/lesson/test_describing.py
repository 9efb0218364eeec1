"""What is said of a classifier's answer and of pictures of one wish."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.datasets import FASHION_MNIST, MNIST
from genmod.lesson import describing


def shares(**found: float) -> np.ndarray:
    answer = np.zeros(10, np.float32)
    for name, share in found.items():
        answer[int(name[1:])] = share
    return answer


def test_an_answer_names_the_likeliest_and_what_else_is_worth_saying() -> None:
    assert describing.answer(MNIST, shares(_8=1.0)) == "The classifier sees an 8, with 100.0 %."
    sure = describing.answer(MNIST, shares(_7=0.96, _1=0.03, _9=0.0099, _2=0.0001))
    assert sure == "The classifier sees a 7, with 96.0 %. Next: a 1, 3.0 %; then a 9, 1.0 %."
    unsure = describing.answer(MNIST, shares(_4=0.5, _9=0.4999, _0=0.0001))
    assert unsure == "The classifier sees a 4, with 50.0 %: it is not sure. Next come a 9, 50.0 %."
    assert "an ankle boot" in describing.answer(FASHION_MNIST, shares(_9=1.0))


def test_the_least_difference_is_that_of_the_two_most_alike() -> None:
    pictures = np.zeros((3, 28, 28), np.uint8)
    pictures[1, :2] = 255
    pictures[2, :2] = 255
    pictures[2, 2, :5] = describing.TENTH
    pictures[2, 3, :5] = describing.TENTH - 1
    assert describing.least_difference(pictures) == 5
    with pytest.raises(ValueError):
        describing.least_difference(pictures[:1])


def test_what_came_of_one_wish_is_said_by_what_was_seen() -> None:
    pictures = np.zeros((3, 28, 28), np.uint8)
    pictures[1, 0, :9], pictures[2, 1, :4] = 255, 255
    first = describing.same_request(MNIST, 7, pictures[:1], [7])
    assert first.startswith("You asked for a 7, and the classifier sees one, too. Ask again")
    assert "the classifier sees a 1. Ask again" in describing.same_request(MNIST, 7, pictures[:1], [1])
    all_right = describing.same_request(MNIST, 7, pictures, [7, 7, 7])
    assert "a 7 three times, and no two are the same picture: even the two most alike differ in 4 of 784" in all_right
    assert all_right.endswith("The classifier sees a 7 in every one.")
    some = describing.same_request(MNIST, 8, pictures, [8, 3, 8])
    assert some.endswith("The classifier sees an 8 in two of three; it takes the rest for a 3.")
    none = describing.same_request(MNIST, 7, pictures[:2], [1, 9])
    assert "a 7 twice, and" in none and none.endswith("in none of them; it takes the rest for a 1 or a 9.")
    assert "two of them are the same picture" in describing.same_request(MNIST, 7, pictures[[0, 0]], [7, 7])
