"""What the plane is believed when a hand lets go."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st

from genmod.lesson.plane import Placed
from genmod.ui.learn import board


class Sent(dict[str, Any]):
    """What a component holds in the session."""

    __getattr__ = dict.get


@pytest.mark.parametrize(
    ("sent", "placed", "test"),
    [
        ({"serial": 3, "points": [[1, 2, 0]], "test": [1.5, 10]}, Placed(((1, 2, 0),)), (1.5, 10.0)),
        ({"serial": 3, "points": [], "test": [0, 0]}, Placed(), (0.0, 0.0)),
        ({"points": [[1, 2, 9]], "test": [1, 2]}, None, (1.0, 2.0)),
        ({"points": [[1, 2, 0]] * 121, "test": [1, float("nan")]}, None, None),
        ({"points": "a1010", "test": [1, 11]}, None, None),
        ({"points": {"0": [1, 2, 0]}, "test": [True, 1]}, None, None),
        ({"points": None, "test": "12"}, None, None),
        ({"serial": "x"}, None, None),
        ([1], None, None),
        (None, None, None),
    ],
)
def test_a_move_may_hold_anything(sent: Any, placed: Placed | None, test: tuple[float, float] | None) -> None:
    st.session_state[board.KEY] = Sent(moved=sent)
    assert board.take_move() == board.Moved(placed, test)
