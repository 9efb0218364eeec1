"""A disk that fails or a process that is killed at any file operation leaves the old state or the new one."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.faults import operations

NAMES = list(operations.every())
PARTS = 4


@pytest.mark.sampled(1)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_fault_at_any_file_operation_leaves_the_old_or_the_new(run_module: Callable[..., str], part: int) -> None:
    names = NAMES[part::PARTS]
    counted = [json.loads(line) for line in run_module("tests.faults.sweep", *names).splitlines()]
    assert [item["name"] for item in counted] == names
    for item in counted:  # otherwise nothing was hit
        assert item["killed"] >= 1 and item.get("raised", 0) + item.get("returned", 0) >= 1
