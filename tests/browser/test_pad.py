"""The latent pad in a real browser: what it draws is what LiteRT draws, and a hand, a finger and keys move it."""

from __future__ import annotations

import io
import json
import re
import shutil
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from genmod import runs
from genmod.datasets import DATASETS, MNIST, to_float
from genmod.inference import Encoder, Model, Sampler
from genmod.quality import reference
from genmod.runs import Run
from genmod.ui.pad.script import SCRIPT
from tests.browser.visitor import Server, settled

OFF = 2.0  # of 255, by which a pixel may differ from LiteRT's
CLOSE = 2e-3  # by which other numbers may
RUN_NETWORK = """async ([script, network, inputs, labels]) => {
  const { Network } = await import(script)
  const response = await fetch(network)
  if (!response.ok) throw new Error(await response.text())
  const found = new Network(await response.arrayBuffer())
  return inputs.map((values, place) => found.run(values, labels?.[place]).map((output) => Array.from(output)))
}"""
PIXELS = """(canvas) => {
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  return Array.from(data).filter((_, place) => place % 4 === 0)
}"""
SHIPPED = runs.shipped().runs()


def in_browser(page: Page, server: Server, address: str, inputs: Any, labels: Any = None) -> list[list[list[float]]]:
    """What the browser computes of a network for some inputs."""
    script = f"{server.url}/scripts/pad/{SCRIPT.version}.js"
    found: list[list[list[float]]] = page.evaluate(
        RUN_NETWORK,
        [script, f"{server.url}/{address}", [np.asarray(one, float).ravel().tolist() for one in inputs], labels],
    )
    return found


def the_pad(page: Page) -> Locator:
    """The pad, when it has drawn its first image."""
    pad = page.locator('[role="application"][aria-label^="Latent pad"]')
    pad.locator('canvas[data-role="digit"][data-z]').wait_for()
    return pad


def pixels(page: Page) -> Any:
    """The grey values of the image at the point, uint8 (28, 28)."""
    found = page.locator('canvas[data-role="digit"]').first.evaluate(PIXELS)
    return np.array(found, np.uint8).reshape(28, 28)


def latents(page: Page) -> Any:
    """The point, as the page says it."""
    text = page.locator('canvas[data-role="digit"]').first.get_attribute("data-z")
    return np.array([[float(part) for part in (text or "").split()]], np.float32)


@pytest.mark.timeout(300)
def test_every_shipped_network_gives_what_litert_gives(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/healthz")
    images = to_float(MNIST.load().test_images[:3])
    for run in SHIPPED:
        compare(page, server, run, images)


def compare(page: Page, server: Server, run: Run, images: Any) -> None:
    """See that all networks of a run give in the browser what LiteRT gives."""
    rng = np.random.default_rng(0)
    for name in (name for name in run.kind().networks if run.has(f"{name}.tflite")):
        model = Model(run.exported(f"{name}.tflite"))
        inputs = images if len(model.input_shape) > 1 else rng.standard_normal((3, *model.input_shape)).astype("f4")
        labels = np.arange(3) % model.classes if model.conditional else None
        expected = model(inputs, labels)
        given = None if labels is None else labels.tolist()
        found = in_browser(page, server, f"networks/{run.id}/{name}.bin", inputs, given)
        for output, numbers in enumerate(expected):
            seen = np.array([outputs[output] for outputs in found]).reshape(numbers.shape)
            off = np.abs(seen - numbers)
            if len(numbers.shape) > 2:
                assert 255 * off.max() <= OFF, (run.id, name, 255 * off.max())
            else:
                assert (off <= CLOSE * np.maximum(1.0, np.abs(numbers))).all(), (run.id, name, off.max())


def test_the_classifiers_see_in_the_browser_what_they_see_here(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/healthz")
    for source in DATASETS.values():
        images = source.load().test_images[:4]
        _, shares = reference.of(source).classifier.classify(images)
        found = in_browser(page, server, f"classifiers/{source.name}.bin", to_float(images))
        seen = [next(output for output in outputs if len(output) == source.classes) for outputs in found]
        np.testing.assert_allclose(seen, shares, atol=CLOSE)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("run_id", ["vae-map", "vae-best", "vae-conditional", "gan-dcgan", "fashion-gan"])
def test_the_image_under_the_hand_is_litert_s(run_id: str, server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run={run_id}")
    pad = the_pad(page)
    sampler = Sampler(runs.find(run_id))
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    for across, down in ((0.1, 0.2), (0.9, 0.3), (0.55, 0.95)):
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=3)
        page.wait_for_timeout(150)
        labels = np.array([7]) if sampler.conditional else None
        expected = 255 * sampler.decode(latents(page), labels)[0]
        assert np.abs(pixels(page) - expected).max() <= OFF
    page.mouse.up()


def test_a_drag_asks_nothing_of_the_server_and_letting_go_moves_the_link(
    server: Server, page: Page, browser: Browser
) -> None:
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(payload)))
    page.goto(f"{server.url}/latent-space?run=vae-map")
    pad = the_pad(page)
    settled(page)
    page.wait_for_timeout(1_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    sent.clear()
    box = pad.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    seen = set()
    for step in range(30):
        page.mouse.move(box["x"] + 200 + 5 * step, box["y"] + 200 + 3 * step)
        page.wait_for_timeout(20)
        seen.add(pixels(page).tobytes())
    assert len(seen) > 20 and not sent and not asked
    assert "z=" not in page.url
    page.mouse.up()
    page.wait_for_url(re.compile(r"[?&]z="))
    settled(page)
    expect(page.locator(".gm-nearest p")).to_contain_text("Nearest training image")
    again = browser.new_page()
    again.goto(page.url)
    the_pad(again)
    assert (latents(again) == latents(page)).all()
    assert np.array_equal(pixels(again), pixels(page))
    again.close()


def test_generate_and_latent_space_show_the_same_point(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-map&z=1.5+-0.7")
    the_pad(page)
    seen = pixels(page)
    settled(page)
    page.get_by_role("link", name="Generate", exact=True).first.click()
    page.locator("h1", has_text="Generate").wait_for()
    page.locator('canvas[data-role="digit"][data-z="1.5 -0.7"]').wait_for()
    assert np.array_equal(pixels(page), seen)
    assert page.locator('[role="application"]').count() == 0  # sliders alone


def test_arrow_keys_move_the_point_and_with_shift_choose_an_image(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-map")
    pad = the_pad(page)
    settled(page)
    page.wait_for_timeout(500)
    pad.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.wait_for_url(re.compile(r"z=0\.3(\+|%20)0\.1"))
    np.testing.assert_allclose(latents(page), [[0.3, 0.1]])
    page.keyboard.press("Shift+ArrowLeft")
    page.wait_for_url(re.compile(r"digit=\d+"))
    settled(page)
    index = int(re.findall(r"digit=(\d+)", page.url)[0])
    z_mean, _ = Encoder(runs.find("vae-map")).encode(MNIST.load().test_images[index : index + 1])
    assert z_mean[0, 0] < 0.3
    np.testing.assert_allclose(latents(page), z_mean, atol=0.011)
    expect(page.get_by_text(re.compile(f"Test image {index:,}, an? \\d, and its reconstruction"))).to_be_visible()
    page.keyboard.press("Home")
    page.wait_for_function("""() => document.querySelector('canvas[data-role="digit"]').dataset.z === "0 0" """)


def test_a_click_on_a_mark_shows_that_image(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-map&digit=7")
    pad = the_pad(page)
    settled(page)
    z_mean, _ = Encoder(runs.find("vae-map")).encode(MNIST.load().test_images[:3_000])
    # The image whose mark stands most alone.
    away = np.linalg.norm(z_mean[:, None] - z_mean[None], axis=2) + 9 * np.eye(len(z_mean))
    inside = np.abs(z_mean).max(axis=1) < 3.5
    index = int(np.where(inside, away.min(axis=1), 0).argmax())
    pad.locator("canvas.gm-points[data-drawn]").wait_for(state="attached")
    box = pad.bounding_box()
    assert box is not None
    across, up = (z_mean[index] / 4 + 1) / 2
    page.mouse.click(box["x"] + float(across) * box["width"], box["y"] + float(1 - up) * box["height"])
    page.wait_for_url(re.compile(rf"digit={index}\b"))
    expect(page.get_by_text(re.compile(f"Test image {index:,}, an? \\d, and its reconstruction"))).to_be_visible()


def test_a_finger_moves_the_point_and_the_image_stays_in_sight(server: Server, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, has_touch=True)
    page = context.new_page()
    page.goto(f"{server.url}/latent-space?run=vae-best")
    pad = the_pad(page)
    settled(page)
    pad.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    before = pixels(page)
    box = pad.bounding_box()
    assert box is not None
    touch = context.new_cdp_session(page)

    def finger(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in places]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    finger("touchStart", (0.3, 0.3))
    finger("touchMove", (0.6, 0.5))
    finger("touchMove", (0.8, 0.7))
    page.wait_for_timeout(100)
    assert not np.array_equal(pixels(page), before)
    finger("touchEnd")
    page.wait_for_url(re.compile(r"[?&]z="))
    page.get_by_role("slider").last.scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    digit = page.locator('canvas[data-role="digit"]').bounding_box()
    assert digit is not None and 0 <= digit["y"] < 300 and digit["y"] + digit["height"] < 844
    context.close()


def test_a_slider_draws_while_it_is_dragged(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/generate?run=vae-map")
    page.locator('canvas[data-role="digit"][data-z]').wait_for()
    settled(page)
    before = page.url
    slider = page.get_by_role("slider").first
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    seen = set()
    for step in range(10):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.04 * step), box["y"] + box["height"] / 2)
        page.wait_for_timeout(40)
        seen.add(pixels(page).tobytes())
    assert len(seen) > 5 and page.url == before
    page.mouse.up()
    page.wait_for_url(re.compile(r"[?&]z="))


def test_a_gan_is_walked_and_all_classes_are_drawn_of_one_point(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=gan-conditional&grid_digit=3")
    pad = the_pad(page)
    expect(page.get_by_text("no image has a place in its latent space").first).to_be_visible()
    tens = page.locator(".gm-tens canvas")
    tens.wait_for()
    sheet = np.array(tens.evaluate(PIXELS), np.uint8).reshape(57, 144)
    sampler = Sampler(runs.find("gan-conditional"))
    expected = 255 * sampler.decode(np.repeat(latents(page), 10, axis=0), np.arange(10))
    for label in range(10):
        top, left = label // 5 * 29, label % 5 * 29
        assert np.abs(sheet[top : top + 28, left : left + 28] - expected[label]).max() <= OFF
    assert np.abs(pixels(page) - expected[3]).max() <= OFF
    box = pad.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 40, box["y"] + 40)
    page.wait_for_url(re.compile(r"[?&]z="))


def test_one_point_moves_in_two_runs(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=ae-article&pad_beside=vae-elbo&z=1+-1+0.5")
    page.locator('canvas[data-role="digit"][data-z]').nth(1).wait_for()
    shown = page.locator('canvas[data-role="digit"]')
    assert shown.count() == 2
    for place, run_id in enumerate(("ae-article", "vae-elbo")):
        expected = 255 * Sampler(runs.find(run_id)).decode(np.array([[1, -1, 0.5, 0]], np.float32))[0]
        found = np.array(shown.nth(place).evaluate(PIXELS), np.uint8).reshape(28, 28)
        assert np.abs(found - expected).max() <= OFF
    expect(
        page.get_by_text(re.compile(r"recognises .* % of those of ae-article and .* % of those of vae-elbo"))
    ).to_be_visible()
    page.get_by_role("button", name="Random point").click()
    page.wait_for_function(
        """() => {
      const shown = [...document.querySelectorAll('canvas[data-role="digit"]')].map((one) => one.dataset.z)
      return shown[0] !== "1 -1 0.5 0" && shown[0] === shown[1]
    }"""
    )


def drawn_one(page: Page) -> None:
    """Draw an upright stroke on the paper."""
    paper = page.locator("canvas.gm-sheet")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 150, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 140, box["y"] + 230, steps=8)
    page.mouse.up()


def test_a_digit_of_one_s_own_falls_on_the_pad(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-map&part=own")
    the_pad(page)
    settled(page)
    drawn_one(page)
    expect(page.get_by_text(re.compile(r"The classifier sees: a 1, \d"))).to_be_visible()
    expect(page.get_by_text("centred by its mass").or_(page.get_by_text("centre of mass")).first).to_be_visible()
    page.wait_for_url(re.compile(r"[?&]z="))
    expect(page.get_by_text("The classifier sees a 1,").first).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Draw a digit on the paper")).to_be_visible()


def test_the_keyboard_draws_too(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=gan-dense&part=own")
    the_pad(page)
    settled(page)
    page.locator("canvas.gm-sheet").focus()
    for _ in range(8):
        page.keyboard.press("ArrowUp")
    page.keyboard.press(" ")
    for _ in range(16):
        page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(page.get_by_text(re.compile(r"The classifier sees: a 1, \d"))).to_be_visible()
    expect(page.get_by_text("takes it for real with a probability of")).to_be_visible()


def upload(page: Page, content: bytes, name: str = "digit.png") -> None:
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "image/png", "buffer": content})


def test_a_picture_file_is_taken_and_a_bad_one_gets_a_sentence(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-map&part=own")
    the_pad(page)
    settled(page)
    upload(page, b"no picture at all")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_be_visible()
    assert alert.inner_text().count(".") >= 1
    paper = np.full((200, 160), 250, np.uint8)
    paper[30:170, 70:84] = 20
    buffer = io.BytesIO()
    Image.fromarray(paper).save(buffer, format="PNG")
    upload(page, buffer.getvalue())
    expect(page.get_by_text(re.compile(r"The classifier sees: a 1, \d"))).to_be_visible()
    expect(page.get_by_text("inverted").first).to_be_visible()
    expect(alert).to_have_count(0)


@pytest.mark.long
def test_the_verdict_is_painted_in_the_colour_of_what_is_seen(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/latent-space?run=vae-map&ground=classifier&held_out=false")
    pad = the_pad(page)
    settled(page)
    page.wait_for_timeout(6_000)
    ground = pad.locator("canvas.gm-ground")
    run = runs.find("vae-map")
    sampler, judge = Sampler(run), reference.of(run.config().source).classifier
    told = json.loads(
        ground.evaluate(
            """(canvas) => JSON.stringify([[0.12, 0.5], [0.3, 0.9], [0.9, 0.1], [0.9, 0.9]].map(([x, y]) =>
        Array.from(canvas.getContext("2d").getImageData(x * canvas.width, y * canvas.height, 1, 1).data)))"""
        )
    )
    hues = []
    for (x, y), colour in zip(((0.12, 0.5), (0.3, 0.9), (0.9, 0.1), (0.9, 0.9)), told, strict=True):
        z = np.array([[8 * x - 4, 4 - 8 * y]], np.float32)
        _, shares = judge.classify(np.rint(255 * sampler.decode(z)).astype(np.uint8))
        hues.append((int(shares[0].argmax()), tuple(colour[:3])))
    seen: dict[int, Any] = {}
    for label, colour in hues:
        assert np.abs(np.array(seen.setdefault(label, colour)) - colour).max() < 12
    assert len(set(seen)) >= 3 and len({colour for colour in seen.values()}) == len(seen)


@pytest.mark.long  # trains three runs; those that ship are compared every time
@pytest.mark.timeout(300)
def test_networks_of_own_runs_give_what_litert_gives(
    own_server: Server, page: Page, tiny_run: Run, tiny_gan: Run, tiny_flow: Run
) -> None:
    # Runs as trainings leave them: no layers folded together, weights in single precision.
    own_server.store.mkdir(parents=True, exist_ok=True)
    for run in (tiny_run, tiny_gan, tiny_flow):
        shutil.copytree(run.path, own_server.store / run.id)
    page.goto(f"{own_server.url}/healthz")
    images = to_float(MNIST.load().test_images[:3])
    for run in (tiny_run, tiny_gan, tiny_flow):
        compare(page, own_server, run, images)
    page.goto(f"{own_server.url}/latent-space?run={tiny_run.id}")
    the_pad(page)
    expected = 255 * Sampler(tiny_run).decode(latents(page))[0]
    assert np.abs(pixels(page) - expected).max() <= OFF
