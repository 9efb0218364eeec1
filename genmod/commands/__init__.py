"""What each command of the command line does: one module a command."""

from __future__ import annotations

import argparse

from genmod.runs import Store, home

WRONG_USE = 2
FAILURE = 1


def store_of(options: argparse.Namespace) -> Store:
    """The store of own runs that was named, or the usual one."""
    return Store(options.store) if options.store else home()
