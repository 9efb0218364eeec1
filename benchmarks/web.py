"""What the web process costs: memory after every page, CPU for a slider move, CPU for a live tick.

Starts the app as people do, opens it in a headless Chromium (name one in GENMOD_CHROMIUM if it is not found),
and reads the server process's own accounting. Linux only. For comparison the slider and the tick are measured
once more with the full garbage collection after each run that Streamlit has by default.
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from genmod.ui.training import TICK  # noqa: E402
from tests.browser.visitor import Server, chromium, settled  # noqa: E402

ADDRESSES = ("", "training-data", "train", "latent-space", "generate", "quality")
MOVES = 40
WATCHED = 20.0  # seconds


def cpu(server: Server) -> float:
    """Seconds of CPU the server process has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(server: Server) -> float:
    """Resident megabytes of the server process."""
    match = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{server.process.pid}/status").read_text())
    assert match is not None
    return int(match[1]) / 1000


def loaded(server: Server) -> list[str]:
    """Which of TensorFlow, Keras and scikit-learn the server has loaded."""
    maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    return [name for name in ("tensorflow", "keras", "sklearn") if f"/{name}/" in maps]


def slider(server: Server, page: Page) -> list[float]:
    """Milliseconds of server CPU for each of some slider moves on Generate."""
    page.goto(f"{server.url}/generate?run=vae-article")
    settled(page)
    page.get_by_role("slider").first.focus()
    spent = []
    for move in range(MOVES):
        before = cpu(server)
        for _ in range(5):  # the accounting ticks in 10 ms: five moves are one reading
            page.keyboard.press("ArrowRight" if move % 2 else "ArrowLeft")
            page.wait_for_timeout(500)  # a key counts as let go a third of a second after it was pressed
            settled(page)
        spent.append(1000 * (cpu(server) - before) / 5)
    return spent


def ticks(server: Server, page: Page) -> tuple[float, float]:
    """Milliseconds of server CPU for one live tick while a training is watched, and for a second without any."""
    page.goto(f"{server.url}/train?epochs=300")
    settled(page)
    before = cpu(server)
    time.sleep(WATCHED / 2)
    idle = (cpu(server) - before) / (WATCHED / 2)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_role("progressbar", name="Training").wait_for(timeout=60_000)
    time.sleep(3)
    before, started = cpu(server), time.monotonic()
    time.sleep(WATCHED)
    watched = time.monotonic() - started
    spent = (cpu(server) - before - idle * watched) / (watched / TICK)
    page.get_by_role("button", name="Stop").click()
    page.get_by_test_id("stAlert").get_by_text("Stopped after").wait_for(timeout=60_000)
    return 1000 * spent, 1000 * idle


def measure(browser: Browser, collecting: bool) -> None:
    """Print all figures of one server."""
    os.environ["STREAMLIT_RUNNER_POST_SCRIPT_GC"] = str(collecting).lower()
    print(f"\nA full garbage collection after each run: {'yes' if collecting else 'no, as it ships'}")
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "store")
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        for address in ADDRESSES:
            page.goto(f"{server.url}/{address}")
            settled(page)
        print(f"  resident after every page     {memory(server):7.0f} MB, heavy modules: {loaded(server) or 'none'}")
        moves = slider(server, page)
        print(
            f"  one slider move on Generate   {statistics.median(moves):7.1f} ms CPU "
            f"(mean {statistics.mean(moves):.1f})"
        )
        tick, idle = ticks(server, page)
        print(f"  one live tick on Train        {tick:7.1f} ms CPU, above {idle:.1f} ms a second when nothing happens")
        print(f"  resident at the end           {memory(server):7.0f} MB, heavy modules: {loaded(server) or 'none'}")
        page.close()
        server.stop()


def main() -> None:
    """Measure as it ships and with Streamlit's own default."""
    if not sys.platform.startswith("linux"):
        sys.exit("This benchmark reads /proc and runs on Linux only.")
    path = chromium()
    if path is None:
        sys.exit("No Chromium was found; name one in GENMOD_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        for collecting in (False, True):
            measure(browser, collecting)
        browser.close()


if __name__ == "__main__":
    main()
