"""The pictures and the script that a browser fetches."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from starlette.routing import Router

from genmod.runs import Run
from genmod.ui import stage
from genmod.ui.stage import routes


@pytest.fixture(autouse=True)
def store(tmp_path: Path, tiny_run: Run, tiny_gan: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two runs."""
    for run in (tiny_run, tiny_gan):
        shutil.copytree(run.path, tmp_path / run.id)
    monkeypatch.setenv("GENMOD_HOME", str(tmp_path))
    return tmp_path


def get(path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and content of the answer to a request."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": unquote(path), "headers": [], "query_string": b""}
    asyncio.run(Router(routes.ROUTES)(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(message.get("body", b"") for message in sent[1:])


def test_frames_are_the_files_of_the_run(tiny_run: Run, tiny_gan: Run) -> None:
    for run in (tiny_run, tiny_gan):
        for epoch in run.frames():
            status, headers, content = get(f"/frames/{run.id}/{epoch}.png")
            assert (status, content) == (200, run.frame(epoch))
            assert "immutable" in headers["cache-control"]
            assert headers["content-type"] == "image/png"
        assert get(f"/frames/{run.id}/test-images.png")[2] == (run.test_images() or run.reconstructions())
    assert tiny_run.test_images() is None and tiny_gan.reconstructions() is None
    assert get(f"/frames/{tiny_run.id}/1-pairs.png")[2] == tiny_run.reconstructions_after(1)


@pytest.mark.parametrize(
    "path",
    ["none/1.png", "{run}/999.png", "{run}/1", "{run}/-1.png", "{run}/1-pairs.png.png", "..%2F{run}/1.png",
     "{run}/..%2Fconfig.json", "{run}/9999999999999999.png"],
)  # fmt: skip
def test_what_is_no_picture_is_not_found(path: str, tiny_run: Run) -> None:
    assert get("/frames/" + path.replace("{run}", tiny_run.id))[0] == 404


def test_the_script_is_served_under_its_version_alone() -> None:
    status, headers, content = get(f"/scripts/stage/{stage.SCRIPT.version}.js")
    assert (status, content.decode()) == (200, stage.SCRIPT.text)
    assert headers["content-type"].startswith("text/javascript")
    assert get("/scripts/stage/older.js")[0] == 404
