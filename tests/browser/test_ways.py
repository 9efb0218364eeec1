"""A run that draws in several steps, in a real browser: the pad follows them, and a film shows them."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from genmod.inference import Sampler
from genmod.runs import Run
from tests.browser.test_pad import OFF, latents, pixels, the_pad
from tests.browser.visitor import Server, settled


@pytest.fixture
def flow(own_server: Server, tiny_flow: Run) -> Run:
    """A flow in the server's store."""
    own_server.store.mkdir(parents=True, exist_ok=True)
    shutil.copytree(tiny_flow.path, own_server.store / tiny_flow.id)
    return tiny_flow


@pytest.mark.timeout(300)
def test_the_pad_draws_where_the_steps_lead_under_the_hand(own_server: Server, page: Page, flow: Run) -> None:
    page.goto(f"{own_server.url}/latent-space?run={flow.id}")
    pad = the_pad(page)
    sampler = Sampler(flow)
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    moved = []
    for across, down in ((0.2, 0.3), (0.8, 0.3), (0.6, 0.9)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=3)
        page.wait_for_timeout(300)
        z = latents(page)
        assert np.abs(pixels(page) - 255 * sampler.decode(z)[0]).max() <= OFF
        moved.append(np.abs(pixels(page) - 255 * sampler.drawn(z)[0]).max())
    page.mouse.up()
    assert max(moved) > 5 * OFF  # it is not what the decoder draws from the noise itself


@pytest.mark.timeout(300)
def test_the_slider_of_steps_changes_the_image_and_the_link(own_server: Server, page: Page, flow: Run) -> None:
    page.goto(f"{own_server.url}/generate?run={flow.id}&z=1.5+-1")
    page.locator('canvas[data-role="digit"][data-z]').first.wait_for()
    settled(page)
    sampler = Sampler(flow)
    z = latents(page)
    before = pixels(page)
    assert np.abs(before - 255 * sampler.decode(z)[0]).max() <= OFF
    steps = page.get_by_role("slider", name="Steps")
    steps.focus()
    steps.press("Home")
    page.wait_for_url(re.compile(r"[?&]draw_steps=1\b"))
    settled(page)
    page.wait_for_timeout(500)
    after = pixels(page)
    assert np.abs(after - 255 * sampler.decode(z, steps=1)[0]).max() <= OFF
    assert np.abs(after.astype(float) - before).max() > 5 * OFF
    expect(page.get_by_text("Five of them after 0, 1 of 1 steps")).to_be_visible()


@pytest.mark.timeout(300)
def test_the_film_from_noise_to_image_plays_and_can_be_made_to_stand_still(
    own_server: Server, browser: Browser, page: Page, flow: Run
) -> None:
    address = f"{own_server.url}/generate?run={flow.id}"
    page.goto(address)
    moving, still = page.locator(".gm-film img.gm-moving"), page.locator(".gm-film img.gm-still")
    expect(moving).to_be_visible(timeout=60_000)
    settled(page)
    expect(still).to_be_hidden()
    seen = set()
    for _ in range(40):
        seen.add(moving.screenshot())
        if len(seen) > 2:
            break
        page.wait_for_timeout(100)
    assert len(seen) > 2
    page.get_by_text("Stand still").click()
    expect(still).to_be_visible()
    expect(moving).to_be_hidden()
    calm = browser.new_context(reduced_motion="reduce")
    other = calm.new_page()
    other.goto(address)
    expect(other.locator(".gm-film img.gm-still")).to_be_visible(timeout=60_000)
    expect(other.locator(".gm-film img.gm-moving")).to_be_hidden()
    calm.close()
