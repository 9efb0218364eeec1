"""Questions with a few answers to choose from, and what there is to say once one is chosen."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        text: the question, one or two sentences.
        options: the answers to choose from.
        right: the place of the right one among them.
        explanation: why it is the right one; shown whatever was chosen.
    """

    text: str
    options: tuple[str, ...]
    right: int
    explanation: str

    def __post_init__(self) -> None:
        if not 0 <= self.right < len(self.options) or len(set(self.options)) < len(self.options):
            raise ValueError(f"{self.text!r} needs different answers, and the place of the right one among them.")
