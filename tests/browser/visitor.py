"""A server as people start it, and waiting until a page has settled."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page

PROJECT = Path(__file__).resolve().parents[2]
START = 90.0  # seconds that a server may take to start while other tests use both cores
READY = '[data-testid="stApp"][data-test-connection-state="CONNECTED"][data-test-script-state="notRunning"]'


def chromium() -> str | None:
    """The Chromium to use: the one named in GENMOD_CHROMIUM, or the system's."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("GENMOD_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


class Server:
    """`streamlit run app.py` on a free port, with a store of its own."""

    def __init__(self, store: Path, environment: Mapping[str, str] | None = None, descriptors: int = 0) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.store = store
        self.descriptors = descriptors  # that it may open; 0 for as many as the system allows
        self.environment = {**os.environ, "GENMOD_HOME": str(store), **(environment or {})}
        self.log = store.parent / f"{store.name}.log"
        self.url = f"http://localhost:{self.port}"
        self.start()

    def command(self) -> list[str]:
        """What a person types."""
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        if self.descriptors:
            return ["/bin/sh", "-c", f'ulimit -n {self.descriptors}; exec "$0" "$@"', *command]
        return command

    def start(self) -> None:
        """Start it and wait until it is healthy."""
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                self.command(),
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait()

    def wait(self) -> None:
        """Wait until it is healthy, on a busy machine too; one that has ended is not waited for."""
        deadline, last = time.monotonic() + START, OSError("never asked")
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5):
                    return
            except OSError as error:
                last = error
            time.sleep(0.1)
        ended, said = self.process.poll(), self.log.read_text()
        raise TimeoutError(f"the server is not healthy (exit code {ended}, last answer {last!r}): {said}")

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and see that it complained about nothing."""
        self.process.terminate()
        self.process.wait(20)
        said = self.log.read_text()
        assert "Traceback" not in said and "Stack (most recent call last)" not in said, said


def settled(page: Page) -> None:
    """Wait until the page has nothing more to do."""
    page.wait_for_selector(READY, timeout=30_000)
    page.wait_for_timeout(150)
    page.wait_for_selector(READY, timeout=30_000)


def drawn(page: Page) -> str:
    """The image at the point of latent space, as its browser has drawn it."""
    image = page.locator('canvas[data-role="digit"][data-z]').first
    return str(image.evaluate("(canvas) => canvas.toDataURL()"))


def noting(page: Page) -> None:
    """Wait until what the visitor does is noted in the browser's history; Playwright's own waiting needs `eval`."""
    deadline = time.monotonic() + 30
    while not page.evaluate("window.genmodHistory === true"):
        if time.monotonic() > deadline:
            raise TimeoutError("the script that keeps the browser's history has not come")
        page.wait_for_timeout(50)
