"""Two processes that press Train within the same 10 ms make one training, each time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

from genmod import runs
from genmod.runs import Store
from genmod.system.project import PROJECT

ROUNDS = 50
AT_ONCE = 0.01  # seconds


def test_two_who_press_at_once_watch_one_run(store: Store) -> None:
    command = [sys.executable, "-m", "tests.faults.pressing", str(store.root)]
    with (
        subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as two,
    ):
        assert [answer(one, False), answer(two, False)] == ["ready", "ready"]
        at_once = 0
        for seed in range(4 * ROUNDS):
            submitted = press(one, two, seed)
            (first, run_id, joined), (second, other_id, other_joined) = submitted
            assert run_id == other_id
            assert sorted([joined, other_joined]) == [False, True]
            assert [run.id for run in store.runs()] == [run_id]
            assert store.runs()[0].status().state == runs.QUEUED
            store.delete(store.runs()[0])
            at_once += abs(first - second) < AT_ONCE  # on a busy machine one of them may come late
            if at_once == ROUNDS:
                break
        assert at_once == ROUNDS
        for process in (one, two):
            assert process.stdin is not None
            process.stdin.close()
        assert [one.wait(10), two.wait(10)] == [0, 0]


def press(one: subprocess.Popen[str], two: subprocess.Popen[str], seed: int) -> tuple[Any, Any]:
    moment = time.time() + 0.02
    for process in (one, two):
        assert process.stdin is not None
        process.stdin.write(json.dumps([moment, seed]) + "\n")
        process.stdin.flush()
    return answer(one), answer(two)


def answer(process: subprocess.Popen[str], structured: bool = True) -> Any:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "The process has ended."
    return json.loads(line) if structured else line.strip()
