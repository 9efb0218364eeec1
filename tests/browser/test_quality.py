"""The Quality page in a real browser: words that open, and the picture of all runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Server, settled


def test_a_word_opens_by_keyboard_and_by_mouse_and_closes_again(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/quality?run=vae-map")
    settled(page)
    word = page.locator(".gm-dial button.gm-term", has_text="Recall")
    explanation = page.locator(".gm-explained:popover-open")
    word.focus()
    page.keyboard.press("Enter")
    expect(explanation).to_contain_text("The share of real images that lie among generated ones")
    page.keyboard.press("Escape")
    expect(explanation).to_have_count(0)
    word.click()
    expect(explanation).to_be_in_viewport(ratio=1)
    box, anchor = explanation.bounding_box(), word.bounding_box()
    assert box is not None
    assert anchor is not None
    assert abs(box["y"] - anchor["y"]) < 120  # beside its word
    page.get_by_role("heading", name="Quality", exact=True).click()
    expect(explanation).to_have_count(0)


def test_a_word_opens_by_a_tap_on_a_phone(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server.url}/training-data")
    settled(page)
    word = page.locator(".gm-words button.gm-term", has_text="latents")
    page.wait_for_function("[...document.images].every((image) => image.complete)")  # they move the word
    word.tap()
    explanation = page.locator(".gm-explained:popover-open")
    expect(explanation).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_the_picture_of_all_runs_is_readable_and_its_links_choose(server: Server, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/quality?run=vae-map&utm_source=x")
    settled(page)
    page.locator(".gm-map .gm-run").first.wait_for()
    boxes = page.locator(".gm-map .gm-run").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(r => [r.left, r.top, r.right, r.bottom])"
    )
    assert len(boxes) > 8
    for place, one in enumerate(boxes):
        assert one[0] >= 0
        assert one[2] <= width
        for other in boxes[:place]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    names = page.locator(".gm-map .gm-name")
    assert all(names.evaluate_all("all => all.map(one => one.scrollHeight <= one.clientHeight + 1)"))
    link = page.get_by_role("link", name=re.compile("^gan-dense: precision"))
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**run=gan-dense**")
    settled(page)
    assert "utm_source=x" in page.url
    expect(page.get_by_role("link", name=re.compile("^gan-dense: "))).to_have_attribute("aria-current", "true")
    expect(page.get_by_role("img", name=re.compile("^Looks right: gan-dense"))).to_be_visible()
    context.close()
