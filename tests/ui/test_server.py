"""A real server among enemies: floods, silence and nonsense, and how it says that it is well."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg

from benchmarks import _attacker
from genmod.ui import server
from tests.browser.visitor import PROJECT, Server

linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it as it was."""
    one = Server(tmp_path_factory.mktemp("server") / "store", {"GENMOD_SPARE": "0"})
    yield one
    one.stop()


@contextlib.contextmanager
def own(tmp_path: Path, **environment: str) -> Iterator[Server]:
    """A server of a test's own, with settings."""
    one = Server(tmp_path / "own", {"GENMOD_SPARE": "0", **environment})
    try:
        yield one
    finally:
        one.stop()


def get(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of an answer."""
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, dict(answer.headers.items()), answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers.items()), error.read().decode()


def well(url: str) -> tuple[int, dict[str, Any]]:
    """What `/healthz` says."""
    status, _, body = get(f"{url}/healthz")
    return status, json.loads(body)


def test_health_names_its_parts_and_no_paths(running: Server) -> None:
    deadline = time.monotonic() + 20  # the first look comes with the start, before any visitor
    while (found := well(running.url))[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    status, report = found
    assert status == 200 and report["status"] == "ok", report
    assert report["supervisor"]["running"] and report["supervisor"]["seconds_since_last_look"] < 60
    assert report["queue"]["waiting"] == 0 and report["disk"]["writable"] and report["disk"]["free_mb"] > 0
    assert str(running.store) not in json.dumps(report) and "/" not in json.dumps(report)
    assert not list(running.store.glob(".health*"))


def test_health_says_when_the_store_cannot_be_written(tmp_path: Path) -> None:
    with own(tmp_path) as one:
        shutil.rmtree(one.store, ignore_errors=True)
        one.store.write_text("a file where the folder of runs should be")
        time.sleep(server.FRESH + 0.1)
        status, report = well(one.url)
        assert status == 503 and report["status"] == "failing"
        assert report["disk"]["status"] == "failing" and not report["disk"]["writable"]
        one.log.write_text("")  # it has said so with a stack, as it should


def test_health_of_a_disk_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.05)
    looks = 0

    def hang() -> dict[str, Any]:
        nonlocal looks
        looks += 1
        time.sleep(0.5)
        return {"status": "ok"}

    async def ask() -> list[dict[str, Any]]:
        one = server.Health(hang)
        return [*await asyncio.gather(*(one.now() for _ in range(20))), await asyncio.sleep(0.6, {}), await one.now()]

    *asked, _, later = asyncio.run(ask())
    assert {found["status"] for found in asked} == {"failing"} and later["status"] == "ok"
    assert looks == 1


@pytest.mark.parametrize("path", ["", "generate", "healthz", "_stcore/health", "no/such/page.js"])
def test_every_answer_carries_the_headers(path: str, running: Server) -> None:
    _, headers, _ = get(f"{running.url}/{path}")
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'self'" in policy
    assert "'unsafe-inline'" not in re.findall(r"script-src ([^;]*)", policy)[0]
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("GENMOD_MAX_VISITORS", "many", "GENMOD_MAX_VISITORS is 'many'; it must be a number from 1 to 100,000."),
        ("GENMOD_MAX_RERUNS_PER_SECOND", "nan", "GENMOD_MAX_RERUNS_PER_SECOND is 'nan'; it must be a number"),
        ("GENMOD_TRUSTED_PROXIES", "nginx", "GENMOD_TRUSTED_PROXIES is 'nginx'; it must be addresses"),
        ("GENMOD_FRAME_ANCESTORS", "a; script-src *", "GENMOD_FRAME_ANCESTORS is 'a; script-src *'; it must be"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named_and_the_server_does_not_start(
    variable: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        server.settings()
    assert sentence in str(ended.value)


def test_the_terminal_shows_that_sentence_and_no_stack() -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]
    environment = {**os.environ, "GENMOD_MAX_VISITORS": "-3"}
    ended = subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.strip() == "GENMOD_MAX_VISITORS is '-3'; it must be a number from 1 to 100,000."


def test_a_flood_of_reruns_does_not_keep_others_from_their_pages(running: Server) -> None:
    async def among_enemies() -> tuple[list[float], list[float]]:
        attack = asyncio.create_task(_attacker.attack(running.url, 10, 10, 40))
        await asyncio.sleep(1)
        pages, moves = [], []
        async with _attacker.connect(running.url) as visitor:
            pages.append(await visitor.open("generate", run="vae-best"))
            for value in (0.5, 1.0, 1.5):
                moves.append(await visitor.move("spread", value))
                await asyncio.sleep(0.3)
        async with _attacker.connect(running.url) as newcomer:
            pages.append(await newcomer.open("generate", run="vae-best"))
        under_attack = not attack.done()
        attack.cancel()
        assert under_attack, "everybody was served only when the attack had ended"
        return pages, moves

    pages, moves = asyncio.run(asyncio.wait_for(among_enemies(), 60))
    assert len(pages) == 2 and len(moves) == 3


async def one_place_each(url: str, count: int) -> tuple[int, int, str]:
    """How many of so many visitors are let in, and with what status and sentence the next is refused."""
    async with contextlib.AsyncExitStack() as stack:
        entered = 0
        for _ in range(count):
            try:
                client = await stack.enter_async_context(_attacker.connect(url))
                await client.open("")
                entered += 1
            except websockets.InvalidStatus as error:
                page = await asyncio.to_thread(get, url, Accept="text/html")
                return entered, error.response.status_code, (error.response.body or b"").decode() + page[2]
    return entered, 0, ""


def test_a_full_server_refuses_with_a_sentence_and_keeps_places_from_one_address(tmp_path: Path) -> None:
    with own(tmp_path, GENMOD_MAX_VISITORS="8", GENMOD_TRUSTED_PROXIES="127.0.0.1,::1") as one:
        entered, status, said = asyncio.run(one_place_each(one.url, 12))
        assert entered == 6 and status == 503
        assert said.count("All 8 places of this server are taken; please try again in a minute.") == 2
        time.sleep(0.5)

        async def others() -> None:
            async with contextlib.AsyncExitStack() as stack:
                for number in range(8):
                    client = await stack.enter_async_context(_attacker.connect(one.url, f"10.0.0.{number}"))
                    await client.open("")

        asyncio.run(others())


def test_an_address_that_only_a_header_names_is_not_believed(tmp_path: Path) -> None:
    async def forge(url: str) -> int:
        async with contextlib.AsyncExitStack() as stack:
            for number in range(8):
                try:
                    await stack.enter_async_context(_attacker.connect(url, f"10.0.0.{number}"))
                except websockets.InvalidStatus:
                    return number
        return 8

    with own(tmp_path, GENMOD_MAX_VISITORS="8") as one:
        assert asyncio.run(forge(one.url)) == 6


@pytest.mark.long
@linux
def test_silent_sockets_are_let_go_and_departed_visitors_hold_no_descriptors(tmp_path: Path) -> None:
    with own(tmp_path) as one:
        folder = Path(f"/proc/{one.process.pid}/fd")

        async def visit() -> None:
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(20):
                    client = await stack.enter_async_context(_attacker.connect(one.url))
                    await client.open("")

        asyncio.run(visit())
        before = len(list(folder.iterdir()))
        silent = [socket.create_connection(("localhost", one.port)) for _ in range(50)]
        silent[0].sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")  # and never the rest
        deadline = time.monotonic() + 40  # silence is ended after ten seconds
        while (now := len(list(folder.iterdir()))) > 25 and time.monotonic() < deadline:
            time.sleep(0.5)
        assert now <= 25, (before, now)
        for each in silent:
            each.close()


@pytest.mark.long  # the other tests of sockets see the bounds
@linux
def test_a_server_with_few_descriptors_never_runs_out_of_them(tmp_path: Path) -> None:
    one = Server(tmp_path / "few", {"GENMOD_SPARE": "0"}, descriptors=260)
    try:
        with contextlib.ExitStack() as stack:
            for _ in range(400):
                with contextlib.suppress(OSError):
                    stack.enter_context(socket.create_connection(("localhost", one.port), timeout=5))
            time.sleep(1)
        time.sleep(0.5)
        assert get(f"{one.url}/_stcore/health")[0] == 200
        assert asyncio.run(one_place_each(one.url, 5))[0] == 5
    finally:
        one.stop()
    said = one.log.read_text()
    assert "out of system resource" not in said
    assert 1 <= said.count("A connection was refused") <= 4 and len(said) < 5000


def test_nonsense_and_what_only_developers_may_ask_ends_nothing_for_others(running: Server) -> None:
    async def talk() -> None:
        for junk in (b"\xff" * 100, b"", os.urandom(5000)):
            async with _attacker.connect(running.url) as client:
                await client.socket.send(junk)
        async with _attacker.connect(running.url) as client:
            forbidden = BackMsg()
            forbidden.clear_cache = True
            await client.socket.send(forbidden.SerializeToString())
            await client.open("generate", run="vae-best")

    asyncio.run(asyncio.wait_for(talk(), 40))
    running.log.write_text("")
