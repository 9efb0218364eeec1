"""The lesson in a browser: the way on and back, what a reload keeps, the keyboard, and a class's room."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Server, settled

PAUSE = 400  # milliseconds within which the browser notes what was done


def open_lesson(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/learn{query}")
    settled(page)
    page.wait_for_timeout(PAUSE)


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click()
    settled(page)
    page.wait_for_timeout(PAUSE)


def is_at(page: Page, title: str) -> None:
    expect(page.locator("h1")).to_have_text(title, timeout=30_000)
    settled(page)


SQUEEZE, FILL = "Squeeze an image into a few numbers", "Fill the space without holes"
DUEL = "A forger against a curator"


@pytest.mark.timeout(240)
def test_next_begins_at_the_top_and_back_leads_back_without_undoing_what_is_done(server: Server, page: Page) -> None:
    open_lesson(page, server, "?chapter=squeeze")
    is_at(page, SQUEEZE)
    press(page, "skip_squeeze")
    press(page, "check_squeeze_1")
    page.wait_for_url("**done=3*")
    page.locator(".st-key-way_next").scroll_into_view_if_needed()
    press(page, "way_next")
    is_at(page, FILL)
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    assert page.evaluate("document.activeElement.className") == "gm-here"
    assert re.search(r"chapter=fill.*done=3|done=3.*chapter=fill", page.url)
    page.go_back()
    is_at(page, SQUEEZE)
    page.wait_for_url("**done=3*")
    expect(page.locator(".gm-options")).to_be_visible()  # how the question was answered
    page.go_forward()
    is_at(page, FILL)
    page.reload()
    is_at(page, FILL)
    assert "done=3" in page.url
    expect(page.locator(".st-key-path").get_by_text("3 Squeeze ✓")).to_be_visible()


@pytest.mark.timeout(240)
def test_who_leaves_to_play_comes_back_to_where_they_were(server: Server, page: Page) -> None:
    open_lesson(page, server, "?chapter=duel&done=1-2")
    is_at(page, DUEL)
    page.get_by_role("link", name="Home", exact=True).first.click()
    page.locator("h1", has_text="See a machine learn").wait_for()
    settled(page)
    page.wait_for_timeout(PAUSE)
    assert "chapter=" not in page.url and "done=" not in page.url
    page.get_by_role("link", name="Learn", exact=True).first.click()
    is_at(page, DUEL)
    page.wait_for_url(re.compile("done=1-2"))
    page.go_back()
    page.locator("h1", has_text="See a machine learn").wait_for()
    settled(page)
    page.go_back()
    is_at(page, DUEL)


@pytest.mark.timeout(240)
def test_the_arrow_keys_lead_on_and_fight_with_nothing(server: Server, page: Page) -> None:
    open_lesson(page, server, "?chapter=end&projector=yes")
    is_at(page, "What you can say now")
    first = page.get_by_role("radio").first
    first.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(PAUSE)
    is_at(page, "What you can say now")
    page.locator(".gm-here").focus()
    page.keyboard.press("ArrowLeft")
    is_at(page, "A model knows what it was shown")
    page.keyboard.press("ArrowLeft")
    is_at(page, "More data from little data")
    page.keyboard.press("ArrowRight")
    is_at(page, "A model knows what it was shown")


@pytest.mark.timeout(240)
def test_without_the_projector_the_arrow_keys_are_left_alone(server: Server, page: Page) -> None:
    open_lesson(page, server, "?chapter=end")
    page.locator(".gm-here").focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_timeout(PAUSE)
    is_at(page, "What you can say now")


@pytest.mark.timeout(240)
def test_a_class_on_phones_is_counted(server: Server, browser: Browser, page: Page) -> None:
    open_lesson(page, server, "?chapter=teachers")
    page.get_by_role("button", name="Open a room").click()
    page.wait_for_url(re.compile("room=.*teacher=|teacher=.*room="))
    settled(page)
    code = re.findall(r"room=([a-z0-9]{6})", page.url)[0]
    phone = browser.new_context(viewport={"width": 390, "height": 844})
    pupil = phone.new_page()
    open_lesson(pupil, server, f"?room={code}")
    expect(pupil.get_by_text(f"You are in room {code}")).to_be_visible(timeout=30_000)
    assert pupil.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    pupil.get_by_text("p(song | bird)", exact=True).first.click()
    pupil.get_by_role("button", name="Hand in").click()
    expect(pupil.get_by_text(f"Handed in to room {code}")).to_be_visible(timeout=30_000)
    expect(pupil.get_by_text("You know 1 of 6.")).to_be_visible()
    expect(page.get_by_text("Handed in: 1 before")).to_be_visible(timeout=30_000)  # the tally looks by itself
    phone.close()


def test_on_a_phone_the_row_of_places_shows_where_one_is(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    open_lesson(page, server, "?chapter=after")
    chosen = page.locator(".st-key-path [data-testid=stButtonGroup]").get_by_role("radio", name="6 What came after")
    expect(chosen).to_be_in_viewport(ratio=1)
    context.close()
