"""Films: decoded again, every frame is the very picture it was made of."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageSequence

from genmod.datasets import Images
from genmod.drawing import films, images

FORMATS: list[films.Format] = ["gif", "webp"]


def decoded(content: bytes) -> list[tuple[Images, int]]:
    """Every frame of a file as colours (h, w, 3), and for how many milliseconds it stays."""
    with Image.open(io.BytesIO(content)) as film:
        return [
            (np.asarray(frame.convert("RGB")), int(frame.info.get("duration", 0)))
            for frame in ImageSequence.Iterator(film)
        ]


def noise(count: int, shape: tuple[int, int] = (24, 40), seed: int = 0) -> list[Images]:
    """Frames in which every grey occurs."""
    chance = np.random.default_rng(seed)
    frames = [chance.integers(0, 256, shape, np.uint8) for _ in range(count)]
    frames[0].ravel()[:256] = np.arange(256)
    return frames


def moving(count: int) -> list[Images]:
    """Frames as a training gives them: black, with something grey that moves a little."""
    frames = [np.zeros((20, 30), np.uint8) for _ in range(count)]
    for index, frame in enumerate(frames):
        frame[5:9, index : index + 6] = np.arange(60, 84, dtype=np.uint8).reshape(4, 6)
    return frames


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("scale", [1, 3])
@pytest.mark.parametrize("frames", [noise(5), moving(6)], ids=["noise", "moving"])
def test_every_frame_is_exact(frames: list[Images], scale: int, format: films.Format) -> None:
    found = decoded(films.encode(frames, format, 0.5, scale, hold=2.0))
    assert [stay for _, stay in found] == [500] * (len(frames) - 1) + [2000]
    for (picture, _), frame in zip(found, frames, strict=True):
        np.testing.assert_array_equal(picture, images.enlarge(frame, scale)[..., None].repeat(3, axis=2))


@pytest.mark.parametrize("format", FORMATS)
def test_equal_neighbours_become_one_frame_that_stays_longer(format: films.Format) -> None:
    first, second = noise(2)
    found = decoded(films.encode([first, first, second, second, second], format, 0.1, hold=1.0))
    assert [stay for _, stay in found] == [200, 1200]
    np.testing.assert_array_equal(found[0][0][..., 0], first)
    np.testing.assert_array_equal(found[1][0][..., 0], second)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_film_that_stands_still_is_one_picture(count: int, format: films.Format) -> None:
    (frame,) = noise(1)
    ((picture, _),) = decoded(films.encode([frame] * count, format, 0.5))
    np.testing.assert_array_equal(picture[..., 0], frame)


@pytest.mark.parametrize(("format", "forever", "once"), [("gif", 0, None), ("webp", 0, 1)])
def test_it_plays_forever_or_once(format: films.Format, forever: int, once: int | None) -> None:
    for loop, expected in ((True, forever), (False, once)):
        with Image.open(io.BytesIO(films.encode(moving(3), format, 0.5, loop=loop))) as film:
            assert film.info.get("loop") == expected


def test_files_are_of_the_format_they_say() -> None:
    for format in FORMATS:
        with Image.open(io.BytesIO(films.encode(moving(2), format, 0.5))) as film:
            assert film.get_format_mimetype() == films.MIME[format]


@pytest.mark.parametrize(
    ("frames", "options", "sentence"),
    [
        ([], {}, "A film has 1 to 1,000 frames, not 0."),
        (moving(1) * 1_001, {}, "A film has 1 to 1,000 frames, not 1,001."),
        ([*moving(1), np.zeros((20, 31), np.uint8)], {}, "of one shape"),
        ([np.zeros((3, 20, 30), np.uint8)], {}, r"pictures \(h, w\)"),
        ([np.zeros((20, 30))], {}, "uint8"),
        (moving(2), {"seconds": 0.0}, "seconds is 0.0; a frame stays for 0.02 to 60 seconds."),
        (moving(2), {"seconds": float("nan")}, "seconds is nan"),
        (moving(2), {"hold": 61.0}, "hold is 61.0"),
        (moving(2), {"scale": 0}, "0 x 0 pixels"),
        (moving(2), {"scale": 200}, "6000 x 4000 pixels; a side has 1 to 4000"),
        (moving(3) * 10, {"scale": 100}, "30 frames of 3000 x 2000 are more than 100,000,000 pixels"),
    ],
)
def test_what_makes_no_film_is_refused_with_a_sentence(
    frames: Sequence[Images], options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        films.encode(frames, "gif", **{"seconds": 0.5, **options})
