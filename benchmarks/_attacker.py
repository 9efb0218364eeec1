"""A visitor without a browser: a client of Streamlit's websocket, and attackers who use it without measure."""

from __future__ import annotations

import asyncio
import contextlib
import time
import urllib.parse
from collections.abc import AsyncIterator

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

PATIENCE = 30.0  # seconds


class Client:
    """One open page."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket
        self.sliders: dict[str, tuple[str, str]] = {}  # widget and fragment, by the name in the link

    async def open(self, page: str, **query: str) -> float:
        """Go to a page; seconds until it is whole."""
        return await self.ask(request(page, query))

    async def move(self, name: str, value: float) -> float:
        """Move a slider of the page; seconds until what it changes has come."""
        widget, fragment = self.sliders[name]
        message = request("", {}, fragment)
        state = message.rerun_script.widget_states.widgets.add()
        state.id = widget
        state.double_array_value.data.append(value)
        return await self.ask(message)

    async def ask(self, message: BackMsg) -> float:
        """Send a request and read its whole answer; the seconds it took."""
        began = time.monotonic()
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while not self._ends(ForwardMsg.FromString(_binary(await self.socket.recv()))):
                pass
        return time.monotonic() - began

    def _ends(self, message: ForwardMsg) -> bool:
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "slider":
            slider = message.delta.new_element.slider
            if slider.query_param_key:
                self.sliders[slider.query_param_key] = slider.id, message.delta.fragment_id
        return kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN


def _binary(content: str | bytes) -> bytes:
    assert isinstance(content, bytes)
    return content


def request(page: str, query: dict[str, str], fragment: str = "") -> BackMsg:
    """The message with which a browser asks for a page, or for a fragment of it."""
    message = BackMsg()
    asked = message.rerun_script
    asked.query_string = urllib.parse.urlencode(query)
    asked.page_name = page
    asked.fragment_id = fragment
    asked.context_info.color_scheme = "light"
    asked.context_info.timezone = "UTC"
    return message


@contextlib.asynccontextmanager
async def connect(url: str, address: str | None = None) -> AsyncIterator[Client]:
    """A visitor's connection; through a proxy, if an address is given."""
    async with websockets.connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=[websockets.Subprotocol("streamlit")],
        additional_headers={"X-Forwarded-For": address} if address else None,
        max_size=None,
        open_timeout=PATIENCE,
        proxy=None,
    ) as socket:
        yield Client(socket)


async def attack(url: str, sockets: int, per_second: float, seconds: float, address: str | None = None) -> int:
    """Ask for a page on many sockets, many times a second, answers unread; how many requests went out."""
    sent = 0
    content = request("generate", {"run": "vae-best"}).SerializeToString()
    end = time.monotonic() + seconds

    async def one() -> None:
        nonlocal sent
        while time.monotonic() < end:
            with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError):
                async with connect(url, address) as client, asyncio.TaskGroup() as group:
                    reading = group.create_task(_swallow(client))
                    while time.monotonic() < end:
                        # A server that stops reading ends the sending: the attacker gives up this socket.
                        await asyncio.wait_for(client.socket.send(content), max(0.1, end - time.monotonic()))
                        sent += 1
                        await asyncio.sleep(1 / per_second)
                    reading.cancel()
            await asyncio.sleep(0.2)

    async with asyncio.TaskGroup() as group:
        for _ in range(sockets):
            group.create_task(one())
    return sent


async def _swallow(client: Client) -> None:
    async for _ in client.socket:
        pass
