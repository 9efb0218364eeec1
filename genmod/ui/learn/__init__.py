"""The lesson on the screen: the frame of a chapter, and what is done in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from genmod.ui.learn import after, augment, choose, describe, duel, fill, squeeze, two_ways

# What there is to do in each chapter, by its name in the link.
PLAYS: Mapping[str, Callable[[], None]] = {
    "describe": describe.play,
    "two-ways": two_ways.play,
    "squeeze": squeeze.play,
    "fill": fill.play,
    "duel": duel.play,
    "after": after.play,
    "augment": augment.play,
    "choose": choose.play,
}
