"""What the pad's browser side fetches, each once: networks, codes of test images, and its script."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from genmod import runs
from genmod.datasets import DATASETS
from genmod.errors import GenmodError
from genmod.inference import ENCODER, graphs
from genmod.quality import reference
from genmod.runs import Run, checksums
from genmod.system import files
from genmod.system.file_cache import FileCache
from genmod.ui import models, scripts
from genmod.ui.pad.script import SCRIPT

POINTS = (1_000, 3_000, 10_000)  # how many codes a map may show
_packed: FileCache[bytes] = FileCache(6)  # a large one has 2 MB; browsers keep what they have fetched


def address_of_network(run: Run, name: str) -> str:
    """Where a browser fetches one of the run's networks; another state of the run has another address."""
    return f"networks/{run.id}/{name}.bin?v={_stamp(run.exported(f'{name}.tflite'))}"


def address_of_classifier(dataset: str) -> str:
    """Where a browser fetches the classifier of a data set."""
    path = reference.folder(DATASETS[dataset]) / reference.CLASSIFIER
    return f"classifiers/{dataset}.bin?v={_stamp(path)}"


def address_of_codes(run: Run, count: int) -> str:
    """Where a browser fetches the codes of the first test images."""
    return f"codes/{run.id}/{count}.bin?v={_stamp(run.exported(ENCODER))}"


def _stamp(path: Path) -> str:
    try:
        _, written, size = files.stamp_of(path.stat())
        return f"{written:x}-{size:x}"
    except OSError:
        return "0"


def network(run: Run, name: str) -> bytes:
    """One of the run's networks, packed for a browser.

    Raises:
        RunError: if it is missing, damaged, or of a sort that browsers cannot run.
    """
    file = f"{name}.tflite"
    if name not in run.kind().networks:
        raise GenmodError(f"The run {run.id} has no network {name[:40]!r}.")

    def pack(_: str) -> bytes:
        return graphs.pack(graphs.read(checksums.verified(run, file), file))

    return _packed.get(str(run.exported(file)), pack)


def classifier(dataset: str) -> bytes:
    """The classifier of a data set, packed for a browser.

    Raises:
        DataError: if it is missing or damaged.
    """
    source = DATASETS[dataset]
    path = reference.folder(source) / reference.CLASSIFIER
    return _packed.get(str(path), lambda _: graphs.pack(graphs.read(reference.content(source), path.name)))


def codes(run: Run, count: int) -> bytes:
    """The codes of the first test images and their classes.

    How many there are and how long a code is (4 bytes each, little-endian), the codes in half precision image by image,
    and a byte for the class of each image.

    Raises:
        RunError: if the run's encoder is missing or damaged.
    """
    z_mean, _ = models.test_codes(run)
    shown = z_mean[:count]
    with np.errstate(over="ignore"):
        halves = shown.astype("<f2")
    labels = run.config().source.load().test_labels[: len(shown)].astype(np.uint8)
    return struct.pack("<II", *shown.shape) + halves.tobytes() + labels.tobytes()


async def _answer(make: Callable[[], bytes | None]) -> Response:
    """The bytes, or a sentence on why there are none."""

    def made() -> bytes | str | None:
        try:
            return make()
        except GenmodError as error:
            return str(error)

    found = await asyncio.to_thread(made)
    if isinstance(found, bytes):
        return Response(found, media_type="application/octet-stream", headers={"Cache-Control": scripts.CACHED})
    return PlainTextResponse(found or "There is no such run; it may have been deleted.", 404)


async def _network(request: Request) -> Response:
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    return await _answer(lambda: network(run, name) if (run := runs.listed(run_id)) is not None else None)


async def _classifier(request: Request) -> Response:
    name = request.path_params["name"]
    return await _answer(lambda: classifier(name) if name in DATASETS else None)


async def _codes(request: Request) -> Response:
    run_id, count = request.path_params["run_id"], request.path_params["count"]

    def found() -> bytes | None:
        run = runs.listed(run_id)
        return codes(run, int(count)) if run is not None and count in map(str, POINTS) else None

    return await _answer(found)


ROUTES = [
    Route("/networks/{run_id}/{name}.bin", _network, methods=["GET", "HEAD"]),
    Route("/classifiers/{name}.bin", _classifier, methods=["GET", "HEAD"]),
    Route("/codes/{run_id}/{count}.bin", _codes, methods=["GET", "HEAD"]),
    scripts.route(SCRIPT),
]
