"""The app as visitors meet it: links, clicks, phones, a training, a crash."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.visitor import Server, drawn, noting, settled
from tests.pages import junk

ADDRESSES = {
    "": "See a machine learn to draw",
    "training-data": "Training data",
    "train": "Train",
    "latent-space": "Latent space",
    "generate": "Generate",
    "quality": "Quality",
}
TOKEN = re.compile(r"[?&]run=([a-z0-9-]+)")


def heading(page: Page) -> str:
    """The page's title."""
    return page.locator("h1").first.inner_text()


def main(page: Page) -> Locator:
    """What the page itself shows, without Streamlit's header."""
    return page.get_by_test_id("stMain")


def press(page: Page, button: str) -> None:
    """Click a button of the page when nothing is on its way that would replace it under the pointer."""
    settled(page)
    main(page).get_by_role("button", name=button, exact=True).click()


def start_training(page: Page, link: str) -> None:
    """Open the Train page with settings, and press Train."""
    page.goto(link)
    settled(page)
    main(page).get_by_role("button", name="Train", exact=True).click()


@pytest.mark.sampled(2)
@pytest.mark.parametrize("address", ADDRESSES)
def test_cold_deep_link_opens_its_page_inside_the_frame(address: str, own_server: Server, page: Page) -> None:
    page.goto(f"{own_server.url}/{address}")
    settled(page)
    assert heading(page) == ADDRESSES[address]
    expect(page.get_by_role("link", name="Latent space").first).to_be_visible()
    control = "Data set" if address == "training-data" else "Run"  # that page has no use for a run
    expect(page.get_by_test_id("stSidebar").get_by_text(control, exact=True)).to_be_visible()
    assert page.get_by_role("dialog").count() == 0


@pytest.mark.long  # deep links to a cold server are a sample of it
def test_visitors_who_come_to_a_cold_server_at_once_all_get_the_frame(own_server: Server, browser: Browser) -> None:
    visits = [browser.new_page() for _ in range(4)]
    for visit in visits:
        visit.goto(f"{own_server.url}/train?run=vae-elbo", wait_until="commit")
    for visit in visits:
        settled(visit)
        expect(visit.get_by_test_id("stSidebar").get_by_text("Run", exact=True)).to_be_visible()
        expect(main(visit).get_by_role("heading", name="vae-elbo")).to_be_visible()
        visit.close()


@pytest.mark.long  # the policy forbids it, and tests/browser/test_server.py sees that no page needs more
def test_nothing_is_asked_of_other_hosts(server: Server, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ADDRESSES:
        page.goto(f"{server.url}/{address}")
        settled(page)
    foreign = [
        url for url in asked if not url.startswith((server.url, f"ws://localhost:{server.port}", "data:", "blob:"))
    ]
    assert not foreign


def said(page: Page) -> list[str]:
    """The sentences on the page about its link."""
    words = page.get_by_test_id("stAlert").filter(has_text="The link's value was not used.").all_inner_texts()
    return [text.replace("\u2060", "").removeprefix("link_off").strip() for text in words]


def test_what_a_link_quotes_is_neither_a_link_nor_a_picture_nor_markup(server: Server, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    values = {f"z{number}": text for number, text in enumerate(junk.MARKUP, 1)}
    page.goto(f"{server.url}/generate?{urlencode({'run': junk.MARKUP[0], **values})}")
    settled(page)
    page.wait_for_timeout(500)  # what a formula or an emoji needs is loaded late
    expected = [f"There is no run {junk.MARKUP[0]!r} here; it may have been deleted."] + [
        f"{name} is {text!r}; it must be a number from -4 to 4." for name, text in values.items()
    ]
    assert said(page) == [f"{sentence} The link's value was not used." for sentence in expected]
    alerts = page.get_by_test_id("stAlert")
    assert alerts.locator("a, img, code, em, strong, del, .katex, script, svg[role=img], [style*=color]").count() == 0
    assert page.locator("[href*=evil], [src*=evil]").count() == 0
    assert not [url for url in asked if "evil.test" in url.split("?")[0]]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        ("generate", "grid_seed", "inf"),
        ("generate", "grid_seed", "1" * 4_000),
        ("train", "epochs", "1e400"),
        ("train", "seed", "-inf"),
        ("latent-space", "digit", "inf"),
        ("training-data", "shuffle_seed", "inf"),
        ("training-data", "digits", "x"),
        ("quality", "beside", "<b>"),
    ],
)
def test_bad_value_in_a_link_is_said_once_and_is_no_step_of_its_own(
    address: str, name: str, value: str, server: Server, page: Page
) -> None:
    page.goto(f"{server.url}/healthz")
    page.goto(f"{server.url}/{address}?{name}={value}")
    settled(page)
    assert heading(page) == ADDRESSES[address]
    assert page.get_by_test_id("stException").count() == 0
    assert len(said(page)) == 1
    page.wait_for_url(lambda url: f"{name}=" not in url)
    noting(page)
    page.go_back()  # to where the visitor came from, not to the link that was put in order
    page.wait_for_url("**/healthz")


@pytest.mark.sampled(5)
@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_phone_shows_everything_without_scrolling_sideways(
    address: str, scheme: Any, server: Server, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, device_scale_factor=2)
    page = context.new_page()
    page.goto(f"{server.url}/{address}")
    settled(page)
    assert heading(page) == ADDRESSES[address]
    # A chart takes its place in a second step, which a busy machine shows.
    page.wait_for_function(
        """() => document.documentElement.scrollWidth <= window.innerWidth
        && [document.querySelector('[data-testid="stMain"]')].every((main) => main.scrollWidth <= main.clientWidth)""",
        timeout=5_000,
    )
    context.close()


@pytest.mark.sampled(5)
@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("address", ADDRESSES)
def test_digits_are_drawn_at_whole_number_scale(address: str, width: int, server: Server, page: Page) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{server.url}/{address}")
    settled(page)
    scales = page.locator(".gm-digits img").evaluate_all(
        "images => images.map(i => i.getBoundingClientRect().width / i.naturalWidth)"
    )
    scales += page.locator('canvas[data-role="digit"]').evaluate_all(
        "images => images.map(i => i.getBoundingClientRect().width / i.width)"
    )
    assert all(abs(scale - round(scale)) < 0.01 for scale in scales), scales


def test_slider_moves_the_digit_and_the_link_reproduces_it(server: Server, page: Page, browser: Browser) -> None:
    page.goto(f"{server.url}/generate?run=vae-map")
    settled(page)
    before = drawn(page)
    page.get_by_role("slider", name=re.compile("^z1,")).focus()
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"[?&]z=0\.6(&|$)"))
    settled(page)
    assert drawn(page) != before
    again = browser.new_page()
    again.goto(page.url)
    settled(again)
    assert drawn(again) == drawn(page)
    again.close()


def test_a_link_holds_the_names_of_classes_until_the_data_set_changes(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/training-data?dataset=fashion-mnist")
    settled(page)
    page.get_by_test_id("stButtonGroup").get_by_role("button", name="ankle boot").click()
    page.wait_for_url(re.compile(r"digits=ankle(\+|%20)boot"))
    expect(page.get_by_text("training images (ankle boot)").first).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
    page.get_by_role("option", name="shapes").click()
    expect(page.get_by_text("What each image was drawn from")).to_be_visible()
    page.wait_for_url(lambda url: "dataset=shapes" in url and "digits" not in url)
    expect(page.get_by_text("training images (all shapes)").first).to_be_visible()


def test_chosen_run_follows_to_the_other_pages(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-article")
    settled(page)
    page.get_by_role("link", name="Latent space").first.click()
    settled(page)
    assert heading(page) == "Latent space"
    page.wait_for_url(re.compile("[?&]run=vae-article"))
    expect(page.get_by_test_id("stSidebar").get_by_text("Plane")).to_be_visible()


@pytest.mark.timeout(300)
def test_training_can_be_watched_left_reloaded_and_stopped(own_server: Server, page: Page) -> None:
    start_training(page, f"{own_server.url}/train?epochs=400")
    page.wait_for_url(TOKEN)
    bar = page.get_by_role("progressbar", name="Training")
    expect(bar).to_be_visible(timeout=60_000)
    numbers = page.locator(".gm-three")
    first = numbers.inner_text()
    expect(numbers).not_to_have_text(first, timeout=5_000)

    page.get_by_role("link", name="Generate").first.click()
    settled(page)
    assert heading(page) == "Generate"
    page.get_by_role("link", name="Train", exact=True).first.click()
    expect(bar).to_be_visible()
    page.reload()
    expect(bar).to_be_visible(timeout=20_000)

    own_server.kill()
    own_server.start()
    page.reload()
    expect(bar).to_be_visible(timeout=20_000)

    main(page).get_by_role("button", name="Stop").click()
    expect(page.get_by_test_id("stAlert").get_by_text("Stopped after")).to_be_visible(timeout=30_000)
    page.get_by_role("link", name="Generate").first.click()
    expect(page.get_by_text("A hundred at random")).to_be_visible()


@pytest.mark.long  # tests/pages/test_steering.py presses the same buttons
@pytest.mark.timeout(300)
def test_training_can_be_steered_while_it_runs(own_server: Server, page: Page) -> None:
    start_training(page, f"{own_server.url}/train?epochs=400")
    page.wait_for_url(TOKEN)
    where = page.locator(".gm-where")
    expect(where).to_contain_text("min left", timeout=60_000)

    press(page, "Pause")
    expect(main(page).get_by_role("button", name="Go on")).to_be_visible(timeout=10_000)
    expect(where).to_contain_text("paused")
    step = re.compile(r"step (\d+), paused")
    before = step.search(where.inner_text())
    assert before is not None
    press(page, "Step")
    expect(where).to_contain_text(f"step {int(before[1]) + 1}, paused", timeout=10_000)
    main(page).get_by_text("One step in slow motion").click()
    expect(main(page).get_by_text(f"After step {int(before[1]) + 1} of the epoch")).to_be_visible(timeout=10_000)
    expect(main(page).get_by_text(re.compile(r"4\. Two losses\..*nats"))).to_be_visible()

    main(page).get_by_text("Change it while it trains").click()
    settled(page)
    rate = main(page).get_by_label("Learning rate", exact=True)
    rate.fill("0.0005")
    rate.press("Enter")
    main(page).get_by_text("All numbers").click()
    expect(page.get_by_text(re.compile(r"Done while it trained: .*learning rate 0\.0005 in epoch"))).to_be_visible(
        timeout=10_000
    )
    press(page, "Go on")
    expect(main(page).get_by_role("button", name="Pause")).to_be_visible(timeout=10_000)
    expect(where).to_contain_text("min left", timeout=20_000)

    press(page, "Stop")
    expect(page.get_by_test_id("stAlert").get_by_text("Stopped after")).to_be_visible(timeout=30_000)
    done = page.get_by_text(re.compile("paused in epoch .*1 step in epoch .*went on in epoch .*stopped"))
    expect(done.first).to_be_visible()
    expect(main(page).get_by_role("button", name="Resume")).to_be_visible()


@pytest.mark.long  # the page tests and those of the queue see it, too
@pytest.mark.timeout(300)
def test_second_training_waits_for_the_first(own_server: Server, page: Page) -> None:
    start_training(page, f"{own_server.url}/train?epochs=400")
    page.wait_for_url(TOKEN)
    first = TOKEN.search(page.url)
    start_training(page, f"{own_server.url}/train?epochs=2&images=2000")
    expect(page.get_by_text("before this one")).to_be_visible(timeout=60_000)
    second = TOKEN.search(page.url)
    assert first is not None and second is not None and first[1] != second[1]
    page.goto(f"{own_server.url}/train?run={first[1]}")
    settled(page)
    main(page).get_by_role("button", name="Stop").click()
    expect(page.get_by_test_id("stAlert").get_by_text("Stopped after")).to_be_visible(timeout=40_000)
    page.goto(f"{own_server.url}/train?run={second[1]}")
    expect(page.get_by_test_id("stAlert").get_by_text("Finished 2 epochs")).to_be_visible(timeout=60_000)


@pytest.mark.long  # the page tests see it with a worker of their own
@pytest.mark.timeout(300)
def test_quality_is_measured_beside_the_server_and_can_be_cancelled(own_server: Server, page: Page) -> None:
    page.goto(f"{own_server.url}/quality?run=vae-map")
    settled(page)
    expect(page.locator(".gm-scale .gm-mark").nth(11)).to_be_attached(timeout=30_000)  # it came measured
    bar = page.get_by_role("progressbar", name="Measuring")
    main(page).get_by_role("button", name="Measure again").click()
    expect(bar).to_be_visible(timeout=60_000)
    main(page).get_by_role("button", name="Cancel").click()
    expect(bar).to_be_hidden(timeout=20_000)
    kept = own_server.store / ".quality" / "shipped--vae-map" / "quality.json"
    assert not kept.exists()

    main(page).get_by_role("button", name="Measure again").click()
    expect(main(page).get_by_role("button", name="Cancel")).to_be_visible()
    page.get_by_role("link", name="Generate").first.click()  # nobody has to wait for it
    settled(page)
    page.get_by_role("link", name="Quality").first.click()
    settled(page)
    expect(main(page).get_by_role("button", name="Cancel")).to_be_hidden(timeout=120_000)
    assert kept.exists()
    expect(main(page).get_by_text("Made 20")).to_be_visible()


@pytest.mark.long  # tests/pages/test_pages.py sees what the pages import
def test_server_stays_small_and_without_tensorflow(own_server: Server, page: Page) -> None:
    for address in ADDRESSES:
        page.goto(f"{own_server.url}/{address}")
        settled(page)
    maps = Path(f"/proc/{own_server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("the system does not tell what a process has loaded")
    assert not re.search(r"tensorflow|/keras/|/sklearn/|/scipy/", maps.read_text())
    time.sleep(0.1)


def test_on_a_phone_the_picture_stays_in_sight_while_the_last_slider_is_moved(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(f"{server.url}/generate?run=gan-conditional")
    settled(page)
    before = drawn(page)
    page.get_by_text(re.compile(r"^\d+ more latent numbers$")).click()
    slider = page.get_by_role("slider", name=re.compile(r"^z\d+")).last
    slider.scroll_into_view_if_needed()
    slider.focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    page.wait_for_url(re.compile(r"[?&]z="))
    settled(page)
    assert drawn(page) != before
    picture = page.locator('canvas[data-role="digit"]')
    expect(picture).to_be_visible()
    box, handle = picture.bounding_box(), slider.bounding_box()
    assert box is not None and handle is not None
    assert box["y"] >= 0 and box["y"] + box["height"] <= 844
    context.close()
