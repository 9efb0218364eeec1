"""Arrays to pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from genmod.drawing import images


def test_pixels_are_rounded_and_clipped() -> None:
    pixels = np.array([-1.0, 0.0, 0.001, 0.002, 0.5, 0.998, 1.0, 7.0], np.float32).reshape(1, 2, 4)
    assert images.to_uint8(pixels).ravel().tolist() == [0, 0, 0, 1, 128, 254, 255, 255]


def test_a_channel_axis_is_dropped() -> None:
    assert images.to_uint8(np.zeros((3, 28, 28, 1), np.float32)).shape == (3, 28, 28)


def test_every_byte_survives_the_way_there_and_back() -> None:
    values = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    np.testing.assert_array_equal(images.to_uint8(values.astype(np.float32) / np.float32(255)), values)


def test_a_sheet_of_a_hundred_digits_is_289_pixels_square() -> None:
    assert images.contact_sheet(np.zeros((100, 28, 28), np.uint8), 10).shape == (289, 289)


def test_a_sheet_is_laid_row_by_row_with_even_gaps() -> None:
    digits = np.stack([np.full((2, 3), value, np.uint8) for value in (10, 20, 30)])
    sheet = images.contact_sheet(digits, columns=2, gap=1, ground=99)
    assert sheet.tolist() == [
        [10, 10, 10, 99, 20, 20, 20],
        [10, 10, 10, 99, 20, 20, 20],
        [99, 99, 99, 99, 99, 99, 99],
        [30, 30, 30, 99, 0, 0, 0],
        [30, 30, 30, 99, 0, 0, 0],
    ]


def test_enlarging_repeats_pixels() -> None:
    small = np.array([[1, 2]], np.uint8)
    assert images.enlarge(small, 2).tolist() == [[1, 1, 2, 2], [1, 1, 2, 2]]


@pytest.mark.parametrize("scale", [1, 3])
def test_a_png_holds_the_very_same_pixels(scale: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (28, 30), np.uint8)
    with Image.open(io.BytesIO(images.png(picture, scale))) as opened:
        assert (opened.format, opened.mode) == ("PNG", "L")
        np.testing.assert_array_equal(np.asarray(opened), images.enlarge(picture, scale))


def test_a_sheet_is_read_back_as_it_was_written() -> None:
    sheet = images.contact_sheet(np.arange(6 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(6, 28, 28), 3)
    read = images.from_png(images.png(sheet))
    assert read is not None
    np.testing.assert_array_equal(read, sheet)
    np.testing.assert_array_equal(images.corner(read, (28, 28), 1, 2), sheet[:28, :57])


def test_what_is_no_picture_or_too_large_is_not_read() -> None:
    sound = images.png(np.zeros((28, 28), np.uint8))
    large = images.png(np.zeros((2_001, 2_000), np.uint8))
    for content in (b"", b"GIF89a", sound[:40], sound[:20] + b"x" * 20 + sound[40:], large):
        assert images.from_png(content) is None
