"""The browser refuses nothing that the pages need, and what they do not need it refuses."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.test_app import ADDRESSES
from tests.browser.visitor import Server, settled

VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));
"""


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server, and what was asked of it."""
    asked: list[str] = []

    class Note(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Note) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{other.server_port}", asked
        other.shutdown()
        thread.join()


def test_no_page_needs_what_the_policy_forbids(server: Server, page: Page) -> None:
    page.add_init_script(VIOLATIONS)
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    for address in ADDRESSES:
        page.goto(f"{server.url}/{address}")
        settled(page)
        page.wait_for_timeout(300)
        assert page.evaluate("window.violations") == [], address
    assert not failed


def test_nothing_is_fetched_from_elsewhere_whatever_finds_its_way_into_a_page(
    server: Server, page: Page, elsewhere: tuple[str, list[str]]
) -> None:
    url, asked = elsewhere
    page.add_init_script(VIOLATIONS)
    page.goto(server.url)
    settled(page)
    page.evaluate(
        """url => {
            for (const [tag, name] of [["img", "src"], ["script", "src"], ["iframe", "src"], ["object", "data"]]) {
                const element = document.createElement(tag);
                element[name] = `${url}/${tag}`;
                document.body.append(element);
            }
            const inline = document.createElement("script");
            inline.textContent = "window.ran = true";
            document.body.append(inline);
            fetch(`${url}/fetch`).catch(() => {});
        }""",
        url,
    )
    # Asked again from here: Playwright's own waiting runs text as code in the page, which the policy forbids.
    for _ in range(100):
        if page.evaluate("window.violations.length") >= 6:
            break
        page.wait_for_timeout(100)
    assert page.evaluate("window.violations.length") >= 6
    assert asked == []
    assert page.evaluate("window.ran") is None


def test_a_component_with_javascript_of_its_own_may_run(server: Server, page: Page) -> None:
    page.goto(server.url)
    settled(page)
    # As Streamlit's frontend does it: the text becomes a blob, which is imported.
    answer = page.evaluate(
        """async () => {
            const blob = new Blob(["export default () => 42"], {type: "text/javascript"});
            return (await import(URL.createObjectURL(blob))).default();
        }"""
    )
    assert answer == 42
