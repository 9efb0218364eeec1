"""The check of the pinned packages: what is asked, what is said of an answer, and of none."""

from __future__ import annotations

import http.server
import importlib.util
import socketserver
import sys
import threading
import time
import urllib.request
from types import ModuleType
from typing import Any

import pytest

from genmod.system.project import PROJECT


@pytest.fixture
def audit() -> ModuleType:
    """The script, which is no part of the package."""
    spec = importlib.util.spec_from_file_location("audit_script", PROJECT / "scripts" / "audit.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SOUND = {"name": "one", "version": "1.0", "vulns": []}
UNKNOWN = {"name": "two", "version": "2.0", "skip_reason": "Dependency not found on PyPI"}
VULNERABLE = {
    "name": "three",
    "version": "3.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3.1"], "description": "Bad."}],
}


def test_all_pins_are_asked_for(audit: ModuleType) -> None:
    text = "-c constraints.txt\n# a word\nnumpy==2.4.6\nUvicorn[standard]==0.54.0 ; python_version > '3'\n\n"
    assert audit.pins([text]) == {"numpy": "2.4.6", "uvicorn": "0.54.0"}
    pinned = audit.pins((PROJECT / name).read_text() for name in audit.PINNED)
    assert {"streamlit", "tensorflow", "pytest", "protobuf"} <= set(pinned)


@pytest.mark.parametrize(
    ("found", "said", "bad"),
    [
        ([SOUND], ["1 of 1 pinned packages checked."], False),
        ([VULNERABLE], ["three 3.0: PYSEC-1, CVE-1, mended in 3.1", "1 of 1 pinned packages checked."], True),
        (
            [SOUND, UNKNOWN],
            ["Skipped: 1 of 2 packages, of whose pinned versions pypi.org knows nothing.",
             "1 of 2 pinned packages checked."],
            False,
        ),
    ],
)  # fmt: skip
def test_what_is_said(audit: ModuleType, found: list[dict[str, Any]], said: list[str], bad: bool) -> None:
    assert audit.findings(found, len(found)) == (said, bad)


def test_an_accepted_one_is_named_with_its_reason(audit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "ACCEPTED", {"CVE-1": "that part is never used here"})
    lines, bad = audit.findings([VULNERABLE], 1)
    assert not bad
    assert "(accepted: that part is never used here)" in lines[0]


def test_without_network_it_is_skipped_with_a_word_and_soon(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    began = time.monotonic()
    assert audit.packages_pass()
    assert time.monotonic() - began < 10
    assert capsys.readouterr().out.startswith("Skipped: pypi.org does not answer")


def test_the_proxies_of_one_look_are_not_kept(audit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request._opener", None)  # as in a process that has asked nobody yet
    with monkeypatch.context() as away:
        away.setenv("http_proxy", "http://127.0.0.1:9")  # nobody listens there
        away.setenv("no_proxy", "")
        assert not audit.answers("http://localhost:9/")
    with socketserver.TCPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{server.server_address[1]}/", timeout=10) as answer:
            assert answer.status == 200


def test_an_answer_that_is_none_is_skipped_with_a_word(
    audit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "answers", lambda: True)
    monkeypatch.setattr(sys, "executable", "/bin/true")
    assert audit.packages_pass()
    assert capsys.readouterr().out.startswith("Skipped: pip-audit got no usable answer")
