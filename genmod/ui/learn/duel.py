"""The chapter on GANs: be the curator, see one step of each player, where the two end up, and how it fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genmod.ui import links
from genmod.ui.learn import curator, endings, failures, parts, slow_motion, verdicts

KEY = "duel_part"
GAME = "You are the curator"
PARTS: Mapping[str, Callable[[], None]] = {
    GAME: curator.play,
    "One step of each": slow_motion.play,
    "Towards 0.5": endings.play,
    "How it fails": failures.play,
}


def play() -> None:
    """The four parts of the chapter, of which one is shown."""
    readers = [module.readers() for module in (curator, slow_motion, endings, failures)]
    links.check({**parts.reader(KEY, PARTS), **{name: read for found in readers for name, read in found.items()}})
    verdicts.style()
    part = parts.choose(KEY, PARTS)
    PARTS[part]()
    parts.lead_on(KEY, PARTS, part)
