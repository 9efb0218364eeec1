"""A page's markup as a visitor reads it."""

from __future__ import annotations

import html
import re

EXPLAINED = re.compile(r'<span popover class="gm-explained".*?</span>', re.DOTALL)
STYLES = re.compile(r"<style>.*?</style>", re.DOTALL)


def words(markup: str) -> str:
    """The text in markup, without the explanations of words that nobody has opened."""
    return html.unescape(re.sub(r"<[^>]*>", "", STYLES.sub("", EXPLAINED.sub("", markup))))
