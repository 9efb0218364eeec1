"""The server's sockets: as many as the system allows, no more, and none for a connection that asks nothing."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

if sys.platform != "win32":
    import resource

OWN = 150  # descriptors for files, pipes and logs of the server itself
PER_VISITOR = 4  # descriptors of a visitor: the websocket, and three of the event loop that Streamlit gives a session
MOST = 65_536  # descriptors that are asked for at most
WITHOUT_LIMITS = 512  # descriptors where the system tells no limit
SILENT = 10.0  # seconds within which a connection must have asked something
SHARE = 0.75  # of all places, that one address may hold

REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\nRetry-After: 30\r\n"
    b"Connection: close\r\nContent-Length: 64\r\n\r\n"
    b"This server has as many connections as it can hold; come later.\n"
)

_log = logging.getLogger(__name__)


def raise_descriptor_limit() -> int:
    """Let this process open as many files as the system allows it to.

    Returns:
        How many it may open now.
    """
    if sys.platform == "win32":
        return WITHOUT_LIMITS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (OSError, ValueError) as error:  # macOS refuses what is above the kernel's own bound
        _log.warning("The limit of open files stays at %d (%s).", soft, error)
        return soft
    return wanted


def most_connections(descriptors: int) -> int:
    """How many connections of all kinds leave descriptors for the rest."""
    return max(16, (descriptors - OWN) // 2)


def most_visitors(descriptors: int) -> int:
    """How many visitors the descriptors are enough for, with half as many again for loading pages."""
    return max(8, (descriptors - OWN) // (PER_VISITOR + 2))


def most_at_once(descriptors: int) -> int:
    """How many connections may be accepted before the first of them is looked at and perhaps refused."""
    return min(2048, max(16, (descriptors - most_connections(descriptors)) // 4))


class ConnectionLimiter:
    """Lets connections in as they are accepted, before anything was read from them.

    Attributes:
        most: connections that are held.
        at_once: connections that are accepted before the first of them comes here.
        trust_forwarded: whether a proxy stands before the server, so that addresses say nothing here.
    """

    def __init__(self, most: int, at_once: int, trust_forwarded: bool = False) -> None:
        self.most, self.at_once = most, at_once
        self.trust_forwarded = trust_forwarded

    def guard(self, factory: Callable[..., Any]) -> Callable[..., Any]:
        """The server's maker of protocols, each of which asks here first."""

        def make(*args: Any, **options: Any) -> Any:
            protocol = factory(*args, **options)
            if hasattr(protocol, "connections") and hasattr(protocol, "connection_made"):
                if not self.trust_forwarded:
                    _believe_the_socket(protocol)
                protocol.connection_made = functools.partial(self._made, protocol, protocol.connection_made)
            return protocol

        return make

    def _made(self, protocol: Any, made: Callable[[asyncio.Transport], None], transport: asyncio.Transport) -> None:
        if self._full(protocol, transport):
            _log.warning(
                "A connection was refused: there are about as many as the %d that this server can hold.", self.most
            )
            transport.set_protocol(asyncio.Protocol())
            transport.write(REFUSAL)
            transport.close()
            return
        made(transport)
        asyncio.get_running_loop().call_later(SILENT, self._end_if_silent, protocol, transport)

    def _full(self, protocol: Any, transport: asyncio.Transport) -> bool:
        count = len(protocol.connections)
        if count >= self.most:
            return True
        if count < self.most * SHARE or self.trust_forwarded:
            return False
        peer = (transport.get_extra_info("peername") or [None])[0]
        own = sum(1 for other in protocol.connections if (getattr(other, "client", None) or [None])[0] == peer)
        return own >= self.most * SHARE

    @staticmethod
    def _end_if_silent(protocol: Any, transport: asyncio.Transport) -> None:
        """End a connection over which no whole request has come."""
        waiting = transport.get_protocol() is protocol and getattr(protocol, "cycle", protocol) is None
        if waiting and not transport.is_closing():
            transport.abort()


def _believe_the_socket(protocol: Any) -> None:
    """Let a visitor's address be the socket's, not what a header says.

    Uvicorn believes `X-Forwarded-For` of whoever connects from this machine, unless it is told otherwise.
    """
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    config = getattr(protocol, "config", None)
    if "FORWARDED_ALLOW_IPS" in os.environ or config is None:
        return
    if isinstance(getattr(config, "loaded_app", None), ProxyHeadersMiddleware):
        config.loaded_app = config.loaded_app.app
        protocol.app = config.loaded_app


def install(limiter: ConnectionLimiter) -> None:
    """Put the limiter before the server that is about to listen on the running event loop."""
    loop = asyncio.get_running_loop()
    listen = loop.create_server

    async def create_server(factory: Callable[..., Any], *args: Any, **options: Any) -> Any:
        # Python's loop accepts a whole backlog, one descriptor each, before it looks at any of them.
        options["backlog"] = min(options.get("backlog", limiter.at_once), limiter.at_once)
        return await listen(limiter.guard(factory), *args, **options)

    try:
        loop.create_server = create_server  # type: ignore[method-assign, assignment]
    except AttributeError:  # a loop that is not Python's own
        _log.warning("This event loop cannot be guarded: set a bound on connections in the proxy before it.")
