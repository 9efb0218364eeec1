"""The browser's Back: once, to what was seen."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.visitor import Server, settled


def picture(page: Page) -> str:
    """The big picture on Generate."""
    return page.get_by_test_id("stMain").locator(".gm-digits img").first.get_attribute("src") or ""


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.locator("h1", has_text=name).wait_for()
    settled(page)
    page.wait_for_timeout(400)


def test_back_shows_the_page_that_was_left_as_it_was(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-elbo")
    settled(page)
    page.wait_for_timeout(500)
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_url("**z1=0.2*")
    settled(page)
    seen, address = picture(page), page.url
    go(page, "Quality")
    go(page, "Latent space")
    page.go_back()
    page.locator("h1", has_text="Quality").wait_for()
    settled(page)
    assert "run=vae-elbo" in page.url
    page.go_back()
    page.locator("h1", has_text="Generate").wait_for()
    settled(page)
    page.wait_for_timeout(400)
    assert page.url == address
    expect(page.get_by_role("slider").first).to_have_value("0.2")
    assert picture(page) == seen
    page.go_forward()
    page.locator("h1", has_text="Quality").wait_for()


def test_the_first_page_has_one_entry_and_moves_add_none(server: Server, page: Page) -> None:
    page.goto("about:blank")
    page.goto(f"{server.url}/generate?run=vae-map&z1=9")  # what the link gets wrong is taken out of the address
    settled(page)
    page.wait_for_timeout(800)
    before = page.evaluate("history.length")
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**z1=0.05*")
    assert page.evaluate("history.length") == before
    page.go_back()
    page.wait_for_url("about:blank")


def test_back_brings_the_run_back_that_a_page_was_left_with(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/train?run=vae-elbo&epochs=7")
    settled(page)
    page.wait_for_timeout(500)
    head = page.get_by_role("heading", name="New: like vae-elbo, epochs 50 to 7")
    expect(head).to_be_visible()
    go(page, "Quality")
    page.go_back()
    expect(head).to_be_visible(timeout=10_000)
