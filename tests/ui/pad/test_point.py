"""The point as text: what is read, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from genmod.errors import ConfigError
from genmod.ui.pad import point


@pytest.mark.parametrize(
    ("text", "values"),
    [("0.5 -1.25", [0.5, -1.25]), ("1,2, 3", [1, 2, 3]), ("", []), (" 7 ", [7]), ("1e-3", [0.001]), ("+2", [2])],
)
def test_numbers_are_read_however_they_are_separated(text: str, values: list[float]) -> None:
    assert point.read(text) == values


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e400", "1000", "a", "1;2", "0x1", "1 " * 129, "1 2 <b>"])
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^z is .*; it must be at most 128 numbers from -999 to 999") as error:
        point.read(text)
    assert len(str(error.value)) < 200


def test_what_is_spelled_is_read_again() -> None:
    rng = np.random.default_rng(0)
    for dim in (1, 2, 24, 128):
        values = np.round(rng.normal(0, 3, dim), 2)
        text = point.spelled(values)
        read = np.zeros(dim)
        found = point.read(text)
        read[: len(found)] = found
        np.testing.assert_allclose(read, values, atol=1e-9)
        assert len(text) <= point.LONGEST_TEXT


def test_zeros_at_the_end_are_left_out() -> None:
    assert point.spelled([1.5, 0.0, 0.0]) == "1.5"
    assert point.spelled([0.0, 0.0]) == "0"
    assert point.spelled([-0.001, 2.0]) == "0 2"
    assert point.spelled([0.0, -0.004]) == "0"
