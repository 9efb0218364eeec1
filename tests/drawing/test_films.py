"""Films as files, read back frame by frame."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from genmod.datasets import Images
from genmod.drawing import films


def greys(count: int, side: int = 29) -> list[Images]:
    """Frames in which every grey occurs."""
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (side, side + 3)).astype(np.uint8) for _ in range(count)]


def read_back(content: bytes) -> tuple[list[Images], list[int]]:
    with Image.open(io.BytesIO(content)) as film:
        found = [(np.asarray(frame.convert("L")), frame.info["duration"]) for frame in ImageSequence.Iterator(film)]
    return [pixels for pixels, _ in found], [duration for _, duration in found]


@pytest.mark.parametrize("format", ["gif", "webp"])
@pytest.mark.parametrize(("count", "scale"), [(1, 1), (2, 3), (7, 2)])
def test_every_frame_comes_back_to_the_last_pixel(format: films.Format, count: int, scale: int) -> None:
    frames = greys(count)
    content = films.encode(frames, format, seconds=1.4, scale=scale)
    found, _ = read_back(content)
    assert len(found) == count
    for frame, pixels in zip(frames, found, strict=True):
        np.testing.assert_array_equal(pixels, frame.repeat(scale, 0).repeat(scale, 1))


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_the_last_frame_stays(format: films.Format) -> None:
    _, durations = read_back(films.encode(greys(5), format, seconds=1.0, hold=1.5))
    assert durations[-1] == 1500
    if format == "gif":
        assert durations[:-1] == [200] * 4


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([], "at least one frame"),
        ([np.zeros((4, 4), np.uint8), np.zeros((4, 5), np.uint8)], "one shape"),
        ([np.zeros((2, 2), np.uint8)] * 201, "may have 200 frames"),
        ([np.zeros((4_000, 4_000), np.uint8)] * 4, "pixels in all"),
    ],
)
def test_what_makes_no_film_is_said(frames: list[Images], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        films.encode(frames, "gif")


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_frames_that_hardly_differ_are_exact_too(format: films.Format) -> None:
    frames = [np.zeros((20, 30), np.uint8) for _ in range(6)]  # such as a file keeps only the differences of
    for index, frame in enumerate(frames):
        frame[5:9, index : index + 6] = np.arange(60, 84, dtype=np.uint8).reshape(4, 6)
    found, _ = read_back(films.encode(frames, format))
    np.testing.assert_array_equal(found, frames)


@pytest.mark.parametrize("format", ["gif", "webp"])
def test_a_picture_that_stands_still_for_some_frames_stays_as_long(format: films.Format) -> None:
    first, second = greys(2)
    found, durations = read_back(films.encode([first, first, first, second, second], format, seconds=1.0, hold=1.5))
    np.testing.assert_array_equal(found[0], first)
    np.testing.assert_array_equal(found[-1], second)
    assert sum(durations) == 4 * 200 + 1500
