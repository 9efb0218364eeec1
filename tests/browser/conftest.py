"""A real server and a real browser."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.visitor import Server

# Each server would warm up a trainer of its own beside the tests, which takes both cores for ten seconds.
NO_SPARE = {"GENMOD_SPARE": "0"}


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
    server = Server(tmp_path_factory.mktemp("browser") / "store", NO_SPARE)
    yield server
    server.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Server]:
    """A fresh server for one test."""
    server = Server(tmp_path / "store", NO_SPARE)
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new visitor at a desk."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()
