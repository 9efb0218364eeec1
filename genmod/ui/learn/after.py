"""TODO"""

from __future__ import annotations


def play() -> None:
    """TODO"""
