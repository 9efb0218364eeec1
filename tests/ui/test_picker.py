"""What a run is, in the picker's words."""

from __future__ import annotations

import datetime
import re

import pytest

from genmod import runs
from genmod.ui import picker

NOW = datetime.datetime(2026, 3, 10, 12, 0, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("created", "said"),
    [
        ("2026-03-10T11:59:30+00:00", "just now"), ("2026-03-10T11:58:59+00:00", "1 minute ago"),
        ("2026-03-10T09:00:00Z", "3 hours ago"), ("2026-03-08T11:00:00+00:00", "2 days ago"),
        ("2026-03-10T13:00:00+00:00", "just now"), ("2026-03-10T11:00:00", "1 hour ago"), ("", ""), ("soon", ""),
    ],
)  # fmt: skip
def test_an_age_is_said_as_people_say_it(created: str, said: str) -> None:
    assert picker.age(created, NOW) == said


def test_the_dial_s_words_and_place_come_from_the_measured_distance() -> None:
    places = {}
    for run in runs.shipped().runs():
        found = picker.quality(run)
        if found is not None:
            words, place = found
            places[run.id] = place
            assert re.fullmatch(r"Frechet distance [\d.]+", words) and 0 <= place <= 1
    assert places["gan-dense"] > places["vae-map"] > places["ae-article"] - 0.2
