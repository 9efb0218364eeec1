"""Keeping a run when old ones are removed to make room."""

from __future__ import annotations

import argparse

from genmod import runs
from genmod.commands import store_of
from genmod.errors import RunError


def command(options: argparse.Namespace) -> int:
    """Keep a run from being removed, or let it be."""
    run = runs.find(options.run, store_of(options))
    if run.shipped:
        raise RunError(f"The run {run.id} ships with the project and is never removed.")
    run.pin(options.keep)
    print(f"{run.id} is {'kept' if options.keep else 'removed'} when old runs have to make room.")
    return 0
