"""Every page held against the rules of the Web Content Accessibility Guidelines by axe-core."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.visitor import Server, settled

AXE = resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
LEARN = ("learn", "learn?chapter=describe", "learn?chapter=end", "learn?chapter=teachers")
PAGES = ("", "training-data", "train", "train?run=gan-dense", "latent-space", "generate", "quality", *LEARN)
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"], runOnly: {type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}})).violations"""
SERIOUS = ("serious", "critical")
# Findings within Streamlit's own elements that no option and no style of a page reaches: rule, and part of the element.
STREAMLITS_OWN: dict[tuple[str, str], str] = {}


def findings(page: Page) -> list[str]:
    """The serious findings on a page, a line each."""
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for rule in found
        if rule["impact"] in SERIOUS or rule["id"] in ("heading-order", "empty-heading")
        for node in rule["nodes"]
        if not any(rule["id"] == name and part in node["html"] for name, part in STREAMLITS_OWN)
    ]


@pytest.mark.sampled(6)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_a_serious_finding(address: str, width: int, scheme: Any, server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{server.url}/{address}")
    settled(page)
    page.wait_for_timeout(500)
    found = findings(page)
    context.close()
    assert not found, "\n".join(found)


STOP = """() => {
  const stop = document.activeElement
  if (!stop || stop === document.body) return null
  for (let element = stop, level = 0; element && level < 4; element = element.parentElement, level++) {
    const style = getComputedStyle(element)
    if (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) return ["seen", ""]
  }
  return ["unseen", stop.outerHTML.slice(0, 200)]
}"""


@pytest.mark.sampled(2)
@pytest.mark.parametrize("address", PAGES)
def test_the_keyboard_is_seen_wherever_it_stops_and_passes_no_chart_tools(
    address: str, server: Server, page: Page
) -> None:
    page.goto(f"{server.url}/{address}")
    settled(page)
    page.wait_for_timeout(500)
    stops = 0
    for _ in range(45):
        page.keyboard.press("Tab")
        found = page.evaluate(STOP)
        if found is None:
            continue
        stops += 1
        assert found[0] == "seen", found[1]
        assert not page.evaluate("document.activeElement.closest('[data-testid=stElementToolbar]') !== null")
    assert stops > 20


def test_a_phone_has_the_pages_at_hand_and_the_drawer_closed(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/train")
    settled(page)
    sidebar = page.get_by_test_id("stSidebar").bounding_box()
    assert sidebar is None or sidebar["x"] + sidebar["width"] <= 0 or sidebar["width"] == 0
    for name, title in (("Generate", "Generate"), ("Latents", "Latent space"), ("Home", "See a machine learn")):
        link = page.locator(".st-key-pages").get_by_role("link", name=name)
        box = link.bounding_box()
        assert box is not None and box["y"] > 844 / 2 and box["height"] >= 40 and box["y"] + box["height"] <= 844
        link.click()
        page.locator("h1", has_text=title).wait_for()
        settled(page)
    context.close()


def test_the_drawer_closes_when_a_run_was_chosen(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/generate")
    settled(page)
    page.get_by_test_id("stExpandSidebarButton").click()
    sidebar = page.get_by_test_id("stSidebar")
    sidebar.get_by_role("combobox").first.click()
    page.get_by_role("option", name="gan-dense", exact=True).click()
    page.wait_for_url("**run=gan-dense*")
    page.wait_for_function(
        "() => document.querySelector('[data-testid=stSidebar]').getBoundingClientRect().right <= 1", timeout=5_000
    )
    page.get_by_text("What gan-dense draws").wait_for()
    context.close()
