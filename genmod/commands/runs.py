"""Listing own runs and the shipped ones."""

from __future__ import annotations

import argparse
import json
from typing import Any

from genmod import kinds, runs
from genmod.commands import store_of
from genmod.errors import RunError
from genmod.runs import Run


def command(options: argparse.Namespace) -> int:
    """List own runs, newest first, then the shipped ones."""
    rows = [_row(run) for store in (store_of(options), runs.shipped()) for run in store.runs()]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    if not rows:
        print("There are no runs yet; `python -m genmod train vae` makes one.")
    for row in rows:
        print(f"{row['id']:<28} {row['state']:<12} {row['settings']:<40} {row['message']}")
    return 0


def _row(run: Run) -> dict[str, Any]:
    status = run.status()
    row: dict[str, Any] = {"id": run.id, "state": status.state, "message": status.message}
    try:
        config = run.config()
        row |= {"kind": config.kind, "preset": config.preset, "settings": kinds.describe(config)}
    except RunError as error:
        row |= {"kind": None, "preset": None, "settings": "", "message": str(error)}
    history = run.history()
    row |= {"epochs": len(history), "created": run.created(), "shipped": run.shipped, "path": str(run.path)}
    if history and "val_loss" in history[-1]:
        row["val_loss"] = history[-1]["val_loss"]
    return row
