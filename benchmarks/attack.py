"""What others notice of one client that asks for ten pages a second on ten sockets, and on a hundred."""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from benchmarks import _attacker  # noqa: E402
from tests.browser.visitor import Server  # noqa: E402

VISITORS = 20
ARRIVING = 4.0  # seconds over which the visitors come
EVERY = 3.0  # seconds between two moves of a visitor
RUN = "vae-best"
ENVIRONMENT = {
    "GENMOD_SPARE": "0",
    "GENMOD_TRUSTED_PROXIES": "127.0.0.1,::1",
    "STREAMLIT_RUNNER_POST_SCRIPT_GC": "false",
}


async def visit(url: str, number: int, address: str | None, begin: float, end: float, waited: list[float]) -> None:
    """A visitor of Generate who moves a slider every few seconds."""
    chance = random.Random(number)
    async with _attacker.connect(url, address) as client:
        await asyncio.sleep(chance.random() * ARRIVING)
        await client.open("generate", run=RUN)
        due = begin + chance.random() * EVERY
        while due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            late = time.monotonic() - due
            took = await client.move("spread", round(chance.uniform(0.1, 3), 1))
            waited.append(late + took)
            due = max(due + EVERY, time.monotonic())


async def newcomers(url: str, address: str | None, end: float, waited: list[float]) -> None:
    """One newcomer after the other: the page's file, then its first picture."""
    while time.monotonic() < end:
        began = time.monotonic()
        async with _attacker.connect(url, address) as client:
            await client.open("generate", run=RUN)
            waited.append(time.monotonic() - began)
        await asyncio.sleep(1)


async def watch(url: str, seconds: float, address: str | None) -> tuple[list[float], list[float]]:
    """What visitors and newcomers wait."""
    begin = time.monotonic() + ARRIVING + 2
    end = begin + seconds
    moves: list[float] = []
    first: list[float] = []
    async with asyncio.TaskGroup() as group:
        for number in range(VISITORS):
            group.create_task(visit(url, number, address, begin, end, moves))
        group.create_task(newcomers(url, address, end, first))
    return moves, first


def attackers(url: str, sockets: int, seconds: float, address: str | None) -> subprocess.Popen[bytes]:
    """An attacker in a process of its own."""
    order = ["--attack", url, str(sockets), str(seconds), address or ""]
    return subprocess.Popen([sys.executable, "-m", "benchmarks.attack", *order], cwd=PROJECT)


def measure(sockets: int, same_address: bool, seconds: float) -> None:
    """Print what the others wait during one attack."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(
            Path(folder) / "store",
            {
                "GENMOD_SPARE": "0",
                "GENMOD_TRUSTED_PROXIES": "127.0.0.1,::1",
                "STREAMLIT_RUNNER_POST_SCRIPT_GC": "false",
            },
        )
        try:
            asyncio.run(watch(server.url, 3, "10.0.0.1"))  # all is loaded
            attacker = attackers(
                server.url, sockets, seconds + ARRIVING + 6, "10.0.0.1" if same_address else "10.6.6.6"
            )
            time.sleep(2)
            moves, first = asyncio.run(watch(server.url, seconds, "10.0.0.1"))
            attacker.wait(60)
        finally:
            server.process.terminate()
            server.process.wait(20)
    where = "of the visitors' own address" if same_address else "of another address"
    quantiles = statistics.quantiles([1000 * wait for wait in moves], n=20)
    print(
        f"{sockets:4d} sockets {where:29}: a move {quantiles[9]:5.0f} ms, 95th percentile {quantiles[18]:5.0f} ms, "
        f"{len(moves)} moves; a newcomer's first page {statistics.median(first):4.2f} s, at most {max(first):4.2f} s",
        flush=True,
    )


def main() -> None:
    """Attack with ten and with a hundred sockets, from elsewhere and from the visitors' own address."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--attack", nargs=4, metavar=("URL", "SOCKETS", "SECONDS", "ADDRESS"))
    arguments = parser.parse_args()
    if arguments.attack:
        url, sockets, seconds, address = arguments.attack
        asyncio.run(_attacker.attack(url, int(sockets), 10, float(seconds), address or None))
        return
    for sockets in (0, 10, 100):
        for same_address in (False, True) if sockets else (False,):
            measure(sockets, same_address, arguments.seconds)


if __name__ == "__main__":
    main()
