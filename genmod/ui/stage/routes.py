"""What the stage's browser side fetches over HTTP, each once: its script, and the pictures of a film when looked at."""

from __future__ import annotations

import asyncio
import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from genmod import runs
from genmod.ui import scripts, stage
from genmod.ui.stage import films

# A frame of an epoch never changes; the address carries when the run was made. The test images stand above their latest
# reconstructions, and a film grows.
CACHED, CHECKED = "private, max-age=86400, immutable", "private, no-cache"
_FRAME = re.compile(r"([0-9]{1,6})(-pairs)?\.png")
TEST_IMAGES, FILM = "test-images.png", "film.webp"


def picture(run_id: str, name: str) -> bytes | None:
    """A picture of a run's film: `12.png`, `12-pairs.png`, `test-images.png` or `film.webp`; None if there is none."""
    run = runs.listed(run_id)
    if run is None:
        return None
    if name == TEST_IMAGES:
        return run.test_images() or run.reconstructions()
    if name == FILM:
        return films.small(run)
    match = _FRAME.fullmatch(name)
    if match is None:
        return None
    epoch = int(match[1])
    return run.reconstructions_after(epoch) if match[2] else run.frame(epoch)


def run_id_ships(run_id: str) -> bool:
    """Whether a run of that id ships with the project, so that it never changes."""
    run = runs.listed(run_id)
    return run is not None and run.shipped


async def answer(request: Request) -> Response:
    """The picture as a PNG file, or 404 with a sentence."""
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    found = await asyncio.to_thread(picture, run_id, name)
    if found is None:
        return PlainTextResponse("There is no such picture; the run may have been deleted.", 404)
    media = "image/webp" if name == FILM else "image/png"
    grows = name in (FILM, TEST_IMAGES) and not run_id_ships(run_id)
    return Response(found, media_type=media, headers={"Cache-Control": CHECKED if grows else CACHED})


ROUTES = [
    Route("/frames/{run_id}/{name}", answer, methods=["GET", "HEAD"]),
    scripts.route(stage.SCRIPT),
]
