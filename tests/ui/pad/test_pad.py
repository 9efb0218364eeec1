"""What the pad is told, and what it is believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import streamlit as st

from genmod.datasets import MNIST
from genmod.ui import pad
from genmod.ui.pad import paper


def test_sliders_are_ordered_by_what_they_say_and_the_silent_ones_are_folded() -> None:
    found = pad.numbers(5, np.array([0.2, 3.0, 0.0, 1.0, 0.01]))
    assert [number.place for number in found] == [1, 3, 0, 4, 2]
    assert [number.says for number in found] == [
        "3.0 nats",
        "1.0 nats",
        "0.2 nats",
        "next to nothing",
        "next to nothing",
    ]
    assert [number.open for number in found] == [True, True, True, False, False]


def test_of_many_latent_numbers_only_the_first_are_open() -> None:
    assert sum(number.open for number in pad.numbers(64, None)) == pad.MOST_OPEN
    assert sum(number.open for number in pad.numbers(64, np.arange(64.0))) == pad.MOST_OPEN
    assert pad.numbers(3, np.array([5.0, 1.0, 2.0]), spread=True)[0].says == "variance 5.0"


class Sent(dict[str, Any]):
    """What a component holds in the session."""

    __getattr__ = dict.get


@pytest.mark.parametrize(
    ("sent", "z", "digit"),
    [
        ({"z": [1, 2.5], "serial": 3}, [1.0, 2.5], None),
        ({"z": [1, 2.5], "serial": 3, "digit": 7}, [1.0, 2.5], 7),
        ({"z": [1], "serial": 3}, [], None),
        ({"z": [1, float("nan")], "serial": 3}, [], None),
        ({"z": [1, 1e9], "digit": 99}, [], None),
        ({"z": ["1", "x"], "digit": True}, [], None),
        ({"z": "1 2", "digit": "3"}, [], None),
        ({"z": {"a": 1}, "serial": -1, "digit": -1}, [], None),
        ([1, 2], [], None),
        (None, [], None),
        ("x", [], None),
    ],
)
def test_a_move_may_hold_anything(sent: Any, z: list[float], digit: int | None) -> None:
    st.session_state["pad"] = Sent(moved=sent)
    moved = pad.take_move(2, 10)
    assert (moved.z, moved.digit) == (z, digit)


@pytest.mark.parametrize(
    "sent", [None, 3, {}, {"pixels": 3}, {"pixels": "!"}, {"pixels": "AAAA"}, {"pixels": "A" * 100_000}]
)
def test_a_drawing_may_be_anything(sent: Any) -> None:
    st.session_state[paper.KEY] = Sent(drawn=sent)
    assert paper.take_drawing(MNIST) is None
