"""Visitors without a browser: clients of Streamlit's websocket, many in one process, which report what they met.

Started as a process of its own by `benchmarks/load.py`, so that the load does not share an interpreter with what
measures it: `python -m benchmarks._visitor '{"url": ..., "what": "move", ...}'` prints one line of JSON.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import sys
import time
import urllib.parse
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from typing import Any

import websockets
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 60.0  # seconds for which a visitor waits for an answer
PAGES = ("", "training-data", "train", "latent-space", "generate", "quality")
PAD = "genmod_pad"


@dataclass
class Report:
    """What all visitors of a process met.

    Attributes:
        waited: seconds from when each request was due to the end of its answer.
        points: run id, the point where a hand let go of the sliders, and the one that came back to be drawn.
        errors: one sentence each.
        visits: how many came.
    """

    waited: list[float] = field(default_factory=list)
    points: list[tuple[str, list[float], list[float]]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    visits: int = 0


class Visitor:
    """One open page."""

    def __init__(self, socket: websockets.ClientConnection, report: Report) -> None:
        self._socket = socket
        self._report = report
        self._page = ""
        self._query: dict[str, str] = {}
        self._hashes: dict[str, str] = {}  # of pages, by address
        self.pad: tuple[str, str] | None = None  # the sliders' widget id and fragment
        self.told: dict[str, Any] = {}  # what the browser would draw
        self.timers: dict[str, float] = {}  # seconds between two runs of a fragment, by fragment

    async def open(self, page: str, **query: str) -> None:
        """Go to a page and wait until it is whole."""
        self._page, self._query = page, query
        self.pad, self.told, self.timers = None, {}, {}
        known = self._hashes.get(page)
        await self._ask(None, known)

    async def move(self, place: int, value: float) -> list[float]:
        """Move one of the sliders, let go, and wait for what comes of it; the point where they then stand."""
        assert self.pad is not None
        point = [*self.told["z"]]
        point[place] = value
        fragment, moved = self.pad[1], {"z": point, "serial": self.told["serial"] + 1}
        self.told = {}
        await self._ask(fragment, self._hashes.get(self._page), moved=moved)
        return point

    async def look(self, fragment: str) -> None:
        """What a page's timer asks for."""
        await self._ask(fragment, self._hashes.get(self._page), of_itself=True)

    async def _ask(
        self,
        fragment: str | None,
        page_hash: str | None,
        of_itself: bool = False,
        moved: dict[str, Any] | None = None,
    ) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string = urllib.parse.urlencode(self._query)
        asked.is_auto_rerun = of_itself
        asked.context_info.color_scheme = "light"
        asked.context_info.timezone = "UTC"
        if page_hash:
            asked.page_script_hash = page_hash
        else:
            asked.page_name = self._page
        if fragment:
            asked.fragment_id = fragment
        if moved is not None and self.pad is not None:
            state = asked.widget_states.widgets.add()
            state.id = _make_trigger_id(self.pad[0], "events")
            state.json_trigger_value = json.dumps([{"event": "moved", "value": moved}])
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while not self._ends(await self._socket.recv()):
                pass

    def _ends(self, content: str | bytes) -> bool:
        """Take in one message; whether it is the last of an answer."""
        assert isinstance(content, bytes)
        message = ForwardMsg.FromString(content)
        kind = message.WhichOneof("type")
        if kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RuntimeError("the page could not be compiled")
            return bool(message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN)
        if kind == "new_session" and not message.metadata.run.fragment_ids:
            self.timers.clear()
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self._hashes = {"" if page.is_default else page.url_pathname: page.page_script_hash for page in pages}
        elif kind == "auto_rerun":
            self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
        elif kind == "stop_auto_rerun":
            for fragment in message.stop_auto_rerun.fragment_ids:
                self.timers.pop(fragment, None)
        elif kind == "page_not_found":
            raise RuntimeError("the page was not found")
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._take(message)
        return False

    def _take(self, message: ForwardMsg) -> None:
        element, fragment = message.delta.new_element, message.delta.fragment_id
        kind = element.WhichOneof("type")
        if kind == "bidi_component" and PAD in element.bidi_component.component_name:
            self.pad = element.bidi_component.id, fragment
            self.told = json.loads(element.bidi_component.json)
        elif kind == "exception":
            raise RuntimeError(f"an error page: {element.exception.message[:200]}")
        elif kind == "alert" and element.alert.format == element.alert.ERROR:
            raise RuntimeError(f"an error on the page: {element.alert.body[:200]}")


@contextlib.asynccontextmanager
async def visit(url: str, report: Report, number: int) -> AsyncIterator[Visitor]:
    """A visitor's connection; each says that it comes through a proxy from an address of its own."""
    address = f"10.{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
    async with websockets.connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        additional_headers={"X-Forwarded-For": address},
        max_size=None,
        open_timeout=PATIENCE,
        ping_interval=None,
        proxy=None,
    ) as socket:
        report.visits += 1
        yield Visitor(socket, report)


@dataclass(frozen=True)
class Orders:
    """What the visitors of one process do.

    Attributes:
        what: "arrive", "move", "watch" or "churn".
        visitors: how many; `first` is the number of the first of them among those of all processes.
        arriving: seconds over which they arrive.
        start: when all have arrived and it begins to count, by the clock of the machine.
        seconds: for how long they then stay.
        every: seconds between two moves of a visitor.
        runs: ids of the runs they look at, in turns.
    """

    url: str
    what: str
    visitors: int
    first: int = 0
    arriving: float = 10.0
    start: float = 0.0
    seconds: float = 60.0
    every: float = 3.0
    runs: tuple[str, ...] = ()

    def text(self) -> str:
        """For the command line of the process."""
        return json.dumps(asdict(self))


async def arrive(orders: Orders, number: int, report: Report) -> None:
    """Open the page Generate, once."""
    due = time.time()
    async with visit(orders.url, report, number) as visitor:
        run = orders.runs[number % len(orders.runs)]
        await visitor.open("generate", run=run)
        report.waited.append(time.time() - due)
        report.points.append((run, [], visitor.told.get("z", [])))
        await asyncio.sleep(max(0.0, orders.start + orders.seconds - time.time()))


async def move(orders: Orders, number: int, report: Report) -> None:
    """Move a slider every few seconds; what is late counts from when it was due."""
    chance = random.Random(number)
    async with visit(orders.url, report, number) as visitor:
        run = orders.runs[number % len(orders.runs)]
        await visitor.open("generate", run=run)
        due = orders.start + chance.random() * orders.every
        while due < orders.start + orders.seconds:
            await asyncio.sleep(max(0.0, due - time.time()))
            point = await visitor.move(
                chance.randrange(len(visitor.told["z"])), round(chance.uniform(-3.9, 3.9) * 20) / 20
            )
            report.waited.append(time.time() - due)
            report.points.append((run, point, visitor.told.get("z", [])))
            due = max(due + orders.every, time.time())


async def watch(orders: Orders, number: int, report: Report) -> None:
    """Watch a training as the page's timers do."""
    async with visit(orders.url, report, number) as visitor:
        await visitor.open("train", run=orders.runs[0])
        end = orders.start + orders.seconds
        due = {fragment: time.time() + seconds for fragment, seconds in visitor.timers.items()}
        if not due:
            report.errors.append("the page of the training has no timer")
        while due and time.time() < end:
            fragment, when = min(due.items(), key=lambda entry: entry[1])
            await asyncio.sleep(max(0.0, when - time.time()))
            asked = time.time()
            await visitor.look(fragment)
            if asked > orders.start:
                report.waited.append(time.time() - asked)
            due[fragment] = asked + visitor.timers.get(fragment, 1.0)


async def churn(orders: Orders, number: int, report: Report) -> None:
    """Come, look at some pages, move a slider, leave; then the next one comes in this place."""
    chance = random.Random(number)
    end = orders.start + orders.seconds
    await asyncio.sleep(chance.uniform(0, 5))
    while time.time() < end:
        async with visit(orders.url, report, 1000 * number + report.visits) as visitor:
            run = chance.choice(orders.runs)
            for _ in range(chance.randint(1, 6)):
                page = chance.choice(PAGES)
                asked = time.time()
                await visitor.open(page, run=run)
                report.waited.append(time.time() - asked)
                if visitor.pad is not None:
                    point = await visitor.move(chance.randrange(len(visitor.told["z"])), 1.5)
                    report.points.append((run, point, visitor.told.get("z", [])))
                await asyncio.sleep(chance.uniform(0.5, 5))
                if time.time() > end:
                    break


KINDS = {"arrive": arrive, "move": move, "watch": watch, "churn": churn}


async def carry_out(orders: Orders) -> Report:
    """Send the visitors, evenly over the time of their arrival."""
    report = Report()

    async def one(place: int) -> None:
        await asyncio.sleep(max(0.0, orders.start - orders.arriving - time.time()))
        await asyncio.sleep(orders.arriving * place / orders.visitors)
        try:
            await KINDS[orders.what](orders, orders.first + place, report)
        except (OSError, RuntimeError, TimeoutError, websockets.WebSocketException) as error:
            report.errors.append(f"{type(error).__name__}: {error}")

    await asyncio.gather(*(one(place) for place in range(orders.visitors)))
    return report


def wrong(report: Report) -> list[str]:
    """Whatever came back that is not the point where the same visitor had let go."""
    said = []
    for run, sent, came in report.points:
        if not came:
            said.append(f"no point of {run}")
        elif sent and came != sent:
            said.append(f"a wrong point of {run}: {came[:4]} for {sent[:4]}")
    return said


def main() -> None:
    """Carry out the orders of the command line and print what was met."""
    orders = Orders(**json.loads(sys.argv[1]))
    started = time.process_time()
    report = asyncio.run(carry_out(orders))
    used = time.process_time() - started
    report.errors += wrong(report)
    print(
        json.dumps(
            {
                "waited": report.waited,
                "errors": report.errors,
                "visits": report.visits,
                "points": len(report.points),
                "cpu": used,
            }
        )
    )


if __name__ == "__main__":
    main()
