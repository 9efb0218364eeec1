"""Films as files, read back frame by frame."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageSequence

from genmod.datasets import MNIST, Images
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


@pytest.mark.parametrize("format", ["gif", "webp"])
@pytest.mark.parametrize("count", [1, 2, 3, 16])
def test_a_film_between_two_images_runs_forward_and_back_without_a_stop(format: films.Format, count: int) -> None:
    images = np.stack(greys(count, 28))
    content = films.between(images, format, seconds=1.8)
    found, durations = read_back(content)
    order = [*range(count), *range(count - 2, 0, -1)]
    assert len(found) == len(order)
    for number, pixels in zip(order, found, strict=True):
        np.testing.assert_array_equal(pixels, images[number].repeat(9, 0).repeat(9, 1))  # 31 pixels wide: 279
    assert len(set(durations)) == 1
    if format == "gif":  # of a WebP file's frames Pillow tells the time only roughly
        assert sum(durations) == pytest.approx(1800, abs=5 * len(order))
    with Image.open(io.BytesIO(content)) as film:
        assert count == 1 or film.info["loop"] == 0


def test_a_film_between_two_images_has_no_jump_where_it_begins_again() -> None:
    images = np.linspace(0, 200, 9).astype(np.uint8)[:, np.newaxis, np.newaxis].repeat(28, 1).repeat(28, 2)
    found, _ = read_back(films.between(images, "gif"))
    shades = [int(pixels[0, 0]) for pixels in found]
    assert max(abs(later - earlier) for earlier, later in zip(shades, [*shades[1:], shades[0]], strict=True)) == 25


@pytest.mark.parametrize(
    ("images", "said"),
    [(np.zeros((0, 28, 28), np.uint8), "at least one"), (np.zeros((103, 28, 28), np.uint8), "may have 200 frames")],
)
def test_what_makes_no_film_between_two_images_is_said(images: Images, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        films.between(images, "gif")


def test_a_film_between_two_digits_is_a_small_file() -> None:
    start, end = MNIST.load().test_images[:2].astype(float)
    images = np.stack([(1 - share) * start + share * end for share in np.linspace(0, 1, 16)]).astype(np.uint8)
    for format in films.MIME:
        assert len(films.between(images, format)) < 200_000
