"""What one visitor may ask of the server: connections, script runs a second, uploads. A slow lane, rarely a refusal."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import math
import os
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime

from genmod.errors import ConfigError
from genmod.ui.fairness import Address, Bucket, Turns, Visitor

STREAM = "/_stcore/stream"
UPLOADS = "/_stcore/upload_file/"
# What a page asks for. The rest is for developers: emptying everybody's caches, running again at every save.
MESSAGES = frozenset({"rerun_script", "stop_script", "file_urls_request", "app_heartbeat", "backend_operation_request"})
BURST = 40  # runs that a visitor may ask for at once: a slider dragged for ten seconds beside a live view
AT_ONCE, HEAVY_AT_ONCE = 4, 2  # scripts that run at the same time; more would only share the one interpreter
CONNECTS = (300.0, 50.0)  # connections that one address may open at once, and a second from then on
LONGEST_WAIT = 10.0  # seconds that a connection is held back before it is refused
SILENT = 30.0  # seconds within which a visitor must have asked for a page
READ_AHEAD = 32  # messages that are taken from a visitor before they are handed on
READ_AHEAD_BYTES = 1_000_000
MOST_FILES = 4  # uploaded files that a session may hold
ANSWER_SIZE = 400  # bytes; the message that a script has ended is far smaller
SHARE = 0.75  # of all places, that one address may hold

MAX_VISITORS = "GENMOD_MAX_VISITORS"
MAX_RERUNS = "GENMOD_MAX_RERUNS_PER_SECOND"
TRUSTED = "GENMOD_TRUSTED_PROXIES"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bounds:
    """What visitors may ask.

    Attributes:
        visitors: connected at once.
        reruns: that each may ask for in a second, for long.
        proxies: addresses whose `X-Forwarded-For` is believed, separated by commas; "*" for all.
    """

    visitors: int = 1000
    reruns: float = 5.0
    proxies: str = ""

    def trusted(self) -> list[str]:
        """The proxies, and how those of IPv4 look to a socket of IPv6 that serves both."""
        named = [part.strip() for part in self.proxies.split(",") if part.strip()]
        networks = [ipaddress.ip_network(part) for part in named if part != "*"]
        mapped = [
            f"::ffff:{network.network_address}/{96 + network.prefixlen}" for network in networks if network.version == 4
        ]
        return named + mapped


def bounds(environment: Mapping[str, str] = os.environ) -> Bounds:
    """The bounds that the environment sets.

    Raises:
        ConfigError: if one of them is no such number or address.
    """
    known = Bounds()
    return Bounds(
        int(_number(environment, MAX_VISITORS, known.visitors, 1, 100_000)),
        _number(environment, MAX_RERUNS, known.reruns, 0.5, 1000),
        _proxies(environment),
    )


def _number(environment: Mapping[str, str], variable: str, default: float, least: float, most: float) -> float:
    given = environment.get(variable, "").strip()
    if not given:
        return default
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        raise ConfigError(f"{variable} is {given[:80]!r}; it must be a number from {least:g} to {most:,}.")
    return value


def _proxies(environment: Mapping[str, str]) -> str:
    given = environment.get(TRUSTED, "").strip()
    for part in filter(None, (part.strip() for part in given.split(","))):
        try:
            if part != "*":
                ipaddress.ip_network(part)
        except ValueError:
            raise ConfigError(
                f"{TRUSTED} is {given[:80]!r}; it must be addresses or networks separated by commas, "
                "such as 127.0.0.1,10.0.0.0/8."
            ) from None
    return given


class Admission:
    """Middleware around Streamlit's websocket and its uploads."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self.app = app
        self.bounds = bounds
        self.turns = Turns(AT_ONCE, HEAVY_AT_ONCE)
        self.addresses: dict[str, Address] = {}
        self.visitors = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, admitting what is within the bounds."""
        path = str(scope.get("path", ""))
        if scope["type"] == "websocket" and path.endswith(STREAM):
            await self._serve_visitor(scope, receive, send)
        elif scope["type"] == "http" and (refusal := self._refusal(scope, path)):
            await _refuse(*refusal, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, path: str) -> tuple[int, str] | None:
        """Status and sentence for a request that is not served."""
        if UPLOADS in path and scope["method"] == "PUT" and _holds_enough(path):
            return 413, f"You have uploaded {MOST_FILES} files, which is the most that are kept; remove one first."
        if scope["method"] == "GET" and b"text/html" in dict(scope["headers"]).get(b"accept", b""):
            name = address_of(scope)
            if self._full(self.addresses.get(name)):
                return 503, self._full_sentence()
        return None

    def _full(self, address: Address | None) -> bool:
        own = address.visitors if address else 0
        return self.visitors >= self.bounds.visitors or own >= max(1, int(self.bounds.visitors * SHARE))

    def _full_sentence(self) -> str:
        return f"All {self.bounds.visitors:,} places of this server are taken; please try again in a minute."

    async def _serve_visitor(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = address_of(scope)
        address = self.addresses.setdefault(name, Address(name, Bucket(*CONNECTS)))
        wait = address.connects.take()
        if self._full(address) or wait > LONGEST_WAIT:
            if wait > LONGEST_WAIT:
                address.connects.give_back()
            _log.warning("A visitor was refused: %s", self._full_sentence())
            await receive()
            await _refuse_websocket(self._full_sentence(), scope, send)
            self._forget(address)
            return
        address.visitors += 1
        self.visitors += 1
        visitor = Visitor(address, Bucket(BURST, self.bounds.reruns))
        lane = Lane(visitor, self.turns, receive, send)
        try:
            await asyncio.sleep(wait)
            await self.app(scope, lane.receive, lane.send)
        finally:
            address.visitors -= 1
            self.visitors -= 1
            await lane.close()
            asyncio.get_running_loop().call_later(60, self._forget, address)

    def _forget(self, address: Address) -> None:
        # How many connections an address has opened is remembered for a minute: coming again does not wash it away.
        if address.visitors == 0 and address.opened.now() < 0.1:
            self.addresses.pop(address.name, None)


class Lane:
    """One visitor's messages on their way to Streamlit.

    They are read ahead and handed on together when the visitor's turn comes. Streamlit makes one run of several that
    wait, so whoever drags a slider faster than the bound sees fewer steps but lags behind by nothing. When too many
    wait, nothing more is read, and the sender feels it.
    """

    def __init__(self, visitor: Visitor, turns: Turns, receive: Receive, send: Send) -> None:
        self._visitor, self._turns = visitor, turns
        self._receive, self._send = receive, send
        self._ahead: deque[Message] = deque()
        self._bytes = 0
        self._granted = 0
        self._changed = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._asked = False

    async def receive(self) -> Message:
        """The next message, when its turn has come."""
        if self._reader is None:
            first = await self._receive()
            self._reader = asyncio.create_task(self._read())
            return first
        while not self._granted:
            if not await self._some():
                return await self._hang_up()
            await self._grant()
        self._granted -= 1
        message = self._ahead.popleft()
        self._bytes -= _size(message)
        self._changed.set()
        return message

    async def send(self, message: Message) -> None:
        """Pass a message to the visitor, and see whether it says that the script has ended."""
        await self._send(message)
        content = message.get("bytes")
        if content and len(content) < ANSWER_SIZE and self._turns.runs(self._visitor) and _ends_script(content):
            self._turns.end(self._visitor)

    async def close(self) -> None:
        """The visitor has left."""
        self._turns.end(self._visitor)
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader

    async def _read(self) -> None:
        while True:
            message = await self._receive()
            if _wanted(message):
                if _asks_for_run(message):
                    # What is asked counts, not what is served: a hundred sockets that ask without measure get little
                    # each, and would still stand before somebody who asks twice a minute.
                    self._visitor.usage.add()
                self._ahead.append(message)
                self._bytes += _size(message)
                self._changed.set()
            if message["type"] == "websocket.disconnect":
                return
            while len(self._ahead) >= READ_AHEAD or self._bytes >= READ_AHEAD_BYTES:
                self._changed.clear()
                await self._changed.wait()

    async def _some(self) -> bool:
        """Wait for a message; False if none has come from a visitor who never sent any."""
        while not self._ahead:
            self._changed.clear()
            try:
                await asyncio.wait_for(self._changed.wait(), None if self._asked else SILENT)
            except TimeoutError:
                return False
        self._asked = True
        return True

    async def _grant(self) -> None:
        """Wait for the visitor's turn, then let all through that has come by then."""
        if not self._left():
            await self._unless_left(self._visitor.bucket.take())
        if not self._left() and any(_asks_for_run(message) for message in self._ahead):
            await self._take_turn()
        if self._left():  # nobody is there to see what was asked for
            goodbye = self._ahead[-1]
            self._ahead.clear()
            self._ahead.append(goodbye)
        self._granted = len(self._ahead)

    async def _take_turn(self) -> None:
        """Wait for a turn, but no longer than the visitor stays."""
        assert self._reader is not None
        turn = asyncio.create_task(self._turns.take(self._visitor))
        try:
            await asyncio.wait({turn, self._reader}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not turn.done():
                turn.cancel()

    def _left(self) -> bool:
        return bool(self._ahead) and self._ahead[-1]["type"] == "websocket.disconnect"

    async def _unless_left(self, seconds: float) -> None:
        """Sleep, but no longer than the visitor stays."""
        if seconds <= 0:
            return
        assert self._reader is not None
        await asyncio.wait({self._reader}, timeout=seconds)

    async def _hang_up(self) -> Message:
        with contextlib.suppress(Exception):  # the visitor may be gone already
            await self._send({"type": "websocket.close", "code": 1013, "reason": "no page was asked for"})
        return {"type": "websocket.disconnect", "code": 1013}


def address_of(scope: Scope) -> str:
    """Where a connection comes from; of IPv6 the network, for a person has all of its addresses."""
    host = (scope.get("client") or ("unknown", 0))[0]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return str(host)
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _size(message: Message) -> int:
    return len(message.get("bytes") or b"") + len(message.get("text") or "")


def _kind(message: Message) -> str | None:
    """What a message to the server asks; None for one that is none."""
    parsed = BackMsg()
    try:
        parsed.ParseFromString(message.get("bytes") or b"")
    except Exception:  # protobuf's own errors; its classes come without types
        return None
    return parsed.WhichOneof("type")


def _asks_for_run(message: Message) -> bool:
    return _size(message) > 0 and _kind(message) == "rerun_script"


def _wanted(message: Message) -> bool:
    """Whether Streamlit gets to see a message. It answers for itself to those that are none."""
    return message["type"] != "websocket.receive" or _kind(message) in {*MESSAGES, None}


def _ends_script(content: bytes) -> bool:
    parsed = ForwardMsg()
    try:
        parsed.ParseFromString(content)
    except Exception:  # protobuf's own errors; its classes come without types
        return False
    again = ForwardMsg.FINISHED_EARLY_FOR_RERUN
    return parsed.WhichOneof("type") == "script_finished" and parsed.script_finished != again


def _holds_enough(path: str) -> bool:
    """Whether the session of an upload's address holds as many files as it may."""
    session = path.partition(UPLOADS)[2].partition("/")[0]
    files = getattr(Runtime.instance().uploaded_file_mgr, "file_storage", {}) if Runtime.exists() else {}
    return len(files.get(session, ())) >= MOST_FILES


async def _refuse(status: int, sentence: str, send: Send, prefix: str = "http") -> None:
    body = sentence.encode() + b"\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"retry-after", b"60"),
    ]
    await send({"type": f"{prefix}.response.start", "status": status, "headers": headers})
    await send({"type": f"{prefix}.response.body", "body": body})


async def _refuse_websocket(sentence: str, scope: Scope, send: Send) -> None:
    if "websocket.http.response" in scope.get("extensions", {}):
        await _refuse(503, sentence, send, "websocket.http")
    else:
        await send({"type": "websocket.close", "code": 1013, "reason": sentence})
