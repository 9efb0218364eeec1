"""The stage of a training in a real browser: it stays where it is, and one mark moves through all of it."""

from __future__ import annotations

import re
import shutil

import pytest
from playwright.sync_api import Browser, Page, expect

from genmod.runs import SHIPPED, Run, Store
from tests.browser.test_app import main, press
from tests.browser.visitor import Server, settled

FILMED = "gan-dense"
EPOCHS = Run(SHIPPED / FILMED).config().epochs
MOST_SHIFT = 0.05
WATCH_SHIFTS = """() => {
  window.shift = 0
  window.shifted = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      window.shift += entry.value
      for (const { node, previousRect, currentRect } of entry.sources) {
        const name = node?.className || node?.parentElement?.className || node?.nodeName
        window.shifted.push(`${entry.value.toFixed(3)} ${name} ${previousRect.y} -> ${currentRect.y}`)
      }
    }
  }).observe({ type: "layout-shift" })
}"""
# The sum of one colour of all pixels.
CANVAS = (
    "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.reduce((a, b) => a + b)"
)


def pixels(page: Page) -> int:
    """A number that changes with what is on stage."""
    return int(page.locator(".gm-tiles").first.evaluate(CANVAS))


def filled(page: Page) -> None:
    """Wait until there are digits on stage."""
    page.locator(".gm-tiles").first.wait_for()
    page.wait_for_function(f"() => ({CANVAS})(document.querySelector('.gm-tiles')) > 1e6")


@pytest.fixture(scope="module")
def film(server: Server) -> str:
    """A finished run with a picture of every one of its last epochs."""
    source, target = SHIPPED / FILMED, server.store / "film"
    shutil.copytree(source, target)
    assert len(Store(server.store).runs()[0].frames()) > 5
    return "film"


@pytest.mark.timeout(300)
def test_nothing_moves_from_pressing_train_to_the_end(own_server: Server, page: Page) -> None:
    page.goto(f"{own_server.url}/train?run=vae-article&epochs=3&images=20000")
    settled(page)
    expect(main(page).get_by_role("heading", name="New: like vae-article")).to_be_visible()
    page.locator(".gm-tiles").wait_for()  # the page itself is there, with its styles
    page.wait_for_timeout(500)
    page.evaluate(WATCH_SHIFTS)
    press(page, "Train")
    expect(page.get_by_test_id("stAlert").get_by_text("Finished 3 epochs")).to_be_visible(timeout=120_000)
    settled(page)
    page.wait_for_timeout(1_000)
    assert page.evaluate("window.shift") <= MOST_SHIFT, "\n".join(page.evaluate("window.shifted"))


@pytest.mark.timeout(300)
def test_all_that_moves_is_above_the_fold(server: Server, page: Page, film: str) -> None:
    for run in (film, "vae-map", "gan-conditional", "ae-article"):
        page.goto(f"{server.url}/train?run={run}")
        settled(page)
        for part in (".gm-tiles", ".gm-pairs", ".gm-strip", ".gm-state", ".gm-three", ".gm-chart:last-child"):
            box = page.locator(part).first.bounding_box()
            assert box is not None and box["y"] + box["height"] <= 900, (run, part, box)


def test_the_slider_moves_one_mark_through_pictures_numbers_and_curves(server: Server, page: Page, film: str) -> None:
    page.goto(f"{server.url}/train?run={film}")
    settled(page)
    slider = page.get_by_role("slider", name="Film of the training")
    where, three = page.locator(".gm-where"), page.locator(".gm-three")
    last = Store(server.store).runs()[0].frames()[-1]
    expect(where).to_have_text(f"After epoch {last} of {EPOCHS}")
    filled(page)
    before = pixels(page), three.inner_text(), page.locator(".gm-now").first.get_attribute("x1")
    slider.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    second = Store(server.store).runs()[0].frames()[1]
    expect(where).to_have_text(f"After epoch {second} of {EPOCHS}")
    page.wait_for_timeout(500)
    after = pixels(page), three.inner_text(), page.locator(".gm-now").first.get_attribute("x1")
    assert all(old != new for old, new in zip(before, after, strict=True))
    marks = page.locator(".gm-now").evaluate_all("lines => lines.map((line) => line.getAttribute('x1'))")
    assert len(marks) == 3 and len(set(marks)) == 1
    history = {row["epoch"]: row for row in Store(server.store).runs()[0].history()}
    assert f"{history[second]['real_accuracy']:.0%}" in three.inner_text()


def test_the_film_plays_to_its_end_and_stops(server: Server, page: Page, film: str) -> None:
    page.goto(f"{server.url}/train?run={film}")
    settled(page)
    page.get_by_role("button", name="Play").click()
    expect(page.locator(".gm-where")).not_to_have_text(f"After epoch {EPOCHS} of {EPOCHS}")
    expect(page.locator(".gm-where")).to_have_text(f"After epoch {EPOCHS} of {EPOCHS}", timeout=20_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_two_runs_move_in_step_by_images_seen(server: Server, page: Page, film: str) -> None:
    page.goto(f"{server.url}/train?run={film}&in_step=gan-conditional")
    settled(page)
    expect(page.locator(".gm-tiles")).to_have_count(2)
    slider = page.get_by_role("slider", name="Film of the training")
    slider.focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    words = page.locator(".gm-where").inner_text()
    seen = int(re.sub(r"\D", "", words))
    under = page.locator(".gm-show > .gm-under:nth-of-type(1)").all_inner_texts()
    for text in under:
        epoch = re.search(r"after epoch (\d+)", text)
        assert epoch is None or int(epoch[1]) * 60_000 <= seen, (words, text)


def test_another_run_s_pictures_never_stand_under_a_new_name(server: Server, page: Page, film: str) -> None:
    page.goto(f"{server.url}/train?run={film}")
    settled(page)
    filled(page)
    epochs = page.get_by_test_id("stSidebar").get_by_label(re.compile("^Epochs"))
    epochs.fill(str(EPOCHS + 1))
    epochs.press("Enter")
    expect(main(page).get_by_role("heading", name=f"New: like film, epochs {EPOCHS} to {EPOCHS + 1}")).to_be_visible()
    expect(page.locator(".gm-under").first).to_contain_text("will form")
    expect(page.locator(".gm-where")).to_have_text("")
    press(page, "Back to film")
    expect(main(page).get_by_role("heading", name="film")).to_be_visible()
    expect(page.locator(".gm-where")).to_have_text(f"After epoch {EPOCHS} of {EPOCHS}")


@pytest.mark.timeout(300)
def test_stop_is_acknowledged_at_once(own_server: Server, page: Page) -> None:
    page.goto(f"{own_server.url}/train?run=vae-article&epochs=400")
    settled(page)
    press(page, "Train")
    expect(page.locator(".gm-where")).to_contain_text("min left", timeout=60_000)
    press(page, "Stop")
    said = page.get_by_test_id("stAlert").get_by_text(re.compile("^Stopping|^Stopped after"))
    expect(said).to_be_visible(timeout=2_000)
    expect(main(page).get_by_role("button", name="Stop")).to_be_disabled()
    expect(page.get_by_test_id("stAlert").get_by_text("Stopped after")).to_be_visible(timeout=30_000)


def test_on_a_phone_the_stage_comes_first_then_sentence_numbers_and_curves(
    server: Server, browser: Browser, film: str
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{server.url}/train?run={film}")
    settled(page)
    parts = (".gm-tiles", ".gm-strip", ".gm-state", ".gm-three", ".gm-charts")
    tops = []
    for part in parts:
        box = page.locator(part).first.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 390, (part, box)
        tops.append(box["y"])
    assert tops == sorted(tops)
    context.close()
