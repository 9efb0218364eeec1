"""A real server and a real browser."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

PROJECT = Path(__file__).resolve().parents[2]
READY = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'


class Server:
    """`streamlit run app.py` on a free port, with a store of its own."""

    def __init__(self, store: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.store = store
        self.log = store.parent / f"{store.name}.log"
        self.url = f"http://localhost:{self.port}"
        self.start()

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
                cwd=PROJECT,
                env={**os.environ, "GENMOD_HOME": str(self.store)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=1):
                return
            time.sleep(0.1)
        raise TimeoutError(f"the server did not become healthy: {self.log.read_text()}")

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and see that it complained about nothing."""
        self.process.terminate()
        self.process.wait(20)
        assert "Traceback" not in self.log.read_text(), self.log.read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium that the check has found."""
    path = os.environ.get("GENMOD_CHROMIUM")
    if not path:
        pytest.skip("no Chromium: set GENMOD_CHROMIUM to one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave no trace."""
    server = Server(tmp_path_factory.mktemp("browser") / "store")
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server for one test."""
    server = Server(tmp_path / "store")
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new visitor at a desk."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def settled(page: Page) -> None:
    """Wait until the page has nothing more to do."""
    page.wait_for_selector(READY, timeout=30_000)
    page.wait_for_timeout(150)
    page.wait_for_selector(READY, timeout=30_000)
