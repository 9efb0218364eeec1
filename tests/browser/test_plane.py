"""The plane of points in a real browser: a mouse, a finger and the keyboard place, move and take away."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visitor import Server, settled

LEFT, RIGHT, TOP = 28, 10, 20  # pixels around the square, as in board.js


def opened(page: Page, server: Server, query: str = "") -> Locator:
    """The plane, when its points are drawn."""
    page.goto(f"{server.url}/learn?chapter=two-ways{query}")
    settled(page)
    if not query:  # a link that says something of the points leads past the guess
        page.get_by_role("button", name="Show me without a guess").click()
    area = page.locator(".gm-area")
    area.locator("[data-point='test']").wait_for(timeout=60_000)
    settled(page)
    return area


def at(area: Locator, across: float, up: float) -> tuple[float, float]:
    """Where a place of the plane is on the screen; the square is drawn anew at each answer, its surroundings stay."""
    box = area.bounding_box()
    assert box is not None
    side = box["width"] - LEFT - RIGHT
    return box["x"] + LEFT + across / 10 * side, box["y"] + TOP + (1 - up / 10) * side


def placed(page: Page) -> str:
    """The points, as the address has them."""
    settled(page)
    return parse_qs(urlparse(page.url).query).get("placed", ["two-clouds"])[0]


@pytest.mark.timeout(240)
def test_a_mouse_places_drags_and_erases_and_undo_goes_back(server: Server, page: Page) -> None:
    area = opened(page, server, "&placed=none")
    page.mouse.click(*at(area, 2, 3))
    page.wait_for_url(re.compile("placed=a2030"))
    page.get_by_role("group", name="What a click does").get_by_role("button", name="B").click()
    page.mouse.click(*at(area, 7, 8))
    page.wait_for_url(re.compile("placed=a2030b7080"))
    expect(page.get_by_text("Of the 2 points").first).to_be_visible()
    page.mouse.move(*at(area, 7, 8))
    page.mouse.down()
    page.mouse.move(*at(area, 6, 7), steps=4)
    page.mouse.move(*at(area, 5, 9), steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("placed=a2030b5090"))
    page.get_by_role("button", name="Erase").click()
    page.mouse.click(*at(area, 2.1, 3.1))
    page.wait_for_url(re.compile(r"placed=b5090(&|$)"))
    expect(page.get_by_text("All points are of class B").first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(re.compile("placed=a2030b5090"))
    expect(page.get_by_text("All points are of class B")).to_have_count(0)  # its place is taken back
    settled(page)
    page.reload()
    settled(page)
    assert placed(page) == "a2030b5090"


@pytest.mark.timeout(240)
def test_the_test_point_can_be_dragged_after_an_undo(server: Server, page: Page) -> None:
    area = opened(page, server, "&placed=none")
    page.mouse.click(*at(area, 2, 3))
    page.wait_for_url(re.compile("placed=a2030"))
    page.get_by_role("button", name="Undo").click()
    settled(page)
    area.evaluate("area => area.scrollIntoView({block: 'center'})")  # the click has scrolled to its button
    page.mouse.move(*at(area, 9.2, 9.0))
    page.mouse.down()
    page.mouse.move(*at(area, 1.0, 1.0), steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile(r"test_x1=1(\.0)?(&|$)"), timeout=10_000)


@pytest.mark.timeout(240)
def test_quick_clicks_are_all_kept(server: Server, page: Page) -> None:
    area = opened(page, server, "&placed=none")
    for step in range(12):
        page.mouse.click(*at(area, 1 + 0.7 * step, 5))
    page.wait_for_url(re.compile(r"placed=a(\d{4}){12}(&|$)"), timeout=60_000)
    assert area.locator("[data-point]").count() == 13


@pytest.mark.timeout(240)
def test_the_keyboard_does_all_of_it(server: Server, page: Page) -> None:
    area = opened(page, server, "&placed=none")
    area.focus()
    page.keyboard.press("3")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("placed=c5260"))
    expect(page.locator(".gm-plane [role=status]")).to_have_text("Class C placed at 5.2, 6.0. 1 points.")
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"test_x1=5\.2"))
    page.keyboard.press("Delete")
    page.wait_for_url(re.compile("placed=none"))
    expect(area).to_be_focused()


@pytest.mark.timeout(240)
def test_a_finger_places_where_it_taps_and_the_plane_fits_a_phone(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    area = opened(page, server, "&placed=a2020b8080")
    area.scroll_into_view_if_needed()
    page.touchscreen.tap(*at(area, 5, 5))
    page.wait_for_url(re.compile("placed=a2020b8080a5050"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()
