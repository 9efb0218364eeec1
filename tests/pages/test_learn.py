"""The frame of the lesson: the way through it, what the link keeps, both checks, and rooms of classes."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genmod.errors import StoreError
from genmod.lesson import checks, rooms
from genmod.lesson.chapters import CHAPTERS
from genmod.system import files
from genmod.system.project import PROJECT
from genmod.ui.learn import PLAYS, course, kept
from tests.pages import junk, reading

SLUGS = [chapter.slug for chapter in CHAPTERS]
RIGHT = {check: [item.question.right for item in items] for check, items in rooms.CHECKS.items()}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty store of own runs; and chapters whose frame alone is drawn, since each has tests of its own."""
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path / "store"))
    monkeypatch.setattr("genmod.ui.learn.PLAYS", dict.fromkeys(PLAYS, lambda: None))
    return tmp_path / "store"


def visit(**query: str) -> AppTest:
    """Come to the lesson by a link."""
    app = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=60).switch_page("pages/learn.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def click(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception


def go(app: AppTest, place: str) -> None:
    app.pills(key="places").set_value(place).run()
    assert not app.exception


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def said(app: AppTest) -> str:
    """All that stands on the page."""
    kinds = (app.title, app.header, app.markdown, app.caption, app.info, app.warning, app.error)
    found = [junk.read(element.value) for kind in kinds for element in kind]
    return html.unescape("\n".join([*found, *(block.proto.body for block in app.get("html"))]))


def link(app: AppTest) -> dict[str, str]:
    """What the address holds."""
    found = {name: app.query_params[name] for name in app.query_params}
    return {name: value if isinstance(value, str) else value[-1] for name, value in found.items()}


# The way


def test_every_chapter_has_something_to_do() -> None:
    assert list(PLAYS) == SLUGS


def test_next_leads_from_the_start_through_all_chapters_to_the_end_and_back_again() -> None:
    app = visit()
    seen = [app.title[0].value]
    while any(button.key == "way_next" for button in app.button):
        click(app, "way_next")
        seen.append(app.title[0].value)
    assert seen[1:-1] == [chapter.title for chapter in CHAPTERS]
    assert link(app) == {"chapter": "end"}
    for _ in course.PLACES[1:]:
        click(app, "way_back")
    assert [app.title[0].value, link(app)] == [seen[0], {}]
    assert not any(button.key == "way_back" for button in app.button)


def test_a_chapter_shows_nothing_before_a_guess_and_all_after_it() -> None:
    chapter = CHAPTERS[2]
    app = visit(chapter=chapter.slug)
    assert chapter.check.text not in re.sub(r"<[^>]*>", "", said(app))
    wrong = (chapter.guess.right + 1) % len(chapter.guess.options)
    click(app, f"guess_{chapter.slug}_{wrong}")
    shown = reading.words(said(app))
    assert f"Your guess: {chapter.guess.options[wrong]}." in shown
    assert chapter.guess.explanation in shown and chapter.check.text in shown
    assert chapter.check.explanation not in shown


def test_a_guess_can_be_left_out() -> None:
    app = visit(chapter="duel")
    click(app, "skip_duel")
    assert "Your guess" not in said(app)
    assert any(button.key == "check_duel_0" for button in app.button)


def test_the_answered_question_makes_a_chapter_done_and_the_link_says_so() -> None:
    app = visit(chapter="squeeze", done="1-5")
    click(app, "skip_squeeze")
    click(app, "check_squeeze_0")
    assert link(app) == {"chapter": "squeeze", "done": "1-3-5"}
    assert "3 of 8 done" in said(app)
    assert "✓" in said(app)
    again = visit(**link(app))  # a reload, or somebody who was sent the link
    assert link(again) == link(app)
    assert any(button.key == "check_squeeze_0" for button in again.button)  # it opens without a guess


def test_what_was_answered_is_still_there_after_another_chapter() -> None:
    app = visit(chapter="squeeze")
    click(app, f"guess_squeeze_{CHAPTERS[2].guess.right}")
    click(app, f"check_squeeze_{CHAPTERS[2].check.right}")
    click(app, "way_next")
    click(app, "way_back")
    assert "Your guess is right." in said(app) and "Your answer is right." in said(app)


def test_who_left_to_play_comes_back_to_the_same_chapter() -> None:
    app = visit(chapter="duel", done="1-2", before="xxxxxx")
    app.switch_page("pages/generate.py").run()
    app.query_params.clear()
    app.switch_page("pages/learn.py").run()
    assert app.title[0].value == next(chapter.title for chapter in CHAPTERS if chapter.slug == "duel")
    assert link(app) == {"chapter": "duel", "done": "1-2", "before": "xxxxxx"}


def test_the_row_of_places_leads_everywhere() -> None:
    app = visit(done="2")
    for place in reversed(course.ALL):
        go(app, place)
        assert link(app).get("chapter", course.START) == place
    assert link(app) == {"done": "2"}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("chapter", "nine", "must be one of start, describe"),
        ("done", "1-9", "numbers of chapters from 1 to 8"),
        ("done", "2-1", "in order"),
        ("before", "0120", "answers to a check of 6 questions"),
        ("after", "abcdef", "answers to a check of 6 questions"),
        ("room", "../..", "name of a room"),
        ("teacher", "secret", "teacher's own link"),
        ("projector", "maybe", "must be yes or no"),
    ],
)
def test_a_bad_link_gets_one_sentence_and_leaves_the_address(name: str, value: str, sentence: str) -> None:
    app = visit(**{name: value})
    (warning,) = [junk.read(element.value) for element in app.warning]
    assert warning.startswith(f"{name} is '{value}'") and sentence in warning
    assert name not in app.query_params


# The checks


def fill(app: AppTest, check: str, answers: list[int]) -> None:
    for place, answer in enumerate(answers):
        app.radio(key=f"{check}_{place}").set_value(answer)
    click(app, f"hand_in_{check}")


def test_both_scores_stand_side_by_side_and_each_answer_is_explained() -> None:
    app = visit()
    fill(app, "before", [RIGHT["before"][0], 3, 3, 3, 3, 3])
    assert "You know 1 of 6." in said(app)
    assert link(app)["before"] == f"{RIGHT['before'][0]}xxxxx"
    go(app, course.END)
    fill(app, "after", [*RIGHT["after"][:5], (RIGHT["after"][5] + 1) % 3])
    shown = re.sub(r"<[^>]*>", " ", said(app))
    assert re.search(r"Right\s+1 of 6\s+5 of 6", shown)
    assert "4 more than at the start." in shown
    read = reading.words(said(app))
    for item in (*checks.BEFORE, *checks.AFTER):
        assert item.question.explanation in read
    again = visit(**link(app))
    assert re.search(r"Right\s+1 of 6\s+5 of 6", re.sub(r"<[^>]*>", " ", said(again)))


def test_without_the_first_check_the_second_stands_alone() -> None:
    app = visit(chapter="end", after="".join(map(str, RIGHT["after"])))
    shown = re.sub(r"<[^>]*>", " ", said(app))
    assert re.search(r"Right\s+6 of 6", shown) and "Before" not in shown


def test_the_lesson_can_be_begun_anew() -> None:
    app = visit(chapter="end", after="xxxxxx", before="xxxxxx", done="1-2")
    press(app, "Begin the lesson anew")
    assert link(app) == {}
    assert app.title[0].value == "Generative models, by doing"


def test_without_a_room_nothing_is_stored(store: Path) -> None:
    app = visit()
    fill(app, "before", RIGHT["before"])
    assert not (store / rooms.FOLDER).exists()


# Rooms


def test_a_class_hands_in_and_its_teacher_sees_the_tally(store: Path) -> None:
    teacher = visit(chapter="teachers")
    press(teacher, "Open a room")
    code, key = link(teacher)["room"], link(teacher)["teacher"]
    assert code in said(teacher)
    for known in ("before", "after"):
        app = visit(room=code)
        assert f"You are in room {code}" in said(app)
        fill(app, "before", RIGHT["before"])
        assert f"Handed in to room {code}" in said(app)
        if known == "after":
            go(app, course.END)
            fill(app, "after", RIGHT["after"])
    again = visit(chapter="teachers", room=code, teacher=key)
    assert "Handed in: 2 before and 1 after the lesson; both by 1." in said(again)
    assert "6.0 of 6 before, 6.0 of 6 after" in said(again)
    lines = (store / rooms.FOLDER / f"{code}.csv").read_text().splitlines()
    assert len(lines) == 3 and all(re.fullmatch(r"\d+,(before|after),[012x]{6}", line) for line in lines)
    assert lines[1].split(",")[0] == lines[2].split(",")[0] != lines[0].split(",")[0]


def test_a_stranger_sees_no_tally(store: Path) -> None:
    code, _ = rooms.home().open()
    app = visit(chapter="teachers", room=code, teacher="x" * rooms.KEY_LENGTH)
    assert "does not open the tally" in said(app) and "Handed in:" not in said(app)
    assert "Handed in:" not in said(visit(chapter="teachers", room=code))


def test_a_room_that_is_gone_is_one_sentence_and_the_check_is_scored_all_the_same(store: Path) -> None:
    app = visit(room="abc234")
    assert "There is no room abc234, or it was closed" in said(app)
    fill(app, "before", RIGHT["before"])
    assert "You know 6 of 6." in said(app)
    assert "There is no room abc234" in said(app)


def test_a_full_disk_is_one_sentence_and_can_be_tried_again(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, key = rooms.home().open()
    app = visit(room=code)
    append = files.append

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "append", full)
    fill(app, "before", RIGHT["before"])
    assert "No space left on device" in said(app) and "You know 6 of 6." in said(app)
    monkeypatch.setattr(files, "append", append)
    press(app, "Hand in again")
    assert f"Handed in to room {code}" in said(app)
    assert rooms.home().tally(code, key).handed_in("before") == 1


def test_a_visitor_who_begins_anew_is_counted_once(store: Path) -> None:
    code, key = rooms.home().open()
    app = visit(room=code)
    for _ in range(2):
        fill(app, "before", RIGHT["before"])
        go(app, course.END)
        fill(app, "after", [3] * 6)
        press(app, "Begin the lesson anew")
    tally = rooms.home().tally(code, key)
    assert (tally.handed_in("before"), tally.handed_in("after"), tally.both()) == (1, 1, 1)


def test_a_code_can_be_typed(store: Path) -> None:
    code, _ = rooms.home().open()
    app = visit()
    app.text_input(key="room_typed").set_value("=cmd()|'/c calc'!A0").run()
    assert "There is no room of that name." in said(app) and "room" not in app.query_params
    app.text_input(key="room_typed").set_value(f" {code.upper()} ").run()
    assert f"You are in room {code}" in said(app) and link(app)["room"] == code
    press(app, "Leave the room")
    assert "room" not in app.query_params


def test_a_visit_opens_few_rooms(store: Path) -> None:
    app = visit(chapter="teachers")
    for _ in range(3):
        press(app, "Open a room")
        app.session_state["room"] = app.session_state["teacher"] = ""
        del app.query_params["room"], app.query_params["teacher"]
        app.run()
    press(app, "Open a room")
    assert "3 rooms in this visit" in said(app)
    assert len(list((store / rooms.FOLDER).glob("*.json"))) == 3


def test_a_room_can_be_closed(store: Path) -> None:
    app = visit(chapter="teachers")
    press(app, "Open a room")
    press(app, "Remove it")
    assert not list((store / rooms.FOLDER).glob("*.json")) and "room" not in app.query_params


def test_a_refusal_to_close_a_room_is_said(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(chapter="teachers")
    press(app, "Open a room")

    def refuse(*told: object) -> None:
        raise StoreError("The rooms cannot be written: the disk is full.")

    monkeypatch.setattr(rooms.Rooms, "close", refuse)
    press(app, "Remove it")
    assert "the disk is full" in said(app)
    assert "room" in app.query_params


def test_only_the_teachers_place_has_the_key_in_its_address(store: Path) -> None:
    app = visit(chapter="teachers")
    press(app, "Open a room")
    key = link(app)["teacher"]
    press(app, "Back to the lesson")
    assert "teacher" not in app.query_params and "room" in app.query_params
    assert "what you hand in yourself is not counted" in said(app)
    app.pills("places").set_value("teachers").run()
    assert link(app)["teacher"] == key


def test_the_teachers_own_check_is_not_counted(store: Path) -> None:
    code, key = rooms.home().open()
    app = visit(room=code, teacher=key)
    assert "what you hand in yourself is not counted" in said(app)
    fill(app, "before", RIGHT["before"])
    assert not rooms.home().tally(code, key).rows


# For teachers


def test_both_documents_can_be_taken_home() -> None:
    app = visit(chapter="teachers")
    assert not app.warning
    assert {found.proto.label for found in app.get("download_button")} >= {"Plan and worksheet", "Answers"}


def test_the_worksheet_has_a_task_for_each_chapter_and_the_answers_one_for_each_task() -> None:
    plan, answers = ((PROJECT / "docs" / name).read_text("utf-8") for name in ("teaching.md", "teaching-answers.md"))
    for text in (plan, answers):
        for number, chapter in enumerate(CHAPTERS, 1):
            assert re.search(rf"^#+ {number}\. {re.escape(chapter.title)}$", text, re.MULTILINE), (
                number,
                chapter.title,
            )


def test_the_projector_is_switched_on_and_off() -> None:
    app = visit(chapter="teachers")
    assert "font-size: 24px" not in said(app)
    app.toggle(key="projector_switch").set_value(True).run()
    assert link(app)["projector"] == kept.YES and "font-size: 24px" in said(app)
    go(app, "duel")
    assert "font-size: 24px" in said(app) and link(app)["projector"] == kept.YES
    press(app, "Usual size")
    assert "projector" not in app.query_params and "font-size: 24px" not in said(app)


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ("describe", "describe_digit", "3"),
        ("two-ways", "gaussians", "3"),
        ("squeeze", "bottleneck", "4"),
        ("fill", "fill_draw", "3"),
        ("duel", "duel_when", "Middle"),
        ("after", "after_steps", "5"),
        ("augment", "augment_seeds", "4"),
        ("choose", "label_digit", "3"),
    ],
)
def test_a_link_that_says_what_is_done_in_a_chapter_leads_past_its_guess(
    place: str, name: str, value: str, store: Path
) -> None:
    def guess(**query: str) -> bool:
        return any(button.key == f"skip_{place}" for button in visit(chapter=place, **query).button)

    assert guess() and guess(utm_source="x")
    assert not guess(**{name: value})
