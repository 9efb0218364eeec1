"""A training killed, or out of disk, at any file operation and then resumed ends as if nothing had been."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest


@pytest.mark.long  # a sweep over all its file operations; tests/training/test_killed.py kills a real one now and then
@pytest.mark.parametrize("course", ["both"])
def test_a_resumed_training_is_bit_for_bit_an_uninterrupted_one(run_module: Callable[..., str], course: str) -> None:
    counted = json.loads(run_module("tests.faults.trainings", course))
    assert counted["killed"] > 100
    assert counted["interrupted"] > 50
    assert counted["failed"] > 10
    assert counted["returned"] > 1  # the training ended well though its log could not be written
