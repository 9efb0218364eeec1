"""The browser's Back: once, to what was seen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Server, drawn, noting, settled

PAUSE = 1_200  # milliseconds after which an input that is moved again is moved anew


def first(page: Page) -> Locator:
    """The slider of the first latent number; those that say more stand before it."""
    return page.get_by_role("slider", name=re.compile("^z1(,|$)"))


def sheet(page: Page) -> str:
    """The first sheet of images on the page."""
    return page.get_by_test_id("stMain").locator(".gm-digits img").first.get_attribute("src") or ""


def go(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    page.locator("h1", has_text=name).wait_for()
    settled(page)
    page.wait_for_timeout(400)


def test_back_shows_the_page_that_was_left_as_it_was(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-elbo")
    noting(page)
    settled(page)
    page.wait_for_timeout(500)
    slider = first(page)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.wait_for_url("**z=0.2*")
    settled(page)
    seen, address = drawn(page), page.url
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
    expect(first(page)).to_have_value("0.2")
    assert drawn(page) == seen
    page.go_forward()
    page.locator("h1", has_text="Quality").wait_for()


def moved(page: Page, keys: int, value: str) -> None:
    """Move the first slider by its keys, as one move, and wait until its picture is there."""
    page.wait_for_timeout(PAUSE)
    slider = first(page)
    slider.focus()
    for _ in range(keys):
        page.keyboard.press("ArrowRight")
    shows(page, value)


def shows(page: Page, value: str) -> None:
    """Wait until the first slider stands at a value and the page has drawn it."""
    expect(first(page)).to_have_value(value)
    settled(page)
    page.wait_for_timeout(300)


def test_back_undoes_one_move_of_a_slider_and_then_the_one_before(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-map")
    noting(page)
    shows(page, "0")
    seen = {"0": drawn(page)}
    for keys, value in ((12, "0.6"), (20, "1.6")):
        moved(page, keys, value)
        seen[value] = drawn(page)
    assert len(set(seen.values())) == 3
    for value in ("0.6", "0"):
        page.go_back()
        shows(page, value)
        assert drawn(page) == seen[value]
    assert "z1=" not in page.url and "z=" not in page.url
    page.go_forward()
    shows(page, "0.6")
    assert drawn(page) == seen["0.6"]


def test_a_button_that_moves_all_sliders_is_one_step_back(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-elbo&z1=1")
    noting(page)
    shows(page, "1")
    seen, before = drawn(page), page.evaluate("history.length")
    page.get_by_test_id("stMain").get_by_role("button", name="Random").click()
    page.wait_for_url(re.compile(r"[?&]z=(?!1(&|$))"))
    settled(page)
    assert drawn(page) != seen
    assert page.evaluate("history.length") == before + 1
    page.go_back()
    shows(page, "1")
    assert drawn(page) == seen


@pytest.mark.long
def test_back_between_two_pages_of_one_point_keeps_it(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-conditional&z=1+1&wanted=3")
    noting(page)
    settled(page)
    seen = drawn(page)
    page.wait_for_timeout(500)
    go(page, "Generate")
    page.wait_for_url(re.compile(r"wanted=3.*z=1(\+|%20)1|z=1(\+|%20)1.*wanted=3"))
    assert drawn(page) == seen
    page.go_back()
    page.locator("h1", has_text="Latent space").wait_for()
    settled(page)
    page.wait_for_timeout(400)
    assert drawn(page) == seen and re.search(r"[?&]z=1(\+|%20)1", page.url)
    page.go_forward()
    page.locator("h1", has_text="Generate").wait_for()
    settled(page)
    page.wait_for_timeout(400)
    assert drawn(page) == seen


@pytest.mark.long
def test_back_undoes_what_was_chosen_or_typed(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-conditional")
    noting(page)
    settled(page)
    page.wait_for_timeout(PAUSE)
    main = page.get_by_test_id("stMain")
    seen = [drawn(page)]
    main.get_by_role("radiogroup", name="Digit", exact=True).get_by_role("radio", name="3").click()
    page.wait_for_url("**wanted=3*")
    settled(page)
    seen.append(drawn(page))
    seed = main.get_by_label("Seed", exact=True)
    page.wait_for_timeout(PAUSE)
    seed.fill("7")
    seed.press("Enter")
    page.wait_for_url("**grid_seed=7*")
    settled(page)
    page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    page.get_by_role("option").filter(has_text="gan-conditional").click()
    page.wait_for_url("**run=gan-conditional*")
    settled(page)
    page.go_back()
    page.wait_for_url("**run=vae-conditional*")
    settled(page)
    page.wait_for_timeout(400)
    assert drawn(page) == seen[1]
    expect(seed).to_have_value("7")
    page.go_back()
    expect(seed).to_have_value("0")
    assert "wanted=3" in page.url
    page.go_back()
    settled(page)
    page.wait_for_timeout(400)
    assert drawn(page) == seen[0]
    assert "wanted" not in page.url


@pytest.mark.long
def test_back_brings_the_twenty_before_on_home(server: Server, page: Page) -> None:
    page.goto(server.url)
    noting(page)
    settled(page)
    seen = [sheet(page)]
    for seed in (1, 2):
        page.get_by_role("button", name="Draw others").click()
        page.wait_for_url(f"**home_seed={seed}*")
        settled(page)
        seen.append(sheet(page))
    for before in (seen[1], seen[0]):
        page.go_back()
        expect(page.get_by_test_id("stMain").locator(".gm-digits img").first).to_have_attribute("src", before)
        settled(page)


def test_a_link_that_is_put_in_order_leaves_no_entry(server: Server, page: Page) -> None:
    page.goto("about:blank")
    page.goto(f"{server.url}/generate?run=vae-map&z1=9")  # what the link gets wrong is taken out of the address
    noting(page)
    settled(page)
    assert "z1=" not in page.url and "z=" not in page.url
    page.go_back()
    page.wait_for_url("about:blank")


@pytest.mark.long
def test_a_link_clicked_twice_is_one_step_back(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-map&z1=1")
    noting(page)
    shows(page, "1")
    page.get_by_role("link", name="Quality", exact=True).first.dblclick()
    page.locator("h1", has_text="Quality").wait_for()
    settled(page)
    page.go_back()
    page.locator("h1", has_text="Generate").wait_for()
    shows(page, "1")


def test_back_brings_the_run_back_that_a_page_was_left_with(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/train?run=vae-elbo&epochs=7")
    noting(page)
    settled(page)
    page.wait_for_timeout(500)
    head = page.get_by_role("heading", name="New: like vae-elbo, epochs 50 to 7")
    expect(head).to_be_visible()
    go(page, "Quality")
    page.go_back()
    expect(head).to_be_visible(timeout=10_000)
