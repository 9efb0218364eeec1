"""The two checks ask about the same ideas with different questions."""

from __future__ import annotations

from collections import Counter

import pytest

from genmod.lesson import checks
from genmod.lesson.chapters import CHAPTERS


def test_both_checks_ask_two_questions_on_each_of_three_ideas_one_of_them_new() -> None:
    for check in (checks.BEFORE, checks.AFTER):
        assert len(check) == checks.COUNT == 6
        assert set(Counter(item.concept for item in check).values()) == {2}
        assert len({(item.concept, item.new) for item in check}) == checks.COUNT
    assert [(item.concept, item.new) for item in checks.BEFORE] == [(item.concept, item.new) for item in checks.AFTER]


def test_no_question_is_asked_twice_in_the_lesson() -> None:
    asked = [item.question.text for check in (checks.BEFORE, checks.AFTER) for item in check]
    asked += [question.text for chapter in CHAPTERS for question in (chapter.guess, chapter.check)]
    assert len(set(asked)) == len(asked)


def test_every_question_has_three_answers_and_the_right_one_stands_in_no_favourite_place() -> None:
    for check in (checks.BEFORE, checks.AFTER):
        assert all(len(item.question.options) == checks.OPTIONS for item in check)
        assert max(Counter(item.question.right for item in check).values()) <= 3
        assert {item.question.right for item in check} == set(range(checks.OPTIONS))
        # Nor is it always the longest, by which one could tell it without knowing anything.
        longest = sum(
            max(item.question.options, key=len) == item.question.options[item.question.right] for item in check
        )
        assert longest <= checks.COUNT // 2


def test_answers_are_read_as_they_are_written() -> None:
    assert checks.read(checks.EXAMPLE) == (0, 1, None, 2, 1, 0)
    answers = checks.read("x01x22")
    assert answers is not None and checks.encoded(answers) == "x01x22"


@pytest.mark.parametrize(
    "text", ["", "01210", "0121011", "01x213", "01X210", "01-210", "\u0660\u0661x210", "=1+1+1", "x" * 10_000]
)
def test_what_is_no_answer_is_refused(text: str) -> None:
    assert checks.read(text) is None


def test_answers_out_of_range_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="no answers"):
        checks.encoded([0, 1, 2, 3, 0, 0])
    with pytest.raises(ValueError, match="no answers"):
        checks.encoded([0])


def test_right_answers_are_counted() -> None:
    right = [item.question.right for item in checks.AFTER]
    assert checks.marks(checks.AFTER, right) == [True] * checks.COUNT
    assert checks.marks(checks.AFTER, [None] * checks.COUNT) == [False] * checks.COUNT
    wrong = [(place + 1) % checks.OPTIONS for place in right]
    assert not any(checks.marks(checks.AFTER, wrong))
