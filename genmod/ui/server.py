"""The server around the pages: what it starts with, `/healthz`, and what stands between it and the network."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from genmod import runs
from genmod.datasets import MNIST
from genmod.drawing import charts
from genmod.errors import ConfigError, GenmodError
from genmod.jobs import health, supervisor
from genmod.jobs.limits import check_environment
from genmod.system import memory
from genmod.ui import admission, connections, headers, models, picker, repeats, sessions
from genmod.ui.learn import board as plane_board
from genmod.ui.pad import routes as pad_routes
from genmod.ui.stage import routes as stage_routes

REVIVE = 5.0  # seconds between two looks whether the trainings are looked after
FRESH = 2.0  # seconds for which one look at the disk answers everybody who asks how the server is
PATIENCE = 5.0  # seconds after which a disk that has not answered counts as failing

_log = logging.getLogger(__name__)


def settings() -> admission.Bounds:
    """All that the environment sets, checked: a server that would not do what was asked of it does not start.

    Raises:
        SystemExit: with the sentence for the terminal.
    """
    try:
        check_environment()
        headers.frame_ancestors()
        return admission.bounds()
    except ConfigError as error:
        sys.exit(str(error))


def middleware(bounds: admission.Bounds) -> list[Middleware]:
    """What every request passes, from the outside in."""
    descriptors = connections.raise_descriptor_limit()
    visitors = min(bounds.visitors, connections.most_visitors(descriptors))
    if visitors < bounds.visitors:
        _log.warning("The system's limit of open files, %d, is enough for %d visitors.", descriptors, visitors)
    proxies = [Middleware(ProxyHeadersMiddleware, trusted_hosts=bounds.trusted())] if bounds.proxies else []
    return [
        *proxies,
        Middleware(headers.SecurityHeaders),
        Middleware(admission.Admission, bounds=dataclasses.replace(bounds, visitors=visitors)),
    ]


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """From the server's start to its end: guard its sockets, and look after the trainings."""
    bounds = settings()
    repeats.install()
    descriptors = connections.raise_descriptor_limit()
    connections.install(
        connections.ConnectionLimiter(
            connections.most_connections(descriptors), connections.most_at_once(descriptors), bool(bounds.proxies)
        )
    )
    sessions.install(float(st.get_option("server.disconnectedSessionTTL")))
    tasks = [asyncio.create_task(_look_after()), asyncio.create_task(asyncio.to_thread(warm_up))]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def warm_up() -> None:
    """Read what the first visitor of each page would wait for; whatever cannot be read is said by the page itself."""
    with suppress(GenmodError, OSError):
        MNIST.summary()
        shipped = [run for run in runs.shipped().runs() if run.id == picker.FAVOURITE]
        for run in shipped:
            models.sampler(run)
            models.test_codes(run)
        MNIST.neighbours()
    charts.class_counts(("0",), ("#000000",), "digit", "#000000")  # draws one chart: its library is large
    memory.give_back()


async def _look_after() -> None:
    """Start the thread that looks after the trainings, and start it again should it ever die."""
    while True:
        await asyncio.to_thread(supervisor.start, runs.home())
        await asyncio.sleep(REVIVE)


class Health:
    """How the server is. However many ask, the disk is looked at once every few seconds."""

    def __init__(self, check: Callable[[], dict[str, Any]] | None = None) -> None:
        self._check = check or (lambda: health.report(runs.home()))
        self._found: tuple[float, dict[str, Any]] | None = None
        self._checking: asyncio.Task[dict[str, Any]] | None = None

    async def now(self) -> dict[str, Any]:
        """The report, at most `FRESH` seconds old; a disk that does not answer is reported as failing."""
        if self._found is not None and time.monotonic() - self._found[0] < FRESH:
            return self._found[1]
        if self._checking is None:
            self._checking = asyncio.create_task(asyncio.to_thread(self._check))
        checking = self._checking
        await asyncio.wait({checking}, timeout=PATIENCE)
        if not checking.done():
            silent = {"status": health.FAILING, "error": f"no answer within {PATIENCE:.0f} seconds"}
            return {"status": health.FAILING, "disk": silent}
        if self._checking is checking:
            self._checking = None
            self._found = time.monotonic(), _result(checking)
        return _result(checking)

    async def answer(self, request: Request) -> JSONResponse:
        """200 if all is well, 503 if not; the parts are named in either."""
        report = await self.now()
        status = 200 if report["status"] == health.OK else 503
        return JSONResponse(report, status, headers={"Cache-Control": "no-store"})


def _result(checking: asyncio.Task[dict[str, Any]]) -> dict[str, Any]:
    error = checking.exception()
    if error is None:
        return checking.result()
    _log.error("How the server is could not be found out.", exc_info=error)
    return {"status": health.FAILING, "error": type(error).__name__}


ROUTES = [
    *stage_routes.ROUTES,
    *pad_routes.ROUTES,
    *plane_board.ROUTES,
    Route("/healthz", Health().answer, methods=["GET", "HEAD"]),
]
