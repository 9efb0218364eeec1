"""What a visitor waits for, in a real browser: the first number and picture, another page, Stop, and what jumps.

Starts the app as people do and opens it in a headless Chromium (name one in GENMOD_CHROMIUM if it is not found). For
comparison the same is measured on a plain page of Streamlit's own elements: what switching between two pages with one
picture each costs, without anything of this project.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from playwright.sync_api import Browser, Locator, Page, sync_playwright  # noqa: E402

from tests.browser.visitor import Server, chromium, settled  # noqa: E402

TITLES = {
    "Home": "See a machine learn to draw", "Training data": "Training data", "Train": "Train",
    "Latent space": "Latent space", "Generate": "Generate", "Quality": "Quality",
}  # fmt: skip
ROUNDS = 5
SPARE = 60.0  # seconds that the spare trainer process gets to warm up
WATCH_SHIFTS = """() => {
  window.shift = 0
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value
  }).observe({ type: "layout-shift" })
}"""
NUMBER = "() => document.querySelector('.gm-where')?.textContent.includes('min left')"
PICTURE = """() => {
  const canvas = document.querySelector(".gm-tiles")
  if (!canvas) return false
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
  const seen = new Set()
  for (let place = 0; place < pixels.length; place += 4) seen.add(pixels[place])
  return seen.size > 20
}"""
# Measured in the page itself: from the click to the first frame in which something stands on the screen.
TIMER = """(wanted) => {
  const there = () => eval(wanted)
  window.spent = null
  document.addEventListener("click", () => {
    const start = performance.now()
    const look = () => there() ? window.spent = performance.now() - start : requestAnimationFrame(look)
    requestAnimationFrame(look)
  }, { capture: true, once: true })
}"""
STOPPING = """[...document.querySelectorAll('[data-testid="stAlert"], .gm-state')]
  .some((words) => /Stopping|Stopped after/.test(words.textContent))"""
PLAIN = """
import numpy as np
import streamlit as st
def one():
    st.title("One")
    st.image(np.zeros((280, 280), np.uint8), output_format="PNG")
def two():
    st.title("Two")
    st.image(np.full((280, 280), 255, np.uint8), output_format="PNG")
st.navigation([st.Page(one, title="One", default=True), st.Page(two, title="Two")], position="top").run()
"""


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of them lies."""
    return sorted(values)[min(len(values) - 1, round(share * (len(values) - 1)))]


def timed(page: Page, target: Locator, wanted: str) -> float:
    """Seconds from a click on the target until what is wanted, an expression of the page's, holds on the screen."""
    page.evaluate(TIMER, wanted)
    target.click()
    page.wait_for_function("window.spent !== null", timeout=30_000)
    return float(page.evaluate("window.spent")) / 1000


def training(page: Page, url: str) -> dict[str, float]:
    """Seconds from pressing Train to number and picture, from Stop to its answer, and how much the page jumped."""
    page.goto(f"{url}/train?run=vae-article&epochs=200")
    settled(page)
    time.sleep(SPARE)
    page.evaluate(WATCH_SHIFTS)
    button = page.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True)
    started = time.monotonic()
    button.click()
    page.wait_for_function(NUMBER, polling=20, timeout=60_000)
    number = time.monotonic() - started
    page.wait_for_function(PICTURE, polling=20, timeout=60_000)
    picture = time.monotonic() - started
    time.sleep(6)
    stop = page.get_by_test_id("stMain").get_by_role("button", name="Stop", exact=True)
    answered = timed(page, stop, STOPPING)
    page.get_by_test_id("stAlert").get_by_text("Stopped after").wait_for(timeout=60_000)
    time.sleep(1)
    return {"number": number, "picture": picture, "stop": answered, "shift": page.evaluate("window.shift")}


def switches(page: Page, url: str, titles: dict[str, str], rounds: int = ROUNDS) -> list[float]:
    """Seconds from a click on a page's link to its title on the screen, the page's script at its end."""
    page.goto(url)
    settled(page)
    spent = []
    for _ in range(rounds):
        for name, title in titles.items():
            link = page.get_by_role("link", name=name, exact=True).first
            if page.locator("h1", has_text=title).count():
                continue
            spent.append(timed(page, link, f"document.querySelector('h1')?.textContent.includes('{title}')"))
            settled(page)
            page.wait_for_timeout(250)
    return spent


def plain(browser: Browser, folder: Path) -> list[float]:
    """The same switching on a plain app of two pages."""
    script = folder / "plain.py"
    script.write_text(PLAIN)
    port = "8599"
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(script),
        "--server.port",
        port,
        "--server.headless",
        "true",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        time.sleep(4)
        page = browser.new_page(bypass_csp=True)
        spent = switches(page, f"http://localhost:{port}", {"One": "One", "Two": "Two"}, 3 * ROUNDS)
        page.close()
        process.terminate()
    return spent


def main() -> None:
    """Measure a fresh server with its spare process ready."""
    path = chromium()
    if path is None:
        sys.exit("No Chromium was found; name one in GENMOD_CHROMIUM.")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        server = Server(Path(folder) / "store")
        page = browser.new_page(viewport={"width": 1440, "height": 900}, bypass_csp=True)
        found = training(page, server.url)
        print(f"  Train to the first number           {found['number']:6.2f} s")
        print(f"  Train to the first picture          {found['picture']:6.2f} s")
        print(f"  Stop to its answer on the screen    {1000 * found['stop']:6.0f} ms")
        print(f"  layout shift over the training      {found['shift']:6.3f}")
        for name, spent in (
            ("this app", switches(page, server.url, TITLES)),
            ("a plain app", plain(browser, Path(folder))),
        ):
            times = [1000 * seconds for seconds in spent]
            print(
                f"  another page, {name:12}          {statistics.median(times):6.0f} ms at the median, "
                f"{percentile(times, 0.95):.0f} ms at the 95th percentile of {len(times)}"
            )
        page.close()
        server.stop()
        browser.close()


if __name__ == "__main__":
    main()
