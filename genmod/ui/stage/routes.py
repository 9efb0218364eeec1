"""What the stage's browser side fetches over HTTP, each once: its script, and the pictures of a film when looked at."""

from __future__ import annotations

import asyncio
import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from genmod import runs
from genmod.errors import GenmodError
from genmod.runs import Run
from genmod.ui import stage
from genmod.ui.stage import films

# A frame of an epoch never changes; the address carries when the run was made.
CACHED = "private, max-age=86400, immutable"
_FRAME = re.compile(r"(\d{1,6})(-pairs)?\.png")
TEST_IMAGES, FILM = "test-images.png", "film.webp"


def picture(run_id: str, name: str) -> bytes | None:
    """A picture of a run's film: `12.png`, `12-pairs.png`, `test-images.png` or `film.webp`; None if there is none."""
    run = _find(run_id)
    if run is None:
        return None
    if name == TEST_IMAGES:
        return run.reconstructions()
    if name == FILM:
        return films.small(run)
    match = _FRAME.fullmatch(name)
    if match is None:
        return None
    epoch = int(match[1])
    return run.reconstructions_after(epoch) if match[2] else run.frame(epoch)


def _find(run_id: str) -> Run | None:
    """By listing, own runs first: what a visitor typed never becomes a path."""
    try:
        return runs.home().find(run_id) or runs.shipped().find(run_id)
    except GenmodError:
        return None


async def answer(request: Request) -> Response:
    """The picture as a PNG file, or 404 with a sentence."""
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    found = await asyncio.to_thread(picture, run_id, name)
    if found is None:
        return PlainTextResponse("There is no such picture; the run may have been deleted.", 404)
    media = "image/webp" if name == FILM else "image/png"
    return Response(found, media_type=media, headers={"Cache-Control": CACHED})


async def script(request: Request) -> Response:
    """The script of this version of the project; after an update an open page must be loaded anew."""
    if request.path_params["version"] != stage.VERSION:
        return PlainTextResponse("The project was updated; load the page again.", 404)
    return Response(stage.SCRIPT, media_type="text/javascript", headers={"Cache-Control": CACHED})


ROUTES = [
    Route("/frames/{run_id}/{name}", answer, methods=["GET", "HEAD"]),
    Route("/stage/{version}.js", script, methods=["GET", "HEAD"]),
]
