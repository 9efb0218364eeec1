"""What the pad's browser side fetches."""

from __future__ import annotations

import asyncio
import json
import shutil
import struct
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from starlette.routing import Router

from genmod.datasets import MNIST
from genmod.inference import Encoder
from genmod.runs import Run
from genmod.ui.pad import routes
from genmod.ui.pad.script import SCRIPT


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


def test_networks_are_sent_once_and_kept(tiny_run: Run, tiny_gan: Run) -> None:
    for run, names in ((tiny_run, ("encoder", "decoder")), (tiny_gan, ("generator", "discriminator"))):
        for name in names:
            status, headers, content = get(f"/networks/{run.id}/{name}.bin")
            assert status == 200 and "immutable" in headers["cache-control"]
            (length,) = struct.unpack_from("<I", content)
            assert json.loads(content[4 : 4 + length])["operations"]


def test_another_state_of_a_run_has_another_address(tiny_run: Run, store: Path) -> None:
    run = Run(store / tiny_run.id)
    before = routes.address_of_network(run, "decoder")
    path = run.exported("decoder.tflite")
    path.write_bytes(path.read_bytes() + b"\0")
    assert routes.address_of_network(run, "decoder") != before


def test_codes_are_those_of_the_first_test_images_with_their_classes() -> None:
    status, _, content = get("/codes/vae-map/1000.bin")
    assert status == 200
    count, dim = struct.unpack_from("<II", content)
    assert (count, dim) == (1000, 2)
    codes = np.frombuffer(content, "<f2", count * dim, 8).reshape(count, dim)
    data = MNIST.load()
    from genmod import runs

    z_mean, _ = Encoder(runs.find("vae-map")).encode(data.test_images[:1000])
    np.testing.assert_allclose(codes, z_mean, atol=4e-3)
    assert np.array_equal(np.frombuffer(content, np.uint8, offset=8 + 4 * count), data.test_labels[:1000])


@pytest.mark.parametrize(
    "path",
    [
        "/networks/none/decoder.bin", "/networks/{run}/generator.bin", "/networks/{run}/..%2Fconfig.bin",
        "/networks/..%2F{run}/decoder.bin", "/codes/{run}/5.bin", "/codes/{run}/-1.bin", "/codes/none/1000.bin",
        "/codes/{gan}/1000.bin", "/classifiers/none.bin", "/classifiers/..%2Fmnist.bin", "/scripts/pad/older.js",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_sentence(path: str, tiny_run: Run, tiny_gan: Run) -> None:
    status, _, content = get(path.format(run=tiny_run.id, gan=tiny_gan.id))
    assert status == 404
    assert content == b"Not Found" or content.endswith(b".")


def test_a_damaged_network_is_a_sentence(tiny_run: Run, store: Path) -> None:
    (store / tiny_run.id / "decoder.tflite").write_bytes(b"nothing of the sort")
    status, _, content = get(f"/networks/{tiny_run.id}/decoder.bin")
    assert status == 404 and b"damaged" in content


def test_the_script_is_one_module() -> None:
    status, headers, content = get(f"/scripts/pad/{SCRIPT.version}.js")
    assert status == 200 and headers["content-type"].startswith("text/javascript")
    text = content.decode()
    for entry in ("board", "follower", "paper"):
        assert text.count(f"export function {entry}(") == 1
    assert not [line for line in text.splitlines() if line.startswith("import ")]
