"""A dial in words, for those who cannot see it."""

from __future__ import annotations

from genmod.quality.verdict import Dial
from genmod.ui import dials

RIGHT = Dial("precision", "Looks right", 0.7, 0.2, 0.9, "noise", "real test images", "Precision.")
UNKNOWN = Dial("precision", "Looks right", None, 0.2, 0.9, "noise", "real test images", "Precision.")


def test_a_dial_is_told_with_its_ends() -> None:
    assert dials.words([("mine", RIGHT)]) == "Looks right: mine 70.0 %; noise 20.0 %, real test images 90.0 %"
    assert dials.words([("mine", UNKNOWN)]) == "Looks right: noise 20.0 %, real test images 90.0 %"


def test_what_lies_beyond_an_end_stays_at_it() -> None:
    beyond = Dial("precision", "", 0.95, 0.2, 0.9, "", "", "")
    assert "--place:1.0000" in dials._ring(beyond, 0)
    assert "gm-needle" not in dials._ring(UNKNOWN, 0)


def test_a_scale_that_tells_nothing_says_so() -> None:
    narrow = Dial("precision", "", 0.5, 0.5, 0.52, "", "", "It means this.")
    assert "Here it tells nothing" in dials._sentence(narrow, 0)
    assert narrow.place is None
