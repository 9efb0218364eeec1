"""What a hand on the latent pad feels, in a real browser: frames, first picture, release, points, CPU, page weight.

Starts the app as people do and opens it in a headless Chromium (name one in GENMOD_CHROMIUM if it is not found). Beside
it stands what a user would build instead: a page of Streamlit's own sliders and `st.image`, decoded by the server with
the same LiteRT file.
"""

from __future__ import annotations

import itertools
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from benchmarks.browser import percentile  # noqa: E402
from tests.browser.visitor import Server, chromium, settled  # noqa: E402

RUNS = ("vae-map", "vae-best", "gan-conditional", "gan-dcgan")
DRAGGED = 4.0  # seconds of one drag
RELEASES = 30
DIGIT = 'canvas[data-role="digit"]'
# Counts the frames in which the image differs from the one before, as they come onto the screen.
WATCH = """() => {
  const canvas = document.querySelector('canvas[data-role="digit"]')
  let last = null
  window.changed = []
  const look = (now) => {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
    let sum = 0
    for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) | 0
    if (sum !== last) window.changed.push(now)
    last = sum
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}"""
# From letting go to the first frame in which the image is drawn, and to the one in which the server's answer is shown.
RELEASE = """() => {
  window.answered = null
  const before = location.href
  document.addEventListener("pointerup", () => {
    const start = performance.now()
    const look = () => {
      const old = document.querySelector(".gm-nearest.gm-old")
      if (location.href !== before && !old) window.answered = performance.now() - start
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, { once: true, capture: true })
}"""
# From a click on a mark to the frame in which its image is drawn.
CLICK = """() => {
  window.drawn = null
  const canvas = document.querySelector('canvas[data-role="digit"]')
  document.addEventListener("pointerdown", () => {
    const [start, before] = [performance.now(), canvas.dataset.z]
    const look = () => {
      if (canvas.dataset.z !== before) window.drawn = performance.now() - start
      else requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  }, { once: true, capture: true })
}"""
# From when the address was entered to the frame in which the image is drawn.
FIRST = """
new MutationObserver((_, observer) => {
  if (!document.querySelector('canvas[data-role="digit"][data-z]')) return
  requestAnimationFrame(() => { window.firstPicture = performance.now() })
  observer.disconnect()
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ["data-z"] })
"""
PLAIN = """
import sys
import numpy as np
import streamlit as st
sys.path.insert(0, {project!r})
from genmod import runs
from genmod.inference import Sampler
@st.cache_resource
def sampler():
    return Sampler(runs.find("vae-map"))
z = [st.slider(f"z{{number}}", -4.0, 4.0, 0.0, 0.01) for number in (1, 2)]
st.image(sampler().decode(np.array([z], np.float32))[0], output_format="PNG", width=308)
"""


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def opened(page: Page, url: str) -> dict[str, float]:
    """Open a pad and wait until it is whole; its place on the screen."""
    page.goto(url)
    page.locator(f"{DIGIT}[data-z]").first.wait_for()
    settled(page)
    page.wait_for_timeout(3_000)
    box = page.locator('[role="application"]').first.bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def frames(page: Page, url: str) -> tuple[float, float]:
    """Frames a second with another image while a hand drags, and milliseconds between two at the 95th percentile."""
    box = opened(page, url)
    page.evaluate(WATCH)
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.evaluate("window.changed = []")
    started = time.monotonic()
    while (spent := time.monotonic() - started) < DRAGGED:
        across, down = 0.5 + 0.4 * math.cos(1.5 * spent), 0.5 + 0.4 * math.sin(3 * spent)
        page.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
    seen: list[float] = page.evaluate("window.changed")
    page.mouse.up()
    gaps = [later - earlier for earlier, later in itertools.pairwise(seen)]
    return 1000 * len(gaps) / (seen[-1] - seen[0]), percentile(gaps, 0.95)


def releases(page: Page, url: str, pid: int) -> tuple[list[float], list[float], float]:
    """Milliseconds to the image after a press, to the server's answer after a release; server CPU for each release."""
    box = opened(page, url)
    drawn, answered = [], []
    before = cpu(pid)
    for number in range(RELEASES):
        x, y = box["x"] + 90 + 9 * number, box["y"] + 400 - 8 * number
        page.evaluate(CLICK)
        page.evaluate(RELEASE)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 7, y + 5)
        page.mouse.up()
        page.wait_for_function("() => window.answered !== null && window.drawn !== null", timeout=10_000)
        drawn.append(float(page.evaluate("window.drawn")))
        answered.append(float(page.evaluate("window.answered")))
        page.wait_for_timeout(150)
    return drawn, answered, 1000 * (cpu(pid) - before) / RELEASES


class Traffic:
    """What comes to a page, in bytes as they travel."""

    def __init__(self, page: Page) -> None:
        self.came: dict[str, float] = {}
        self.names: dict[str, str] = {}
        self.told = 0.0  # by the websocket
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._finished)
        session.on("Network.webSocketFrameReceived", self._heard)

    def _asked(self, event: dict[str, Any]) -> None:
        self.names[event["requestId"]] = event["request"]["url"]

    def _finished(self, event: dict[str, Any]) -> None:
        self.came[event["requestId"]] = event["encodedDataLength"]

    def _heard(self, event: dict[str, Any]) -> None:
        self.told += 0.75 * len(event["response"]["payloadData"])  # it is reported in base64

    def megabytes(self, *parts: str) -> float:
        """All, or those from addresses that hold one of these parts."""
        counted = [size for key, size in self.came.items() if any(part in self.names.get(key, "") for part in parts)]
        return (sum(counted) if parts else sum(self.came.values()) + self.told) / 1e6


def weights(browser: Browser, url: str) -> list[tuple[float, float, float]]:
    """For a first and a second visit: seconds to the first picture, megabytes that came, and those of the pad alone."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(FIRST)
    found = []
    for _ in range(2):
        page = context.new_page()
        page.goto("about:blank")
        traffic = Traffic(page)
        page.goto(url, wait_until="commit")
        page.locator(f"{DIGIT}[data-z]").first.wait_for()
        settled(page)
        page.wait_for_timeout(2_500)
        first = float(page.evaluate("window.firstPicture")) / 1000
        own = traffic.megabytes("/networks/", "/codes/", "/classifiers/", "/scripts/")
        found.append((first, traffic.megabytes(), own))
        page.close()
    context.close()
    return found


def many_points(page: Page, url: str) -> float:
    """Milliseconds from asking for 10,000 points to the frame in which all are drawn."""
    opened(page, f"{url}/latent-space?run=vae-map")
    page.evaluate(
        """() => {
      window.spent = null
      document.addEventListener("click", () => {
        const start = performance.now()
        const look = () => {
          if (document.querySelector(".gm-points")?.dataset.drawn === "10000") window.spent = performance.now() - start
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      }, { once: true, capture: true })
    }"""
    )
    page.get_by_text("10,000", exact=True).click()
    page.wait_for_function("() => window.spent !== null", timeout=20_000)
    return float(page.evaluate("window.spent"))


def plain(browser: Browser, folder: Path) -> tuple[float, list[float], float]:
    """The same on a page of Streamlit's own: frames a second, milliseconds after a release, server CPU a release."""
    script = folder / "plain.py"
    script.write_text(PLAIN.format(project=str(PROJECT)))
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.port",
        "8598",
        "--server.headless",
        "true",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(6)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto("http://localhost:8598")
        picture = page.locator("[data-testid=stImage] img, [data-testid=stImageContainer] img").first
        picture.wait_for()
        slider = page.get_by_role("slider").first
        box = slider.bounding_box()
        assert box is not None
        track = page.locator("[data-testid=stSlider]").first.bounding_box()
        assert track is not None
        page.evaluate(
            """() => {
          window.pictures = []
          const image = document.querySelector("[data-testid=stImage] img, [data-testid=stImageContainer] img")
          new MutationObserver(() => window.pictures.push(performance.now())).observe(
            document.body, { subtree: true, attributes: true, attributeFilter: ["src"], childList: true })
        }"""
        )
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        before, started = picture.get_attribute("src"), time.monotonic()
        seen = set()
        while (spent := time.monotonic() - started) < DRAGGED:
            page.mouse.move(track["x"] + track["width"] * (0.5 + 0.3 * math.sin(2 * spent)), box["y"] + 5)
            seen.add(picture.get_attribute("src"))
        page.mouse.up()
        rate = (len(seen) - 1) / DRAGGED
        waits: list[float] = []
        used = cpu(process.pid)
        for _ in range(RELEASES):
            before = picture.get_attribute("src")
            slider.focus()
            began = time.monotonic()
            page.keyboard.press("PageUp" if len(waits) % 8 < 4 else "PageDown")
            while picture.get_attribute("src") == before and time.monotonic() - began < 3:
                page.wait_for_timeout(2)
            waits.append(1000 * (time.monotonic() - began))
        used = 1000 * (cpu(process.pid) - used) / RELEASES
        page.close()
        process.terminate()
    return rate, waits, used


def report(browser: Browser, server: Server) -> None:
    """Print the figures of the app."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    pid = server.process.pid
    for run in RUNS:
        url = f"{server.url}/latent-space?run={run}"
        rate, gap = frames(page, url)
        drawn, answered, used = releases(page, url, pid)
        print(
            f"{run:16} {rate:5.1f} frames a second while dragging (95 % within {gap:.0f} ms); picture after a press "
            f"{percentile(drawn, 0.95):.0f} ms, all that the server says of it {statistics.median(answered):.0f} ms "
            f"(95 % within {percentile(answered, 0.95):.0f}); {used:.1f} ms server CPU a release"
        )
    print(f"10,000 points: {many_points(page, server.url):.0f} ms from the click to all drawn")
    page.close()
    for run in RUNS:
        visits: list[Any] = weights(browser, f"{server.url}/latent-space?run={run}")
        words = [
            f"{name} time {first:.2f} s to the first picture, {whole:.2f} MB of which {own:.2f} for the pad"
            for name, (first, whole, own) in zip(("first", "second"), visits, strict=True)
        ]
        print(f"{run:16} {'; '.join(words)}")


def main() -> None:
    """Measure a fresh server, and a plain page beside it."""
    path = chromium()
    if path is None or not sys.platform.startswith("linux"):
        sys.exit("This benchmark needs Linux and a Chromium; name one in GENMOD_CHROMIUM.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        server = Server(Path(folder) / "store", {"GENMOD_SPARE": "0"})
        report(browser, server)
        server.stop()
        rate, waits, used = plain(browser, Path(folder))
        print(
            f"a plain page of two sliders: {rate:.1f} pictures a second while dragging, {statistics.median(waits):.0f} "
            f"ms after a key (95 % within {percentile(waits, 0.95):.0f}), {used:.1f} ms server CPU each"
        )
        browser.close()


if __name__ == "__main__":
    main()
